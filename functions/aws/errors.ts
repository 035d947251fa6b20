import { AwsFailure, CleanExitError, messageOf } from '../errors.ts';

/** Action in IAM's spelling, e.g. `ecr:DescribeImages`. */
export type Action = `${string}:${string}`;

/**
 * Makes one AWS call and wraps what it throws, once.
 *
 * @param action what is called, as IAM writes it
 * @param resource name or ARN of what it is called on, for the report
 * @throws AwsFailure where AWS refuses or does not answer
 */
export async function call<T>(action: Action, resource: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (thrown) {
    throw awsFailure(action, resource, thrown);
  }
}

/**
 * Like `call`, for things that may already be gone.
 *
 * @param gone error names that mean "already gone" for this action
 * @returns undefined where it is gone
 */
export async function callUnlessGone<T>(
  action: Action,
  resource: string,
  gone: readonly string[],
  send: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await send();
  } catch (thrown) {
    if (gone.includes(errorNameOf(thrown))) {
      return undefined;
    }
    throw awsFailure(action, resource, thrown);
  }
}

/** Wraps an SDK error; what is already one of our errors stays as it is. */
export function awsFailure(action: Action, resource: string, thrown: unknown): CleanExitError {
  if (thrown instanceof CleanExitError) {
    return thrown;
  }
  const errorName = errorNameOf(thrown);
  const status = statusOf(thrown);
  return new AwsFailure({ action, resource, errorName, status }, sentenceOf(thrown, status), { cause: thrown });
}

/**
 * The name by which an SDK error is known. Errors of the network carry it in `code` only. `UnknownError` is what the SDK
 * says of an answer without an error code (a proxy's page, an empty 404): it never means "already gone".
 */
export function errorNameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) {
    return 'UnknownError';
  }
  const nameless = thrown.name === 'Error' || thrown.name === 'AggregateError' || thrown.name === '';
  return nameless && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name || 'UnknownError';
}

/** HTTP status of the last answer; undefined where none came. */
function statusOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error && '$metadata' in thrown)) {
    return undefined;
  }
  const metadata: unknown = thrown.$metadata;
  return typeof metadata === 'object' &&
    metadata !== null &&
    'httpStatusCode' in metadata &&
    typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined;
}

function sentenceOf(thrown: unknown, status: number | undefined): string {
  const message = messageOf(thrown);
  if (message !== '' && message !== 'UnknownError') {
    return message;
  }
  return status === undefined ? 'no answer' : `HTTP ${status} without a message`;
}
