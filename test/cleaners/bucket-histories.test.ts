/**
 * Random histories of buckets against the unkind fake, through the whole core: always empty or an honest report, never a write
 * to a bucket outside of the tree, to a kept one, or without consent.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLEANERS } from '#functions/cleaners/index.ts';
import { cleanStack } from '#functions/core/clean.ts';
import type { Report } from '#functions/core/model.ts';
import { AwsFailure } from '#functions/errors.ts';
import { NO_CONSENT, STACK, writes } from '#test/cleaners/scene.ts';
import type { InjectedFailure } from '#test/fakes/call-log.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';
import type { LatePuts } from '#test/fakes/s3.ts';

const RUNS = 300;

interface Written {
  readonly key: number;
  readonly what: 'put' | 'delete' | 'upload';
  readonly trouble: { readonly code?: string; readonly times?: number };
}

interface PastBucket {
  readonly place: 'root' | 'nested' | 'outside';
  readonly kept: boolean;
  readonly hard: 'lock' | 'mfa' | undefined;
  readonly versioning: 'Enabled' | 'Suspended' | undefined;
  readonly policyTakesCalls: number;
  readonly written: readonly Written[];
  readonly late: readonly LatePuts[];
}

interface History {
  readonly buckets: readonly PastBucket[];
  readonly consent: boolean;
  /** Calls that fail, by the number of the bucket that they are made on. */
  readonly failures: readonly (Omit<InjectedFailure, 'target'> & { readonly on: number })[];
  /** Milliseconds until the deadline, and what each call takes of them. */
  readonly time: number;
  readonly callTakes: number;
}

const trouble = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      code: fc.constantFrom('AccessDenied', 'InternalError', 'SlowDown'),
      times: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
    }),
  },
);

