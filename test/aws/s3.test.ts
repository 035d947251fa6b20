import { createServer } from 'node:http';
import {
  AbortMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createS3 } from '#functions/aws/s3.ts';
import { AwsFailure, Bug } from '#functions/errors.ts';
import { collect, sdkError, served } from './sdk.ts';

const sdk = mockClient(S3Client);
const s3 = createS3();
const BUCKET = { name: 'xxxx', owner: '123456789012' };
const NAMED = { Bucket: 'xxxx', ExpectedBucketOwner: '123456789012' };
const version = (key: string, versionId = 'v1', isMarker = false) => ({ key, versionId, isMarker });

beforeEach(() => {
  sdk.reset();
});

describe('bucket', () => {
  beforeEach(() => {
    sdk.on(GetBucketVersioningCommand).resolves({});
    sdk.on(GetBucketTaggingCommand).rejects(sdkError('NoSuchTagSet', { status: 404 }));
    sdk.on(GetObjectLockConfigurationCommand).rejects(sdkError('ObjectLockConfigurationNotFoundError'));
  });

  it('has no tags, no lock and no MFA Delete where S3 says that there are none', async () => {
    expect(await s3.bucket(BUCKET)).toEqual({ tags: {}, mfaDelete: false, objectLock: false });
  });

  it('gives tags, lock and MFA Delete', async () => {
    sdk.on(GetBucketVersioningCommand, NAMED).resolves({ Status: 'Enabled', MFADelete: 'Enabled' });
    sdk.on(GetBucketTaggingCommand, NAMED).resolves({ TagSet: [{ Key: 'team', Value: 'data' }] });
    sdk
      .on(GetObjectLockConfigurationCommand, NAMED)
      .resolves({ ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } });
    expect(await s3.bucket(BUCKET)).toEqual({ tags: { team: 'data' }, mfaDelete: true, objectLock: true });
  });

  it('is undefined where there is none', async () => {
    sdk.on(GetBucketVersioningCommand).rejects(sdkError('NoSuchBucket', { status: 404 }));
    expect(await s3.bucket(BUCKET)).toBeUndefined();
  });

  it.each([
    ['s3:GetBucketVersioning', () => sdk.on(GetBucketVersioningCommand)],
    ['s3:GetBucketTagging', () => sdk.on(GetBucketTaggingCommand)],
    ['s3:GetBucketObjectLockConfiguration', () => sdk.on(GetObjectLockConfigurationCommand)],
  ])('fails where %s is refused: it may be another account’s', async (action, calls) => {
    calls().rejects(sdkError('AccessDenied', { status: 403 }));
    await expect(s3.bucket(BUCKET)).rejects.toMatchObject({
      accessDenied: true,
      context: { action, resource: 'xxxx', errorName: 'AccessDenied' },
    });
  });
});

describe('versions', () => {
  it('gives every page, delete markers too, and pages by both markers', async () => {
    const pages = served('VersionIdMarker', {
      '': {
        Versions: [{ Key: 'a', VersionId: 'v2' }],
        DeleteMarkers: [{ Key: 'a', VersionId: 'v3' }],
        IsTruncated: true,
        NextKeyMarker: 'a',
        NextVersionIdMarker: 'v2',
      },
      v2: {
        Versions: [{ Key: 'a', VersionId: 'v1' }],
        IsTruncated: true,
        NextKeyMarker: 'a',
        NextVersionIdMarker: 'v1',
      },
      v1: { Versions: [{ Key: 'b', VersionId: 'null' }], IsTruncated: false },
    });
    sdk.on(ListObjectVersionsCommand).callsFake(pages.answer);
    expect(await collect(s3.versions(BUCKET))).toEqual([
      [version('a', 'v2'), version('a', 'v3', true)],
      [version('a', 'v1')],
      [version('b', 'null')],
    ]);
    expect(pages.asked.map(({ KeyMarker, VersionIdMarker }) => [KeyMarker, VersionIdMarker])).toEqual([
      [undefined, undefined],
      ['a', 'v2'],
      ['a', 'v1'],
    ]);
    expect(pages.asked[0]).toMatchObject({ ...NAMED, EncodingType: 'url' });
  });

  it('reads keys as S3 encodes them, and asks for the next page with the key itself', async () => {
    const key = 'a+b c/%41\u0001\n日本';
    const encoded = 'a%2Bb+c/%2541%01%0A%E6%97%A5%E6%9C%AC';
    const pages = served('KeyMarker', {
      '': {
        EncodingType: 'url',
        Versions: [{ Key: encoded, VersionId: 'v1' }],
        IsTruncated: true,
        NextKeyMarker: encoded,
        NextVersionIdMarker: 'v1',
      },
      [key]: { EncodingType: 'url' },
    });
    sdk.on(ListObjectVersionsCommand).callsFake(pages.answer);
    expect(await collect(s3.versions(BUCKET))).toEqual([[version(key)]]);
  });

  it('leaves keys as they are where the answer is not encoded', async () => {
    sdk.on(ListObjectVersionsCommand).resolves({ Versions: [{ Key: 'a+b%41', VersionId: 'v1' }] });
    expect(await collect(s3.versions(BUCKET))).toEqual([[version('a+b%41')]]);
  });

  it('gives nothing for an empty bucket and for one that is gone', async () => {
    sdk
      .on(ListObjectVersionsCommand)
      .resolvesOnce({})
      .rejects(sdkError('NoSuchBucket', { status: 404 }));
    expect(await collect(s3.versions(BUCKET))).toEqual([]);
    expect(await collect(s3.versions(BUCKET))).toEqual([]);
    expect(sdk.commandCalls(ListObjectVersionsCommand)).toHaveLength(2);
  });

  it('fails on anything else, and on a listing that does not move on', async () => {
    const stuck = { IsTruncated: true, NextKeyMarker: 'a', NextVersionIdMarker: 'v1' };
    sdk.on(ListObjectVersionsCommand).resolves(stuck);
    await expect(collect(s3.versions(BUCKET))).rejects.toMatchObject({ context: { errorName: 'RepeatedPageToken' } });
    sdk.on(ListObjectVersionsCommand).rejects(sdkError('AccessDenied', { status: 403 }));
    await expect(collect(s3.versions(BUCKET))).rejects.toMatchObject({ context: { action: 's3:ListBucketVersions' } });
  });
});

