/** Teardowns that are interrupted: stopped by somebody, or their function ended at any call, and asked for again. */
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { FaultRule } from '#emulator/start.ts';
import { until } from '#scripts/lib/local-account.ts';
import { Gate } from './support/gate.ts';
import { inAccount } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';
import { logGroup, project, repository, role } from './support/templates.ts';

const scene = inAccount({ deleteRole: true });
const PRINCIPAL = 'assumed-role/clean-exit-teardown-';
let teardowns: Teardowns;

beforeAll(() => {
  teardowns = new Teardowns(scene().account);
});

afterEach(async () => {
  await scene().account.emulator.setFaults([]);
});

const pipeline = (name: string) => ({
  Role: role(`${name}-codebuild`, 'codebuild.amazonaws.com'),
  Repository: repository(name),
  Logs: logGroup(`${name}-build`),
  Project: project(name, 'Role'),
});

/** The calls that the teardown's function has made since, by service and operation. */
async function callsSince(next: number): Promise<readonly { service: string; operation: string }[]> {
  const { calls } = await scene().account.emulator.calls(next);
  return calls.filter(({ principal }) => principal.includes(PRINCIPAL));
}

const now = async (): Promise<number> => (await scene().account.emulator.calls(Number.MAX_SAFE_INTEGER)).next;

test('stopped while a repository is emptied, and asked for again: no step begins any more, and then the rest goes', async () => {
  const { account, stacks, seed, images } = scene();
  const { id } = await stacks.create('stopped', pipeline('stopped'));
  await seed('stopped', 250);
  const slow = { service: 'ecr', operation: 'BatchDeleteImage', principal: PRINCIPAL, delayMs: 700 };
  await account.emulator.setFaults([slow]);
  const arn = await teardowns.start({ stacks: ['stopped'], mode: 'execute' });
  await until(async () => {
    const left = await images('stopped');
    return left > 0 && left < 250;
  }, 'some of the images are gone');
  await teardowns.stop(arn);
  await account.emulator.setFaults([]);
  const stopped = await now();
  // What the function had begun when the execution was stopped comes to its end; no further step begins.
  await until(async () => (await images('stopped')) === 0, 'the step that was under way ends');
  const sfn = new SFNClient(account.root);
  const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
  expect(status).toBe('ABORTED');
  expect((await callsSince(stopped)).map(({ operation }) => operation)).not.toContain('DeleteStack');
  expect(await stacks.status(id)).toBe('CREATE_COMPLETE');
  const { report } = await teardowns.execute(['stopped']);
  expect(report).toMatchObject({ outcome: 'deleted', stacks: [{ attempts: 1 }] });
});

describe('with a delete under way', () => {
  let gate: Gate;

  beforeAll(async () => {
    gate = await Gate.start();
    await scene().stacks.create('gate-service', Gate.service);
  });

  afterAll(async () => {
    await gate?.stop();
    expect(gate?.failures).toEqual([]);
  });

  test('stopped, and asked for again: the delete that goes on is joined, and not asked for a second time', async () => {
    const { stacks } = scene();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const held = gate.at('held', [], async (requestType) => {
      await (requestType === 'Delete' ? opened : undefined);
      return 'SUCCESS';
    });
    // No delete role may invoke somebody's function: the stack has a role of its own.
    const RoleARN = await ownRole();
    const { id } = await stacks.create('held', { Held: held, Repository: repository('held') }, { RoleARN });
    const next = await now();
    const first = await teardowns.start({ stacks: ['held'], mode: 'execute' });
    await until(async () => (await stacks.status(id)) === 'DELETE_IN_PROGRESS', 'the delete has begun');
    await teardowns.stop(first);
    const second = await teardowns.start({ stacks: ['held'], mode: 'execute' });
    await until(async () => (await teardowns.tasks(second)) > 3, 'the second run looks at the delete');
    open();
    const { report, plan } = await teardowns.ended(second);
    expect(plan.stacks).toMatchObject([{ notes: [{ code: 'DELETE_JOINED' }] }]);
    expect(report).toMatchObject({ outcome: 'deleted', stacks: [{ outcome: 'deleted', attempts: 0 }] });
    expect((await callsSince(next)).filter(({ operation }) => operation === 'DeleteStack')).toHaveLength(1);
  });
});

async function ownRole(): Promise<string> {
  const { stacks } = scene();
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const Policies = [{ PolicyName: 'all', PolicyDocument: { Version: '2012-10-17', Statement: [everything] } }];
  await stacks.create('own-role', { Role: role('stack-role', 'cloudformation.amazonaws.com', {}, { Policies }) });
  return 'arn:aws:iam::000000000000:role/stack-role';
}

describe('with its function ended at a call', () => {
  let operations: readonly { readonly service: string; readonly operation: string }[];

  beforeAll(async () => {
    const { stacks, seed } = scene();
    await stacks.create('recorded', pipeline('recorded'));
    await seed('recorded');
    const next = await now();
    expect((await teardowns.execute(['recorded'])).report).toMatchObject({ outcome: 'deleted' });
    const unique = new Map((await callsSince(next)).map((call) => [`${call.service} ${call.operation}`, call]));
    operations = [...unique.values()].map(({ service, operation }) => ({ service, operation }));
    expect(operations.length).toBeGreaterThan(15);
  });

  test.each([
    ['before', 'never made'],
    ['after', 'made, and nobody heard the answer'],
  ] as const)('%s any of them, so that it was %s: the run goes on by itself', async (kill, _shows) => {
    const { account, stacks, seed, images } = scene();
    // The state machine takes a task up to five times again.
    const rules: readonly FaultRule[] = operations.map((call) => ({ ...call, principal: PRINCIPAL, kill, times: 1 }));
    for (let first = 0, round = 1; first < rules.length; first += 4, round += 1) {
      const name = `killed-${kill}-${round}`;
      const { id } = await stacks.create(name, pipeline(name));
      await seed(name);
      await account.emulator.setFaults(rules.slice(first, first + 4));
      const { status, report } = await teardowns.execute([name]);
      expect({ name, status, stacks: report.stacks }).toMatchObject({
        name,
        status: 'SUCCEEDED',
        stacks: [{ outcome: 'deleted', attempts: expect.any(Number) }],
      });
      expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
      expect(await images(name)).toBe(0);
    }
  });

  test('ended more often than the state machine tries: the run fails, says so, and the next one goes on', async () => {
    const { account, stacks, seed } = scene();
    const { id } = await stacks.create('killed-often', pipeline('killed-often'));
    await seed('killed-often');
    const rule = { service: 'ecr', operation: 'BatchDeleteImage', principal: PRINCIPAL, kill: 'before' as const };
    await account.emulator.setFaults([rule]);
    const { error, cause, report } = await teardowns.execute(['killed-often']);
    expect(error).toBe('TeardownFailed');
    expect(report.stacks).toMatchObject([
      { outcome: 'failed', why: expect.stringContaining("The step 'clean' could not be made") },
    ]);
    expect(cause).toContain('ask for the same stacks again: the work goes on where it stopped');
    await account.emulator.setFaults([]);
    expect((await teardowns.execute(['killed-often'])).report).toMatchObject({ outcome: 'deleted' });
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
  });
});