const history: fc.Arbitrary<History> = fc.record({
  consent: fc.nat(7).map((die) => die > 0),
  buckets: fc.array(
    fc.record({
      place: fc.constantFrom('root' as const, 'root' as const, 'nested' as const, 'outside' as const),
      kept: fc.nat(7).map((die) => die === 0),
      hard: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 'lock' as const, 'mfa' as const),
      versioning: fc.constantFrom(undefined, 'Enabled' as const, 'Suspended' as const),
      policyTakesCalls: fc.nat(6),
      written: fc.array(
        fc.record({
          key: fc.nat(5),
          what: fc.constantFrom('put' as const, 'put' as const, 'delete' as const, 'upload' as const),
          trouble,
        }),
        { maxLength: 14 },
      ),
      late: fc.array(
        fc.record({
          afterCall: fc.integer({ min: 1, max: 14 }),
          every: fc.integer({ min: 1, max: 3 }),
          times: fc.integer({ min: 1, max: 6 }),
          what: fc.constantFrom('put' as const, 'delete' as const, 'upload' as const),
        }),
        { maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  failures: fc.array(
    fc.record({
      on: fc.nat(2),
      action: fc.constantFrom(
        's3:ListBucketVersions',
        's3:ListBucketMultipartUploads',
        's3:DeleteObjectVersion',
        's3:AbortMultipartUpload',
        's3:PutBucketPolicy',
        's3:GetBucketPolicy',
      ),
      errorName: fc.constantFrom('SlowDown', 'InternalError', 'AccessDenied'),
      after: fc.nat(8),
      times: fc.constantFrom(1, 2, 5, Number.POSITIVE_INFINITY),
    }),
    { maxLength: 3 },
  ),
  time: fc.constantFrom(900_000, 900_000, 20_000, 3_000, 300),
  callTakes: fc.constantFrom(0, 20, 100),
});

const nameOf = (at: number) => `team-bucket-${at}`;

function build({ buckets, failures, callTakes }: History): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation.addStack(STACK).addStack('child', { parent: STACK }).addStack('stranger');
  for (const [at, { place, kept, hard, versioning, policyTakesCalls, written, late }] of buckets.entries()) {
    const name = nameOf(at);
    const stack = { root: STACK, nested: 'child', outside: 'stranger' }[place];
    account.cloudFormation.addResource(stack, { logicalId: `Bucket${at}`, type: 'AWS::S3::Bucket', physicalId: name });
    account.s3.addBucket(name, {
      tags: kept ? { 'clean-exit:keep': '' } : {},
      objectLock: hard === 'lock',
      mfaDelete: hard === 'mfa',
      policyTakesCalls,
      ...(versioning === undefined ? {} : { versioning }),
    });
    for (const { key, what, trouble: own } of written) {
      const object = `object-${key}`;
      if (what === 'upload') account.s3.beginUpload(name, object);
      else if (what === 'delete') account.s3.deleteObject(name, object);
      else account.s3.put(name, object);
      if (what === 'put' && own.code !== undefined) {
        account.s3.breakVersion(name, object, { code: own.code, times: own.times });
      }
    }
    for (const each of late) account.s3.writeLater(name, each);
  }
  for (const { on, ...failure } of failures) account.log.fail({ ...failure, target: nameOf(on) });
  account.log.onCall(() => account.clock.advance(callTakes));
  return account;
}

/** A run; undefined where it could not even read. */
async function run(account: FakeAccount, time: number, emptyBuckets: boolean): Promise<Report | undefined> {
  const deadline = account.clock.now() + time;
  const options = { ...NO_CONSENT, emptyBuckets };
  try {
    const { report } = await cleanStack(
      { ports: account.ports, cleaners: CLEANERS, service: { roleArns: [] } },
      { stackId: stackIdOf(STACK), options, remaining: () => deadline - account.clock.now() },
    );
    return report;
  } catch (thrown) {
    if (thrown instanceof AwsFailure) return undefined;
    throw thrown;
  }
}

/** May a run that was consented to write to it, by what was in it at the beginning? */
function isOurs({ place, kept, hard }: PastBucket): boolean {
  return place !== 'outside' && !kept && hard === undefined;
}

/** How many versions and markers the report says are left of a bucket; undefined where it says that nobody knows. */
function saidToBeLeft(report: Report, name: string): number | undefined {
  const said = report.leftovers.filter((leftover) => leftover.resource.physicalId === name && leftover.blocks);
  return said.every(({ what }) => /^[\d,]+ (object version|delete marker)s?$/.test(what))
    ? said.reduce((sum, { what }) => sum + Number(what.replace(/\D/g, '')), 0)
    : undefined;
}

function expectHonest(account: FakeAccount, { buckets, consent }: History, report: Report): void {
  for (const [at, bucket] of buckets.entries()) {
    const left = account.s3.holds(nameOf(at)).versions.length;
    const refused = report.refusals.some(({ resource }) => resource?.physicalId === nameOf(at));
    if (bucket.place === 'outside' || refused || !consent) continue;
    const said = saidToBeLeft(report, nameOf(at));
    if (report.outcome === 'clean' && isOurs(bucket)) expect(left).toBe(0);
    else if (report.outcome === 'blocked' && said !== undefined && isOurs(bucket)) expect(said).toBe(left);
  }
  const blocks = report.leftovers.some((each) => each.blocks) || report.refusals.some((each) => each.blocks);
  expect(report.outcome === 'clean').toBe(!blocks && report.outcome !== 'unfinished');
  expect(report.leftovers.every(({ why, remedy }) => why !== '' && remedy !== '')).toBe(true);
}

function expectUntouched(account: FakeAccount, { buckets, consent }: History): void {
  const named = (some: (bucket: PastBucket) => boolean): ReadonlySet<string> =>
    new Set(buckets.flatMap((bucket, at) => (some(bucket) ? [nameOf(at)] : [])));
  const readable = named(({ place }) => place !== 'outside');
  // An empty one with a lock is sealed like any other.
  const ours = named((bucket) => consent && bucket.place !== 'outside' && !bucket.kept);
  const calls = account.log.calls.filter(({ action }) => action.startsWith('s3:'));
  expect(calls.filter(({ target }) => !readable.has(target))).toEqual([]);
  const changes = calls.filter(({ action }) => !/:(Get|List)/.test(action));
  expect(changes.filter(({ target }) => !ours.has(target))).toEqual([]);
}

describe('histories of buckets', () => {
  it('end empty or with an honest report, and never with a write that nobody consented to', async () => {
    const outcomes: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(history, async (past) => {
        const account = build(past);
        const report = await run(account, past.time, past.consent);
        expectUntouched(account, past);
        if (report === undefined) expect(writes(account)).toEqual([]);
        else expectHonest(account, past, report);
        const outcome = report?.outcome ?? 'unreadable';
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }),
      { numRuns: RUNS },
    );
    // The histories are worth their name only where they end in every way.
    expect(Object.keys(outcomes).toSorted()).toEqual(['blocked', 'clean', 'unfinished', 'unreadable']);
  }, 60_000);

  it('once nothing fails any more, another run with consent empties what is left', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (past) => {
        const account = build(past);
        await run(account, past.time, past.consent);
        account.log.heal();
        account.s3.heal();
        const report = await run(account, 900_000, true);
        expect(report?.leftovers).toEqual([]);
        for (const [at, bucket] of past.buckets.entries()) {
          if (isOurs(bucket)) expect(account.s3.holds(nameOf(at))).toEqual({ versions: [], uploads: [] });
        }
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});
