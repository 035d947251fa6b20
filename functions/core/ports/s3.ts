/**
 * A bucket and the account that must own it. Names of buckets are global: one that vanished may be another account's by now,
 * and S3 then refuses every call that names the expected owner.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 */
export interface OwnBucket {
  readonly name: string;
  /** Account id. */
  readonly owner: string;
}

export interface Bucket {
  readonly tags: Readonly<Record<string, string>>;
  /** Versions go only with a code of the root user's MFA device. */
  readonly mfaDelete: boolean;
  /** Versions may be under retention or a legal hold. */
  readonly objectLock: boolean;
}

/** One version of an object, or a delete marker, which fills a bucket like one. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` (the word) for what was written without versioning. */
  readonly versionId: string;
  readonly isMarker: boolean;
}

export interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

export interface VersionFailure {
  readonly version: ObjectVersion;
  /** S3's code, e.g. `AccessDenied`, `SlowDown`, `InternalError`. */
  readonly code: string;
  readonly message: string;
  /** As IAM writes it. */
  readonly action: string;
}

/** "Already gone" is a result, not an error: a bucket that is not there has no versions, uploads or policy. */
export interface S3Port {
  /** undefined where there is no such bucket. */
  bucket(bucket: OwnBucket): Promise<Bucket | undefined>;
  /** Pages of all versions and delete markers from the start (S3 gives 1,000 a page). Do not delete between two pages of one listing. */
  versions(bucket: OwnBucket): AsyncIterable<readonly ObjectVersion[]>;
  /** 1 to 1,000 versions, any key that S3 takes. Those already gone count as deleted. */
  deleteVersions(
    bucket: OwnBucket,
    versions: readonly ObjectVersion[],
  ): Promise<{ readonly failures: readonly VersionFailure[] }>;
  /** Pages of the multipart uploads that were begun and neither completed nor aborted. Do not abort between two pages. */
  uploads(bucket: OwnBucket): AsyncIterable<readonly Upload[]>;
  abortUpload(bucket: OwnBucket, upload: Upload): Promise<void>;
  /** The policy document's JSON text; undefined where there is none. */
  policy(bucket: OwnBucket): Promise<string | undefined>;
  setPolicy(bucket: OwnBucket, policy: string): Promise<void>;
  deletePolicy(bucket: OwnBucket): Promise<void>;
}
