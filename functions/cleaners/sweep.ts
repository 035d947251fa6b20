import pMap from 'p-map';
import { AwsFailure } from '../errors.ts';
import { clip, collect, remedyFor } from './failures.ts';

/** Things that are held at one time: the key of an object has 1,024 bytes at the most, so these are some ten megabytes. */
const MOST_HELD = 10_000;
/**
 * S3 takes 3,500 deletes a second for each prefix: three calls of a thousand side by side stay near that. CodeBuild publishes
 * no rate. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
 */
const SIDE_BY_SIDE = 3;

/** What can be listed from the start and removed in batches. */
export interface Shelf<T> {
  list(): AsyncIterable<readonly T[]>;
  idOf(thing: T): string;
  /** Singular noun. */
  kindOf(thing: T): string;
  /** All of them together, plural. */
  readonly named: string;
  /** Does CloudFormation's delete fail while there is one? */
  readonly blocks: boolean;
  /** Things that one call removes. */
  readonly batch: number;
  remove(things: readonly T[]): Promise<readonly Refused<T>[]>;
  /** Told after each batch: how many of the things went since the start of the sweep. */
  readonly onRemoved: (removed: number) => void;
  readonly remaining: () => number;
}

/** One thing that a call did not remove, although the call itself went well. */
export interface Refused<T> {
  readonly thing: T;
  readonly problem: Problem;
}

/** Why a thing could not be removed. */
export interface Problem {
  /** AWS's code: the reason may name single things, the code does not. */
  readonly code: string;
  readonly why: string;
  readonly remedy: string;
}

/** What is still there and why, by the thing's id. */
export type Problems = ReadonlyMap<string, Problem & { readonly kind: string }>;

export interface Sweep {
  /** How many things the listings showed. */
  readonly seen: number;
  /** By kind. */
  readonly removed: ReadonlyMap<string, number>;
  readonly problems: Problems;
  /** The listing came to its end: there is nothing that was neither removed nor is a problem. */
  readonly toTheEnd: boolean;
  /** A listing failed. */
  readonly unlisted?: AwsFailure | undefined;
  /** False: the deadline came first. */
  readonly finished: boolean;
}

/**
 * Goes once over a shelf: lists from the start, removes what it holds, lists from the start again until the listing comes to
 * its end. Never removes between two pages of a listing. What cannot be removed is skipped from then on.
 */
export async function sweep<T>(shelf: Shelf<T>): Promise<Sweep> {
  const problems = new Map<string, Problem & { readonly kind: string }>();
  const removed = new Map<string, number>();
  let seen = 0;
  for (;;) {
    const state = { removed, problems };
    const listed = await collect<Listed<T> | AwsFailure>(
      () => listNew(shelf, problems),
      (failure) => failure,
    );
    if (listed instanceof AwsFailure) {
      return { ...state, seen, toTheEnd: false, unlisted: listed, finished: true };
    }
    seen += listed.things.length;
    const inTime = await removeAll(shelf, listed.things, removed, problems);
    if (!inTime || !listed.inTime) return { ...state, seen, toTheEnd: false, finished: false };
    if (listed.toTheEnd || problems.size >= MOST_HELD) {
      return { ...state, seen, toTheEnd: listed.toTheEnd, finished: true };
    }
  }
}

interface Listed<T> {
  readonly things: readonly T[];
  readonly toTheEnd: boolean;
  readonly inTime: boolean;
}

async function listNew<T>(shelf: Shelf<T>, problems: Problems): Promise<Listed<T>> {
  const things: T[] = [];
  for await (const page of shelf.list()) {
    things.push(...page.filter((thing) => !problems.has(shelf.idOf(thing))));
    if (things.length >= MOST_HELD) return { things, toTheEnd: false, inTime: true };
    if (shelf.remaining() <= 0) return { things: [], toTheEnd: false, inTime: false };
  }
  return { things, toTheEnd: true, inTime: true };
}

/** @returns false where the deadline came before the last batch */
async function removeAll<T>(
  shelf: Shelf<T>,
  things: readonly T[],
  removed: Map<string, number>,
  problems: Map<string, Problem & { readonly kind: string }>,
): Promise<boolean> {
  let inTime = true;
  let denied: Problem | undefined;
  const refuse = (thing: T, problem: Problem): void => {
    problems.set(shelf.idOf(thing), { ...problem, kind: shelf.kindOf(thing) });
  };
  const removeBatch = async (batch: readonly T[]): Promise<void> => {
    if (shelf.remaining() <= 0) {
      inTime = false;
      return;
    }
    const refused = denied === undefined ? await tryBatch(shelf, batch) : allRefused(batch, denied);
    if (refused.deniedAltogether) denied = refused.things[0]?.problem;
    const stayed = new Set(refused.things.map(({ thing }) => shelf.idOf(thing)));
    for (const { thing, problem } of refused.things) refuse(thing, problem);
    for (const thing of batch) {
      const kind = shelf.kindOf(thing);
      if (!stayed.has(shelf.idOf(thing))) removed.set(kind, (removed.get(kind) ?? 0) + 1);
    }
    shelf.onRemoved(sumOf(removed));
  };
  await pMap(batchesOf(things, shelf.batch), removeBatch, { concurrency: SIDE_BY_SIDE });
  return inTime;
}

interface Refusals<T> {
  readonly things: readonly Refused<T>[];
  /** The right is missing for the whole call: asking a thousand times more does not help. */
  readonly deniedAltogether: boolean;
}

async function tryBatch<T>(shelf: Shelf<T>, batch: readonly T[]): Promise<Refusals<T>> {
  return collect<Refusals<T>>(
    async () => ({ things: await shelf.remove(batch), deniedAltogether: false }),
    (failure) => {
      const problem = { code: failure.context.errorName, why: clip(failure.message), remedy: remedyFor(failure) };
      return { ...allRefused(batch, problem), deniedAltogether: failure.accessDenied };
    },
  );
}

function allRefused<T>(batch: readonly T[], problem: Problem): Refusals<T> {
  return { things: batch.map((thing) => ({ thing, problem })), deniedAltogether: false };
}

/**
 * What is there of what is known to stay: a listing of its own, so that a report says what is left, and not what was left
 * a while ago.
 *
 * @returns undefined where it shows something else
 * @throws AwsFailure where it cannot be listed
 */
export async function stillThere<T>(shelf: Shelf<T>, problems: Problems): Promise<Problems | undefined> {
  const left = new Map<string, Problem & { readonly kind: string }>();
  for await (const page of shelf.list()) {
    for (const thing of page) {
      const problem = problems.get(shelf.idOf(thing));
      if (problem === undefined) return undefined;
      left.set(shelf.idOf(thing), problem);
    }
  }
  return left;
}

export function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function batchesOf<T>(things: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(things.length / size) }, (_, at) => things.slice(at * size, (at + 1) * size));
}
