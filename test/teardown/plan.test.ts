import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AwsFailure } from '#functions/errors.ts';
import { SERVICE_FUNCTIONS } from '#functions/teardown/survey.ts';
import { addRepository } from '#test/core/scene.ts';
import {
  account,
  addStacks,
  DELETE_ROLE,
  PERSON,
  plan,
  refusalOf,
  refusalsIn,
  stackIdOf,
  targetIn,
  wavesIn,
} from './planning.ts';

const DONE = { status: 'CREATE_COMPLETE' };

/** `base` exports what `app` imports. */
function pair() {
  const fakes = account();
  fakes.cloudFormation
    .addStack('base', { ...DONE, exportNames: ['base-Repo'] })
    .addStack('app', DONE)
    .import('base-Repo', 'app');
  return fakes;
}

describe('planTeardown', () => {
  it.each([[['base', 'app']], [['app', 'base']]])(
    'importers before exporters, in whatever order they are asked for',
    async (asked) => {
      const made = await plan(pair(), asked);
      expect(wavesIn(made)).toEqual([['app'], ['base']]);
      expect(made.refusals).toEqual([]);
      expect(made.stacks.map(({ stackName }) => stackName)).toEqual(asked);
    },
  );

  it('stacks that have nothing to do with each other go side by side', async () => {
    const fakes = account();
    addStacks(fakes, 'a', 'b', 'c');
    expect(wavesIn(await plan(fakes, ['c', 'a', 'b']))).toEqual([['c', 'a', 'b']]);
  });

  it('an importer may be nested in another requested stack, and the exporter too', async () => {
    const fakes = account();
    fakes.cloudFormation
      .addStack('base', DONE)
      .addStack('base-inner', { ...DONE, parent: 'base', exportNames: ['x'] })
      .addStack('app', DONE)
      .addStack('app-inner', { ...DONE, parent: 'app' })
      .import('x', 'app-inner');
    const made = await plan(fakes, ['base', 'app']);
    expect(wavesIn(made)).toEqual([['app'], ['base']]);
    expect(made.refusals).toEqual([]);
    expect(targetIn(made, 'base').plan.refusals).toEqual([]);
  });

  it('plans what the core does in each tree, with the consents of the request, log streams left to CloudFormation', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    addRepository(fakes, 'app', 'images');
    fakes.cloudFormation.addResource('app', { logicalId: 'G', type: 'AWS::Logs::LogGroup', physicalId: '/g' });
    fakes.cloudFormation.addResource('app', { logicalId: 'T', type: 'AWS::SNS::Topic', physicalId: 't' });
    fakes.cloudFormation.addResource('app', {
      logicalId: 'K',
      type: 'AWS::SNS::Topic',
      physicalId: 'k',
      deletionPolicy: 'Retain',
    });
    fakes.logs.addGroup('/g', { streams: 2 });
    const target = targetIn(await plan(fakes, ['app'], { options: { removePermissionsBoundaries: true } }), 'app');
    expect(target.plan.options).toEqual({
      cause: 'stack delete',
      deleteLogStreams: false,
      disableLogGroupDeletionProtection: false,
      removeRolesFromInstanceProfiles: false,
      detachPoliciesFromOthers: false,
      removePermissionsBoundaries: true,
      emptyBuckets: true,
    });
    expect(target.plan.steps.map(({ stage, resource }) => `${stage} ${resource.physicalId}`)).toEqual([
      'seal images',
      'drain images',
      'verify images',
    ]);
    expect(target.deletes).toEqual({ 'AWS::ECR::Repository': 1, 'AWS::Logs::LogGroup': 1, 'AWS::SNS::Topic': 1 });
  });

  it('what never came to be is not counted among what CloudFormation deletes', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    fakes.cloudFormation
      .addResource('app', { logicalId: 'A', type: 'AWS::SNS::Topic', physicalId: 'a', status: 'CREATE_FAILED' })
      .addResource('app', { logicalId: 'B', type: 'AWS::SNS::Topic', physicalId: 'b', status: 'DELETE_FAILED' });
    expect(targetIn(await plan(fakes, ['app']), 'app').deletes).toEqual({ 'AWS::SNS::Topic': 1 });
  });

  it('changes nothing', async () => {
    const fakes = pair();
    addRepository(fakes, 'base', 'images');
    fakes.cloudFormation.addStack('locked', { ...DONE, terminationProtected: true });
    await plan(fakes, ['base', 'app', 'locked'], { options: { disableTerminationProtection: true } });
    expect(fakes.log.actions().filter((action) => !/:(Describe|List|Get|BatchGet)/.test(action))).toEqual([]);
  });

  it('reads each stack once, and counts its own calls only', async () => {
    const fakes = pair();
    fakes.cloudFormation.addStack('inner', { ...DONE, parent: 'app' });
    addRepository(fakes, 'inner', 'images');
    addRepository(fakes, 'base', 'others');
    await fakes.ports.cloudFormation.stack('app');
    const before = fakes.log.calls.length;
    const made = await plan(fakes, ['base', 'app', stackIdOf('base'), 'app']);
    const calls = fakes.log.calls.slice(before).map(({ action, target }) => `${action} ${target}`);
    expect(calls.filter((call) => call.startsWith('cloudformation:')).toSorted()).toEqual(
      [
        ...['base', 'app', stackIdOf('inner')].map((id) => `cloudformation:DescribeStacks ${id}`),
        ...['base', 'app', 'inner'].map((name) => `cloudformation:ListStackResources ${stackIdOf(name)}`),
        ...['base', 'app', 'inner'].map((name) => `cloudformation:GetTemplate ${stackIdOf(name)}`),
        'cloudformation:ListImports base-Repo',
      ].toSorted(),
    );
    expect(calls.filter((call) => call.startsWith('iam:GetRole'))).toEqual(['iam:GetRole clean-exit-delete']);
    expect(Object.values(made.calls).reduce((sum, count) => sum + count, 0)).toBe(calls.length);
    expect(made.calls).toMatchObject({ 'cloudformation:DescribeStacks': 3 });
  });

  it('survives JSON', async () => {
    const fakes = pair();
    addRepository(fakes, 'base', 'images', {}, { 'clean-exit:keep': '' });
    const made = await plan(fakes, ['base', 'app', 'nowhere']);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    expect(made.refusals.length).toBeGreaterThan(1);
  });

  it('a listing that fails ends the plan', async () => {
    const fakes = pair();
    fakes.log.deny('cloudformation:ListStackResources', stackIdOf('app'));
    await expect(plan(fakes, ['base', 'app'])).rejects.toThrow(AwsFailure);
  });
});

