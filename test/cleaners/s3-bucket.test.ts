import { describe, expect, it } from '@jest/globals';
import { s3Bucket } from '#functions/cleaners/s3-bucket.ts';
import { cleanOne, codesOf, LOGICAL_ID, removedBy, resourceOf, runOn, STACK, writes } from '#test/cleaners/scene.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';
import type { BucketOptions } from '#test/fakes/s3.ts';

const BUCKET = 'team-data';
const LIST = 's3:ListBucketVersions';
const DELETE = 's3:DeleteObjectVersion';
const CONSENT = { emptyBuckets: true };

function scene(options: BucketOptions = { versioning: 'Enabled' }): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK)
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::S3::Bucket', physicalId: BUCKET });
  account.s3.addBucket(BUCKET, options);
  return account;
}

const clean = async (account: FakeAccount, options: Parameters<typeof runOn>[1] = CONSENT) =>
  cleanOne(s3Bucket, account, await runOn(account, options));

describe('without consent', () => {
  it('a bucket that holds something is refused, with what it holds and who can do what', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 1).deleteObject(BUCKET, 'object-0').beginUpload(BUCKET, 'half');
    const { finding } = await clean(account, {});
    expect(finding).toMatchObject({ blocks: true, stages: [] });
    expect(finding.refusal).toMatchObject({ code: 'BUCKET_NOT_EMPTY', stops: 'resource', blocks: true });
    expect(finding.refusal?.sentence).toContain('1 object version and 1 delete marker and 1 multipart upload');
    expect(finding.refusal?.remedy).toContain('The consent is EmptyBuckets');
    expect(writes(account)).toEqual([]);
    expect(account.s3.holds(BUCKET).versions).toHaveLength(2);
  });

  it('counts one page, and says that there is more', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 7);
    const { finding } = await clean(account, {});
    expect(finding.contents).toEqual([{ kind: 'object version', count: 3, orMore: true }]);
    expect(finding.refusal?.sentence).toContain('3 or more object versions');
    expect(account.log.count(LIST)).toBe(2);
  });

  it('an empty bucket, and one with multipart uploads alone, is CloudFormation’s to delete', async () => {
    const account = scene();
    expect((await clean(account, {})).finding).toMatchObject({ blocks: false, contents: [], stages: [] });
    account.s3.beginUpload(BUCKET, 'half');
    const { finding } = await clean(account, {});
    expect(finding).toMatchObject({ blocks: false, contents: [{ kind: 'multipart upload', count: 1 }], stages: [] });
    expect(finding.refusal).toBeUndefined();
    expect(writes(account)).toEqual([]);
  });

  it.each<[string, object]>([
    ['Ref', { BucketName: { Ref: LOGICAL_ID } }],
    ['GetAtt', { Arns: [{ 'Fn::GetAtt': [LOGICAL_ID, 'Arn'] }] }],
    ['GetAtt in short', { Arn: { 'Fn::GetAtt': `${LOGICAL_ID}.Arn` } }],
    ['Sub', { Path: { 'Fn::Sub': `\${${LOGICAL_ID}}/data` } }],
    ['Sub with values', { Path: { 'Fn::Sub': ['${Name}', { Name: 'x' }] }, Deep: { Name: BUCKET } }],
  ])('a bucket that another custom resource names (%s) is left to that one, with a note', async (_, properties) => {
    const account = scene();
    account.s3.fill(BUCKET, 1);
    account.cloudFormation.addResource(STACK, {
      logicalId: 'AutoDelete',
      type: 'Custom::S3AutoDeleteObjects',
      physicalId: 'auto-delete',
      properties: { ...properties },
    });
    const { finding } = await clean(account, {});
    expect(finding).toMatchObject({ blocks: false, stages: [] });
    expect(finding.refusal).toBeUndefined();
    expect(codesOf(finding.notes)).toEqual(['BUCKET_LEFT_TO_CUSTOM_RESOURCE']);
    expect(writes(account)).toEqual([]);
    expect(removedBy(await clean(account))).toEqual({ 'object version': 1 });
  });

  it.each<[string, string, object]>([
    ['our own custom resource', 'Custom::CleanExit', { BucketName: { Ref: LOGICAL_ID } }],
    ['what is no custom resource', 'AWS::S3::BucketPolicy', { Bucket: { Ref: LOGICAL_ID } }],
    ['another bucket', 'Custom::Other', { BucketName: { Ref: 'Other' }, Path: { 'Fn::Sub': '${Thing2}' } }],
    ['a value of that name', 'Custom::Other', { Path: { 'Fn::Sub': ['${Thing}', { Thing: 'x' }] } }],
  ])('a bucket is refused although there is %s', async (_, type, properties) => {
    const account = scene();
    account.s3.fill(BUCKET, 1);
    const other = { logicalId: 'Another', type, physicalId: 'another', properties: { ...properties } };
    account.cloudFormation.addResource(STACK, other);
    expect((await clean(account, {})).finding.refusal?.code).toBe('BUCKET_NOT_EMPTY');
  });

  it('an older plan does nothing', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 2);
    const run = await runOn(account, {});
    for (const stage of ['seal', 'drain', 'verify'] as const) {
      await s3Bucket.create(account.ports).work(stage, resourceOf(run), run);
    }
    expect(writes(account)).toEqual([]);
  });
});

