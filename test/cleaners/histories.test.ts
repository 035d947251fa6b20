/**
 * Random histories of repositories against the unkind fake, through the whole core: always drained or an honest report,
 * never a call outside the tree.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLEANERS } from '#functions/cleaners/index.ts';
import { cleanStack } from '#functions/core/clean.ts';
import type { Report } from '#functions/core/model.ts';
import { AwsFailure } from '#functions/errors.ts';
import { NO_CONSENT, STACK, writes } from '#test/cleaners/scene.ts';
import type { InjectedFailure } from '#test/fakes/call-log.ts';
import type { FakeImage } from '#test/fakes/ecr.ts';
import type { LatePushes } from '#test/fakes/ecr-pushes.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';

const RUNS = 300;
const LIST = 'ecr:DescribeImages';
const DELETE = 'ecr:BatchDeleteImage';

interface History {
  readonly repositories: readonly Repository[];
  /** Calls that fail, by the number of the repository that they are made on. */
  readonly failures: readonly (Omit<InjectedFailure, 'target'> & { readonly on: number })[];
  /** Milliseconds until the deadline, and what each call takes of them. */
  readonly time: number;
  readonly callTakes: number;
}

interface Repository {
  readonly place: 'root' | 'nested' | 'outside';
  readonly kept: boolean;
  readonly policy: string | undefined;
  readonly policyTakesCalls: number;
  readonly images: readonly FakeImage[];
  readonly pushes: readonly LatePushes[];
}

const PULL = { Sid: 'Pull', Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' };
const POLICIES = [
  undefined,
  JSON.stringify({ Version: '2012-10-17', Statement: [PULL] }),
  JSON.stringify({ Version: '2012-10-17', Statement: PULL }),
  // No room for a seal.
  JSON.stringify({ Id: 'x'.repeat(10_150), Statement: [PULL] }),
];

const trouble = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      failsWith: fc.constantFrom('KmsError', 'ImageInaccessible', 'UpstreamTooManyRequests'),
      failsTimes: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
    }),
  },
);

/** Leaves, then up to three levels of indexes, each over anything below it: children are shared, some have none. */
function imagesOf(leaves: number, withTrouble: boolean): fc.Arbitrary<readonly FakeImage[]> {
  const shape = fc.record({ picks: fc.array(fc.nat(), { maxLength: 4 }), archived: fc.boolean(), trouble });
  const leaf = fc.record({ archived: fc.boolean(), trouble });
  const level = fc.array(shape, { maxLength: 3 });
  return fc
    .tuple(fc.array(leaf, { maxLength: leaves }), fc.tuple(level, level, level), fc.nat())
    .map(([plain, levels, seed]) => {
      const images: FakeImage[] = plain.map((each, at) => ({
        digest: `sha256:leaf-${at}`,
        isIndex: false,
        children: [],
        archived: each.archived,
        ...(withTrouble ? each.trouble : {}),
      }));
      for (const [depth, shapes] of levels.entries()) {
        const below = images.map((image) => image.digest);
        for (const [at, { picks, archived, trouble: own }] of shapes.entries()) {
          const children = [...new Set(picks.flatMap((pick) => below[pick % Math.max(1, below.length)] ?? []))];
          const digest = `sha256:index-${depth}-${at}`;
          images.push({ digest, isIndex: true, children, archived, ...(withTrouble ? own : {}) });
        }
      }
      // A listing comes in no useful order.
      return images.toSorted((a, b) => rank(a.digest, seed) - rank(b.digest, seed));
    });
}

function rank(digest: string, seed: number): number {
  return [...digest].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0) + seed) % 10_007, 7);
}

const pushes: fc.Arbitrary<LatePushes> = fc.record({
  afterCall: fc.integer({ min: 1, max: 14 }),
  count: fc.integer({ min: 1, max: 3 }),
  every: fc.integer({ min: 1, max: 3 }),
  times: fc.integer({ min: 1, max: 6 }),
  withIndex: fc.boolean(),
});

