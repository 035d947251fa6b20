import type { ObjectVersion, OwnBucket, S3Port, Upload, VersionFailure } from '../core/ports/s3.ts';
import { clip } from './failures.ts';
import type { Problem, Shelf } from './sweep.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const VERSIONS_PER_CALL = 1_000;

export const VERSION = 'object version';
export const MARKER = 'delete marker';
export const UPLOAD = 'multipart upload';

/** Deadline and progress of a shelf. */
export type Run = Pick<Shelf<unknown>, 'remaining' | 'onRemoved'>;

export function kindOfVersion({ isMarker }: ObjectVersion): string {
  return isMarker ? MARKER : VERSION;
}

/** Versions and delete markers of a bucket. */
export function versionShelf(s3: S3Port, bucket: OwnBucket, run: Run): Shelf<ObjectVersion> {
  return {
    ...run,
    named: 'object versions',
    blocks: true,
    batch: VERSIONS_PER_CALL,
    list: () => s3.versions(bucket),
    idOf: ({ key, versionId }) => JSON.stringify([key, versionId]),
    kindOf: kindOfVersion,
    remove: async (versions) => {
      const { failures } = await s3.deleteVersions(bucket, versions);
      return failures.map((failure) => ({ thing: failure.version, problem: problemOf(failure, bucket) }));
    },
  };
}

/** Multipart uploads of a bucket. They do not stand in the way of its delete, but one that is completed becomes an object. */
export function uploadShelf(s3: S3Port, bucket: OwnBucket, run: Run): Shelf<Upload> {
  return {
    ...run,
    named: 'multipart uploads',
    blocks: false,
    batch: 1,
    list: () => s3.uploads(bucket),
    idOf: ({ key, uploadId }) => JSON.stringify([key, uploadId]),
    kindOf: () => UPLOAD,
    remove: async (uploads) => {
      for (const upload of uploads) await s3.abortUpload(bucket, upload);
      return [];
    },
  };
}

function problemOf({ code, message, action }: VersionFailure, { name }: OwnBucket): Problem {
  const why = clip(`${action} on ${name}: ${code}: ${message}`);
  return { code, why, remedy: remedyFor(code, message, action, name) };
}

function remedyFor(code: string, message: string, action: string, name: string): string {
  if (/explicit deny in a resource-based policy/.test(message)) {
    return 'Whoever owns the bucket takes the statement that denies it out of the bucket’s policy, then deletes again.';
  }
  if (code === 'AccessDenied') {
    return `An administrator must allow ${action} on ${name} to the role of the function, then delete again.`;
  }
  if (/^(SlowDown|InternalError|ServiceUnavailable)$/.test(code)) {
    return 'Delete again: S3 could not do it at that time.';
  }
  return 'Whoever owns the bucket deletes the version by hand after mending what S3 names, then deletes again.';
}
