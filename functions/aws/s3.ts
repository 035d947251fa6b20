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
  type ListMultipartUploadsCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectVersion, OwnBucket, S3Port, Upload, VersionFailure } from '../core/ports/s3.ts';
import { AwsFailure, Bug, messageOf } from '../errors.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { type Action, awsFailure, callUnlessGone, errorNameOf } from './errors.ts';
import { pagesOf } from './paging.ts';
import { chunksOf, required, tagRecord } from './values.ts';

/** A bucket that somebody made again may be in another Region than the stack: the SDK asks S3 where, and goes there. */
const containerClient = perContainer('s3', () => new S3Client({ ...CLIENT_SETTINGS, followRegionRedirects: true }));

const NO_BUCKET = ['NoSuchBucket'];
const NO_POLICY = ['NoSuchBucketPolicy', ...NO_BUCKET];
const NO_TAGS = ['NoSuchTagSet', ...NO_BUCKET];
const NO_LOCK = ['ObjectLockConfigurationNotFoundError', ...NO_BUCKET];
const NO_UPLOAD = ['NoSuchUpload', ...NO_BUCKET];

/** DeleteObjects takes 1 to 1,000. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const VERSIONS_PER_DELETE = 1_000;
const ALONE_AT_ONCE = 10;

/**
 * What XML 1.0 cannot hold, not even escaped: DeleteObjects, whose body is XML, cannot name such a key, DeleteObject, which has
 * it in the address, can. https://www.w3.org/TR/xml/#charsets
 */
const UNFIT_FOR_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** The S3 port over the SDK. Every call names the owner that the bucket must have. */
export function createS3({ client = containerClient, signal }: AdapterOptions<S3Client> = {}): S3Port {
  const options = sendOptions(signal);

  /** DeleteObjects answers 200 with the failures inside; in quiet mode it names nothing else. */
  async function deleteTogether(
    bucket: OwnBucket,
    versions: readonly ObjectVersion[],
  ): Promise<readonly VersionFailure[]> {
    if (versions.length === 0) {
      return [];
    }
    const Objects = versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
    const answer = await deletion(bucket, () =>
      client().send(new DeleteObjectsCommand({ ...named(bucket), Delete: { Objects, Quiet: true } }), options),
    );
    const byId = new Map(versions.map((version) => [idOf(version.key, version.versionId), version]));
    return (answer?.Errors ?? []).flatMap(({ Key, VersionId, Code = 'Unanswered', Message = '' }) => {
      const version = byId.get(idOf(Key, VersionId));
      const failure = { code: Code, message: Message, action: deleteActionIn(Message) };
      if (version !== undefined) {
        return [{ version, ...failure }];
      }
      // An error that fits no version would hide which ones stayed: then none of them counts as deleted.
      return versions.map((each) => ({ version: each, ...failure }));
    });
  }

  /** One key that S3 refuses must not hide what became of the others. */
  async function deleteAlone(bucket: OwnBucket, version: ObjectVersion): Promise<readonly VersionFailure[]> {
    const { key, versionId } = version;
    try {
      await deletion(bucket, () =>
        client().send(new DeleteObjectCommand({ ...named(bucket), Key: key, VersionId: versionId }), options),
      );
      return [];
    } catch (thrown) {
      if (!(thrown instanceof AwsFailure)) {
        throw thrown;
      }
      const { action, errorName } = thrown.context;
      return [{ version, code: errorName, message: messageOf(thrown.cause), action }];
    }
  }

  return {
    async bucket(bucket) {
      // Not HeadBucket: its answers have no body, so that nobody could say what was refused.
      const versioning = await callUnlessGone('s3:GetBucketVersioning', bucket.name, NO_BUCKET, () =>
        client().send(new GetBucketVersioningCommand(named(bucket)), options),
      );
      if (versioning === undefined) {
        return undefined;
      }
      const tagging = await callUnlessGone('s3:GetBucketTagging', bucket.name, NO_TAGS, () =>
        client().send(new GetBucketTaggingCommand(named(bucket)), options),
      );
      const lock = await callUnlessGone('s3:GetBucketObjectLockConfiguration', bucket.name, NO_LOCK, () =>
        client().send(new GetObjectLockConfigurationCommand(named(bucket)), options),
      );
      return {
        tags: tagRecord(tagging?.TagSet?.map(({ Key, Value }) => [Key, Value])),
        mfaDelete: versioning.MFADelete === 'Enabled',
        objectLock: lock?.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled',
      };
    },

    async *versions(bucket) {
      const action = 's3:ListBucketVersions';
      const listing = { action, resource: bucket.name, gone: NO_BUCKET, tokenOf: versionToken } as const;
      const pages = pagesFrom(versionToken, (page: ListObjectVersionsCommandOutput | undefined) =>
        client().send(
          new ListObjectVersionsCommand({
            ...named(bucket),
            EncodingType: 'url',
            KeyMarker: page && decoded(page, page.NextKeyMarker),
            VersionIdMarker: page?.NextVersionIdMarker,
          }),
          options,
        ),
      );
      for await (const page of pagesOf(listing, pages)) {
        const found = [
          ...(page.Versions ?? []).map((version) => ({ ...version, isMarker: false })),
          ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, isMarker: true })),
        ].map(({ Key, VersionId, isMarker }) => ({
          key: required(decoded(page, Key), 'Key', action, bucket.name),
          versionId: required(VersionId, 'VersionId', action, bucket.name),
          isMarker,
        }));
        if (found.length > 0) {
          yield found;
        }
      }
    },

    async deleteVersions(bucket, versions) {
      if (versions.length < 1 || versions.length > VERSIONS_PER_DELETE) {
        throw new Bug(`s3:DeleteObjects takes 1 to ${VERSIONS_PER_DELETE} versions, not ${versions.length}`);
      }
      const failures = [...(await deleteTogether(bucket, versions.filter(isFitForXml)))];
      for (const some of chunksOf(
        versions.filter((version) => !isFitForXml(version)),
        ALONE_AT_ONCE,
      )) {
        const alone = await Promise.all(some.map((version) => deleteAlone(bucket, version)));
        failures.push(...alone.flat());
      }
      return { failures };
    },

    async *uploads(bucket) {
      const action = 's3:ListBucketMultipartUploads';
      const listing = { action, resource: bucket.name, gone: NO_BUCKET, tokenOf: uploadToken } as const;
      const pages = pagesFrom(uploadToken, (page: ListMultipartUploadsCommandOutput | undefined) =>
        client().send(
          new ListMultipartUploadsCommand({
            ...named(bucket),
            EncodingType: 'url',
            KeyMarker: page && decoded(page, page.NextKeyMarker),
            UploadIdMarker: page?.NextUploadIdMarker,
          }),
          options,
        ),
      );
      for await (const page of pagesOf(listing, pages)) {
        const found: readonly Upload[] = (page.Uploads ?? []).map(({ Key, UploadId }) => ({
          key: required(decoded(page, Key), 'Key', action, bucket.name),
          uploadId: required(UploadId, 'UploadId', action, bucket.name),
        }));
        if (found.length > 0) {
          yield found;
        }
      }
    },

    async abortUpload(bucket, { key, uploadId }) {
      await callUnlessGone('s3:AbortMultipartUpload', bucket.name, NO_UPLOAD, () =>
        client().send(new AbortMultipartUploadCommand({ ...named(bucket), Key: key, UploadId: uploadId }), options),
      );
    },

    async policy(bucket) {
      const answer = await callUnlessGone('s3:GetBucketPolicy', bucket.name, NO_POLICY, () =>
        client().send(new GetBucketPolicyCommand(named(bucket)), options),
      );
      return answer?.Policy;
    },

    async setPolicy(bucket, policy) {
      await callUnlessGone('s3:PutBucketPolicy', bucket.name, NO_BUCKET, () =>
        client().send(new PutBucketPolicyCommand({ ...named(bucket), Policy: policy }), options),
      );
    },

    async deletePolicy(bucket) {
      await callUnlessGone('s3:DeleteBucketPolicy', bucket.name, NO_POLICY, () =>
        client().send(new DeleteBucketPolicyCommand(named(bucket)), options),
      );
    },
  };
}

