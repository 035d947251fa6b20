/** Teardowns by the deployed state machine: what is asked for goes, whole and in order, and nothing else. */

import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { CreateLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { AttachRolePolicyCommand } from '@aws-sdk/client-iam';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { deployDeployUser, deployPipeline } from '#scripts/lib/local-account.ts';
import { addForeignPolicies, pushImages } from '#scripts/lib/workload.ts';
import { inAccount } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';
import { logGroup, nested, project, repository, role } from './support/templates.ts';

const scene = inAccount({ deleteRole: true });
const S3_READ = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
let teardowns: Teardowns;

beforeAll(() => {
  teardowns = new Teardowns(scene().account);
});

/** What nobody has prepared: no `Custom::CleanExit` anywhere. */
const unprepared = (name: string) => ({
  Role: role(`${name}-codebuild`, 'codebuild.amazonaws.com'),
  Repository: repository(name),
  Logs: logGroup(`${name}-build`),
  Project: project(name, 'Role'),
});

const exporter = (name: string) => ({ [`${name}Arn`]: { Value: name, Export: { Name: `${name}-ECR` } } });
const importing = (name: string, from: string) => ({
  Logs: logGroup(`${name}-build`, {}, { Tags: [{ Key: 'from', Value: { 'Fn::ImportValue': `${from}-ECR` } }] }),
});

describe('a pipeline that nobody prepared', () => {
  let id: string;

  beforeAll(async () => {
    const { stacks, seed, iam, writeStreams } = scene();
    id = (await stacks.create('plain', unprepared('plain'))).id;
    await seed('plain', 12);
    await writeStreams('plain-build', 3);
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'plain-codebuild', PolicyArn: S3_READ }));
  });

  test('a plan is what is made where nobody says otherwise: it tells what would go, and nothing goes', async () => {
    const { account, stacks, images } = scene();
    const { next } = await account.emulator.calls();
    const { status, report, plan } = await teardowns.ended(await teardowns.start({ stacks: ['plain'] }));
    expect(status).toBe('SUCCEEDED');
    expect(report).toMatchObject({ outcome: 'planned', refusals: [], stacks: [] });
    expect(plan.stacks).toMatchObject([{ stackId: id, deletesAs: { kind: 'delete role' }, unprotect: false }]);
    const found = plan.stacks.flatMap((each) => each.plan.findings.flatMap(({ contents }) => contents));
    expect(found).toContainEqual(expect.objectContaining({ kind: 'image', count: 12 }));
    const { calls } = await account.emulator.calls(next);
    const own = calls.filter(({ principal }) => principal.includes('clean-exit-teardown'));
    expect(own.filter(({ operation }) => !/^(Describe|List|Get|BatchGet)/.test(operation))).toEqual([]);
    expect(await stacks.status(id)).toBe('CREATE_COMPLETE');
    expect(await images('plain')).toBe(12);
  });

  test('is emptied while a build runs, and deleted with the delete role', async () => {
    const { stacks, codeBuild } = scene();
    const { build } = await codeBuild.send(new StartBuildCommand({ projectName: 'plain' }));
    const { status, report } = await teardowns.execute(['plain']);
    expect({ status, outcome: report.outcome }).toEqual({ status: 'SUCCEEDED', outcome: 'deleted' });
    expect(report.stacks).toMatchObject([{ stackName: 'plain', outcome: 'deleted', attempts: 1, leftovers: [] }]);
    const removed = report.stacks.flatMap((stack) => stack.removed.map(({ kind, count }) => `${count} ${kind}`));
    expect(removed.toSorted()).toEqual(['1 managed policy', '1 running build', '1 webhook', '12 image']);
    const { StackStatus, RoleARN } = await stacks.describe(id);
    expect(StackStatus).toBe('DELETE_COMPLETE');
    expect(RoleARN).toContain('clean-exit-delete-role');
    const { builds = [] } = await codeBuild.send(new BatchGetBuildsCommand({ ids: [build?.id ?? ''] }));
    expect(builds).toMatchObject([{ buildStatus: 'STOPPED' }]);
  });

  test('asked for again it is gone, which is what was wanted', async () => {
    const { status, report, plan } = await teardowns.execute(['plain']);
    expect({ status, outcome: report.outcome, stacks: report.stacks }).toEqual({
      status: 'SUCCEEDED',
      outcome: 'deleted',
      stacks: [],
    });
    expect(plan.stacks).toMatchObject([{ stackId: id, notes: [{ code: 'ALREADY_DELETED' }] }]);
  });
});

test('what is nested three levels deep goes with its root', async () => {
  const { stacks, seed, images } = scene();
  const leaf = await stacks.upload({ Deep: repository('deep') });
  const middle = await stacks.upload({ Leaf: nested(leaf), Middle: repository('middle') });
  const { id } = await stacks.create('levels', { Middle: nested(middle), Root: repository('root') });
  for (const name of ['deep', 'middle', 'root']) {
    await seed(name);
  }
  const { report } = await teardowns.execute([id]);
  expect(report).toMatchObject({ outcome: 'deleted', stacks: [{ outcome: 'deleted' }] });
  const counts = await Promise.all(['deep', 'middle', 'root'].map((name) => images(name)));
  expect(counts).toEqual([0, 0, 0]);
});

