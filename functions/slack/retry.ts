import { setTimeout } from 'node:timers/promises';
import pRetry from 'p-retry';
import { SlackUnavailable } from './errors.ts';

export interface RetryOptions {
  /** Milliseconds before the first repetition; later ones wait longer. */
  readonly firstWaitMs: number;
  /** Told before each repetition. */
  readonly onRetry: (error: SlackUnavailable, attempt: number) => void;
}

/**
 * Repeats what Slack did not take, after as long as Slack asks for, as long as the next attempt begins before the
 * deadline. Everything but `SlackUnavailable` fails at once.
 *
 * @param deadline in epoch milliseconds
 */
export function withRetries<T>(
  attempt: () => Promise<T>,
  deadline: number,
  { firstWaitMs, onRetry }: RetryOptions,
): Promise<T> {
  return pRetry(attempt, {
    retries: 6,
    minTimeout: firstWaitMs,
    maxTimeout: 10_000,
    randomize: true,
    shouldRetry: async ({ error, attemptNumber, retryDelay }) => {
      if (!(error instanceof SlackUnavailable)) {
        return false;
      }
      const asked = (error.retryAfter ?? 0) * 1000;
      if (Date.now() + Math.max(asked, retryDelay) >= deadline) {
        return false;
      }
      onRetry(error, attemptNumber);
      // The usual wait is still to come; what Slack asks beyond it is waited here.
      await setTimeout(Math.max(0, asked - retryDelay));
      return true;
    },
  });
}
