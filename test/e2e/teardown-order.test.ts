/** Stacks that import from each other: in which order they go, and what happens where there is none, or it changes meanwhile. */
import { CloudFormationClient, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '#scripts/lib/local-account.ts';
import { inAccount } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';
import { logGroup, nested, type Resources, repository } from './support/templates.ts';

const scene = inAccount({ deleteRole: true });
let teardowns: Teardowns;

beforeAll(() => {
  teardowns = new Teardowns(scene().account);
});

afterEach(async () => {
  await scene().account.emulator.setFaults([]);
});

const exporting = (name: string) => ({ Name: { Value: name, Export: { Name: `${name}-ECR` } } });
const importing = (name: string, ...from: readonly string[]): Resources => ({
  Logs: logGroup(
    `${name}-build`,
    {},
    { Tags: from.map((each) => ({ Key: each, Value: { 'Fn::ImportValue': `${each}-ECR` } })) },
  ),
});
const now = async (): Promise<number> => (await scene().account.emulator.calls(Number.MAX_SAFE_INTEGER)).next;

/** What the teardown's function changed since. */
async function writesSince(next: number): Promise<readonly { operation: string; request: unknown }[]> {
  const { calls } = await scene().account.emulator.calls(next);
  return calls.filter(
    ({ principal, operation }) =>
      principal.includes('assumed-role/clean-exit-teardown-') && !/^(Describe|List|Get|BatchGet)/.test(operation),
  );
}

describe.each([
  ['last first', ['c', 'b', 'a', 'nested']],
  ['first last', ['nested', 'a', 'b', 'c']],
  ['mixed', ['a', 'c', 'nested', 'b']],
])('a chain of importers, the last export of which is of a nested stack, asked for %s', (order, asked) => {
  const prefix = `chain-${order.replace(' ', '-')}`;

  test('each goes when nobody imports from it any more', async () => {
    const { stacks, seed, images } = scene();
    const [named, a, b, c] = ['nested', 'a', 'b', 'c'].map((name) => `${prefix}-${name}`) as [
      string,
      string,
      string,
      string,
    ];
    const child = await stacks.upload(
      JSON.stringify({ Resources: { Repository: repository(named) }, Outputs: exporting(named) }),
    );
    await stacks.create(named, { Child: nested(child) });
    await stacks.create(a, { ...importing(a, named), Repository: repository(a) }, { outputs: exporting(a) });
    await stacks.create(b, importing(b, a, named), { outputs: exporting(b) });
    await stacks.create(c, importing(c, b, a));
    await seed(named);
    await seed(a);
    const next = await now();
    const { report, plan } = await teardowns.execute(asked.map((each) => `${prefix}-${each}`));
    expect(report).toMatchObject({ outcome: 'deleted', remaining: [] });
    expect(plan.waves).toHaveLength(4);
    // A repository is emptied in its turn, not before.
    const touched = (await writesSince(next)).flatMap(({ operation, request }) =>
      operation === 'DeleteStack' || operation === 'BatchDeleteImage'
        ? [`${operation} ${/chain-[a-z-]+/.exec(JSON.stringify(request))?.[0]}`]
        : [],
    );
    expect([...new Set(touched)]).toEqual([
      `DeleteStack ${c}`,
      `DeleteStack ${b}`,
      `BatchDeleteImage ${a}`,
      `DeleteStack ${a}`,
      `BatchDeleteImage ${named}`,
      `DeleteStack ${named}`,
    ]);
    expect([await images(named), await images(a)]).toEqual([0, 0]);
  });
});

test('two that import from each other, as updates can make them: refused with both names, nothing is begun', async () => {
  const { account, stacks, seed, images } = scene();
  await stacks.create('egg', { Repository: repository('egg') }, { outputs: exporting('egg') });
  await stacks.create(
    'hen',
    { ...importing('hen', 'egg'), Repository: repository('hen') },
    { outputs: exporting('hen') },
  );
  const TemplateBody = JSON.stringify({
    Resources: { Repository: repository('egg'), ...importing('egg', 'hen') },
    Outputs: exporting('egg'),
  });
  await new CloudFormationClient(account.root).send(new UpdateStackCommand({ StackName: 'egg', TemplateBody }));
  expect((await stacks.settled((await stacks.describe('egg')).StackId ?? '')).status).toBe('UPDATE_COMPLETE');
  await seed('egg');
  const next = await now();
  const { error, cause, report } = await teardowns.execute(['egg', 'hen']);
  expect(error).toBe('TeardownRefused');
  expect(report.refusals).toMatchObject([{ code: 'CYCLE' }]);
  expect(cause).toMatch(/wait for each other.*: (egg before hen before egg|hen before egg before hen)\./);
  expect(cause).toContain('Take one import out');
  expect(await writesSince(next)).toEqual([]);
  expect(await images('egg')).toBe(4);
});

test('an importer that comes between the plan and the first step: nothing is taken, and it is named', async () => {
  const { account, stacks, seed, images } = scene();
  const { id } = await stacks.create('early', { Repository: repository('early') }, { outputs: exporting('early') });
  await seed('early');
  // The plan is made by now; before the first step the teardown is told in Slack, which takes its time here.
  const telling = {
    service: 'ssm',
    operation: 'GetParameter',
    principal: 'clean-exit-teardown',
    delayMs: 3_000,
    times: 1,
  };
  await account.emulator.setFaults([telling]);
  const next = await now();
  const arn = await teardowns.start({ stacks: ['early'], mode: 'execute' });
  await until(async () => (await teardowns.tasks(arn)) === 2, 'the plan is made');
  await stacks.create('early-importer', importing('early-importer', 'early'));
  const { error, cause, report, plan } = await teardowns.ended(arn);
  expect(plan.refusals).toEqual([]);
  expect(error).toBe('TeardownFailed');
  expect(report.stacks).toMatchObject([
    { outcome: 'refused', attempts: 0, removed: [], why: expect.stringContaining('early-importer') },
  ]);
  expect(cause).toContain('early (refused): ');
  expect(await writesSince(next)).toEqual([]);
  expect(await stacks.status(id)).toBe('CREATE_COMPLETE');
  expect(await images('early')).toBe(4);
  // With it, the same stack goes.
  const { report: both } = await teardowns.execute(['early', 'early-importer']);
  expect(both).toMatchObject({ outcome: 'deleted' });
});
