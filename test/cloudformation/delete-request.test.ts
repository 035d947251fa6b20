import { describe, expect, it } from '@jest/globals';
import { stackIdOf } from '#test/fakes/index.ts';
import { pipeline, request, type Scene, STACK, scene, withProperties } from './scene.ts';

const deletions = (it: Scene) => it.log.count('ecr:BatchDeleteImage');

describe('a Delete', () => {
  it('empties the stack when it is being deleted', async () => {
    const it = pipeline(scene(), { images: 7 });
    await it.invoke(request('Delete'));
    expect(it.answer()).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: 'the-id-of-then',
      StackId: stackIdOf(STACK),
      RequestId: 'Delete-1',
      LogicalResourceId: 'CleanExit',
    });
    expect(it.ecr.digests('xxxx')).toEqual([]);
    expect(it.codes()).toEqual(
      expect.arrayContaining(['REQUEST_STARTED', 'DECISION', 'PLAN', 'REPORT', 'REQUEST_COMPLETED']),
    );
  });

  it('logs the plan before anything is removed', async () => {
    const it = pipeline(scene());
    let before = 0;
    it.log.onCall(({ action }) => {
      before += action === 'ecr:BatchDeleteImage' && !it.codes().includes('PLAN') ? 1 : 0;
    });
    await it.invoke(request('Delete'));
    expect(deletions(it)).toBeGreaterThan(0);
    expect(before).toBe(0);
  });

  it('empties the stack when its creation is rolled back', async () => {
    const it = pipeline(scene(), { status: 'ROLLBACK_IN_PROGRESS' });
    await it.invoke(request('Delete'));
    expect(it.answer().Status).toBe('SUCCESS');
    expect(it.ecr.digests('xxxx')).toEqual([]);
  });

  it.each([
    'UPDATE_IN_PROGRESS',
    'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'CREATE_COMPLETE',
  ])('leaves the stack alone while it is %s: the custom resource alone was removed', async (status) => {
    const it = pipeline(scene(), { status });
    await it.invoke(request('Delete'));
    expect(it.answer().Status).toBe('SUCCESS');
    expect(it.ecr.digests('xxxx')).toHaveLength(2);
    expect(it.log.actions()).toEqual(['cloudformation:DescribeStacks']);
    expect(it.lines.find(({ code }) => code === 'DECISION')?.fields).toMatchObject({ empty: false });
  });

  it.each([
    ['of a resource that the stack does not list', { LogicalResourceId: 'Other' }],
    ['of a resource of another type', { ResourceType: 'Custom::Other' }],
    [
      'of a resource that is no custom resource',
      { LogicalResourceId: 'Repository', ResourceType: 'AWS::ECR::Repository' },
    ],
    ['of a stack that does not exist', { StackId: stackIdOf('nobody') }],
  ])('%s is answered and not believed', async (_, changes) => {
    const it = pipeline(scene());
    await it.invoke(request('Delete', changes));
    expect(it.answer().Status).toBe('SUCCESS');
    expect(it.ecr.digests('xxxx')).toHaveLength(2);
    expect(deletions(it)).toBe(0);
  });

  it.each(['DELETE_COMPLETE', 'DELETE_SKIPPED'])(
    'that comes again when CloudFormation has done with the resource (%s) is answered and not believed',
    async (status) => {
      const it = pipeline(scene());
      it.cloudFormation.addResource(STACK, { logicalId: 'Old', type: 'Custom::CleanExit', physicalId: 'x', status });
      await it.invoke(request('Delete', { LogicalResourceId: 'Old' }));
      expect(it.answer().Status).toBe('SUCCESS');
      expect(it.ecr.digests('xxxx')).toHaveLength(2);
    },
  );

  it("never strips the function's own role, whatever stack lists it", async () => {
    const SERVICE_ROLE_ARN = 'arn:aws:iam::123456789012:role/clean-exit-custom-resource-eu-west-1';
    const it = pipeline(scene({ environment: { SERVICE_ROLE_ARN } }));
    const name = 'clean-exit-custom-resource-eu-west-1';
    it.cloudFormation.addResource(STACK, { logicalId: 'Role', type: 'AWS::IAM::Role', physicalId: name });
    it.iam.addRole(name, { inline: ['run'] });
    await it.invoke(request('Delete'));
    expect(it.answer().Status).toBe('SUCCESS');
    expect(it.iam.holds(name).inline).toEqual(['run']);
    const report = it.lines.find(({ code }) => code === 'REPORT')?.fields['report'];
    expect(report).toMatchObject({ untouched: [{ code: 'SERVICE_ROLE', resource: { physicalId: name } }] });
  });

  it('says in whole sentences what fits, and how much more the log holds', async () => {
    const it = pipeline(scene());
    for (let n = 0; n < 40; n += 1) {
      it.cloudFormation.addResource(STACK, {
        logicalId: `Kept${n}`,
        type: 'AWS::ECR::Repository',
        physicalId: `kept-${n}`,
      });
      it.ecr.addRepository(`kept-${n}`, { tags: { 'clean-exit:keep': '' } }).fill(`kept-${n}`, 1);
    }
    await it.invoke(request('Delete'));
    expect(it.answer()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/\(--retain-resources\)\. \(\d+ more in the log\.\) \(Log group/),
    });
    expect(Buffer.byteLength(it.bodies[0] ?? '')).toBeLessThanOrEqual(4096);
  });

  it.each(['AWS::CloudFormation::CustomResource', 'Custom::Foreign'])(
    'for a custom resource of type %s is not believed: only a Custom::CleanExit is a consent',
    async (type) => {
      const it = pipeline(scene());
      it.cloudFormation.addResource(STACK, { logicalId: 'Old', type, physicalId: 'x' });
      await it.invoke(request('Delete', { LogicalResourceId: 'Old', ResourceType: type }));
      expect(it.answer().Status).toBe('SUCCESS');
      expect(it.ecr.digests('xxxx')).toHaveLength(2);
    },
  );

  it('of a stack of another account is answered, and nothing is asked', async () => {
    const it = pipeline(scene());
    await it.invoke(request('Delete', { StackId: stackIdOf(STACK).replace('123456789012', '210987654321') }));
    expect(it.answer().Status).toBe('SUCCESS');
    expect(it.log.calls).toEqual([]);
    expect(it.codes()).toContain('REQUEST_REFUSED');
  });

  it('never hangs on wrong properties; consents that cannot be read are not given', async () => {
    const it = pipeline(scene());
    it.logs.addGroup('xxxx-build', { deletionProtected: true });
    it.cloudFormation.addResource(STACK, { logicalId: 'Logs', type: 'AWS::Logs::LogGroup', physicalId: 'xxxx-build' });
    await it.invoke(withProperties('Delete', { Colour: 'blue', DisableLogGroupDeletionProtection: 'please' }));
    expect(it.lines.find(({ code }) => code === 'PROPERTIES_IGNORED')?.fields['faults']).toHaveLength(2);
    expect(it.log.count('logs:PutLogGroupDeletionProtection')).toBe(0);
    expect(it.answer()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('xxxx-build') });
  });

  it.each([
    ['to true', 'true'],
    ['to true, without quotes', true],
    ['by a function', { Ref: 'Consent' }],
  ])('carries a consent that the template gives (%s) to the cleaners', async (_, DisableLogGroupDeletionProtection) => {
    const it = pipeline(scene(), { properties: { DisableLogGroupDeletionProtection } });
    it.logs.addGroup('xxxx-build', { deletionProtected: true });
    it.cloudFormation.addResource(STACK, { logicalId: 'Logs', type: 'AWS::Logs::LogGroup', physicalId: 'xxxx-build' });
    await it.invoke(withProperties('Delete', { DisableLogGroupDeletionProtection: 'true' }));
    expect(it.answer().Status).toBe('SUCCESS');
    expect(it.log.count('logs:PutLogGroupDeletionProtection')).toBe(1);
  });

  it.each([
    [{}, { deleteLogStreams: true, disableLogGroupDeletionProtection: false, removeRolesFromInstanceProfiles: false }],
    [
      { DeleteLogStreams: 'false', DisableLogGroupDeletionProtection: 'true', RemoveRolesFromInstanceProfiles: 'true' },
      { deleteLogStreams: false, disableLogGroupDeletionProtection: true, removeRolesFromInstanceProfiles: true },
    ],
  ])('with properties %j runs with these options', async (properties, expected) => {
    const it = pipeline(scene(), { properties });
    await it.invoke(withProperties('Delete', properties));
    expect(it.lines.find(({ code }) => code === 'PLAN')?.fields['plan']).toMatchObject({ options: expected });
  });

  it.each([
    ['says nothing of', {}],
    ['refuses', { DisableLogGroupDeletionProtection: 'false' }],
  ])('does not believe a consent that the template %s', async (_, properties) => {
    const it = pipeline(scene(), { properties });
    it.logs.addGroup('xxxx-build', { deletionProtected: true });
    it.cloudFormation.addResource(STACK, { logicalId: 'Logs', type: 'AWS::Logs::LogGroup', physicalId: 'xxxx-build' });
    await it.invoke(withProperties('Delete', { DisableLogGroupDeletionProtection: 'true' }));
    expect(it.answer().Status).toBe('FAILED');
    expect(it.log.count('logs:PutLogGroupDeletionProtection')).toBe(0);
    expect(it.lines.find(({ fields }) => fields['note'] === 'CONSENT_NOT_IN_TEMPLATE')).toBeDefined();
  });

  it('fails when something that blocks remains, and says what and who must act', async () => {
    const it = pipeline(scene(), { images: 0 });
    it.ecr.addImage('xxxx', { digest: 'sha256:bad', failsWith: 'KmsError' });
    await it.invoke(request('Delete'));
    expect(it.answer()).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'the-id-of-then' });
    expect(it.answer().Reason).toMatch(/Repository \(xxxx\): 1 image left: .*KmsError/);
    expect(it.answer().Reason).toContain('(Log group /aws/lambda/clean-exit-custom-resource, request ');
  });

  it('fails before anything is removed when an export is still imported', async () => {
    const it = scene();
    it.cloudFormation.addStack(STACK, { exportNames: ['xxxx-ECR'] });
    pipelineOver(it);
    it.cloudFormation.import('xxxx-ECR', 'xxxx-deploy-user');
    await it.invoke(request('Delete'));
    expect(it.answer()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('xxxx-deploy-user') });
    expect(it.ecr.digests('xxxx')).toHaveLength(1);
  });

  it.each([
    'cloudformation:DescribeStacks',
    'cloudformation:ListStackResources',
    'ecr:DescribeRepositories',
    'ecr:DescribeImages',
  ])('fails when %s is denied, and names the right that is missing', async (action) => {
    const it = pipeline(scene());
    it.log.deny(action);
    await it.invoke(request('Delete'));
    expect(it.answer()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(`must allow ${action}`) });
    expect(it.ecr.digests('xxxx')).toHaveLength(2);
  });

  it('has the same answer when it is delivered twice', async () => {
    const it = pipeline(scene(), { images: 7 });
    await it.invoke(request('Delete'));
    it.clock.advance(90_000);
    await it.invoke(request('Delete'));
    expect(it.bodies).toHaveLength(2);
    expect(it.bodies[1]).toBe(it.bodies[0]);
  });
});

/** The rest of a pipeline whose stack is there already. */
function pipelineOver(it: Scene): void {
  it.cloudFormation
    .addResource(STACK, { logicalId: 'Repository', type: 'AWS::ECR::Repository', physicalId: 'xxxx' })
    .addResource(STACK, { logicalId: 'CleanExit', type: 'Custom::CleanExit', physicalId: 'clean-exit' });
  it.ecr.addRepository('xxxx').addImage('xxxx', { digest: 'sha256:0' });
}