describe('what consent does not help against', () => {
  it.each([
    ['BUCKET_LOCKED', { objectLock: true }],
    ['BUCKET_MFA_DELETE', { mfaDelete: true }],
  ])('%s: nothing is removed', async (code, options) => {
    const account = scene({ versioning: 'Enabled', ...options });
    account.s3.fill(BUCKET, 4);
    for (const given of [{}, CONSENT]) {
      const { finding } = await clean(account, given);
      expect(finding).toMatchObject({ blocks: true, stages: [], refusal: { code, stops: 'resource', blocks: true } });
      expect(finding.refusal?.remedy).not.toBe('');
    }
    expect(writes(account)).toEqual([]);
  });

  it('an empty bucket with Object Lock is no refusal', async () => {
    expect((await clean(scene({ objectLock: true }))).finding.refusal).toBeUndefined();
  });

  it('a bucket of another account by now: the run stops before anything is written', async () => {
    const account = scene({ owner: '999999999999' });
    account.s3.fill(BUCKET, 2);
    await expect(clean(account)).rejects.toMatchObject({ accessDenied: true });
    expect(writes(account)).toEqual([]);
  });
});

describe('what goes', () => {
  it.each<[string, BucketOptions, Readonly<Record<string, number>>]>([
    ['with versioning', { versioning: 'Enabled' }, { 'object version': 9, 'delete marker': 1 }],
    ['with suspended versioning', { versioning: 'Suspended' }, { 'object version': 7, 'delete marker': 1 }],
    ['without versioning', {}, { 'object version': 7 }],
  ])('%s: versions, delete markers and uploads, counted by kind', async (_, options, expected) => {
    const account = scene(options);
    account.s3.fill(BUCKET, 8).put(BUCKET, 'object-0').deleteObject(BUCKET, 'object-0');
    account.s3.beginUpload(BUCKET, 'half').beginUpload(BUCKET, 'half');
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ ...expected, 'multipart upload': 2 });
    expect(account.s3.holds(BUCKET)).toEqual({ versions: [], uploads: [] });
  });

  it('25,000 versions: a list and a delete for each thousand, and two lists more', async () => {
    const account = scene();
    account.s3.pageSize = 1_000;
    account.s3.fill(BUCKET, 25_000);
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true });
    expect(account.log.count(DELETE)).toBe(25);
    // The two of the inspection come first.
    expect(account.log.count(LIST)).toBeLessThanOrEqual(2 + 25 + 2);
  });
});

