import type { Leftover, Note, StackResource } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import { clipBytes } from '../core/report.ts';
import { AwsFailure } from '../errors.ts';
import { noteAbout } from './results.ts';

/** Bytes. */
const LONGEST_REASON = 300;

/** Shortens AWS's words so that one failure cannot fill a whole report. */
export function clip(text: string): string {
  return clipBytes(text, LONGEST_REASON);
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

/** The leftover for one failed call: what remains, and whether CloudFormation's delete fails while it does. */
export function leftoverOf(resource: StackResource, failure: AwsFailure, what: string, blocks: boolean): Leftover {
  return { resource: refOf(resource), what, why: clip(failure.message), remedy: remedyFor(failure), blocks };
}

/** The note for a call whose failure leaves nothing behind that matters. */
export function failureNote(resource: StackResource, failure: AwsFailure, code: string, sentence: string): Note {
  return noteAbout(resource, code, `${sentence} ${clip(failure.message)}`);
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

function isThrottle(errorName: string): boolean {
  return /Throttl|TooManyRequests|LimitExceeded|RateExceeded/.test(errorName);
}