describe('deleteVersions', () => {
  it('names every version, quietly, and reads Errors[]', async () => {
    sdk.on(DeleteObjectsCommand).resolves({
      Errors: [{ Key: 'b', VersionId: 'v1', Code: 'InternalError', Message: 'try again' }],
    });
    const versions = [version('a'), version('b'), version('b', 'v2')];
    expect(await s3.deleteVersions(BUCKET, versions)).toEqual({
      failures: [
        { version: version('b'), code: 'InternalError', message: 'try again', action: 's3:DeleteObjectVersion' },
      ],
    });
    expect(sdk.commandCalls(DeleteObjectsCommand)[0]?.args[0].input).toEqual({
      ...NAMED,
      Delete: { Objects: versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })), Quiet: true },
    });
  });

  it('believes that nothing went where an error fits no version', async () => {
    sdk.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: 'mangled', VersionId: 'v1', Code: 'AccessDenied' }] });
    const { failures } = await s3.deleteVersions(BUCKET, [version('a'), version('b')]);
    expect(failures.map((failure) => [failure.version.key, failure.code])).toEqual([
      ['a', 'AccessDenied'],
      ['b', 'AccessDenied'],
    ]);
  });

  it.each(['s3:DeleteObject', 's3:DeleteObjectVersion'])('says that %s is missing', async (action) => {
    const message = `User: x is not authorized to perform: ${action} on resource: "arn:aws:s3:::xxxx/a"`;
    sdk
      .on(DeleteObjectsCommand)
      .resolvesOnce({ Errors: [{ Key: 'a', VersionId: 'v1', Code: 'AccessDenied', Message: message }] });
    const { failures } = await s3.deleteVersions(BUCKET, [version('a')]);
    expect(failures).toMatchObject([{ action }]);
    sdk.on(DeleteObjectsCommand).rejects(sdkError('AccessDenied', { status: 403, message }));
    await expect(s3.deleteVersions(BUCKET, [version('a')])).rejects.toMatchObject({ context: { action } });
  });

  it('deletes a key that XML cannot hold by itself, and the others together', async () => {
    sdk.on(DeleteObjectsCommand).resolves({});
    sdk
      .on(DeleteObjectCommand)
      .resolvesOnce({})
      .rejects(sdkError('InternalError', { status: 500, message: 'try again' }));
    const unfit = ['a\u0001', 'b\uFFFE'];
    const fit = ['tab\t', 'line\r\n', '<&>"', '日本', '\u{1F600}', ' ', '\u0085\u2028'];
    const { failures } = await s3.deleteVersions(
      BUCKET,
      [...unfit, ...fit].map((key) => version(key)),
    );
    const together = sdk.commandCalls(DeleteObjectsCommand).map((call) => call.args[0].input.Delete?.Objects);
    expect(together).toEqual([fit.map((Key) => ({ Key, VersionId: 'v1' }))]);
    expect(sdk.commandCalls(DeleteObjectCommand).map((call) => call.args[0].input)).toEqual(
      unfit.map((Key) => ({ ...NAMED, Key, VersionId: 'v1' })),
    );
    const failure = { code: 'InternalError', message: 'try again', action: 's3:DeleteObjectVersion' };
    expect(failures).toEqual([{ version: version('b\uFFFE'), ...failure }]);
  });

  it('succeeds where the bucket is gone', async () => {
    sdk.on(DeleteObjectsCommand).rejects(sdkError('NoSuchBucket', { status: 404 }));
    sdk.on(DeleteObjectCommand).rejects(sdkError('NoSuchBucket', { status: 404 }));
    expect(await s3.deleteVersions(BUCKET, [version('a'), version('\u0001')])).toEqual({ failures: [] });
  });

  it.each([0, 1_001])('refuses to be asked for %i versions', async (count) => {
    const versions = Array.from({ length: count }, (_, at) => version(`key-${at}`));
    await expect(s3.deleteVersions(BUCKET, versions)).rejects.toBeInstanceOf(Bug);
  });
});