describe('the seal', () => {
  it('comes before the first delete and keeps out what is written meanwhile', async () => {
    const account = scene({ versioning: 'Enabled', policyTakesCalls: 3 });
    account.s3.fill(BUCKET, 4).writeLater(BUCKET, { afterCall: 5, every: 1, times: 1_000, what: 'put' });
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true, notes: [] });
    expect(account.log.actions().indexOf('s3:PutBucketPolicy')).toBeLessThan(account.log.actions().indexOf(DELETE));
    expect(account.s3.holds(BUCKET).versions).toEqual([]);
    expect(account.s3.policyNow(BUCKET)).toContain('CleanExitSeal');
  });

  it('stands before an empty bucket too, where somebody consented', async () => {
    const account = scene();
    account.s3.writeLater(BUCKET, { afterCall: 7, every: 1, times: 1, what: 'put' });
    const outcome = await clean(account);
    expect(outcome.finding.stages).toEqual(['seal', 'verify']);
    expect(account.s3.policyNow(BUCKET)).toContain('CleanExitSeal');
  });

  it.each(['s3:GetBucketPolicy', 's3:PutBucketPolicy'])(
    'without %s: a note, and the bucket is emptied',
    async (action) => {
      const account = scene();
      account.s3.fill(BUCKET, 4);
      account.log.deny(action);
      const outcome = await clean(account);
      expect(outcome).toMatchObject({ leftovers: [], finished: true });
      expect(codesOf(outcome.notes)).toEqual(['NOT_SEALED']);
      expect(account.s3.holds(BUCKET).versions).toEqual([]);
    },
  );

  it('without room in the policy: a note', async () => {
    const account = scene({ policy: JSON.stringify({ Id: 'x'.repeat(20_400), Statement: [] }) });
    expect(codesOf((await clean(account)).notes)).toEqual(['NOT_SEALED']);
    expect(writes(account)).toEqual([]);
  });

  it('a deploy lifts it, and leaves what was there', async () => {
    const theirs = { Sid: 'Tls', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' };
    for (const policy of [undefined, JSON.stringify({ Statement: [theirs] })]) {
      const account = scene({ ...(policy === undefined ? {} : { policy }) });
      const run = await runOn(account, CONSENT);
      const cleaner = s3Bucket.create(account.ports);
      await cleaner.work('seal', resourceOf(run), run);
      expect(account.s3.policyNow(BUCKET)).toContain('CleanExitSeal');
      expect(codesOf((await cleaner.restore?.(resourceOf(run), run.tree)) ?? [])).toEqual(['SEAL_LIFTED']);
      expect(account.s3.policyNow(BUCKET)).toBe(policy);
      expect(await cleaner.restore?.(resourceOf(run), run.tree)).toEqual([]);
    }
  });

  it('a deploy leaves the seal of another stack, and says when it cannot lift its own', async () => {
    const maker = stackIdOf('maker');
    const account = scene({ tags: { 'aws:cloudformation:stack-id': maker } });
    account.cloudFormation.addStack('maker', { status: 'CREATE_COMPLETE' }).addResource('maker', {
      logicalId: 'New',
      type: 'AWS::S3::Bucket',
      physicalId: BUCKET,
      status: 'CREATE_COMPLETE',
    });
    const run = await runOn(account, CONSENT);
    const cleaner = s3Bucket.create(account.ports);
    await cleaner.work('seal', resourceOf(run), run);
    const restored = async () => codesOf((await cleaner.restore?.(resourceOf(run), run.tree)) ?? []);
    expect(await restored()).toEqual(['SEAL_OF_ANOTHER_STACK']);
    account.log.deny('s3:GetBucketPolicy');
    expect(await restored()).toEqual(['SEAL_NOT_LIFTED']);
    expect(account.s3.policyNow(BUCKET)).toContain('CleanExitSeal');
  });
});

/** Runs at the beginning of the nth listings of versions: the first inspects, the second drains, the others verify. */
function atListing(account: FakeAccount, nths: readonly number[], script: () => void): void {
  account.log.onCall(({ action }) => {
    if (action === LIST && nths.includes(account.log.count(LIST))) script();
  });
}

