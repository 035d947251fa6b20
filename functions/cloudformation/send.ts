import pRetry, { AbortError } from 'p-retry';
import { AwsFailure, networkErrorName } from '../errors.ts';

export interface SendOptions {
  /** Milliseconds for all attempts and the waits between them. */
  readonly budgetMs: number;
  /** Milliseconds after which an attempt counts as lost. */
  readonly attemptMs: number;
  /** Milliseconds before the first repetition; each later wait is twice as long. */
  readonly firstWaitMs: number;
  /** Told before each repetition. */
  readonly onRetry: (failure: AwsFailure, attempt: number) => void;
}

const RETRIES = 6;

/**
 * Puts an answer where CloudFormation waits for it. Time-outs, network errors, 5xx, 408 and 429 are repeated; anything else,
 * such as 403 for an address that has expired, cannot get better. No error and no log line holds the address: it is a
 * credential.
 *
 * @param url the request's ResponseURL, already checked
 * @throws AwsFailure when the answer could not be put
 */
export async function sendAnswer(url: string, body: string, options: SendOptions): Promise<void> {
  const deadline = Date.now() + options.budgetMs;
  await pRetry(() => attempt(url, body, options.attemptMs), {
    retries: RETRIES,
    minTimeout: options.firstWaitMs,
    maxTimeout: 10_000,
    shouldRetry: ({ error, attemptNumber, retryDelay }) => {
      const repeat = error instanceof AwsFailure && Date.now() + retryDelay < deadline;
      if (repeat) {
        options.onRetry(error, attemptNumber);
      }
      return repeat;
    },
  });
}

async function attempt(url: string, body: string, attemptMs: number): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    // Bytes, not text: fetch would add a content type to text, and the address is signed without one.
    body: Buffer.from(body),
    // Another host is one that nobody checked.
    redirect: 'manual',
    signal: AbortSignal.timeout(attemptMs),
  }).catch((thrown: unknown) => {
    throw failure(networkErrorName(thrown), 'no answer');
  });
  // Read to the end, so that the connection is free; S3's error text may quote the address and is not kept.
  await response.body?.cancel();
  const { status } = response;
  if (status >= 200 && status < 300) {
    return;
  }
  const refused = failure(`HTTP${status}`, `S3 answered ${status}`, status);
  throw status === 408 || status === 429 || status >= 500 ? refused : new AbortError(refused);
}

function failure(errorName: string, message: string, status?: number): AwsFailure {
  return new AwsFailure({ action: 's3:PutObject', resource: 'the ResponseURL', errorName, status }, message);
}