describe('which stacks are meant', () => {
  it('a name and its ARN, and a name said twice, are one stack', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    const made = await plan(fakes, ['app', stackIdOf('app'), 'app']);
    expect(made.waves).toEqual([[stackIdOf('app')]]);
    expect(made.stacks).toHaveLength(1);
  });

  it('a refusal names a stack as it was asked for the first time, and once', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { ...DONE, terminationProtected: true });
    const id = stackIdOf('app');
    expect(refusalsIn(await plan(fakes, [id, 'app', 'nowhere', 'nowhere']))).toEqual([
      'STACK_NOT_FOUND nowhere',
      `TERMINATION_PROTECTED ${id}`,
    ]);
    expect(refusalsIn(await plan(fakes, ['app', id]))).toEqual(['TERMINATION_PROTECTED app']);
  });

  it('an ARN is never looked for among the names of deleted stacks', async () => {
    const fakes = account();
    await plan(fakes, [stackIdOf('never')]);
    expect(fakes.log.count('cloudformation:ListStacks')).toBe(0);
  });

  it('a nested stack that is gone is nothing to do, although its root is there', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('root', DONE).addStack('child', { status: 'DELETE_COMPLETE', parent: 'root' });
    const made = await plan(fakes, [stackIdOf('child')]);
    expect(made).toMatchObject({ refusals: [], waves: [] });
    expect(targetIn(made, 'child').notes).toMatchObject([{ code: 'ALREADY_DELETED' }]);
  });

  it('STACK_NOT_FOUND: names it, and the others are looked at all the same', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { ...DONE, terminationProtected: true });
    const made = await plan(fakes, ['nowhere', 'app', stackIdOf('never')]);
    expect(refusalsIn(made)).toEqual([
      'STACK_NOT_FOUND nowhere',
      `STACK_NOT_FOUND ${stackIdOf('never')}`,
      'TERMINATION_PROTECTED app',
    ]);
    expect(wavesIn(made)).toEqual([['app']]);
  });

  it.each(['app', stackIdOf('app')])('%s, deleted before: nothing to do, a note, no wave', async (asked) => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { status: 'DELETE_COMPLETE', exportNames: ['x'] }).import('x', 'other');
    addStacks(fakes, 'other');
    addRepository(fakes, 'app', 'reused');
    const made = await plan(fakes, [asked, 'other'], { rights: { kind: 'service' } });
    expect(wavesIn(made)).toEqual([['other']]);
    expect(refusalsIn(made)).toEqual(['NO_ROLE other']);
    expect(targetIn(made, 'app')).toMatchObject({
      status: 'DELETE_COMPLETE',
      plan: { findings: [], steps: [] },
      notes: [{ code: 'ALREADY_DELETED' }],
    });
  });

  const away = stackIdOf('away').replace('eu-west-1', 'us-east-1');
  const foreign = stackIdOf('foreign').replace('123456789012', '210987654321');

  it('ELSEWHERE: an ARN of another Region or account is not even asked for', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    const made = await plan(fakes, [away, foreign, 'app']);
    expect(refusalsIn(made)).toEqual([`ELSEWHERE ${away}`, `ELSEWHERE ${foreign}`]);
    expect(made.refusals[0]?.sentence).toContain('eu-west-1 of account 123456789012');
    expect(fakes.log.calls.map(({ target }) => target)).not.toContain(away);
    expect(wavesIn(made)).toEqual([['app']]);
  });

  it('ELSEWHERE: among ARNs alone, the first that answers says where we are', async () => {
    const fakes = account();
    addStacks(fakes, 'app', 'more');
    const made = await plan(fakes, [away, stackIdOf('app'), foreign, stackIdOf('more')], {
      rights: { kind: 'service' },
    });
    expect(refusalsIn(made).filter((words) => words.startsWith('ELSEWHERE'))).toEqual([
      `ELSEWHERE ${away}`,
      `ELSEWHERE ${foreign}`,
    ]);
    expect(wavesIn(made)).toEqual([['app', 'more']]);
  });

  it('ELSEWHERE: the account of whoever deletes is known without any stack', async () => {
    const fakes = account();
    const made = await plan(fakes, [foreign], { rights: PERSON });
    expect(refusalOf(made, 'ELSEWHERE').sentence).toContain('works in account 123456789012');
    expect(fakes.log.calls).toEqual([]);
  });

  it('NESTED_STACK: names the root, however deep it is', async () => {
    const fakes = account();
    fakes.cloudFormation
      .addStack('root', DONE)
      .addStack('child', { ...DONE, parent: 'root' })
      .addStack('grandchild', { ...DONE, parent: 'child' });
    const made = await plan(fakes, ['grandchild']);
    expect(refusalsIn(made)).toEqual(['NESTED_STACK grandchild']);
    expect(refusalOf(made, 'NESTED_STACK').remedy).toContain('Ask for root');
    expect(made).toMatchObject({ waves: [], stacks: [] });
  });

  it('a nested stack that outlived its root goes like any other', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('root', { status: 'DELETE_COMPLETE' }).addStack('child', { ...DONE, parent: 'root' });
    const made = await plan(fakes, ['child']);
    expect(refusalsIn(made)).toEqual([]);
    expect(wavesIn(made)).toEqual([['child']]);
  });

  it.each(SERVICE_FUNCTIONS.concat('running'))(
    'OWN_SERVICE: the stack of the function %s, nested or not; its plan is shown',
    async (name) => {
      const fakes = account();
      fakes.cloudFormation
        .addStack('service', DONE)
        .addStack('inner', { ...DONE, parent: 'service' })
        .addResource('inner', { logicalId: 'F', type: 'AWS::Lambda::Function', physicalId: name });
      const service = { functionName: 'running', roleArns: [] };
      // No role would help: that there is none is no remedy worth a try.
      const made = await plan(fakes, ['service'], { service, rights: { kind: 'service', deleteRoleArn: undefined } });
      expect(refusalsIn(made)).toEqual(['OWN_SERVICE service']);
      expect(refusalOf(made, 'OWN_SERVICE').remedy).toMatch(/sam delete --stack-name service --region eu-west-1$/);
      expect(wavesIn(made)).toEqual([['service']]);
    },
  );

  it('another function does not make a stack the service, nor another resource of that name', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    fakes.cloudFormation
      .addResource('app', { logicalId: 'F', type: 'AWS::Lambda::Function', physicalId: 'clean-exit-of-mine' })
      .addResource('app', { logicalId: 'Q', type: 'AWS::SQS::Queue', physicalId: 'clean-exit-custom-resource' });
    expect(refusalsIn(await plan(fakes, ['app']))).toEqual([]);
  });

  it('knows every function of the service by the name that its template gives it', () => {
    const template = readFileSync(new URL('../../template.yaml', import.meta.url), 'utf8');
    const named = [...template.matchAll(/^ {6}FunctionName: (\S+)$/gm)].map((match) => match[1]);
    const literal = named.filter((name) => !name?.startsWith('!'));
    expect(literal.length).toBeGreaterThan(1);
    expect(SERVICE_FUNCTIONS).toEqual(expect.arrayContaining(literal));
  });
});