describe('uploads', () => {
  it('gives every page, encoded keys too', async () => {
    const pages = served('UploadIdMarker', {
      '': {
        EncodingType: 'url' as const,
        Uploads: [{ Key: 'a+b', UploadId: 'u1' }],
        IsTruncated: true,
        NextKeyMarker: 'a+b',
        NextUploadIdMarker: 'u1',
      },
      u1: { EncodingType: 'url' as const, Uploads: [{ Key: 'c', UploadId: 'u2' }], IsTruncated: false },
    });
    sdk.on(ListMultipartUploadsCommand).callsFake(pages.answer);
    expect(await collect(s3.uploads(BUCKET))).toEqual([
      [{ key: 'a b', uploadId: 'u1' }],
      [{ key: 'c', uploadId: 'u2' }],
    ]);
    expect(pages.asked).toMatchObject([
      { ...NAMED, EncodingType: 'url' },
      { KeyMarker: 'a b', UploadIdMarker: 'u1' },
    ]);
  });

  it('gives nothing where the bucket is gone', async () => {
    sdk.on(ListMultipartUploadsCommand).rejects(sdkError('NoSuchBucket', { status: 404 }));
    expect(await collect(s3.uploads(BUCKET))).toEqual([]);
  });

  it('are aborted; one that is gone already is', async () => {
    sdk
      .on(AbortMultipartUploadCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('NoSuchUpload', { status: 404 }));
    await s3.abortUpload(BUCKET, { key: 'a', uploadId: 'u1' });
    await s3.abortUpload(BUCKET, { key: 'a', uploadId: 'u1' });
    const input = { ...NAMED, Key: 'a', UploadId: 'u1' };
    expect(sdk.commandCalls(AbortMultipartUploadCommand).map((call) => call.args[0].input)).toEqual([input, input]);
    sdk.on(AbortMultipartUploadCommand).rejects(sdkError('AccessDenied', { status: 403 }));
    await expect(s3.abortUpload(BUCKET, { key: 'a', uploadId: 'u1' })).rejects.toBeInstanceOf(AwsFailure);
  });
});

describe('policy', () => {
  it('gives the text', async () => {
    sdk.on(GetBucketPolicyCommand, NAMED).resolves({ Policy: '{"Statement":[]}' });
    expect(await s3.policy(BUCKET)).toBe('{"Statement":[]}');
  });

  it.each(['NoSuchBucketPolicy', 'NoSuchBucket'])('%s: there is none, and nothing to delete', async (name) => {
    sdk.on(GetBucketPolicyCommand).rejects(sdkError(name, { status: 404 }));
    sdk.on(DeleteBucketPolicyCommand).rejects(sdkError(name, { status: 404 }));
    expect(await s3.policy(BUCKET)).toBeUndefined();
    await s3.deletePolicy(BUCKET);
    expect(sdk.commandCalls(DeleteBucketPolicyCommand)[0]?.args[0].input).toEqual(NAMED);
  });

  it('is set; that succeeds where the bucket is gone, and fails otherwise', async () => {
    sdk
      .on(PutBucketPolicyCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('NoSuchBucket', { status: 404 }));
    await s3.setPolicy(BUCKET, '{}');
    await s3.setPolicy(BUCKET, '{}');
    expect(sdk.commandCalls(PutBucketPolicyCommand)[0]?.args[0].input).toEqual({ ...NAMED, Policy: '{}' });
    sdk.on(PutBucketPolicyCommand).rejects(sdkError('MalformedPolicy'));
    await expect(s3.setPolicy(BUCKET, '{}')).rejects.toBeInstanceOf(AwsFailure);
    sdk.on(DeleteBucketPolicyCommand).rejects(sdkError('AccessDenied', { status: 403 }));
    await expect(s3.deletePolicy(BUCKET)).rejects.toBeInstanceOf(AwsFailure);
  });
});

describe('a bucket in another Region', () => {
  it('is asked there, with a signature for that Region', async () => {
    sdk.restore();
    const scopes: string[] = [];
    const server = createServer((request, response) => {
      scopes.push(/\/([a-z0-9-]+)\/s3\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '');
      const [status, code] = scopes.length === 1 ? [301, 'PermanentRedirect'] : [404, 'NoSuchBucket'];
      response.writeHead(status, { 'x-amz-bucket-region': 'eu-west-1', 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    try {
      expect(await createS3().bucket(BUCKET)).toBeUndefined();
      expect(scopes).toEqual(['us-east-1', 'eu-west-1']);
    } finally {
      process.env = before;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