function named({ name, owner }: OwnBucket): { readonly Bucket: string; readonly ExpectedBucketOwner: string } {
  return { Bucket: name, ExpectedBucketOwner: owner };
}

/** The SDK has no paginator for these two listings. */
async function* pagesFrom<Page>(
  tokenOf: (page: Page) => string | undefined,
  send: (before: Page | undefined) => Promise<Page>,
): AsyncGenerator<Page, void> {
  let page: Page | undefined;
  do {
    page = await send(page);
    yield page;
  } while (tokenOf(page) !== undefined);
}

/** Both markers together: a key with more versions than a page holds comes with the same key marker again. */
function versionToken(page: ListObjectVersionsCommandOutput): string | undefined {
  return page.IsTruncated ? idOf(page.NextKeyMarker, page.NextVersionIdMarker) : undefined;
}

function uploadToken(page: ListMultipartUploadsCommandOutput): string | undefined {
  return page.IsTruncated ? idOf(page.NextKeyMarker, page.NextUploadIdMarker) : undefined;
}

/**
 * Keys are asked for in the encoding of addresses, because the XML of an answer cannot hold all of them; the SDK hands them
 * out as they come. S3 writes a space as `+`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html (encoding-type)
 */
function decoded(page: { readonly EncodingType?: string | undefined }, text: string | undefined): string | undefined {
  return page.EncodingType === 'url' && text !== undefined ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

function idOf(key: string | undefined, id: string | undefined): string {
  return JSON.stringify([key, id]);
}

function isFitForXml({ key }: ObjectVersion): boolean {
  return !UNFIT_FOR_XML.test(key);
}

/** DeleteObjects needs two rights; S3's words name the one that is missing. */
function deleteActionIn(message: string): Action {
  return /\bs3:DeleteObject\b/.test(message) ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
}

async function deletion<T>({ name }: OwnBucket, send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (thrown) {
    if (NO_BUCKET.includes(errorNameOf(thrown))) {
      return undefined;
    }
    throw awsFailure(deleteActionIn(messageOf(thrown)), name, thrown);
  }
}