describe('what a stack is doing', () => {
  it.each([
    'CREATE_IN_PROGRESS',
    'ROLLBACK_IN_PROGRESS',
    'UPDATE_IN_PROGRESS',
    'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    'IMPORT_IN_PROGRESS',
    'IMPORT_ROLLBACK_IN_PROGRESS',
  ])('STACK_BUSY: %s', async (status) => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { status });
    const made = await plan(fakes, ['app']);
    expect(refusalsIn(made)).toEqual(['STACK_BUSY app']);
    expect(refusalOf(made, 'STACK_BUSY').sentence).toContain(status);
  });

  it.each([
    'CREATE_COMPLETE',
    'CREATE_FAILED',
    'DELETE_FAILED',
    'ROLLBACK_FAILED',
    'ROLLBACK_COMPLETE',
    'UPDATE_FAILED',
    'UPDATE_ROLLBACK_FAILED',
    'UPDATE_ROLLBACK_COMPLETE',
    'IMPORT_ROLLBACK_FAILED',
  ])('%s goes', async (status) => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { status });
    const made = await plan(fakes, ['app']);
    expect(made.refusals).toEqual([]);
    expect(targetIn(made, 'app').notes).toEqual([]);
  });

  it('STACK_BUSY: a nested stack that somebody updates by itself, unless it stays anyway', async () => {
    const fakes = account();
    fakes.cloudFormation
      .addStack('app', DONE)
      .addStack('stays', { status: 'UPDATE_IN_PROGRESS', parent: 'app', deletionPolicy: 'Retain' });
    expect(refusalsIn(await plan(fakes, ['app']))).toEqual([]);
    fakes.cloudFormation.addStack('goes', { status: 'UPDATE_IN_PROGRESS', parent: 'app' });
    expect(refusalOf(await plan(fakes, ['app']), 'STACK_BUSY').sentence).toContain('goes');
  });

  it('a delete under way is joined', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { status: 'DELETE_IN_PROGRESS' });
    const made = await plan(fakes, ['app']);
    expect(made.refusals).toEqual([]);
    expect(wavesIn(made)).toEqual([['app']]);
    expect(targetIn(made, 'app').notes).toMatchObject([{ code: 'DELETE_JOINED' }]);
  });

  it('a stack in review was never made: nothing in it is asked for', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { status: 'REVIEW_IN_PROGRESS' });
    const made = await plan(fakes, ['app']);
    expect(made.refusals).toEqual([]);
    expect(targetIn(made, 'app').notes).toMatchObject([{ code: 'NEVER_MADE' }]);
    expect(fakes.log.count('cloudformation:ListStackResources', 'cloudformation:GetTemplate')).toBe(0);
  });

  it('TERMINATION_PROTECTED: without consent; with it, the plan says that it is switched off', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { ...DONE, terminationProtected: true }).addStack('free', DONE);
    const refused = await plan(fakes, ['app', 'free']);
    expect(refusalsIn(refused)).toEqual(['TERMINATION_PROTECTED app']);
    expect(refusalOf(refused, 'TERMINATION_PROTECTED').remedy).toContain('disableTerminationProtection');
    expect(targetIn(refused, 'app').unprotect).toBe(false);
    const allowed = await plan(fakes, ['app', 'free'], { options: { disableTerminationProtection: true } });
    expect(allowed.refusals).toEqual([]);
    expect([targetIn(allowed, 'app').unprotect, targetIn(allowed, 'free').unprotect]).toEqual([true, false]);
  });
});

