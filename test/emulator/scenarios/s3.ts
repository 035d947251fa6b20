import assert from 'node:assert/strict';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { iamArn, roleWithPolicy } from '#test/emulator/rights.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const OTHER_ACCOUNT = '999999999999';
/** Keys that S3 takes and that are hard to write down. */
const HOSTILE = ['日本', 'a b+c%20', '<&>"\'', 'line\r\nbreak\ttab', 'control\u0001\u001f', '..', 'a//b/', '\u{1F600}'];

async function bucket(context: ScenarioContext, Status?: 'Enabled' | 'Suspended') {
  const s3 = new S3Client({ ...clientConfig(context), forcePathStyle: true });
  const Bucket = unique('bucket');
  await s3.send(new CreateBucketCommand({ Bucket }));
  const version = (VersioningConfiguration: object) =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  if (Status) await version({ Status });
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return { s3, Bucket, put, version };
}

export const s3Scenarios: readonly Scenario[] = [
  {
    addition: 's3-buckets',
    name: 'CloudFormation does not delete a bucket with a delete marker, and does once it is empty',
    async run(context) {
      const stacks = stackFixture(context);
      const { s3, ...own } = await bucket(context);
      const Bucket = `${own.Bucket}-stack`;
      const VersioningConfiguration = { Status: 'Enabled' };
      const Resources = {
        Data: { Type: 'AWS::S3::Bucket', Properties: { BucketName: Bucket, VersioningConfiguration } },
      };
      const stack = await stacks.create(unique('stack'), { Resources });
      await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'k' }));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_FAILED');
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      assert.deepEqual([Versions.length, DeleteMarkers.length], [1, 1]);
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
      // An upload that was only begun is dropped with the bucket.
      await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'half' }));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
    },
  },
  {
    addition: 's3-buckets',
    name: 'a call that expects another owner is refused, whatever it does',
    async run(context) {
      const { s3, Bucket, put } = await bucket(context);
      await put('k');
      const expecting = { Bucket, ExpectedBucketOwner: OTHER_ACCOUNT };
      const calls = [
        () => s3.send(new GetBucketVersioningCommand(expecting)),
        () => s3.send(new ListObjectVersionsCommand(expecting)),
        () =>
          s3.send(new DeleteObjectsCommand({ ...expecting, Delete: { Objects: [{ Key: 'k', VersionId: 'null' }] } })),
        () => s3.send(new DeleteBucketPolicyCommand(expecting)),
      ];
      for (const call of calls) await assert.rejects(call(), { name: 'AccessDenied' });
      const { Versions = [] } = await s3.send(
        new ListObjectVersionsCommand({ Bucket, ExpectedBucketOwner: iamArn('').split(':')[4] }),
      );
      assert.equal(Versions.length, 1);
    },
  },
  {
    addition: 's3-buckets',
    name: 'with MFA Delete no version goes, by itself or with others',
    async run(context) {
      const { s3, Bucket, put, version } = await bucket(context, 'Enabled');
      const { VersionId } = await put('k');
      await version({ Status: 'Enabled', MFADelete: 'Enabled' });
      const read = await s3.send(new GetBucketVersioningCommand({ Bucket }));
      assert.deepEqual([read.Status, read.MFADelete], ['Enabled', 'Enabled']);
      const denied = { name: 'AccessDenied' };
      const Objects = [{ Key: 'k', VersionId }];
      await assert.rejects(s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })), denied);
      await assert.rejects(s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId })), denied);
    },
  },
  {
    addition: 's3-buckets',
    name: 'DeleteObjects takes a thousand versions and not one more',
    async run(context) {
      const { s3, Bucket } = await bucket(context);
      const of = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, VersionId: 'null' }));
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: of(1_000), Quiet: true } }));
      const tooMany = new DeleteObjectsCommand({ Bucket, Delete: { Objects: of(1_001), Quiet: true } });
      await assert.rejects(s3.send(tooMany), { name: 'MalformedXML' });
    },
  },
  {
    addition: 's3-listing',
    name: 'keys and markers of versions and uploads come encoded where that is asked for',
    async run(context) {
      const { s3, Bucket, put } = await bucket(context, 'Enabled');
      for (const Key of HOSTILE) {
        await put(Key);
        await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      }
      const decoded = (text = '') => decodeURIComponent(text.replaceAll('+', ' '));
      const keys: string[] = [];
      for (let KeyMarker: string | undefined, VersionIdMarker: string | undefined; ; ) {
        const asked = { Bucket, EncodingType: 'url', MaxKeys: 3, KeyMarker, VersionIdMarker } as const;
        const page = await s3.send(new ListObjectVersionsCommand(asked));
        assert.equal(page.EncodingType, 'url');
        keys.push(...(page.Versions ?? []).map(({ Key }) => decoded(Key)));
        if (!page.IsTruncated) break;
        KeyMarker = decoded(page.NextKeyMarker);
        VersionIdMarker = page.NextVersionIdMarker;
      }
      assert.deepEqual(keys.toSorted(), HOSTILE.toSorted());
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket, EncodingType: 'url' }));
      assert.deepEqual(Uploads.map(({ Key }) => decoded(Key)).toSorted(), HOSTILE.toSorted());
    },
  },
  {
    addition: 'policy-wildcards',
    name: 'a statement on everything in a bucket covers a key with a line break',
    async run(context) {
      const { s3, Bucket } = await bucket(context);
      const role = await roleWithPolicy(context);
      await role.allow({ Effect: 'Allow', Action: ['s3:PutObject'], Resource: `arn:aws:s3:::${Bucket}/*` });
      const writer = new S3Client({ ...clientConfig(context, role.credentials), forcePathStyle: true });
      await writer.send(new PutObjectCommand({ Bucket, Key: 'line\nbreak', Body: 'k' }));
      const Statement = [{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${Bucket}/line*` }];
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      const again = writer.send(new PutObjectCommand({ Bucket, Key: 'line\nbreak', Body: 'k' }));
      await assert.rejects(again, { name: 'AccessDenied' });
    },
  },
  {
    addition: null,
    name: 'a version `null` goes from a bucket without versioning, and from one where it is suspended',
    async run(context) {
      for (const status of [undefined, 'Suspended' as const]) {
        const { s3, Bucket, put } = await bucket(context, status);
        await put('k');
        const list = () => s3.send(new ListObjectVersionsCommand({ Bucket }));
        assert.deepEqual(
          (await list()).Versions?.map(({ VersionId }) => VersionId),
          ['null'],
        );
        const Objects = [{ Key: 'k', VersionId: 'null' }];
        await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
        const { Versions = [], DeleteMarkers = [] } = await list();
        assert.deepEqual([Versions, DeleteMarkers], [[], []]);
      }
    },
  },
  {
    addition: null,
    name: 'multipart uploads are listed by pages and aborted once',
    async run(context) {
      const { s3, Bucket } = await bucket(context);
      for (const Key of ['a', 'a', 'b']) await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      const first = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 2 }));
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = first;
      const second = await s3.send(new ListMultipartUploadsCommand({ Bucket, KeyMarker, UploadIdMarker }));
      const uploads = [...(first.Uploads ?? []), ...(second.Uploads ?? [])];
      assert.deepEqual(
        uploads.map(({ Key }) => Key),
        ['a', 'a', 'b'],
      );
      const [{ Key, UploadId } = {}] = uploads;
      const abort = () => s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      await abort();
      await assert.rejects(abort(), { name: 'NoSuchUpload' });
    },
  },
  {
    addition: null,
    name: 'a Deny in the bucket policy binds a role that may everything, until it is taken back; Block Public Access lets it in',
    async run(context) {
      const { s3, Bucket } = await bucket(context);
      const role = await roleWithPolicy(context);
      await role.allow({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
      const writer = new S3Client({ ...clientConfig(context, role.credentials), forcePathStyle: true });
      const put = () => writer.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'k' }));
      await put();
      const Resource = `arn:aws:s3:::${Bucket}/*`;
      const Statement = [{ Effect: 'Deny', Principal: '*', Action: ['s3:PutObject'], Resource }];
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      await assert.rejects(put(), { name: 'AccessDenied' });
      await assert.rejects(writer.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' })), {
        name: 'AccessDenied',
      });
      await writer.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'k', VersionId: 'null' }] } }));
      await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
      await put();
    },
  },
];
