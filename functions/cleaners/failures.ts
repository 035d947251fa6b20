import type { Leftover, Note, ResourceRef, StepResult } from '../core/model.ts';
import { AwsFailure } from '../errors.ts';

const LONGEST_REASON = 300;

/** Shortens AWS's words so that one failure cannot fill a whole report. */
export function clip(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON - 1)}…`;
}

/** Counts with its noun: `1 image`, `3 images`, `2 managed policies`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** Who must do what about a failed call. */
export function remedyFor(failure: AwsFailure): string {
  const { action, resource, errorName } = failure.context;
  if (failure.accessDenied) {
    return `An administrator must allow ${action} on ${resource} to the role of the function, then delete again.`;
  }
  if (isThrottle(errorName)) return `Delete again when the account's quota for ${action} is less used.`;
  return `Whoever owns the stack mends what ${action} complains about, then deletes again.`;
}

/** The leftover for one failed call. */
export function leftoverOf(
  failure: AwsFailure,
  about: { readonly resource: ResourceRef; readonly what: string; readonly blocks: boolean },
): Leftover {
  return { ...about, why: clip(failure.message), remedy: remedyFor(failure) };
}

/** The note for a call whose failure leaves nothing behind that matters. */
export function noteOf(failure: AwsFailure, code: string, resource: ResourceRef, sentence: string): Note {
  return { code, resource, sentence: `${sentence} ${clip(failure.message)}` };
}

/** Runs `work`; an AwsFailure is handed to `onFailure`, anything else stays thrown. */
export async function collect<T>(work: () => Promise<T>, onFailure: (failure: AwsFailure) => T): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof AwsFailure) return onFailure(thrown);
    throw thrown;
  }
}

/** The sum of several results; unfinished where one of them is. */
export function inSum(results: readonly StepResult[]): StepResult {
  return {
    removed: results.flatMap((result) => result.removed),
    leftovers: results.flatMap((result) => result.leftovers),
    notes: results.flatMap((result) => result.notes),
    finished: results.every((result) => result.finished),
  };
}

function isThrottle(errorName: string): boolean {
  return /Throttl|TooManyRequests|LimitExceeded|RateExceeded/.test(errorName);
}
