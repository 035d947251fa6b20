import { describe, expect, it } from '@jest/globals';
import { AwsFailure } from '#functions/errors.ts';
import type { TeardownDeps } from '#functions/teardown/dependencies.ts';
import { tokenOf } from '#functions/teardown/journey.ts';
import { MOST_STEPS, takeStep } from '#functions/teardown/step.ts';
import { writes } from '#test/cleaners/scene.ts';
import { addPipeline, depsOf, type Place, place, stackIdOf, statusOf } from './running.ts';
import { begun, DELETE_ROLE, SERVICE, targetsOf, until } from './stepping.ts';

const isAt = (phase: string) => (journey: { readonly phase: string }) => journey.phase === phase;
const policyOf = ({ account }: Place) => account.ecr.policy('xxxx');

/** CloudFormation's port with some methods of the test's own. */
function changed(
  deps: TeardownDeps,
  stackDeletion: Partial<TeardownDeps['ports']['stackDeletion']>,
  cloudFormation: Partial<TeardownDeps['ports']['cloudFormation']> = {},
): TeardownDeps {
  const { ports } = deps;
  const own = ports.stackDeletion;
  const formation = ports.cloudFormation;
  return {
    ...deps,
    ports: {
      ...ports,
      stackDeletion: {
        deleteStack: (request) => own.deleteStack(request),
        setTerminationProtection: (stackId, on) => own.setTerminationProtection(stackId, on),
        operation: (stackId, token) => own.operation(stackId, token),
        deletedStacks: (name) => own.deletedStacks(name),
        ...stackDeletion,
      },
      cloudFormation: {
        stack: (nameOrId) => formation.stack(nameOrId),
        resources: (stackId) => formation.resources(stackId),
        template: (stackId) => formation.template(stackId),
        importers: (name) => formation.importers(name),
        updateStartedAt: (stackId) => formation.updateStartedAt(stackId),
        madeAt: (stackId, logicalId) => formation.madeAt(stackId, logicalId),
        ...cloudFormation,
      },
    },
  };
}

describe('what changes after the plan', () => {
  it('is an update that begins after the cleaning: no delete, the seal goes, and the report says what is gone', async () => {
    const where = addPipeline(place(), 'xxxx');
    const cleaned = await until(depsOf(where), await begun(where, 'xxxx-build'), isAt('delete'));
    expect(await policyOf(where)).toBeDefined();
    where.account.cloudFormation.setStatus('xxxx-build', 'UPDATE_IN_PROGRESS');
    const end = await until(depsOf(where), cleaned);
    expect(end).toMatchObject({ outcome: 'failed', attempt: 0, removed: [{ kind: 'image', count: 5 }] });
    expect(end.why).toContain('UPDATE_IN_PROGRESS');
    expect(where.stackDeletion.begun).toEqual([]);
    expect(await policyOf(where)).toBeUndefined();
  });

  it('is a tag that keeps one of two repositories: nothing is taken from the other', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.ecr.addRepository('second').fill('second', 3);
    where.account.cloudFormation.addResource('xxxx-build', {
      logicalId: 'Second',
      type: 'AWS::ECR::Repository',
      physicalId: 'second',
    });
    const journey = await begun(where, 'xxxx-build');
    where.account.ecr.addRepository('second', { tags: { 'clean-exit:keep': '' } }).fill('second', 3);
    const end = await until(depsOf(where), journey);
    expect(end).toMatchObject({ outcome: 'refused', removed: [] });
    expect(end.why).toContain('AWS::ECR::Repository second');
    expect(end.remedy).toMatch(/removes the tag/);
    expect(writes(where.account)).toEqual([]);
  });

  it('is an import that comes between two cleanings: what was sealed is open again', async () => {
    const where = addPipeline(place(), 'xxxx');
    let time = 900_000;
    where.account.log.onCall(({ action }) => {
      if (action === 'ecr:BatchDeleteImage') time = 0;
    });
    const half = await takeStep(depsOf(where), await begun(where, 'xxxx-build'), () => time);
    expect(half.phase).toBe('clean');
    expect(await policyOf(where)).toBeDefined();
    where.account.cloudFormation.addStack('latecomer', { status: 'CREATE_COMPLETE' }).import('xxxx-ECR', 'latecomer');
    const end = await until(depsOf(where), half);
    expect(end.outcome).toBe('failed');
    expect(end.why).toContain('latecomer');
    expect(await policyOf(where)).toBeUndefined();
  });

  it('is a stack that was never made: it is deleted, and nothing in it is listed', async () => {
    const where = place();
    where.account.cloudFormation.addStack('review', { status: 'REVIEW_IN_PROGRESS' });
    const journey = await begun(where, 'review');
    where.account.log.deny('cloudformation:ListStackResources');
    expect(await until(depsOf(where), journey)).toMatchObject({ outcome: 'deleted', attempt: 1 });
  });
});

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

