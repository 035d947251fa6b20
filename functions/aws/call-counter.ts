import type { Action } from './errors.ts';

/** Attempts of this container's life, by action. */
const made = new Map<Action, number>();

export function countAttempt(action: Action): void {
  made.set(action, (made.get(action) ?? 0) + 1);
}

/**
 * @returns a function that tells the attempts since now, retries included, by action. Clients live as long as the container
 *   and serve many invocations: a counter that starts with an invocation tells that invocation's calls.
 */
export function callsFromNow(): () => Readonly<Record<string, number>> {
  const before = new Map(made);
  return () => {
    const since: Record<string, number> = {};
    for (const [action, count] of made) {
      const difference = count - (before.get(action) ?? 0);
      if (difference > 0) {
        since[action] = difference;
      }
    }
    return since;
  };
}

/** The commands whose name is not the IAM action's. */
const IAM_NAMES: Readonly<Record<string, string>> = {
  Invoke: 'InvokeFunction',
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  ListObjectVersions: 'ListBucketVersions',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  // Both name versions; DeleteObjects needs s3:DeleteObject besides.
  DeleteObject: 'DeleteObjectVersion',
  DeleteObjects: 'DeleteObjectVersion',
};

/** `DescribeImagesCommand` of `ecr` is `ecr:DescribeImages`. */
export function iamAction(service: string, commandName: string): Action {
  const operation = commandName.replace(/Command$/, '');
  return `${service}:${IAM_NAMES[operation] ?? operation}`;
}
