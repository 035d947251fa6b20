import { describe, expect, it } from '@jest/globals';
import { AwsFailure } from '#functions/errors.ts';
import { takeStep } from '#functions/teardown/step.ts';
import { writes } from '#test/cleaners/scene.ts';
import { addPipeline, depsOf, type Place, place, stackIdOf } from './running.ts';
import { begun, DELETE_ROLE, SERVICE, targetsOf, until } from './stepping.ts';

describe('whose rights', () => {
  function withRole(): Place {
    const where = addPipeline(place(), 'xxxx');
    where.account.iam.addRole('own').addRole('clean-exit-delete');
    where.account.cloudFormation.setStatus('xxxx-build', 'CREATE_COMPLETE', {
      roleArn: 'arn:aws:iam::123456789012:role/own',
    });
    return where;
  }

  it.each([
    ['is gone', undefined],
    ['is another one', 'arn:aws:iam::123456789012:role/another'],
  ])('are nobody’s where the stack’s role %s since the plan', async (_title, roleArn) => {
    const where = withRole();
    const journey = await begun(where, 'xxxx-build', {}, SERVICE);
    expect(journey.deletesAs.kind).toBe('stack role');
    where.account.cloudFormation.setStatus('xxxx-build', 'CREATE_COMPLETE', { roleArn });
    const end = await until(depsOf(where, { rights: SERVICE }), journey);
    expect(end).toMatchObject({ outcome: 'refused', removed: [] });
    expect(writes(where.account)).toEqual([]);
  });

  it('are never the service’s own, whatever a journey says', async () => {
    const where = withRole();
    const journey = await begun(where, 'xxxx-build', {}, SERVICE);
    for (const deletesAs of [
      { kind: 'caller', arn: 'arn:aws:iam::123456789012:user/eve' },
      { kind: 'request role', roleArn: 'arn:aws:iam::123456789012:role/admin' },
      { kind: 'nobody' },
    ] as const) {
      for (const phase of ['clean', 'delete'] as const) {
        const end = await until(depsOf(where, { rights: SERVICE }), { ...journey, deletesAs, phase });
        expect(end).toMatchObject({ outcome: 'refused' });
      }
    }
    expect(writes(where.account)).toEqual([]);
  });

  it('are a person’s own only while the stack has no role', async () => {
    const where = addPipeline(place(), 'xxxx');
    const journey = await begun(where, 'xxxx-build');
    where.account.cloudFormation.setStatus('xxxx-build', 'UPDATE_COMPLETE', {
      roleArn: 'arn:aws:iam::123456789012:role/late',
    });
    expect(await until(depsOf(where), journey)).toMatchObject({ outcome: 'refused' });
    expect(writes(where.account)).toEqual([]);
  });

  it('are the service’s delete role for stacks without one', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.iam.addRole('clean-exit-delete');
    const end = await until(depsOf(where, { rights: SERVICE }), await begun(where, 'xxxx-build', {}, SERVICE));
    expect(end.outcome).toBe('deleted');
    expect(where.stackDeletion.begun).toEqual([{ stack: 'xxxx-build', roleArn: DELETE_ROLE }]);
  });
});

describe('termination protection', () => {
  const CONSENT = { disableTerminationProtection: true };
  function guarded(): Place {
    const where = addPipeline(place(), 'xxxx');
    where.account.cloudFormation.setStatus('xxxx-build', 'CREATE_COMPLETE', { terminationProtected: true });
    return where;
  }
  const isGuarded = ({ account }: Place) => account.cloudFormation.peek('xxxx-build').facts.terminationProtected;

  it('is switched off by the ARN of the stack, and last', async () => {
    const where = guarded();
    const end = await until(depsOf(where), await begun(where, 'xxxx-build', CONSENT));
    expect(end.outcome).toBe('deleted');
    expect(targetsOf(where, 'cloudformation:UpdateTerminationProtection')).toEqual([stackIdOf('xxxx-build')]);
    expect(writes(where.account).slice(-2)).toEqual([
      'cloudformation:UpdateTerminationProtection',
      'cloudformation:DeleteStack',
    ]);
  });

  it('is on again where CloudFormation does not take the delete', async () => {
    const where = guarded();
    where.account.log.deny('cloudformation:DeleteStack');
    const end = await until(depsOf(where), await begun(where, 'xxxx-build', CONSENT));
    expect(end.outcome).toBe('failed');
    expect(isGuarded(where)).toBe(true);
  });

  it('is on again although the step that switched it off was lost', async () => {
    const where = guarded();
    where.account.log.fail({ action: 'cloudformation:DeleteStack', errorName: 'Throttling' });
    const asking = await until(depsOf(where), await begun(where, 'xxxx-build', CONSENT), (each) => each.unprotected);
    await expect(takeStep(depsOf(where), asking, () => 900_000)).rejects.toThrow(AwsFailure);
    expect(isGuarded(where)).toBe(false);
    where.account.cloudFormation.setStatus('xxxx-build', 'UPDATE_IN_PROGRESS');
    expect((await until(depsOf(where), asking)).notes.map(({ code }) => code)).toContain('PROTECTED_AGAIN');
    expect(isGuarded(where)).toBe(true);
  });

  it('is told with its command where it cannot be switched on again', async () => {
    const where = guarded();
    where.account.log.deny('cloudformation:DeleteStack');
    where.account.log.onCall(({ action }) => {
      if (action === 'cloudformation:DeleteStack') where.account.log.deny('cloudformation:UpdateTerminationProtection');
    });
    const end = await until(depsOf(where), await begun(where, 'xxxx-build', CONSENT));
    const note = end.notes.find(({ code }) => code === 'NOT_PROTECTED_AGAIN');
    expect(note?.sentence).toContain(`--enable-termination-protection --stack-name ${stackIdOf('xxxx-build')}`);
  });
});