describe('who imports', () => {
  it('IMPORTED: all importers outside of the request, in one sentence for each export', async () => {
    const fakes = pair();
    fakes.cloudFormation.import('base-Repo', 'zulu').import('base-Repo', 'alpha');
    const made = await plan(fakes, ['base', 'app']);
    expect(refusalsIn(made)).toEqual(['IMPORTED base']);
    expect(refusalOf(made, 'IMPORTED').sentence).toContain('base-Repo of stack base is imported by alpha and zulu');
    expect(wavesIn(made)).toEqual([['app'], ['base']]);
  });

  it('IMPORTED: by a nested stack that is kept while its root goes', async () => {
    const fakes = account();
    fakes.cloudFormation
      .addStack('base', { ...DONE, exportNames: ['x'] })
      .addStack('app', DONE)
      .addStack('kept', { ...DONE, parent: 'app', deletionPolicy: 'Retain' })
      .import('x', 'kept');
    expect(refusalsIn(await plan(fakes, ['base', 'app']))).toEqual(['IMPORTED base']);
  });

  it('CYCLE: all names in their order', async () => {
    const fakes = account();
    for (const [name, importer] of [
      ['a', 'c'],
      ['b', 'a'],
      ['c', 'b'],
    ] as const) {
      fakes.cloudFormation
        .addStack(name, DONE)
        .addStack(`${name}-out`, { ...DONE, parent: name, exportNames: [`${name}-export`] })
        .import(`${name}-export`, importer);
    }
    fakes.cloudFormation.addStack('after', { ...DONE, exportNames: ['y'] }).import('y', 'b');
    const made = await plan(fakes, ['c', 'b', 'a', 'after']);
    expect(refusalsIn(made)).toEqual(['CYCLE']);
    expect(refusalOf(made, 'CYCLE').sentence).toContain('c before a before b before c');
    expect(wavesIn(made)).toEqual([['after']]);
  });
});

