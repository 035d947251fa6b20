import * as z from 'zod/mini';
import type { BuildState, BuildStatus } from './build-state.ts';
import { advanceHistory, type BuildHistory, NO_HISTORY } from './history.ts';
import { rankOf } from './state.ts';

const STATUSES = [
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'STOPPED',
  'TIMED_OUT',
  'FAULT',
  'LOST',
  'UNKNOWN',
] as const satisfies readonly BuildStatus[];

const Entry = z.object({
  buildId: z.string(),
  number: z.exactOptional(z.number()),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  status: z.enum(STATUSES),
  /** ISO 8601; absent while the build runs. */
  endedAt: z.exactOptional(z.string()),
  durationSeconds: z.exactOptional(z.number()),
});
/** One build as the record of its branch remembers it. */
export type BuildEntry = z.output<typeof Entry>;

const History = z.object({
  lastVerdict: z.exactOptional(z.enum(['good', 'bad'])),
  failedInARow: z.number(),
  failingSince: z.exactOptional(z.string()),
  durations: z.array(z.number()),
});

/**
 * What is remembered of one project and branch: the last builds one by one, and what came before them summed up. Events
 * come late, twice and in any order; as long as a build is among the last ones, all orders give the same record.
 */
export interface BranchRecord {
  readonly before: BuildHistory;
  /** In the order of their beginning. */
  readonly recent: readonly BuildEntry[];
}
const StoredRecord = z.object({ before: History, recent: z.array(Entry) });

/** Reads a record as it was stored. What cannot be read (no code of ours wrote it) counts as nothing known. */
export function parseRecord(text: string): BranchRecord {
  try {
    return StoredRecord.parse(JSON.parse(text));
  } catch {
    return NO_RECORD;
  }
}

export const NO_RECORD: BranchRecord = { before: NO_HISTORY, recent: [] };

/** Builds of one branch that run, or report, at the same time are far fewer. */
const RECENT_KEPT = 12;

/** A build as an entry; undefined where it does not say which build it is. */
export function entryOf(build: BuildState, now: number): BuildEntry | undefined {
  const { place, status, number, startedAt, endedAt, durationSeconds } = build;
  if (place.buildId === undefined) {
    return undefined;
  }
  const started = startedAt === undefined ? now : Date.parse(startedAt);
  return {
    buildId: place.buildId,
    startedAt: started,
    status,
    ...(number === undefined ? {} : { number }),
    ...(rankOf(status) === 1 ? {} : { endedAt: endedAt ?? new Date(now).toISOString() }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
}

/** The record with what is now known of a build. What is known already, or better, stays. */
export function withEntry(record: BranchRecord, entry: BuildEntry): BranchRecord {
  const known = record.recent.find(({ buildId }) => buildId === entry.buildId);
  if (known !== undefined && rankOf(known.status) >= rankOf(entry.status)) {
    return record;
  }
  // A beginning that is known stays the beginning: the order never changes.
  const merged = known === undefined ? entry : { ...entry, startedAt: known.startedAt };
  const recent = [...record.recent.filter(({ buildId }) => buildId !== entry.buildId), merged].sort(inOrder);
  const tooMany = Math.max(0, recent.length - RECENT_KEPT);
  return {
    before: recent.slice(0, tooMany).reduce<BuildHistory>(advanced, record.before),
    recent: recent.slice(tooMany),
  };
}

/** The history as it stood before a build: later builds do not count, whenever they ended. */
export function historyBefore(record: BranchRecord, entry: BuildEntry): BuildHistory {
  return record.recent
    .filter((other) => other.buildId !== entry.buildId && inOrder(other, entry) < 0)
    .reduce<BuildHistory>(advanced, record.before);
}

/**
 * True where a build that began earlier has no end here. Of builds without a branch that says: it runs, or it ended under the
 * branch that it told at its end, so that the record without a branch does not know how the last builds ended.
 */
export function hasGaps(record: BranchRecord, entry: BuildEntry): boolean {
  return record.recent.some((other) => other.endedAt === undefined && inOrder(other, entry) < 0);
}

/** The newest build of the branch that began after this one; undefined where there is none. */
export function newerThan(record: BranchRecord, entry: BuildEntry): BuildEntry | undefined {
  return record.recent.findLast((other) => other.buildId !== entry.buildId && inOrder(other, entry) > 0);
}

function advanced(history: BuildHistory, { status, endedAt, durationSeconds }: BuildEntry): BuildHistory {
  return endedAt === undefined
    ? history
    : advanceHistory(history, {
        status,
        endedAt,
        ...(durationSeconds === undefined ? {} : { durationSeconds }),
      });
}

/** By their beginning. Two builds of the same second by their number, and by their ID where that is missing. */
function inOrder(one: BuildEntry, other: BuildEntry): number {
  return (
    one.startedAt - other.startedAt ||
    (one.number ?? 0) - (other.number ?? 0) ||
    (one.buildId < other.buildId ? -1 : one.buildId > other.buildId ? 1 : 0)
  );
}
