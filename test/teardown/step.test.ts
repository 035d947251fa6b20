import { describe, expect, it } from '@jest/globals';
import { MOST_STEPS, takeStep } from '#functions/teardown/step.ts';
import { writes } from '#test/cleaners/scene.ts';
import { addPipeline, depsOf, type Place, place, statusOf } from './running.ts';
import { begun, isAt, targetsOf, until } from './stepping.ts';

const policyOf = ({ account }: Place) => account.ecr.policy('xxxx');

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

it('tells of a device that outlives its user, although the stack is deleted', async () => {
  const where = place();
  const phone = 'arn:aws:iam::123456789012:mfa/phone';
  where.account.iam.addUser('hanako', { mfaDevices: [phone] });
  where.account.cloudFormation
    .addStack('people', { status: 'CREATE_COMPLETE' })
    .addResource('people', { logicalId: 'Hanako', type: 'AWS::IAM::User', physicalId: 'hanako' });
  where.account.log.deny('iam:DeleteVirtualMFADevice');
  const end = await until(depsOf(where), await begun(where, 'people'));
  expect(end).toMatchObject({ outcome: 'deleted', leftovers: [] });
  expect(end.notes.map(({ sentence }) => sentence).join()).toContain(phone);
});

it('asks once what a stack is before it cleans it, and anew while that takes long', async () => {
  const where = addPipeline(place(), 'xxxx');
  const journey = await begun(where, 'xxxx-build');
  const asked = () => targetsOf(where, 'cloudformation:DescribeStacks').filter((id) => id === journey.stackId).length;
  const before = asked();
  const quick = await takeStep(depsOf(where), journey, () => 900_000);
  expect(quick.phase).toBe('delete');
  expect(asked() - before).toBe(1);
  // An update begins while a slow call is under way: nothing more is removed.
  where.account.ecr.fill('xxxx', 2, 'more');
  where.account.log.onCall(({ action }) => {
    if (action !== 'ecr:GetRepositoryPolicy') return;
    where.account.clock.advance(40_000);
    where.account.cloudFormation.setStatus('xxxx-build', 'UPDATE_IN_PROGRESS');
  });
  const slow = await takeStep(depsOf(where), journey, () => 900_000);
  expect(slow.removed).toEqual([]);
  expect(where.account.ecr.digests('xxxx')).toHaveLength(2);
});

// Some 800 steps: more than Jest's five seconds on a busy machine.
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
}, 60_000);