describe('what cannot be cleaned', () => {
  it('CANNOT_BE_CLEANED: the sentence of the core, and a remedy in the words of this door', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    fakes.cloudFormation.addResource('app', { logicalId: 'G', type: 'AWS::Logs::LogGroup', physicalId: '/g' });
    fakes.logs.addGroup('/g', { deletionProtected: true });
    const made = await plan(fakes, ['app']);
    expect(refusalsIn(made)).toEqual(['CANNOT_BE_CLEANED app']);
    const { sentence, remedy } = refusalOf(made, 'CANNOT_BE_CLEANED');
    expect(sentence).toContain('AWS::Logs::LogGroup /g: It has deletion protection');
    expect(remedy).toContain('option disableLogGroupDeletionProtection, or --disable-log-group-protection');
    expect(remedy).not.toContain('DisableLogGroupDeletionProtection');
    const allowed = await plan(fakes, ['app'], { options: { disableLogGroupDeletionProtection: true } });
    expect(allowed.refusals).toEqual([]);
  });

  it('what is kept and blocks is refused; what is kept and does not block is not', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    addRepository(fakes, 'app', 'full', {}, { 'clean-exit:keep': '' });
    expect(refusalsIn(await plan(fakes, ['app']))).toEqual(['CANNOT_BE_CLEANED app']);
    await fakes.ecr.deleteImages('full', fakes.ecr.digests('full'));
    expect(refusalsIn(await plan(fakes, ['app']))).toEqual([]);
  });

  it('a remedy names no custom resource: there may be none', async () => {
    const fakes = account();
    addStacks(fakes, 'app', 'other');
    addRepository(fakes, 'app', 'shared', {}, { 'aws:cloudformation:stack-id': stackIdOf('other') });
    fakes.cloudFormation.addResource('other', { logicalId: 'R', type: 'AWS::ECR::Repository', physicalId: 'shared' });
    const { remedy } = refusalOf(await plan(fakes, ['app']), 'CANNOT_BE_CLEANED');
    expect(remedy).not.toContain('custom resource');
    // That option is taken for a stack in DELETE_FAILED only.
    expect(remedy).toContain('DeletionPolicy Retain in the template, or, once the stack is in DELETE_FAILED,');
    expect(remedy).toContain('--retain-resources');
  });

  it('nowhere in a plan is a consent called as only templates call it: whoever asked has options', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    fakes.cloudFormation
      .addResource('app', { logicalId: 'G', type: 'AWS::Logs::LogGroup', physicalId: '/g' })
      .addResource('app', { logicalId: 'B', type: 'AWS::S3::Bucket', physicalId: 'data' });
    fakes.logs.addGroup('/g', { deletionProtected: true });
    fakes.s3.addBucket('data').fill('data', 1);
    const words = JSON.stringify(await plan(fakes, ['app'], { options: { emptyBuckets: false } }));
    expect(words).toContain('The consent is option emptyBuckets, or the command line without --keep-buckets.');
    expect(words).not.toMatch(/DisableLogGroupDeletionProtection|EmptyBuckets|custom resource|[Dd]eletes? again/);
  });

  it('TOO_MUCH: the time ran out before everything was looked into', async () => {
    const fakes = account();
    addStacks(fakes, 'app');
    addRepository(fakes, 'app', 'images');
    const made = await plan(fakes, ['app'], { remaining: () => 0 });
    expect(refusalsIn(made)).toEqual(['TOO_MUCH app']);
    expect(refusalOf(made, 'TOO_MUCH').remedy).toContain('fewer stacks');
  });
});