describe('the last look', () => {
  it('is one more where something came late: what was written then may not have been the last', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 1);
    // Between the third and the fifth a look shows nothing.
    atListing(account, [3, 5], () => account.s3.put(BUCKET, 'late'));
    const outcome = await clean(account);
    expect(removedBy(outcome)).toEqual({ 'object version': 3 });
    expect(account.s3.holds(BUCKET).versions).toEqual([]);
  });

  it('is not in vain where something else went: what fails is tried again', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 1).breakVersion(BUCKET, 'object-0', { code: 'SlowDown', times: 6 });
    atListing(account, [3, 4, 5], () => account.s3.put(BUCKET, 'late'));
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true });
    expect(account.s3.holds(BUCKET).versions).toEqual([]);
  });

  it('tells what is left then, and not what was', async () => {
    const account = scene({});
    account.s3.fill(BUCKET, 2).breakVersion(BUCKET, 'object-0', { code: 'InternalError' });
    account.s3.breakVersion(BUCKET, 'object-1', { code: 'InternalError' });
    // Three looks were in vain, and somebody else deletes one of the two.
    atListing(account, [6], () => account.s3.deleteObject(BUCKET, 'object-1'));
    expect((await clean(account)).leftovers).toMatchObject([{ what: '1 object version' }]);
  });
});

describe('what stays', () => {
  it('is told by kind and cause, with who must act', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 6);
    const denied = 'not authorized to perform: s3:DeleteObjectVersion with an explicit deny in a resource-based policy';
    account.s3
      .breakVersion(BUCKET, 'object-0', { code: 'AccessDenied', message: denied })
      .breakVersion(BUCKET, 'object-1', { code: 'AccessDenied', message: denied })
      .breakVersion(BUCKET, 'object-2', { code: 'AccessDenied' })
      .breakVersion(BUCKET, 'object-3', { code: 'InternalError' });
    const { leftovers, finished } = await clean(account);
    expect(finished).toBe(true);
    expect(
      leftovers.map(({ what, remedy, blocks }) => [what, remedy.split(' ').slice(0, 4).join(' '), blocks]),
    ).toEqual([
      ['2 object versions', 'Whoever owns the bucket', true],
      ['1 object version', 'An administrator must allow', true],
      ['1 object version', 'Delete again: S3 could', true],
    ]);
    expect(account.s3.holds(BUCKET).versions).toHaveLength(4);
  });

  it('what failed for a moment goes in the end', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 6).breakVersion(BUCKET, 'object-5', { code: 'SlowDown', times: 2 });
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true });
    expect(account.s3.holds(BUCKET).versions).toEqual([]);
  });

  it('an upload that cannot be aborted blocks nothing', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 1).beginUpload(BUCKET, 'half');
    account.log.deny('s3:AbortMultipartUpload');
    const { leftovers } = await clean(account);
    expect(leftovers).toMatchObject([{ what: '1 multipart upload', blocks: false }]);
    expect(account.s3.holds(BUCKET).versions).toEqual([]);
  });

  it('a listing that fails for ever: nobody knows how many', async () => {
    const account = scene();
    account.s3.fill(BUCKET, 1);
    account.log.fail({ action: LIST, errorName: 'InternalError', after: 1, times: Number.POSITIVE_INFINITY });
    const { leftovers, finished } = await clean(account);
    expect([finished, leftovers.map(({ what }) => what)]).toEqual([true, ['an unknown number of object versions']]);
  });

  it('more than is held at a time: the number is a lower bound, and the calls are few', async () => {
    const account = scene();
    account.s3.pageSize = 1_000;
    account.s3.fill(BUCKET, 12_000);
    account.log.deny(DELETE);
    const { leftovers } = await clean(account);
    expect(leftovers).toMatchObject([{ what: '10,000 or more object versions', blocks: true }]);
    expect(account.log.count(DELETE)).toBeLessThanOrEqual(2 * 3);
  });
});
