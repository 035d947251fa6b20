import type { Content, Refusal, StackResource } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Bucket } from '../core/ports/s3.ts';
import { counted } from '../core/report.ts';

/** What is in the way of the bucket's delete is in it. */
const BLOCKED = { stops: 'resource', blocks: true } as const;
const BY_HAND =
  'or whoever deletes the stack retains the bucket and the custom resource (--retain-resources), and empties it when that is possible.';

/**
 * Why a bucket that holds something is not emptied. What consent cannot help against comes first: a bucket is emptied as a
 * whole or not at all.
 *
 * @param consented whether this run may delete what is in buckets
 */
export function refusalOf(
  resource: StackResource,
  bucket: Bucket,
  contents: readonly Content[],
  consented: boolean,
): Refusal | undefined {
  const refusal = (code: string, sentence: string, remedy: string): Refusal => ({
    code,
    resource: refOf(resource),
    sentence,
    remedy,
    ...BLOCKED,
  });
  const held = contents.map(({ kind, count, orMore }) => counted(count, kind, orMore)).join(' and ');
  if (bucket.objectLock) {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    const sentence = `It holds ${held} and has Object Lock, so versions may be under retention or a legal hold: nothing in it is removed.`;
    const remedy = `Whoever owns the data empties it by hand once no retention and no legal hold stands, then deletes again; ${BY_HAND}`;
    return refusal('BUCKET_LOCKED', sentence, remedy);
  }
  if (bucket.mfaDelete) {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
    const sentence = `It holds ${held} and has MFA Delete, so only the account’s root user with its device can delete versions: nothing in it is removed.`;
    const remedy = `The root user switches MFA Delete off or empties it, then whoever deletes the stack deletes it again; ${BY_HAND}`;
    return refusal('BUCKET_MFA_DELETE', sentence, remedy);
  }
  if (!consented) {
    const sentence = `It holds ${held}, and nobody consented to delete what is in buckets.`;
    // CloudFormation does not update a stack whose delete has failed, so the template's consent comes too late there.
    const remedy = `Whoever owns the data empties it by hand, then deletes again; ${BY_HAND} The consent is EmptyBuckets, true on the custom resource before the delete.`;
    return refusal('BUCKET_NOT_EMPTY', sentence, remedy);
  }
  return undefined;
}