describe('whose rights', () => {
  const OWN = 'arn:aws:iam::123456789012:role/team/own';
  const GIVEN = 'arn:aws:iam::123456789012:role/given';
  /** A stack with a role of its own, or none. */
  const world = (roleArn?: string) => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { ...DONE, roleArn });
    fakes.iam.addRole('own', { path: '/team/' }).addRole('given');
    return fakes;
  };
  const deletesAs = async (...args: Parameters<typeof plan>) => targetIn(await plan(...args), 'app').deletesAs;

  it('the stack role first, whatever else is given', async () => {
    const expected = { kind: 'stack role', roleArn: OWN };
    expect(await deletesAs(world(OWN), ['app'])).toEqual(expected);
    expect(await deletesAs(world(OWN), ['app'], { rights: PERSON, options: { roleArn: GIVEN } })).toEqual(expected);
  });

  it('then the role of the request, then the delete role, then the person', async () => {
    const asPerson = { rights: PERSON, options: { roleArn: GIVEN } };
    expect(await deletesAs(world(), ['app'], asPerson)).toEqual({ kind: 'request role', roleArn: GIVEN });
    expect(await deletesAs(world(), ['app'])).toEqual({ kind: 'delete role', roleArn: DELETE_ROLE });
    expect(await deletesAs(world(), ['app'], { rights: PERSON })).toEqual({
      kind: 'caller',
      arn: PERSON.kind === 'person' ? PERSON.arn : '',
    });
  });

  it('NO_ROLE: a function has no rights of its own to delete with', async () => {
    const made = await plan(world(), ['app'], { rights: { kind: 'service' } });
    expect(refusalsIn(made)).toEqual(['NO_ROLE app']);
    expect(targetIn(made, 'app').deletesAs).toEqual({ kind: 'nobody' });
    expect(refusalOf(made, 'NO_ROLE').remedy).toMatch(/DeleteRoleArn.*--local/);
  });

  it('a stack role that is gone: the delete role instead, with a note', async () => {
    const fakes = world(OWN);
    fakes.iam.removeRole('own');
    const made = await plan(fakes, ['app']);
    expect(made.refusals).toEqual([]);
    expect(targetIn(made, 'app')).toMatchObject({
      deletesAs: { kind: 'delete role', roleArn: DELETE_ROLE },
      notes: [{ code: 'STACK_ROLE_GONE', sentence: expect.stringContaining(OWN) }],
    });
  });

  it("ROLE_GONE: never a person's own rights for a stack with a role, because CloudFormation would use that one", async () => {
    const fakes = world(OWN);
    fakes.iam.removeRole('own');
    const made = await plan(fakes, ['app'], { rights: PERSON });
    expect(refusalsIn(made)).toEqual(['ROLE_GONE app']);
    expect(refusalOf(made, 'ROLE_GONE')).toMatchObject({
      sentence: expect.stringContaining(OWN),
      remedy: expect.stringContaining('--role-arn'),
    });
    const given = await plan(fakes, ['app'], { rights: PERSON, options: { roleArn: GIVEN } });
    expect(targetIn(given, 'app').deletesAs).toEqual({ kind: 'request role', roleArn: GIVEN });
  });

  it('ROLE_GONE: a role that somebody asked for is not replaced by greater rights', async () => {
    const fakes = world();
    fakes.iam.removeRole('given');
    const made = await plan(fakes, ['app'], { rights: PERSON, options: { roleArn: GIVEN } });
    expect(refusalsIn(made)).toEqual(['ROLE_GONE app']);
    expect(targetIn(made, 'app').deletesAs).toEqual({ kind: 'nobody' });
  });

  it('ROLE_GONE: a role that was made anew under another path is another role', async () => {
    const fakes = world(OWN);
    fakes.iam.addRole('own');
    expect(refusalsIn(await plan(fakes, ['app'], { rights: PERSON }))).toEqual(['ROLE_GONE app']);
  });

  it('ROLE_GONE: the delete role', async () => {
    const fakes = world();
    fakes.iam.removeRole('clean-exit-delete');
    expect(refusalOf(await plan(fakes, ['app']), 'ROLE_GONE').sentence).toContain(DELETE_ROLE);
  });

  it('ROLE_NOT_PASSABLE: the service may pass its own delete role only', async () => {
    const made = await plan(world(), ['app'], { options: { roleArn: GIVEN } });
    expect(refusalsIn(made)).toEqual(['ROLE_NOT_PASSABLE']);
    expect(refusalOf(made, 'ROLE_NOT_PASSABLE')).toMatchObject({
      sentence: expect.stringContaining(GIVEN),
      remedy: expect.stringMatching(/DeleteRoleArn.*--local/),
    });
    const none = await plan(world(), ['app'], { options: { roleArn: GIVEN }, rights: { kind: 'service' } });
    expect(refusalsIn(none)).toEqual(['ROLE_NOT_PASSABLE']);
    expect(refusalsIn(await plan(world(), ['app'], { options: { roleArn: DELETE_ROLE } }))).toEqual([]);
  });

  it('ELSEWHERE: a role of another account', async () => {
    const roleArn = 'arn:aws:iam::210987654321:role/given';
    const made = await plan(world(), ['app'], { rights: PERSON, options: { roleArn } });
    expect(refusalsIn(made)).toEqual(['ELSEWHERE']);
    expect(fakesAsked(made.calls)).toBe(0);
  });

  const fakesAsked = (calls: Readonly<Record<string, number>>) => calls['iam:GetRole'] ?? 0;

  it.each([
    ['its own role', OWN, 'own', {}],
    ['the role of the request', undefined, 'given', { rights: PERSON, options: { roleArn: GIVEN } }],
    ['the delete role', undefined, 'clean-exit-delete', {}],
  ])('ROLE_IN_STACK: the stack holds %s, in a nested stack too', async (_what, roleArn, held, changes) => {
    const fakes = world(roleArn);
    const row = { logicalId: 'R', type: 'AWS::IAM::Role', physicalId: held };
    fakes.cloudFormation.addStack('inner', { ...DONE, parent: 'app' }).addResource('inner', row);
    const made = await plan(fakes, ['app'], changes);
    expect(refusalsIn(made)).toEqual(['ROLE_IN_STACK app']);
    expect(refusalOf(made, 'ROLE_IN_STACK').sentence).toContain('stack inner holds it');
  });

  it('a role that the stack holds and leaves behind is no hindrance', async () => {
    const fakes = world(OWN);
    fakes.cloudFormation.addResource('app', {
      logicalId: 'R',
      type: 'AWS::IAM::Role',
      physicalId: 'own',
      deletionPolicy: 'Retain',
    });
    expect(refusalsIn(await plan(fakes, ['app']))).toEqual([]);
  });

  it('nor is something else that bears the name of the role', async () => {
    const fakes = world(OWN);
    fakes.cloudFormation.addResource('app', { logicalId: 'P', type: 'AWS::IAM::InstanceProfile', physicalId: 'own' });
    expect(refusalsIn(await plan(fakes, ['app']))).toEqual([]);
  });

  it('a stack that holds the role of another one goes after it', async () => {
    const fakes = world(OWN);
    fakes.cloudFormation
      .addStack('roles', DONE)
      .addResource('roles', { logicalId: 'R', type: 'AWS::IAM::Role', physicalId: 'own' });
    const made = await plan(fakes, ['roles', 'app']);
    expect(wavesIn(made)).toEqual([['app'], ['roles']]);
    expect(made.refusals).toEqual([]);
  });

  it('where a person may not look at roles, they are believed, with a note; where the service may not, it fails', async () => {
    const fakes = world(OWN);
    fakes.log.deny('iam:GetRole');
    const made = await plan(fakes, ['app'], { rights: PERSON });
    expect(targetIn(made, 'app')).toMatchObject({
      deletesAs: { kind: 'stack role' },
      notes: [{ code: 'ROLE_UNSEEN', sentence: expect.stringContaining('iam:GetRole') }],
    });
    await expect(plan(fakes, ['app'])).rejects.toThrow(AwsFailure);
  });
});
