/** What may be in buckets and report groups of a stack: gone with consent, untouched without, never half of it. */

import {
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from '@jest/globals';
import { asRole, until } from '#scripts/lib/local-account.ts';
import { inAccount } from './support/scene.ts';
import { bucket, type Resources, reportGroup, reportGroupArn, role, withCleanExit } from './support/templates.ts';
import { writesOf } from './support/writes.ts';

const scene = inAccount();
const CONSENT = { EmptyBuckets: true };
/** Keys that S3 takes and that are hard to write down. */
const HOSTILE = ['日本', 'a b+c%20', '<&>"\'', 'line\r\nbreak\ttab', 'control\u0001\u001f', 'a//b/', '\u{1F600}', ' '];

afterEach(async () => {
  await scene().account.emulator.setFaults([]);
});

const put = (Bucket: string, ...keys: readonly string[]) =>
  Promise.all(keys.map((Key) => scene().s3.send(new PutObjectCommand({ Bucket, Key, Body: 'data' }))));

/** Versions, delete markers and uploads of a bucket. */
async function holds(Bucket: string): Promise<readonly [versions: number, markers: number, uploads: number]> {
  const { s3 } = scene();
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  return [Versions.length, DeleteMarkers.length, Uploads.length];
}

/** Five versions of three keys, a delete marker, two uploads. */
async function fill(Bucket: string): Promise<void> {
  const { s3 } = scene();
  await put(Bucket, 'a', 'b', 'c');
  await put(Bucket, 'a', 'b');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  for (const Key of ['half', 'half']) await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
}

const FULL = [5, 1, 2];

async function emptyBucketByHand(Bucket: string): Promise<void> {
  const { s3 } = scene();
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
}

/** A stack with a full bucket of its name, and a report group. */
async function fullStack(
  name: string,
  properties: Readonly<Record<string, unknown>> = CONSENT,
  resources: Resources = { Bucket: bucket(name), Reports: reportGroup(name) },
): Promise<string> {
  const { stacks } = scene();
  const { id } = await stacks.create(name, withCleanExit(resources, properties));
  await fill(name);
  return id;
}

/** The function's writes while the stack was deleted, in vain. */
async function refused(id: string): Promise<string> {
  const { stacks, writesDuring } = scene();
  const writes = await writesDuring(async () => {
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
  });
  expect(writes.filter((write) => !write.startsWith('DeleteReport'))).toEqual([]);
  return stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
}

test('without the custom resource CloudFormation deletes neither a full bucket nor a report group with reports', async () => {
  const { account, stacks } = scene();
  const { id } = await stacks.create('alone', { Bucket: bucket('alone'), Reports: reportGroup('alone') });
  await fill('alone');
  await account.emulator.addReports(reportGroupArn(account.region, 'alone'), 1);
  expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
  expect(await stacks.reasonOf(id, 'Bucket', 'DELETE_FAILED')).toContain('not empty');
  expect(await stacks.reasonOf(id, 'Reports', 'DELETE_FAILED')).toContain('reports');
  expect(await holds('alone')).toEqual(FULL);
});

describe('with consent', () => {
  test('versions, delete markers, uploads, keys that are hard to write down, and reports go and are counted', async () => {
    const { account, stacks, log } = scene();
    const id = await fullStack('full');
    await put('full', ...HOSTILE);
    const Key = HOSTILE[4] ?? '';
    await scene().s3.send(new DeleteObjectCommand({ Bucket: 'full', Key }));
    await scene().s3.send(new CreateMultipartUploadCommand({ Bucket: 'full', Key }));
    await account.emulator.addReports(reportGroupArn(account.region, 'full'), 101);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    const removed = Object.entries({
      'object version': 5 + HOSTILE.length,
      'delete marker': 2,
      'multipart upload': 3,
      report: 101,
    }).map(([kind, count]) => expect.objectContaining({ kind, count }));
    expect(await log.find(id, 'REPORT')).toMatchObject({
      report: { outcome: 'clean', leftovers: [], notes: [], removed: expect.arrayContaining(removed) },
    });
  });

  test('more than a page of versions goes', async () => {
    const { stacks, log } = scene();
    const { id } = await stacks.create('large', withCleanExit({ Bucket: bucket('large') }, CONSENT));
    for (let from = 0; from < 1_050; from += 50) {
      await put('large', ...Array.from({ length: 50 }, (_, at) => `key-${from + at}`));
    }
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    const [removed] = [expect.objectContaining({ kind: 'object version', count: 1_050 })];
    expect(await log.find(id, 'REPORT')).toMatchObject({ report: { removed: expect.arrayContaining([removed]) } });
  });

  test.each([
    ['plain', undefined],
    ['suspended', 'Suspended' as const],
  ])('a bucket whose versioning is %s is emptied too', async (name, Status) => {
    const { stacks, s3 } = scene();
    const resource = bucket(name);
    const { BucketName } = resource.Properties ?? {};
    const plain = { ...resource, Properties: { BucketName } };
    const { id } = await stacks.create(name, withCleanExit({ Bucket: Status ? resource : plain }, CONSENT));
    await put(name, 'before');
    if (Status) {
      await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status } }));
      await put(name, 'before', 'after');
      await s3.send(new DeleteObjectCommand({ Bucket: name, Key: 'after' }));
    }
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('a bucket that throttles is emptied all the same', async () => {
    const { account, stacks } = scene();
    const id = await fullStack('throttling');
    const throttled = { code: 'SlowDown', status: 503, message: 'Please reduce your request rate.', times: 3 };
    await account.emulator.setFaults([
      { service: 's3', operation: 'DeleteObject', principal: 'clean-exit-custom-resource', ...throttled },
    ]);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('nobody writes while it is emptied, and the statements that were there stay', async () => {
    const { account, stacks, s3 } = scene();
    const Allow = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
    const Policies = [{ PolicyName: 'write', PolicyDocument: { Version: '2012-10-17', Statement: [Allow] } }];
    await stacks.create('writer', { Role: role('writer', 'codebuild.amazonaws.com', {}, { Policies }) });
    const writer = new S3Client(await asRole(account, 'writer'));
    const write = () => writer.send(new PutObjectCommand({ Bucket: 'sealed', Key: 'late', Body: 'late' }));
    const id = await fullStack('sealed');
    const theirs = {
      Sid: 'Tls',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::sealed/*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [theirs] });
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'sealed', Policy }));
    await write();
    await account.emulator.setFaults([{ service: 's3', operation: 'DeleteObject', delayMs: 1_000 }]);
    const { next } = await account.emulator.calls();
    const deleting = stacks.delete(id);
    await until(async () => {
      const { calls } = await account.emulator.calls(next);
      return writesOf(calls).some(({ operation }) => operation === 'PutBucketPolicy');
    }, 'the bucket is sealed');
    await expect(write()).rejects.toMatchObject({ name: 'AccessDenied' });
    const begin = new CreateMultipartUploadCommand({ Bucket: 'sealed', Key: 'late' });
    await expect(writer.send(begin)).rejects.toMatchObject({ name: 'AccessDenied' });
    const sealed = await s3.send(new GetBucketPolicyCommand({ Bucket: 'sealed' }));
    expect(JSON.parse(sealed.Policy ?? '{}')).toMatchObject({
      Statement: [theirs, { Effect: 'Deny', Principal: '*', Resource: 'arn:aws:s3:::sealed/*' }],
    });
    expect(await deleting).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test.each([
    [
      'Object Lock',
      'locked',
      (Bucket: string) =>
        new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } }),
    ],
    [
      'MFA Delete',
      'guarded',
      (Bucket: string) =>
        new PutBucketVersioningCommand({
          Bucket,
          MFA: 'arn:aws:iam::000000000000:mfa/root 123456',
          VersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' },
        }),
    ],
  ])('a bucket with %s is refused as a whole', async (words, name, command) => {
    const { s3 } = scene();
    const id = await fullStack(name);
    const change = command(name);
    await (change instanceof PutBucketVersioningCommand ? s3.send(change) : s3.send(change));
    expect(await refused(id)).toContain(`has ${words}`);
    expect(await holds(name)).toEqual(FULL);
  });

  test('a bucket tagged to be kept is refused', async () => {
    const { s3 } = scene();
    const id = await fullStack('kept-bucket');
    const Tagging = { TagSet: [{ Key: 'clean-exit:keep', Value: '' }] };
    await s3.send(new PutBucketTaggingCommand({ Bucket: 'kept-bucket', Tagging }));
    expect(await refused(id)).toContain('clean-exit:keep');
    expect(await holds('kept-bucket')).toEqual(FULL);
  });

  test('a bucket that somebody deleted by hand is no failure', async () => {
    const { stacks, s3 } = scene();
    const { id } = await stacks.create('gone', withCleanExit({ Bucket: bucket('gone') }, CONSENT));
    await s3.send(new DeleteBucketCommand({ Bucket: 'gone' }));
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

describe('without consent', () => {
  test('a full bucket is refused with its numbers, and nothing in it is removed; by hand it goes', async () => {
    const { account, stacks } = scene();
    const id = await fullStack('unasked', {});
    await account.emulator.addReports(reportGroupArn(account.region, 'unasked'), 2);
    const reason = await refused(id);
    expect(reason).toContain(
      'Bucket (unasked): It holds 5 object versions and 1 delete marker and 2 multipart uploads',
    );
    expect(reason).toContain('The consent is EmptyBuckets');
    expect(await holds('unasked')).toEqual(FULL);
    await emptyBucketByHand('unasked');
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('consent in a request alone does not count: the template gives it', async () => {
    const { stacks, log } = scene();
    const { id } = await stacks.create('empty', withCleanExit({ Bucket: bucket('empty') }, { EmptyBuckets: false }));
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(await log.find(id, 'REPORT')).toMatchObject({ report: { outcome: 'clean', removed: [] } });
  });
});

test('a report group with DeleteReports is left to CloudFormation', async () => {
  const { account, stacks, writesDuring } = scene();
  const resources = { Reports: reportGroup('self-deleting', { DeleteReports: true }) };
  const { id } = await stacks.create('self-deleting', withCleanExit(resources));
  await account.emulator.addReports(reportGroupArn(account.region, 'self-deleting'), 2);
  const writes = await writesDuring(async () => {
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
  expect(writes).toEqual([]);
});
