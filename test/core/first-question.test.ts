import { describe, expect, it } from '@jest/globals';
import { fakeAccount } from '#test/fakes/index.ts';
import { accountWithApp, addRepository, addRole, clean, plan, writes } from './scene.ts';

/** An account with `app`, whose nested stack `ecr` exports `xxxx-ECR` and holds images. */
function accountWithExport() {
  const account = accountWithApp();
  account.cloudFormation.addStack('ecr', { parent: 'app', exportNames: ['xxxx-ECR'] });
  addRepository(account, 'ecr', 'images');
  return account;
}

describe('the first question: would CloudFormation refuse anyway?', () => {
  it('an importer outside the tree: nothing is removed, the importer is named', async () => {
    const account = accountWithExport();
    account.cloudFormation.import('xxxx-ECR', 'deploy-user');
    const { plan: made, report } = await clean(account, 'app');
    expect(writes(account)).toEqual([]);
    expect(made.steps).toEqual([]);
    expect(report).toMatchObject({ outcome: 'refused', removed: [], leftovers: [] });
    expect(report.refusals).toEqual([
      {
        code: 'EXPORT_IMPORTED',
        sentence:
          'Export xxxx-ECR of stack ecr is imported by deploy-user, so CloudFormation cannot delete it; nothing is removed.',
        remedy: 'Delete deploy-user first, or take the import out of it, then delete this stack again.',
        stops: 'everything',
        blocks: true,
      },
    ]);
  });

  it('names every importer, and not those that go along', async () => {
    const account = accountWithExport();
    account.cloudFormation.addStack('job', { parent: 'app' });
    for (const importer of ['zulu', 'job', 'alpha']) {
      account.cloudFormation.import('xxxx-ECR', importer);
    }
    const { refusals } = await plan(account, 'app');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.sentence).toContain('is imported by alpha, zulu, so');
    expect(refusals[0]?.remedy).toMatch(/^Delete these stacks first/);
  });

  it('an importer inside the tree alone is no refusal', async () => {
    const account = accountWithExport();
    account.cloudFormation.addStack('job', { parent: 'app' }).import('xxxx-ECR', 'job');
    expect((await clean(account, 'app')).report.outcome).toBe('clean');
    expect(account.ecr.digests('images')).toEqual([]);
  });

  it('an importer that is nested here but retained stays, and so it counts', async () => {
    const account = accountWithExport();
    account.cloudFormation.addStack('job', { parent: 'app', deletionPolicy: 'Retain' }).import('xxxx-ECR', 'job');
    expect((await clean(account, 'app')).report.outcome).toBe('refused');
    expect(writes(account)).toEqual([]);
  });

  it("a retained nested stack's own exports are nobody's concern: it stays", async () => {
    const account = accountWithApp();
    account.cloudFormation
      .addStack('kept', { parent: 'app', deletionPolicy: 'Retain', exportNames: ['kept-export'] })
      .import('kept-export', 'somebody');
    addRepository(account, 'app', 'images');
    expect((await clean(account, 'app')).report.outcome).toBe('clean');
    expect(account.ecr.digests('images')).toEqual([]);
  });

  it('asks about every export of every stack, one refusal for each that is imported', async () => {
    const account = fakeAccount();
    account.cloudFormation
      .addStack('app', { exportNames: ['one', 'two', 'three'] })
      .addStack('child', { parent: 'app', exportNames: ['four'] })
      .import('two', 'x')
      .import('four', 'y');
    const { refusals } = await plan(account, 'app');
    expect(refusals.map(({ sentence }) => sentence.split(' ')[1])).toEqual(['two', 'four']);
    expect(account.log.count('cloudformation:ListImports')).toBe(4);
  });

  it('a protected log group stops everything too, whatever else could be emptied', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    addRole(account, 'app', 'worker');
    account.cloudFormation.addResource('app', { logicalId: 'Log', type: 'AWS::Logs::LogGroup', physicalId: '/build' });
    account.logs.addGroup('/build', { deletionProtected: true, streams: 2 });
    const { report } = await clean(account, 'app');
    expect(writes(account)).toEqual([]);
    expect(report.outcome).toBe('refused');
    expect(report.refusals[0]).toMatchObject({ resource: { physicalId: '/build' }, stops: 'everything', blocks: true });

    const consenting = await clean(account, 'app', { options: { disableLogGroupDeletionProtection: true } });
    expect(consenting.report.outcome).toBe('clean');
    expect(account.logs.isProtected('/build')).toBe(false);
    expect(account.ecr.digests('images')).toEqual([]);
  });

  it('a protected log group that stays anyway stops nothing', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    account.cloudFormation.addResource('app', {
      logicalId: 'Log',
      type: 'AWS::Logs::LogGroup',
      physicalId: '/build',
      deletionPolicy: 'Retain',
    });
    account.logs.addGroup('/build', { deletionProtected: true });
    expect((await clean(account, 'app')).report.outcome).toBe('clean');
    expect(account.ecr.digests('images')).toEqual([]);
  });

  it('an unanswered question is not a yes: nothing is removed', async () => {
    const account = accountWithExport();
    account.log.deny('cloudformation:ListImports');
    await expect(clean(account, 'app')).rejects.toThrow('cloudformation:ListImports on xxxx-ECR');
    expect(writes(account)).toEqual([]);
  });

  it('a resource that cannot be looked into stops the run before the first write', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    addRole(account, 'app', 'worker');
    account.log.deny('iam:GetRole');
    await expect(clean(account, 'app')).rejects.toThrow('iam:GetRole on worker');
    expect(writes(account)).toEqual([]);
  });
});
