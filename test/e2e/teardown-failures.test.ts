/** Teardowns that meet something in the way: what they say, and that what can go goes. */
import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deleteStack, until } from '#scripts/lib/local-account.ts';
import { Gate } from './support/gate.ts';
import { inAccount, type Scene } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';
import { nested, repository, withCleanExit } from './support/templates.ts';

/** A role for stacks that may do everything, as teams often have one. */
const OWN_ROLE = 'arn:aws:iam::000000000000:role/stack-role';

async function makeOwnRole({ iam }: Scene): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await iam.send(new CreateRoleCommand({ RoleName: 'stack-role', AssumeRolePolicyDocument: document(trust) }));
  const PolicyDocument = document({ Effect: 'Allow', Action: '*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'stack-role', PolicyName: 'all', PolicyDocument }));
}

/** A stack that CloudFormation failed to delete when nobody had heard of this service. */
async function getStuck({ account, stacks, seed }: Scene): Promise<void> {
  const child = await stacks.upload({ Inner: repository('stuck-inner') });
  const { id } = await stacks.create('stuck', { Child: nested(child), Repository: repository('stuck') });
  await seed('stuck');
  await seed('stuck-inner');
  expect(await deleteStack(account, id)).toMatchObject({ status: 'DELETE_FAILED' });
}

const scene = inAccount({
  deleteRole: true,
  before: async (early) => {
    await makeOwnRole(early);
    await getStuck(early);
  },
});
let teardowns: Teardowns;
let gate: Gate;

beforeAll(async () => {
  teardowns = new Teardowns(scene().account);
  gate = await Gate.start();
  await scene().stacks.create('gate-service', Gate.service);
});

afterAll(async () => {
  await gate?.stop();
  expect(gate?.failures).toEqual([]);
});

test('a stack that was stuck in DELETE_FAILED before the service was there goes, with what is nested in it', async () => {
  const { stacks, images } = scene();
  const { StackId: id = '', StackStatus } = await stacks.describe('stuck');
  expect(StackStatus).toBe('DELETE_FAILED');
  const { report } = await teardowns.execute(['stuck']);
  expect(report).toMatchObject({ outcome: 'deleted', stacks: [{ outcome: 'deleted', attempts: 1 }] });
  expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
  expect([await images('stuck'), await images('stuck-inner')]).toEqual([0, 0]);
});

test("somebody else's custom resource that answers FAILED is named with its reason and a remedy; the others go on", async () => {
  const { account, stacks } = scene();
  let deletes = 0;
  const refusing = gate.at('refusing', [], async (requestType) => {
    deletes += requestType === 'Delete' ? 1 : 0;
    return requestType === 'Delete' ? 'FAILED' : 'SUCCESS';
  });
  const child = await stacks.upload({ Refusing: refusing });
  const { id } = await stacks.create('refusing', { Child: nested(child) }, { RoleARN: OWN_ROLE });
  const { id: beside } = await stacks.create('beside', { Repository: repository('beside') });
  const { status, error, cause, report } = await teardowns.execute(['refusing', 'beside']);
  expect({ status, error, outcome: report.outcome }).toEqual({
    status: 'FAILED',
    error: 'TeardownFailed',
    outcome: 'failed',
  });
  const stack = report.stacks.find(({ stackName }) => stackName === 'refusing');
  expect(stack).toMatchObject({
    outcome: 'failed',
    failures: [{ resource: { logicalId: 'Refusing', type: 'Custom::Gate' }, reason: expect.stringContaining('shut') }],
    why: expect.stringMatching(/Refusing of refusing-Child-\w+ \(Custom::Gate \w+\): .*the gate is shut/),
    remedy: expect.stringContaining('Whoever wrote the function behind Refusing finds in its log why'),
  });
  expect(stack?.attempts).toBeLessThanOrEqual(3);
  expect(deletes).toBe(stack?.attempts);
  expect(cause).toContain('refusing (failed): Refusing of refusing-Child-');
  expect(cause).toContain('--retain-resources Refusing');
  expect(cause).not.toContain('beside');
  expect(await stacks.status(beside)).toBe('DELETE_COMPLETE');
  // Each delete that was asked for has a token of its own, which names the run.
  const client = new CloudFormationClient(account.root);
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: id }));
  const tokens = new Set(
    StackEvents.flatMap(({ ClientRequestToken: token = '' }) => token.match(/^clean-exit-.*/) ?? []),
  );
  expect(tokens.size).toBe(stack?.attempts);
});

test('a right that the delete role lacks is named, and whoever must give it', async () => {
  const { stacks } = scene();
  const queue = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'not-called-like-a-pipeline' } };
  await stacks.create('foreign', { Queue: queue, Repository: repository('foreign') });
  const { cause, report } = await teardowns.execute(['foreign']);
  expect(report.stacks).toMatchObject([
    {
      outcome: 'failed',
      remedy: expect.stringContaining('An administrator must give the role that deletes the stack'),
    },
  ]);
  expect(cause).toMatch(/clean-exit-delete-role\S+ is not authorized to perform: logs:\w+ on resource: /);
});

test('an importer that comes after the first look: the delete is cancelled, which is seen and not waited for', async () => {
  const { account, stacks, seed } = scene();
  const outputs = { Arn: { Value: 'late', Export: { Name: 'late-ECR' } } };
  const { id } = await stacks.create('late', { Repository: repository('late') }, { outputs });
  await seed('late');
  // DeleteStack takes its time, and in that time somebody imports.
  const rule = { service: 'cloudformation', operation: 'DeleteStack', principal: 'clean-exit-teardown' };
  await account.emulator.setFaults([{ ...rule, delayMs: 3_000, times: 1 }]);
  try {
    const { next } = await account.emulator.calls();
    const arn = await teardowns.start({ stacks: ['late'], mode: 'execute' });
    await until(async () => {
      const { calls } = await account.emulator.calls(next);
      return calls.some(({ operation }) => operation === 'BatchDeleteImage');
    }, 'the repository is being emptied');
    const Tags = [{ Key: 'from', Value: { 'Fn::ImportValue': 'late-ECR' } }];
    await stacks.create('late-importer', {
      Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'late-build', Tags } },
    });
    const { error, report } = await teardowns.ended(arn);
    expect(error).toBe('TeardownFailed');
    expect(report.stacks).toMatchObject([
      { outcome: 'lives on', why: expect.stringContaining('late-importer'), attempts: expect.any(Number) },
    ]);
    expect(await stacks.status(id)).toBe('CREATE_COMPLETE');
  } finally {
    await account.emulator.setFaults([]);
  }
});

test('a stack that asks clean-exit itself is emptied once', async () => {
  const { stacks, seed, log } = scene();
  const { id } = await stacks.create('both-doors', withCleanExit({ Repository: repository('both-doors') }));
  await seed('both-doors', 6);
  const { report } = await teardowns.execute(['both-doors']);
  expect(report.stacks).toMatchObject([{ outcome: 'deleted', removed: [{ kind: 'image', count: 6 }] }]);
  expect(await log.find(id, 'REPORT')).toMatchObject({ report: { outcome: 'clean', removed: [] } });
});