describe('stacks that import from each other', () => {
  test.each([
    ['importer first', ['xxxx-deploy-user', 'xxxx-build']],
    ['exporter first', ['xxxx-build', 'xxxx-deploy-user']],
  ])('the pipeline and its deploy user, asked for with the %s', async (_, asked) => {
    const { account, stacks, images } = scene();
    await deployPipeline(account, 'xxxx');
    await deployDeployUser(account, 'xxxx');
    await pushImages(account, 'xxxx', 6);
    await addForeignPolicies(account, 'xxxx');
    const [user, pipeline] = await Promise.all(['xxxx-deploy-user', 'xxxx-build'].map((name) => stacks.describe(name)));
    const { status, report, plan } = await teardowns.execute(asked);
    expect(report).toMatchObject({ outcome: 'deleted', remaining: [] });
    expect(status).toBe('SUCCEEDED');
    expect(plan.waves).toEqual([[user?.StackId], [pipeline?.StackId]]);
    expect(await images('xxxx')).toBe(0);
  });

  test('one that stays is named, and nothing at all is begun', async () => {
    const { stacks, seed, images, account } = scene();
    await stacks.create('exporting', { Repository: repository('exporting') }, { outputs: exporter('exporting') });
    await stacks.create('outside', importing('outside', 'exporting'));
    const { id: other } = await stacks.create('bystander', { Repository: repository('bystander') });
    await seed('exporting');
    await seed('bystander');
    const { next } = await account.emulator.calls();
    const { status, error, cause, report } = await teardowns.execute(['exporting', 'bystander']);
    expect({ status, error, outcome: report.outcome }).toEqual({
      status: 'FAILED',
      error: 'TeardownRefused',
      outcome: 'refused',
    });
    expect(report.refusals).toMatchObject([{ code: 'IMPORTED', stack: 'exporting' }]);
    expect(cause).toContain('Export exporting-ECR of stack exporting is imported by outside, which stays');
    expect(cause).toContain('Ask for outside as well');
    const { calls } = await account.emulator.calls(next);
    const own = calls.filter(({ principal }) => principal.includes('clean-exit-teardown'));
    expect(own.filter(({ operation }) => !/^(Describe|List|Get|BatchGet)/.test(operation))).toEqual([]);
    expect(await images('exporting')).toBe(4);
    expect(await stacks.status(other)).toBe('CREATE_COMPLETE');
    // All three of them, and it goes.
    const { report: whole } = await teardowns.execute(['exporting', 'bystander', 'outside']);
    expect(whole).toMatchObject({ outcome: 'deleted' });
  });
});

test('termination protection is refused with a remedy, and switched off where the request consents', async () => {
  const { account, stacks, seed, images } = scene();
  const { id } = await stacks.create('protected', { Repository: repository('protected') });
  await seed('protected');
  const client = new CloudFormationClient(account.root);
  await client.send(
    new UpdateTerminationProtectionCommand({ StackName: 'protected', EnableTerminationProtection: true }),
  );
  const { error, cause, report } = await teardowns.execute(['protected']);
  expect(error).toBe('TeardownRefused');
  expect(report.refusals).toMatchObject([{ code: 'TERMINATION_PROTECTED', stack: 'protected' }]);
  expect(cause).toContain('disableTerminationProtection');
  expect(await images('protected')).toBe(4);
  const { report: consented } = await teardowns.execute(['protected'], { disableTerminationProtection: true });
  expect(consented).toMatchObject({ outcome: 'deleted' });
  expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
});

test('log groups that the stacks leave are reported, and removed where the request consents', async () => {
  const { stacks, logs } = scene();
  const leave = async (name: string) => {
    await stacks.create(name, unprepared(name));
    await logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/codebuild/${name}` }));
  };
  const group = async (logGroupNamePrefix: string) =>
    (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }))).logGroups?.length;
  await leave('leaving');
  await leave('leaving-too');
  const { report } = await teardowns.execute(['leaving']);
  expect(report.remaining).toMatchObject([
    {
      kind: 'log group',
      what: 'AWS::Logs::LogGroup /aws/codebuild/leaving',
      command: 'aws logs delete-log-group --log-group-name /aws/codebuild/leaving --region ap-northeast-1',
    },
  ]);
  expect(report.removedLogGroups).toEqual([]);
  const { report: consented } = await teardowns.execute(['leaving-too'], { deleteOrphanedLogGroups: true });
  expect(consented).toMatchObject({ remaining: [], removedLogGroups: ['/aws/codebuild/leaving-too'] });
  expect([await group('/aws/codebuild/leaving'), await group('/aws/codebuild/leaving-too')]).toEqual([1, 0]);
});

test('a request with faults fails with all of them in one sentence, and is not tried again', async () => {
  const asked = { stacks: ['team-*'], mode: 'delete', options: { disableTerminationProtection: 'yes', role: 'x' } };
  const arn = await teardowns.start(asked);
  const { status, error, cause = '' } = await teardowns.ended(arn);
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'REQUEST_INVALID' });
  for (const field of ['stacks.0', 'mode', 'options.disableTerminationProtection', 'options.role']) {
    expect(cause).toContain(`${field} `);
  }
  expect(cause).toMatch(/^The request cannot be read: /);
  expect(await teardowns.tasks(arn)).toBe(1);
});

test('the service itself is planned, and never deleted', async () => {
  const { stacks } = scene();
  const { error, report } = await teardowns.execute(['clean-exit']);
  expect(error).toBe('TeardownRefused');
  expect(report.refusals.map(({ code }) => code)).toContain('OWN_SERVICE');
  expect(await stacks.status('clean-exit')).toBe('CREATE_COMPLETE');
});
