import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Leftover, StackResource, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Clock } from '../core/ports/index.ts';
import { counted } from '../core/report.ts';
import { AwsFailure } from '../errors.ts';
import { collect, leftoverOf } from './failures.ts';
import { removedOf } from './results.ts';
import { type Problems, type Shelf, stillThere, sumOf, sweep } from './sweep.ts';

/** Pauses between two looks, in milliseconds: a put that was under way needs a moment, a loop of puts more. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
/** Looks in a row that bring nothing before what is left counts as left. */
const MOST_LOOKS_IN_VAIN = 3;

/** What a verification saw in the end. */
interface Verified {
  /** By kind. */
  readonly removed: ReadonlyMap<string, number>;
  /** What is left, and why. */
  readonly problems: Problems;
  /** There is more than could be looked at. */
  readonly orMore: boolean;
  /** The last listing failed: nobody knows what is left. */
  readonly unlisted?: AwsFailure | undefined;
  /** False: the deadline came first. */
  readonly finished: boolean;
}

/** Sweeps a shelf again and again until a look shows nothing, nothing more can be removed, or the time is up. */
async function emptyOut<T>(shelf: Shelf<T>, clock: Clock): Promise<Verified> {
  const removed = new Map<string, number>();
  const outcome = { removed, problems: new Map() as Problems, orMore: false, finished: true };
  let problems: Problems = new Map();
  let inVain = 0;
  let confirming = false;
  for (let pause = FIRST_PAUSE; shelf.remaining() > 0; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    if (inVain >= MOST_LOOKS_IN_VAIN) {
      const left = await collect<Problems | undefined | AwsFailure>(
        () => stillThere(shelf, problems),
        (failure) => failure,
      );
      if (left instanceof AwsFailure) return { ...outcome, unlisted: left };
      if (left !== undefined) return { ...outcome, problems: left };
    }
    const look = await sweep(shelf);
    for (const [kind, count] of look.removed) removed.set(kind, (removed.get(kind) ?? 0) + count);
    problems = look.problems;
    const some = sumOf(look.removed) > 0;
    inVain = some ? 0 : inVain + 1;
    if (!look.finished) break;
    if (look.unlisted !== undefined) {
      if (inVain >= MOST_LOOKS_IN_VAIN) return { ...outcome, unlisted: look.unlisted };
    } else if (look.seen === 0) {
      // Whoever wrote a moment ago may write once more before the seal is known everywhere.
      if (sumOf(removed) === 0 || confirming) return outcome;
      confirming = true;
      inVain = 0;
    } else {
      confirming = false;
      if (!look.toTheEnd && !some) return { ...outcome, problems, orMore: true };
    }
    await clock.sleep(Math.max(0, Math.min(pause, shelf.remaining())));
  }
  return { ...outcome, problems, finished: false };
}

/** Drains a shelf. No leftovers yet: `emptyShelf` lists again and says what really stayed. */
export async function sweepShelf<T>(resource: StackResource, shelf: Shelf<T>): Promise<StepResult> {
  const { removed, finished } = await sweep(shelf);
  return { ...NOTHING_DONE, removed: removedByKind(resource, removed), finished };
}

/** Verifies that a shelf is empty, removes what came late, and says what stays: one leftover for each kind and cause. */
export async function emptyShelf<T>(resource: StackResource, shelf: Shelf<T>, clock: Clock): Promise<StepResult> {
  const { removed, problems, orMore, unlisted, finished } = await emptyOut(shelf, clock);
  const byCause = Map.groupBy(problems.values(), ({ kind, code, remedy }) => JSON.stringify([kind, code, remedy]));
  const leftovers = [...byCause.values()].flatMap((same): readonly Leftover[] =>
    same.slice(0, 1).map(({ kind, why, remedy }) => {
      const what = counted(same.length, kind, orMore);
      return { resource: refOf(resource), what, why, remedy, blocks: shelf.blocks };
    }),
  );
  const unknown = unlisted && leftoverOf(resource, unlisted, `an unknown number of ${shelf.named}`, shelf.blocks);
  return {
    removed: removedByKind(resource, removed),
    leftovers: unknown === undefined ? leftovers : [...leftovers, unknown],
    notes: [],
    finished,
  };
}

function removedByKind(resource: StackResource, removed: ReadonlyMap<string, number>): StepResult['removed'] {
  return [...removed].flatMap(([kind, count]) => removedOf(resource, kind, count));
}
