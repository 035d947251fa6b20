import { describe, expect, it } from '@jest/globals';
import { runTeardown } from '#functions/teardown/run.ts';
import { writes } from '#test/cleaners/scene.ts';
import { addImporter, addPipeline, depsOf, PERSON, place, planIn, statusOf, teardownIn } from './running.ts';

describe('a teardown', () => {
  it('empties and deletes a pipeline that nobody has prepared for it', async () => {
    const where = addPipeline(place(), 'xxxx');
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report).toMatchObject({ outcome: 'deleted', remaining: [], notes: [] });
    expect(report.stacks).toMatchObject([{ stackName: 'xxxx-build', outcome: 'deleted', attempts: 1, failures: [] }]);
    expect(report.stacks[0]?.removed).toMatchObject([{ kind: 'image', count: 5 }]);
    expect(statusOf(where, 'xxxx-build')).toBe('DELETE_COMPLETE');
    expect(where.stackDeletion.begun).toEqual([{ stack: 'xxxx-build', roleArn: undefined }]);
  });

  it.each([[['xxxx-build', 'xxxx-deploy-user']], [['xxxx-deploy-user', 'xxxx-build']]])(
    'lets importers go before exporters, asked for as %j',
    async (stacks) => {
      const where = addImporter(addPipeline(place(), 'xxxx'), 'xxxx');
      const report = await teardownIn(where, stacks);
      expect(report.outcome).toBe('deleted');
      expect(where.stackDeletion.begun.map(({ stack }) => stack)).toEqual(['xxxx-deploy-user', 'xxxx-build']);
    },
  );

  it('begins nothing where a plan is refused', async () => {
    const where = addImporter(addPipeline(place(), 'xxxx'), 'xxxx');
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report).toMatchObject({ outcome: 'refused', stacks: [] });
    expect(report.refusals.map(({ sentence }) => sentence).join()).toContain('xxxx-deploy-user');
    expect(writes(where.account)).toEqual([]);
  });

  it('leaves an exporter alone whose importer could not be deleted', async () => {
    const where = addImporter(addPipeline(place(), 'xxxx'), 'xxxx');
    where.stubborn.set('arn:xxxx', 'The topic is stubborn.');
    const report = await teardownIn(where, ['xxxx-build', 'xxxx-deploy-user']);
    expect(report.outcome).toBe('failed');
    expect(report.stacks).toMatchObject([
      { stackName: 'xxxx-deploy-user', outcome: 'failed', failures: [{ resource: { logicalId: 'Topic' } }] },
      { stackName: 'xxxx-build', outcome: 'refused', removed: [] },
    ]);
    expect(where.account.ecr.digests('xxxx')).toHaveLength(5);
  });

  it('leaves a stack alone with whose role another one is still to be deleted', async () => {
    const where = addPipeline(addPipeline(place(), 'xxxx'), 'yyyy');
    const roleArn = 'arn:aws:iam::123456789012:role/deleter';
    where.account.iam.addRole('deleter');
    where.account.cloudFormation
      .setStatus('yyyy-build', 'CREATE_COMPLETE', { roleArn })
      .addResource('xxxx-build', { logicalId: 'Deleter', type: 'AWS::IAM::Role', physicalId: 'deleter' });
    where.stubborn.set('yyyy-build', 'The group is stubborn.');
    const report = await teardownIn(where, ['xxxx-build', 'yyyy-build']);
    expect(report.stacks).toMatchObject([
      { stackName: 'yyyy-build', outcome: 'failed' },
      { stackName: 'xxxx-build', outcome: 'refused', removed: [], remedy: 'Delete yyyy-build first, then ask again.' },
    ]);
    expect(report.stacks[1]?.why).toContain('yyyy-build is deleted with a role that would go with this stack');
    expect(where.account.ecr.digests('xxxx')).toHaveLength(5);
    where.stubborn.clear();
    expect(await teardownIn(where, ['xxxx-build', 'yyyy-build'], {}, 'again')).toMatchObject({ outcome: 'deleted' });
  });

  it.each([
    ['is sealed', 'ecr:SetRepositoryPolicy', undefined],
    ['is being deleted', 'cloudformation:DeleteStack', 'sealed'],
  ])('stopped while a stack %s: opens what lives on, and only that', async (_title, at, left) => {
    const where = addPipeline(place(), 'xxxx');
    let stopped = false;
    where.account.log.onCall(({ action }) => {
      stopped ||= action === at;
    });
    const plan = await planIn(where, ['xxxx-build']);
    const report = await runTeardown(depsOf(where), plan, { run: 'r', startedAt: 0, stopped: () => stopped });
    expect(report).toMatchObject({ outcome: 'failed', stacks: [{ outcome: 'stopped' }] });
    expect((await where.account.ecr.policy('xxxx')) === undefined ? undefined : 'sealed').toBe(left);
  });

  it('says who must allow what where a step cannot be made, and opens what it sealed', async () => {
    const where = addPipeline(place(), 'xxxx');
    const plan = await planIn(where, ['xxxx-build']);
    where.account.log.onCall(({ action }) => {
      if (action !== 'ecr:SetRepositoryPolicy') return;
      where.account.log.deny('ecr:BatchDeleteImage');
      where.account.log.deny('codebuild:BatchGetProjects');
    });
    const report = await runTeardown(depsOf(where), plan, { run: 'r', startedAt: 0 });
    expect(report.stacks).toMatchObject([{ outcome: 'failed' }]);
    expect(report.stacks[0]?.remedy).toContain('An administrator must allow codebuild:BatchGetProjects');
    expect(await where.account.ecr.policy('xxxx')).toBeUndefined();
  });

  it('says of what is left that somebody asks again, and names no function to a person', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.log.deny('ecr:BatchDeleteImage');
    const [stack] = (await teardownIn(where, ['xxxx-build'])).stacks;
    expect(stack?.leftovers.map(({ remedy }) => remedy)).toEqual([
      expect.stringMatching(
        /^An administrator must allow ecr:BatchDeleteImage on \S+ to whoever runs this, then ask again\.$/,
      ),
    ]);
  });

  it('names what CloudFormation could not delete at any depth, and stops where nothing helps', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.cloudFormation
      .addStack('xxxx-build-Deep', { parent: 'xxxx-build-Ecr', status: 'CREATE_COMPLETE' })
      .addResource('xxxx-build-Deep', { logicalId: 'Foreign', type: 'Custom::Foreign', physicalId: 'foreign-1' });
    where.stubborn.set('foreign-1', 'Received response status [FAILED] from custom resource. Message returned: no');
    const report = await teardownIn(where, ['xxxx-build']);
    const [stack] = report.stacks;
    expect(stack).toMatchObject({ outcome: 'failed', attempts: 2 });
    expect(stack?.failures).toMatchObject([
      { resource: { logicalId: 'Foreign', stackName: 'xxxx-build-Deep', type: 'Custom::Foreign' } },
    ]);
    expect(stack?.why).toContain(
      'Foreign of xxxx-build-Deep (Custom::Foreign foreign-1): Received response status [FAILED]',
    );
    expect(stack?.remedy).toMatch(/finds in its log why.*--retain-resources Foreign --region eu-west-1$/);
  });

  it('asks three times at the most, where each time brings something new', async () => {
    const where = addPipeline(place(), 'xxxx');
    let told = 0;
    where.account.log.onCall(() => where.stubborn.set('xxxx-build', `reason ${++told}`));
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report.stacks).toMatchObject([{ outcome: 'failed', attempts: 3 }]);
    expect(where.stackDeletion.begun).toHaveLength(3);
  });

  it('goes on where images came in between two attempts', async () => {
    const where = addPipeline(place(), 'xxxx');
    let pushed = false;
    where.account.log.onCall(({ action }) => {
      if (action === 'cloudformation:DeleteStack' && !pushed) {
        pushed = true;
        where.account.ecr.fill('xxxx', 2, 'late');
      }
    });
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report.stacks).toMatchObject([{ outcome: 'deleted', attempts: 2, removed: [{ kind: 'image', count: 7 }] }]);
  });

  it('takes up a stack that is stuck in DELETE_FAILED', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.cloudFormation.setStatus('xxxx-build', 'DELETE_FAILED').setStatus('xxxx-build-Ecr', 'DELETE_FAILED');
    where.account.cloudFormation.setResource('xxxx-build', 'Logs', { status: 'DELETE_COMPLETE' });
    expect(await teardownIn(where, ['xxxx-build'])).toMatchObject({ outcome: 'deleted' });
  });

  it('awaits a delete that is under way, and asks for none beside it', async () => {
    const where = addPipeline(place(), 'xxxx');
    await where.stackDeletion.deleteStack({ stackId: 'xxxx-build', token: 'somebody' });
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report.outcome).toBe('deleted');
    // Somebody's delete failed on the images; ours came after it.
    expect(where.stackDeletion.begun).toHaveLength(2);
    expect(where.account.log.calls.filter(({ action }) => action === 'ecr:BatchDeleteImage')).not.toEqual([]);
  });

  it('goes side by side with another one of the same stacks: each stack is asked for once', async () => {
    // On one page: the fake takes a delete between two pages for a fault, and here another process deletes.
    const where = addImporter(addPipeline(place(), 'xxxx', 2), 'xxxx');
    const stacks = ['xxxx-build', 'xxxx-deploy-user'];
    const reports = await Promise.all(['one', 'other'].map((run) => teardownIn(where, stacks, {}, run)));
    expect(reports.map(({ outcome }) => outcome)).toEqual(['deleted', 'deleted']);
    expect(where.stackDeletion.begun.map(({ stack }) => stack)).toEqual(['xxxx-deploy-user', 'xxxx-build']);
  });

  it('tells a cancelled delete from a failed one, and takes its seal back', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.cloudFormation.setStatus('xxxx-build', 'UPDATE_COMPLETE', { exportNames: ['late'] });
    where.account.cloudFormation.addStack('latecomer', { status: 'CREATE_COMPLETE' });
    where.account.log.onCall(({ action }) => {
      if (action === 'cloudformation:DeleteStack') where.account.cloudFormation.import('late', 'latecomer');
    });
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report.stacks).toMatchObject([{ outcome: 'lives on', attempts: 1 }]);
    expect(report.stacks[0]?.why).toContain('Cannot delete export late as it is in use by latecomer.');
    expect(report.stacks[0]?.why).toContain('The stack is UPDATE_COMPLETE');
    expect(await where.account.ecr.policy('xxxx')).toBeUndefined();
  });

  it('switches termination protection off only where the request says so', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.cloudFormation.setStatus('xxxx-build', 'CREATE_COMPLETE', { terminationProtected: true });
    expect(await teardownIn(where, ['xxxx-build'])).toMatchObject({ outcome: 'refused' });
    expect(writes(where.account)).toEqual([]);
    expect(await teardownIn(where, ['xxxx-build'], { disableTerminationProtection: true })).toMatchObject({
      outcome: 'deleted',
    });
  });

  it('stops at a protection that came after the plan', async () => {
    const where = addPipeline(place(), 'xxxx');
    const plan = await planIn(where, ['xxxx-build']);
    expect(plan.refusals).toEqual([]);
    where.account.cloudFormation.setStatus('xxxx-build', 'CREATE_COMPLETE', { terminationProtected: true });
    const report = await runTeardown(depsOf(where), plan, { run: 'r', startedAt: 0 });
    expect(report.stacks).toMatchObject([{ outcome: 'refused', attempts: 0, removed: [] }]);
    expect(where.account.ecr.digests('xxxx')).toHaveLength(5);
  });

  it('says who must allow what where CloudFormation does not take the delete', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.account.log.deny('cloudformation:DeleteStack');
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report.stacks).toMatchObject([{ outcome: 'failed' }]);
    expect(report.stacks[0]?.remedy).toContain('cloudformation:DeleteStack');
    expect(await where.account.ecr.policy('xxxx')).toBeUndefined();
  });

  it('deletes as the person, in the plan', async () => {
    const plan = await planIn(addPipeline(place(), 'xxxx'), ['xxxx-build']);
    expect(plan.stacks).toMatchObject([{ deletesAs: { kind: 'caller', arn: PERSON } }]);
  });
});
