import type { ResourceRef } from '../core/model.ts';
import { type PolicyEdit, type Seal, sealPolicy, unsealPolicy } from './policy-seal.ts';

/**
 * What puts something into a bucket: s3:PutObject for an object in any way (copies, forms and every step of a multipart upload
 * included), s3:ReplicateObject and s3:ReplicateDelete for the objects and delete markers of a replication from elsewhere.
 * s3:RestoreObject makes no version. s3:DeleteObject, which makes delete markers, is what we need ourselves: the last look
 * takes those.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/mpuoverview.html#mpuAndPermissions
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
const WRITES = ['s3:PutObject', 's3:ReplicateObject', 's3:ReplicateDelete'];
/** 20 kB. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html */
const LONGEST_POLICY = { count: 20_480, unit: 'bytes' } as const;

type OfStack = Pick<ResourceRef, 'stackId' | 'physicalId'>;

/**
 * Adds the seal to a bucket's policy (undefined: there is none yet). Every statement that was there stays as it was.
 * Block Public Access is about what a policy grants: it does not stop a Deny for everybody.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export function addBucketSeal(text: string | undefined, resource: OfStack): PolicyEdit {
  return sealPolicy(text, sealOf(resource));
}

/** Takes the seal out of a policy; a policy that holds nothing else is to be deleted. */
export function liftBucketSeal(text: string | undefined, resource: OfStack): PolicyEdit {
  return unsealPolicy(text, sealOf(resource));
}

/** A bucket is in the partition of its stack (aws, aws-cn, aws-us-gov). */
function sealOf({ stackId, physicalId }: OfStack): Seal {
  const [, partition = 'aws'] = stackId.split(':');
  return { actions: WRITES, resource: `arn:${partition}:s3:::${physicalId}/*`, longestPolicy: LONGEST_POLICY };
}