const history: fc.Arbitrary<History> = fc.record({
  repositories: fc.array(
    fc.record({
      place: fc.constantFrom('root' as const, 'root' as const, 'nested' as const, 'outside' as const),
      kept: fc.nat(5).map((die) => die === 0),
      policy: fc.constantFrom(...POLICIES),
      policyTakesCalls: fc.nat(6),
      images: imagesOf(14, true),
      pushes: fc.array(pushes, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  failures: fc.array(
    fc.record({
      on: fc.nat(3),
      action: fc.constantFrom(LIST, DELETE, DELETE, 'ecr:SetRepositoryPolicy', 'ecr:GetRepositoryPolicy'),
      errorName: fc.constantFrom('ThrottlingException', 'ServerException', 'AccessDeniedException'),
      after: fc.nat(8),
      times: fc.constantFrom(1, 2, 5, Number.POSITIVE_INFINITY),
    }),
    { maxLength: 3 },
  ),
  time: fc.constantFrom(900_000, 900_000, 20_000, 3_000, 300),
  callTakes: fc.constantFrom(0, 20, 100),
});

const nameOf = (at: number) => `team/job-${at}`;

function build({ repositories, failures, callTakes }: History): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation.addStack(STACK).addStack('child', { parent: STACK }).addStack('stranger');
  for (const [at, { place, kept, images, pushes: late, policy, policyTakesCalls }] of repositories.entries()) {
    const stack = { root: STACK, nested: 'child', outside: 'stranger' }[place];
    account.cloudFormation.addResource(stack, {
      logicalId: `Repository${at}`,
      type: 'AWS::ECR::Repository',
      physicalId: nameOf(at),
    });
    account.ecr.addRepository(nameOf(at), {
      tags: kept ? { 'clean-exit:keep': '' } : {},
      policyTakesCalls,
      ...(policy === undefined ? {} : { policy }),
    });
    for (const image of images) {
      account.ecr.addImage(nameOf(at), image);
    }
    for (const each of late) {
      account.ecr.pushLater(nameOf(at), each);
    }
  }
  for (const { on, ...failure } of failures) {
    account.log.fail({ ...failure, target: nameOf(on) });
  }
  account.log.onCall(() => account.clock.advance(callTakes));
  return account;
}

/** A run; undefined where it could not even read. */
async function run(account: FakeAccount, time: number): Promise<Report | undefined> {
  const deadline = account.clock.now() + time;
  try {
    const { report } = await cleanStack(
      { ports: account.ports, cleaners: CLEANERS, service: { roleArns: [] } },
      { stackId: stackIdOf(STACK), options: NO_CONSENT, remaining: () => deadline - account.clock.now() },
    );
    return report;
  } catch (thrown) {
    if (thrown instanceof AwsFailure) {
      return undefined;
    }
    throw thrown;
  }
}

/** How many images the report says are left of a repository; undefined where it says that nobody knows. */
function saidToBeLeft(report: Report, name: string): number | undefined {
  const said = report.leftovers.filter((leftover) => leftover.resource.physicalId === name);
  return said.every(({ what }) => /^[\d,]+ images?$/.test(what))
    ? said.reduce((sum, { what }) => sum + Number(what.replace(/\D/g, '')), 0)
    : undefined;
}

function expectHonest(account: FakeAccount, { repositories }: History, report: Report): void {
  for (const [at, { place, kept }] of repositories.entries()) {
    const left = account.ecr.digests(nameOf(at)).length;
    if (place === 'outside' || kept) {
      continue;
    }
    const said = saidToBeLeft(report, nameOf(at));
    if (report.outcome === 'clean') {
      expect(left).toBe(0);
    } else if (report.outcome === 'blocked' && said !== undefined) {
      expect(said).toBe(left);
    }
  }
  const blocks = report.leftovers.some((each) => each.blocks) || report.refusals.some((each) => each.blocks);
  expect(report.outcome === 'clean').toBe(!blocks && report.outcome !== 'unfinished');
  expect(report.leftovers.every(({ why, remedy }) => why !== '' && remedy !== '')).toBe(true);
}

function expectUntouched(account: FakeAccount, { repositories }: History): void {
  const ours = new Set(
    repositories.flatMap(({ place, kept }, at) => (place === 'outside' || kept ? [] : [nameOf(at)])),
  );
  const readable = new Set(repositories.flatMap(({ place }, at) => (place === 'outside' ? [] : [nameOf(at)])));
  const calls = account.log.calls.filter(({ action }) => action.startsWith('ecr:'));
  expect(calls.filter(({ target }) => !readable.has(target))).toEqual([]);
  const changes = calls.filter(({ action }) => !/:(Describe|Get|List)/.test(action));
  expect(changes.filter(({ target }) => !ours.has(target))).toEqual([]);
}

describe('histories', () => {
  it('end drained or with an honest report, and never with a call outside the tree', async () => {
    const outcomes: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(history, async (past) => {
        const account = build(past);
        const report = await run(account, past.time);
        expectUntouched(account, past);
        if (report === undefined) {
          // What cannot be read is not emptied: all or nothing at the start.
          expect(writes(account)).toEqual([]);
        } else {
          expectHonest(account, past, report);
        }
        const outcome = report?.outcome ?? 'unreadable';
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }),
      { numRuns: RUNS },
    );
    // The histories are worth their name only where they end in every way.
    expect(Object.keys(outcomes).toSorted()).toEqual(['blocked', 'clean', 'unfinished', 'unreadable']);
  }, 60_000);

  it('once nothing fails any more, another run drains what is left', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (past) => {
        const account = build(past);
        await run(account, past.time);
        account.log.heal();
        account.ecr.heal();
        const report = await run(account, 900_000);
        expect(report?.leftovers).toEqual([]);
        for (const [at, { place, kept }] of past.repositories.entries()) {
          if (place !== 'outside' && !kept) {
            expect(account.ecr.digests(nameOf(at))).toEqual([]);
          }
        }
        expectUntouched(account, past);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it('cost the floor and two calls more where nothing odd happens, and a delete pass for each level that nests', async () => {
    const quiet = fc.record({ images: imagesOf(40, false), plain: fc.nat(1_500), page: fc.constantFrom(100, 1_000) });
    await fc.assert(
      fc.asyncProperty(quiet, async ({ images, plain, page }) => {
        const account = fakeAccount();
        account.cloudFormation
          .addStack(STACK)
          .addResource(STACK, { logicalId: 'Repository', type: 'AWS::ECR::Repository', physicalId: nameOf(0) });
        account.ecr.pageSize = page;
        account.ecr.addRepository(nameOf(0)).fill(nameOf(0), plain);
        for (const image of images) {
          account.ecr.addImage(nameOf(0), image);
        }
        const count = images.length + plain;
        const report = await run(account, 900_000);
        expect(report).toMatchObject({ outcome: 'clean', leftovers: [] });
        expect(account.ecr.digests(nameOf(0))).toEqual([]);
        const floor = Math.ceil(count / page) + Math.ceil(count / 100);
        expect(account.log.count(LIST, DELETE)).toBeLessThanOrEqual(floor + 2 + nestedLevels(images));
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});

/** How many levels of indexes stand inside indexes. */
function nestedLevels(images: readonly FakeImage[]): number {
  const byDigest = new Map(images.map((image) => [image.digest, image]));
  const below = (image: FakeImage | undefined): number =>
    image?.isIndex ? 1 + Math.max(0, ...image.children.map((child) => below(byDigest.get(child)))) : 0;
  return Math.max(0, ...images.map((image) => below(image) - 1));
}
