import { describe, expect, it } from '@jest/globals';
import { stackIdOf } from '#test/fakes/index.ts';
import { accountWithApp, addRepository, addRole, clean, writtenTo } from './scene.ts';

const codes = (report: { untouched: readonly { code: string; resource: { physicalId: string } }[] }) =>
  report.untouched.map(({ code, resource }) => `${resource.physicalId} ${code}`);

describe('never touched', () => {
  it('empties what is being deleted: the counter-test of everything below', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    addRole(account, 'app', 'worker');
    const { report } = await clean(account, 'app');
    expect(account.ecr.digests('images')).toEqual([]);
    expect(account.iam.holds('worker')).toEqual({ attached: [], inline: [], profiles: [] });
    expect(report).toMatchObject({ outcome: 'clean', leftovers: [], untouched: [] });
  });

  it.each(['Retain', 'Snapshot', 'RetainExceptOnCreate', 'Whatever'])(
    'DeletionPolicy %s on a stack delete',
    async (deletionPolicy) => {
      const account = accountWithApp();
      addRepository(account, 'app', 'kept', { deletionPolicy });
      addRepository(account, 'app', 'going', { deletionPolicy: 'Delete' });
      const { report } = await clean(account, 'app');
      expect(account.ecr.digests('kept')).toHaveLength(5);
      expect(writtenTo(account)).toEqual(['going']);
      expect(codes(report)).toEqual([`kept ${deletionPolicy === 'Whatever' ? 'POLICY_UNKNOWN' : 'RETAINED'}`]);
    },
  );

  it('RetainExceptOnCreate goes with the rollback of a create, Retain does not', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'fresh', { deletionPolicy: 'RetainExceptOnCreate' });
    addRepository(account, 'app', 'kept', { deletionPolicy: 'Retain' });
    await clean(account, 'app', { options: { cause: 'rollback of a create' } });
    expect(account.ecr.digests('fresh')).toEqual([]);
    expect(writtenTo(account)).toEqual(['fresh']);
  });

  it('a resource that the template does not know', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'listed');
    const { template } = account.cloudFormation;
    account.cloudFormation.template = async (stackId) =>
      (await template.call(account.cloudFormation, stackId)).replace('Repolisted', 'Another');
    const { report } = await clean(account, 'app');
    expect(writtenTo(account)).toEqual([]);
    expect(codes(report)).toEqual(['listed POLICY_UNKNOWN']);
  });

  it.each(['Retain', 'RetainExceptOnCreate', 'Snapshot', 'Whatever'])(
    '%s on a nested stack covers everything below it',
    async (deletionPolicy) => {
      const account = accountWithApp();
      account.cloudFormation
        .addStack('child', { parent: 'app', deletionPolicy })
        .addStack('grandchild', { parent: 'child' });
      addRepository(account, 'child', 'inchild');
      addRepository(account, 'grandchild', 'ingrandchild', { deletionPolicy: 'Delete' });
      addRepository(account, 'app', 'inapp');
      const { report } = await clean(account, 'app');
      expect(writtenTo(account)).toEqual(['inapp']);
      expect(codes(report)).toEqual(['inchild STACK_RETAINED', 'ingrandchild STACK_RETAINED']);
    },
  );

  it('RetainExceptOnCreate on a nested stack lets it go with the rollback of a create', async () => {
    const account = accountWithApp();
    account.cloudFormation.addStack('child', { parent: 'app', deletionPolicy: 'RetainExceptOnCreate' });
    addRepository(account, 'child', 'inchild');
    await clean(account, 'app', { options: { cause: 'rollback of a create' } });
    expect(account.ecr.digests('inchild')).toEqual([]);
  });

  it.each(['', 'no', 'true'])('the tag clean-exit:keep with the value "%s"', async (value) => {
    const account = accountWithApp();
    addRepository(account, 'app', 'tagged', {}, { 'clean-exit:keep': value });
    addRole(account, 'app', 'tagged-role', { tags: { 'clean-exit:keep': value } });
    addRepository(account, 'app', 'consenting', {}, { 'clean-exit': 'on' });
    const { report } = await clean(account, 'app');
    expect(writtenTo(account)).toEqual(['consenting']);
    expect(report.outcome).toBe('blocked');
    expect(report.refusals.map(({ resource }) => resource?.physicalId).toSorted()).toEqual(['tagged', 'tagged-role']);
  });

  it('what other stacks own: siblings, parents, strangers', async () => {
    const account = accountWithApp();
    account.cloudFormation
      .addStack('mine', { parent: 'app' })
      .addStack('sibling', { parent: 'app' })
      .addStack('stranger');
    for (const stack of ['app', 'mine', 'sibling', 'stranger']) {
      addRepository(account, stack, `of${stack}`);
    }
    await clean(account, 'mine');
    expect(writtenTo(account)).toEqual(['ofmine']);
    expect(account.log.calls.map(({ target }) => target)).not.toContain('ofsibling');
  });

  it.each([
    ['a stack of its own', undefined],
    ['a stack nested elsewhere', 'elsewhere'],
  ])('a row that names %s as nested', async (_what, parent) => {
    const account = accountWithApp();
    account.cloudFormation.addStack('elsewhere');
    account.cloudFormation.addStack('stranger', parent === undefined ? {} : { parent });
    addRepository(account, 'stranger', 'foreign');
    addRepository(account, 'app', 'own');
    account.cloudFormation.addResource('app', {
      logicalId: 'Fake',
      type: 'AWS::CloudFormation::Stack',
      physicalId: stackIdOf('stranger'),
    });
    const { report } = await clean(account, 'app');
    expect(writtenTo(account)).toEqual(['own']);
    expect(codes(report)).toEqual([`${stackIdOf('stranger')} NOT_NESTED_HERE`]);
  });

  it.each([
    ['service-linked', '/aws-service-role/ecs.amazonaws.com/'],
    ['reserved', '/aws-reserved/sso.amazonaws.com/'],
  ])('a %s role', async (_kind, path) => {
    const account = accountWithApp();
    addRole(account, 'app', 'awsrole', { path });
    addRepository(account, 'app', 'own');
    await clean(account, 'app');
    expect(writtenTo(account)).toEqual(['own']);
  });

  it('the service itself: the stack of the running function and what is nested in it', async () => {
    const account = accountWithApp();
    account.cloudFormation
      .addStack('service', { parent: 'app' })
      .addStack('inner', { parent: 'service' })
      .addResource('service', { logicalId: 'Fn', type: 'AWS::Lambda::Function', physicalId: 'clean-exit' });
    addRole(account, 'service', 'fn-role');
    addRole(account, 'inner', 'inner-role');
    addRepository(account, 'app', 'own');
    const { report } = await clean(account, 'app', { service: { functionName: 'clean-exit', roleArns: [] } });
    expect(writtenTo(account)).toEqual(['own']);
    expect(codes(report)).toEqual(['fn-role OWN_SERVICE', 'inner-role OWN_SERVICE']);
  });

  it('the role that deletes a stack of the tree, and the delete role, whatever their path', async () => {
    const account = accountWithApp();
    account.cloudFormation.addStack('child', {
      parent: 'app',
      roleArn: 'arn:aws:iam::123456789012:role/some/path/child-deleter',
    });
    for (const role of ['child-deleter', 'delete-role', 'worker']) {
      addRole(account, 'app', role);
    }
    const { report } = await clean(account, 'app', {
      service: { roleArns: ['arn:aws:iam::123456789012:role/delete-role'] },
    });
    expect(writtenTo(account)).toEqual(['worker']);
    expect(codes(report)).toEqual(['child-deleter STACK_ROLE', 'delete-role SERVICE_ROLE']);
  });

  it.each([
    ['IMPORT_COMPLETE', 'RetainExceptOnCreate', 'RETAINED'],
    ['IMPORT_COMPLETE', 'Delete', 'IMPORTED'],
    // An import ends with an update that puts the stack's tags on.
    ['UPDATE_COMPLETE', 'RetainExceptOnCreate', 'RETAINED'],
  ])('what a create that is rolled back had only imported (%s, %s)', async (status, deletionPolicy, code) => {
    const account = accountWithApp();
    addRepository(account, 'app', 'older', { status, deletionPolicy });
    addRepository(account, 'app', 'fresh', { deletionPolicy });
    const { report } = await clean(account, 'app', { options: { cause: 'rollback of a create' } });
    expect(account.ecr.digests('older')).toHaveLength(5);
    expect(writtenTo(account)).toEqual(['fresh']);
    expect(codes(report)).toEqual([`older ${code}`]);
  });

  it('what was imported long ago goes with its stack like everything else', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'adopted', { status: 'IMPORT_COMPLETE' });
    await clean(account, 'app');
    expect(account.ecr.digests('adopted')).toEqual([]);
  });

  it.each(['IMPORT_IN_PROGRESS', 'IMPORT_ROLLBACK_IN_PROGRESS', 'IMPORT_ROLLBACK_FAILED', 'IMPORT_ROLLBACK_COMPLETE'])(
    'an import that did not come to be (%s)',
    async (status) => {
      const account = accountWithApp();
      addRepository(account, 'app', 'somebodyelses', { status });
      const { report } = await clean(account, 'app');
      expect(writtenTo(account)).toEqual([]);
      expect(codes(report)).toEqual(['somebodyelses NOT_CREATED']);
    },
  );

  it.each(['CREATE_FAILED', 'CREATE_IN_PROGRESS', 'IMPORT_FAILED'])(
    'a name that was taken when the stack wanted it (%s)',
    async (status) => {
      const account = accountWithApp();
      addRepository(account, 'app', 'somebodyelses', { status });
      const { report } = await clean(account, 'app', { options: { cause: 'rollback of a create' } });
      expect(account.ecr.digests('somebodyelses')).toHaveLength(5);
      expect(writtenTo(account)).toEqual([]);
      expect(codes(report)).toEqual(['somebodyelses NOT_CREATED']);
    },
  );

  it.each(['DELETE_COMPLETE', 'DELETE_SKIPPED'])('what CloudFormation let go of (%s)', async (status) => {
    const account = accountWithApp();
    addRepository(account, 'app', 'released', { status });
    const { plan } = await clean(account, 'app');
    expect(writtenTo(account)).toEqual([]);
    expect(plan.findings).toEqual([]);
  });
});
