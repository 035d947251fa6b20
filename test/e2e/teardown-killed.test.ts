/**
 * The command line on somebody's laptop, killed (SIGKILL: nothing is tidied up) at calls all over a teardown, before they are
 * made or after: the same command then finishes what is left, does nothing twice, and its report tells what it did.
 */
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import pMap from 'p-map';
import { type ClientSettings, type LocalAccount, startLocalAccount } from '#scripts/lib/local-account.ts';
import { Gate } from './support/gate.ts';
import { type Scene, sceneOf } from './support/scene.ts';
import { TeardownWatch } from './support/teardown-watch.ts';
import { holdings } from './teardown/holdings.ts';
import { IMAGES, killedAt, type Point, recorded } from './teardown/killed.ts';
import { operator } from './teardown/operator.ts';

jest.setTimeout(240_000);

/** Processes side by side: each waits most of the time. */
const AT_ONCE = 8;
const READING = /^(Describe|List|Get|BatchGet|HEAD|GET)/;

let account: LocalAccount;
let scene: Scene;
let as: ClientSettings;
let watch: TeardownWatch;
let gates: Gate;
const asked = new Set<string>();

beforeAll(async () => {
  account = await startLocalAccount();
  scene = sceneOf(account);
  as = await operator(scene, 'operator');
  gates = await Gate.start();
  await scene.stacks.create('gate-service', Gate.service);
  watch = new TeardownWatch(account, { session: ':user/operator', asked: async () => asked });
});

afterEach(async () => {
  expect(await watch.strays()).toEqual([]);
});

afterAll(async () => {
  await gates?.stop();
  await account?.stop();
  expect(gates?.failures).toEqual([]);
});

function allowed(name: string): string {
  asked.add(name).add(`${name}-importer`);
  return name;
}

/**
 * After every write (where an operation is made several times: after the first and the last), before the major ones too, and
 * before reading calls spread over the whole run.
 */
function pointsOf(operations: readonly string[]): readonly Point[] {
  const numbered = operations.map((operation, at) => ({
    operation,
    nth: operations.slice(0, at + 1).filter((each) => each === operation).length,
  }));
  const of = (operation: string) => numbered.filter((each) => each.operation === operation);
  const writes = [...new Set(operations)].filter((each) => !READING.test(each));
  const ends = writes.flatMap((operation) => [...new Set([of(operation)[0], of(operation).at(-1)])]);
  const reads = numbered.filter(({ operation }) => READING.test(operation));
  const evenly = [0.05, 0.35, 0.65, 0.95].map((share) => reads[Math.floor(share * reads.length)]);
  return [
    ...ends.flatMap((each) => (each ? [{ ...each, moment: 'after' as const }] : [])),
    ...ends.flatMap((each) => (each && MAJOR.has(each.operation) ? [{ ...each, moment: 'before' as const }] : [])),
    ...evenly.flatMap((each) => (each ? [{ ...each, moment: 'before' as const }] : [])),
  ];
}

/** Around these it matters most whether the call was made. */
const MAJOR = new Set(['SetRepositoryPolicy', 'BatchDeleteImage', 'DeleteStack', 'UpdateTerminationProtection']);

test('the second run finishes, does nothing twice, and tells the truth', async () => {
  const operations = await recorded(scene, as, allowed('recorded'));
  const points = pointsOf(operations);
  expect(points.map(({ operation }) => operation)).toEqual(expect.arrayContaining([...MAJOR]));
  const rounds = await pMap(
    points,
    (point, number) => killedAt({ scene, as, gates }, allowed(`killed-${String(number).padStart(2, '0')}`), point),
    { concurrency: AT_ONCE },
  );
  for (const { point, joined, name, left, second, report, writes } of rounds) {
    const told = { point, exit: second.exit, stderr: second.exit === 0 ? '' : second.stderr };
    expect(told).toEqual({ point, exit: 0, stderr: '' });
    // Whoever tells of images has removed them: those that the first run left, unless CloudFormation had begun by then.
    const images = report?.stacks.flatMap(({ removed }) => removed.filter(({ kind }) => kind === 'image')) ?? [];
    const count = images.reduce((sum, each) => sum + each.count, 0);
    expect({ point, outcome: report?.outcome, images: count }).toEqual({ point, outcome: 'deleted', images: left });
    expect({ point, failed: report?.stacks.filter(({ outcome }) => outcome !== 'deleted') }).toEqual({
      point,
      failed: [],
    });
    const waitedFor = report?.stacks.filter(({ attempts }) => attempts === 0) ?? [];
    expect({ point, joined: waitedFor.length }).toEqual({ point, joined: joined ? 1 : 0 });
    const twice = writes.filter((write, at) => writes.indexOf(write) !== at);
    expect({ point, twice }).toEqual({ point, twice: [] });
    const deletes = writes.filter((write) => write.startsWith('DeleteStack '));
    expect({ point, deletes: deletes.length }).toEqual({ point, deletes: 2 });
    expect({ point, left: await holdings(scene, name, []) }).toEqual({ point, left: [] });
  }
  // Some were killed before the first image went, some in the middle, some after the last.
  expect(new Set(rounds.map(({ left }) => left))).toEqual(new Set([0, IMAGES / 2, IMAGES]));
});