describe('answers that come late', () => {
  /** The events of the delete stay behind for some looks after it has ended. */
  function lateEvents(where: Place, looks: number): TeardownDeps {
    const deps = depsOf(where);
    let seen = 0;
    return changed(deps, {
      operation: async (stackId, token) => {
        const now = await deps.ports.stackDeletion.operation(stackId, token);
        seen += now?.status === 'DELETE_FAILED' ? 1 : 0;
        return seen > looks ? now : { status: 'DELETE_IN_PROGRESS' };
      },
    });
  }

  it('do not make a long delete one that never began', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.stubborn.set('xxxx-build', 'The group is stubborn.');
    const deps = lateEvents(where, 2);
    let journey = await until(deps, await begun(where, 'xxxx-build'), isAt('watch'));
    // CloudFormation is at it for hours, as far as the looks tell.
    const status = { ...where.account.cloudFormation.peek('xxxx-build').facts, status: 'DELETE_IN_PROGRESS' };
    const busy = changed(deps, {}, { stack: async () => status });
    for (let look = 0; look < 100; look += 1) {
      journey = await takeStep(busy, journey, () => 900_000);
    }
    expect(journey).toMatchObject({ phase: 'watch', wait: 60, looks: 0 });
    where.account.clock.advance(60_000);
    const end = await until(deps, journey);
    expect(end).toMatchObject({ outcome: 'failed', failures: [{ resource: { logicalId: 'Logs' } }] });
  });

  it('do not make a failed delete one that was cancelled', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.stubborn.set('xxxx-build', 'The group is stubborn.');
    const deps = depsOf(where);
    const before = where.account.cloudFormation.peek('xxxx-build').facts;
    // The description shows DELETE_IN_PROGRESS, then for a while what was before the delete.
    const late = changed(
      deps,
      {},
      {
        stack: async (nameOrId) => {
          const now = await deps.ports.cloudFormation.stack(nameOrId);
          return now?.status === 'DELETE_FAILED' ? before : now;
        },
      },
    );
    const end = await until(late, await begun(where, 'xxxx-build'));
    expect(end).toMatchObject({ outcome: 'failed', failures: [{ resource: { logicalId: 'Logs' } }] });
  });

  it('are waited for so long, and then the stack lives on', async () => {
    const where = addPipeline(place(), 'xxxx');
    const deaf = changed(depsOf(where), { deleteStack: async () => {} });
    const start = where.account.clock.now();
    const end = await until(deaf, await begun(where, 'xxxx-build'));
    expect(end).toMatchObject({ outcome: 'lives on', attempt: 1 });
    expect(where.account.clock.now() - start).toBeGreaterThan(60_000);
    expect(await policyOf(where)).toBeUndefined();
  });
});

describe('a step made twice', () => {
  /** The delete is taken, and the process ends before it hears so. */
  const lost = (where: Place): TeardownDeps => {
    const deps = depsOf(where);
    return changed(deps, {
      deleteStack: async (request) => {
        await deps.ports.stackDeletion.deleteStack(request);
        throw new Error('killed');
      },
    });
  };

  it('asks for one delete', async () => {
    const where = addPipeline(place(), 'xxxx');
    const asking = await until(depsOf(where), await begun(where, 'xxxx-build'), isAt('delete'));
    await expect(takeStep(lost(where), asking, () => 900_000)).rejects.toThrow('killed');
    expect(await until(depsOf(where), asking)).toMatchObject({ outcome: 'deleted' });
    expect(where.stackDeletion.begun).toHaveLength(1);
  });

  it('asks for a new one where the lost one has failed meanwhile', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.stubborn.set('xxxx-build', 'The group is stubborn.');
    const asking = await until(depsOf(where), await begun(where, 'xxxx-build'), isAt('delete'));
    await expect(takeStep(lost(where), asking, () => 900_000)).rejects.toThrow('killed');
    const watching = await takeStep(depsOf(where), asking, () => 900_000);
    expect(watching.phase).toBe('watch');
    where.account.clock.advance(60_000);
    await where.account.cloudFormation.stack('xxxx-build');
    expect(statusOf(where, 'xxxx-build')).toBe('DELETE_FAILED');
    where.stubborn.clear();
    expect(await until(depsOf(where), watching)).toMatchObject({ outcome: 'deleted' });
    expect(where.stackDeletion.begun).toHaveLength(2);
  });

  it('has a token of the whole ARN, of a length that CloudFormation takes', () => {
    const token = (stackId: string, steps = 3) => tokenOf({ run: 'r'.repeat(80), steps, stackId });
    const one = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/a/51af3dc0-da77-11e4-872e-1234567abcdb';
    const other = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/b/62b04ed1-da77-11e4-983f-1234567abcdb';
    expect(token(one)).not.toBe(token(other));
    expect(token(one)).not.toBe(token(one, 4));
    expect(token(one)).toBe(token(one));
    expect(token(one, MOST_STEPS)).toMatch(/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/);
  });
});

it('comes to an end where somebody pushes for ever', async () => {
  const where = addPipeline(place(), 'xxxx', 0);
  const { log, ecr, clock } = where.account;
  let number = 0;
  log.onCall(({ action }) => {
    if (action !== 'ecr:DescribeImages') return;
    number += 1;
    ecr.fill('xxxx', 1, `push-${number}`);
  });
  let deadline = 0;
  let journey = await begun(where, 'xxxx-build');
  while (journey.phase !== 'done') {
    deadline = clock.now() + 10_000;
    journey = await takeStep(depsOf(where), journey, () => deadline - clock.now());
  }
  expect(journey).toMatchObject({ outcome: 'stopped', steps: MOST_STEPS + 1 });
  expect(journey.why).toContain('CREATE_COMPLETE');
  expect(statusOf(where, 'xxxx-build')).toBe('CREATE_COMPLETE');
});
