import pMap from 'p-map';
import { difference } from '../core/execute.ts';
import type { Note } from '../core/model.ts';
import { AwsFailure, messageOf } from '../errors.ts';
import type { TeardownDeps } from './dependencies.ts';
import { addCalls, ended } from './journey.ts';
import type { Journey, Remaining, StackOutcome, TeardownRefusal, TeardownReport } from './model.ts';
import { remainingOf } from './remains.ts';

/** What became of a teardown, as far as the report has to be told. */
export interface Ended {
  readonly run: string;
  readonly mode: 'plan' | 'execute';
  readonly refusals: readonly TeardownRefusal[];
  /** Empty where nothing was begun. */
  readonly journeys: readonly Journey[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Calls that no journey has counted: those of the plan. */
  readonly calls: Readonly<Record<string, number>>;
}

/**
 * The report of a teardown: what became of each stack, and what they leave in the account. Removes orphaned log groups where
 * the request allows it. It never throws for what cannot be looked up: that is a note.
 */
export async function reportTeardown(deps: TeardownDeps, teardown: Ended): Promise<TeardownReport> {
  const { run, mode, refusals, startedAt } = teardown;
  const before = { ...deps.ports.callsMade() };
  const journeys = teardown.journeys.map((journey) =>
    journey.outcome === undefined
      ? ended(journey, 'stopped', {
          why: 'The run was stopped before this stack came to its end.',
          remedy: 'Ask for the same stacks again: the work goes on where it stopped.',
        })
      : journey,
  );
  const deleted = journeys.filter(({ outcome }) => outcome === 'deleted');
  const { remaining, notes } = await lookUp(deps, deleted);
  const cleared = await clear(deps, deleted, remaining);
  return {
    version: 1,
    outcome: outcomeOf(mode, refusals, journeys),
    run,
    refusals,
    stacks: journeys.map(stackOutcome),
    remaining: cleared.remaining,
    removedLogGroups: cleared.removed,
    notes: [...notes, ...cleared.notes],
    calls: addCalls(teardown.calls, ...journeys.map(({ calls }) => calls), difference(deps.ports.callsMade(), before)),
    milliseconds: deps.ports.clock.now() - startedAt,
  };
}

function outcomeOf(
  mode: Ended['mode'],
  refusals: readonly TeardownRefusal[],
  journeys: readonly Journey[],
): TeardownReport['outcome'] {
  if (mode === 'plan') return 'planned';
  if (refusals.length > 0) return 'refused';
  return journeys.every(({ outcome }) => outcome === 'deleted') ? 'deleted' : 'failed';
}

function stackOutcome(journey: Journey): StackOutcome {
  const {
    stackId,
    stackName,
    removed,
    leftovers,
    notes,
    failures,
    why,
    remedy,
    attempt,
    outcome = 'stopped',
  } = journey;
  return { stackId, stackName, removed, leftovers, notes, failures, why, remedy, outcome, attempts: attempt };
}

async function lookUp(
  deps: TeardownDeps,
  deleted: readonly Journey[],
): Promise<{ readonly remaining: readonly Remaining[]; readonly notes: readonly Note[] }> {
  try {
    return {
      remaining: await remainingOf(
        deps,
        deleted.map(({ stackId }) => stackId),
      ),
      notes: [],
    };
  } catch (thrown) {
    if (!(thrown instanceof AwsFailure)) throw thrown;
    const sentence = `What the stacks leave in the account could not be looked up: ${messageOf(thrown)}`;
    return { remaining: [], notes: [{ code: 'REMAINS_UNKNOWN', sentence }] };
  }
}

const LOG_GROUP = 'AWS::Logs::LogGroup ';

/** Deletes orphaned log groups where the request allows it. */
async function clear(
  { ports }: TeardownDeps,
  deleted: readonly Journey[],
  remaining: readonly Remaining[],
): Promise<{
  readonly remaining: readonly Remaining[];
  readonly removed: readonly string[];
  readonly notes: readonly Note[];
}> {
  const groups = deleted.some(({ options }) => options.deleteOrphanedLogGroups)
    ? remaining.filter(({ kind }) => kind === 'log group')
    : [];
  const removed: string[] = [];
  const notes: Note[] = [];
  await pMap(
    groups,
    async ({ what }) => {
      const name = what.slice(LOG_GROUP.length);
      try {
        await ports.afterDelete.deleteLogGroup(name);
        removed.push(name);
      } catch (thrown) {
        if (!(thrown instanceof AwsFailure)) throw thrown;
        notes.push({ code: 'LOG_GROUP_LEFT', sentence: messageOf(thrown) });
      }
    },
    { concurrency: 3 },
  );
  const gone = new Set(removed.map((name) => LOG_GROUP + name));
  return { remaining: remaining.filter(({ what }) => !gone.has(what)), removed: removed.toSorted(), notes };
}
