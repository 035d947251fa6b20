import type { BuildStatus } from './build-state.ts';

/**
 * What is remembered of the builds of one project and branch: as it stood before the build that a notice is about.
 * Plain data that survives JSON; nothing of it is outside text.
 */
export interface BuildHistory {
  /** How the last build ended that counts (a stopped one says nothing about the code); absent before the first. */
  readonly lastVerdict?: Verdict;
  /** Builds that failed one after the other, up to the last; 0 where the last one was good. */
  readonly failedInARow: number;
  /** When the first of those failures ended, ISO 8601 with a zone; only where there is one. */
  readonly failingSince?: string;
  /** How long the last good builds took, in seconds, oldest first; at most `DURATIONS_KEPT`. */
  readonly durations: readonly number[];
}

export type Verdict = 'good' | 'bad';

/** Enough for a median that one slow build does not move, and little to store. */
const DURATIONS_KEPT = 11;
/** Fewer builds than this have no "usually". */
const ENOUGH_FOR_USUAL = 3;

export const NO_HISTORY: BuildHistory = { failedInARow: 0, durations: [] };

/** How a build stands to those before it on the same branch. Times in ISO 8601. */
export type Standing =
  /** Nothing is known of an earlier build, or this one says nothing about the code. */
  | { readonly kind: 'none' }
  | { readonly kind: 'stillFine' }
  | { readonly kind: 'broke' }
  /** `nth` counts this failure too. */
  | { readonly kind: 'stillFailing'; readonly nth: number; readonly since?: string }
  /** `after` counts the failures before this good build. */
  | { readonly kind: 'fixed'; readonly after: number; readonly since?: string };

/** Good or bad; undefined for a state that says nothing about the code: running, stopped by somebody, unknown. */
export function verdictOf(status: BuildStatus): Verdict | undefined {
  switch (status) {
    case 'SUCCEEDED':
      return 'good';
    case 'FAILED':
    case 'TIMED_OUT':
    case 'FAULT':
      return 'bad';
    case 'IN_PROGRESS':
    case 'STOPPED':
    case 'LOST':
    case 'UNKNOWN':
      return undefined;
    default:
      return status satisfies never;
  }
}

/** @param before the record as it stood before this build; undefined where there is none */
export function standingOf(status: BuildStatus, before: BuildHistory | undefined): Standing {
  const verdict = verdictOf(status);
  if (verdict === undefined || before?.lastVerdict === undefined) {
    return { kind: 'none' };
  }
  const since = before.failingSince === undefined ? {} : { since: before.failingSince };
  if (verdict === 'good') {
    return before.lastVerdict === 'good'
      ? { kind: 'stillFine' }
      : { kind: 'fixed', after: Math.max(1, before.failedInARow), ...since };
  }
  return before.lastVerdict === 'good'
    ? { kind: 'broke' }
    : { kind: 'stillFailing', nth: Math.max(1, before.failedInARow) + 1, ...since };
}

/**
 * The record after a build. A build that says nothing about the code leaves it as it was.
 *
 * @param endedAt ISO 8601, when the build ended
 */
export function advanceHistory(
  before: BuildHistory,
  build: { readonly status: BuildStatus; readonly endedAt: string; readonly durationSeconds?: number },
): BuildHistory {
  const verdict = verdictOf(build.status);
  if (verdict === undefined) {
    return before;
  }
  if (verdict === 'bad') {
    const failedInARow = before.failedInARow + 1;
    const failingSince = before.failedInARow > 0 ? (before.failingSince ?? build.endedAt) : build.endedAt;
    return { lastVerdict: 'bad', failedInARow, failingSince, durations: before.durations };
  }
  const durations =
    build.durationSeconds === undefined ? before.durations : [...before.durations, build.durationSeconds];
  return { lastVerdict: 'good', failedInARow: 0, durations: durations.slice(-DURATIONS_KEPT) };
}

/** The median of the last good builds in whole seconds; undefined where they are too few to speak of "usually". */
export function usualSeconds({ durations }: BuildHistory): number | undefined {
  if (durations.length < ENOUGH_FOR_USUAL) {
    return undefined;
  }
  const sorted = [...durations].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return Math.round((low + high) / 2);
}
