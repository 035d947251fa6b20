import type { Clock } from '../core/ports/index.ts';
import type { AwsFailure } from '../errors.ts';
import type { Deleting, Images, Problem } from './ecr-passes.ts';
import { deleteImages, listImages, sizeOf } from './ecr-passes.ts';
import { collect } from './failures.ts';

/** Pauses between two looks, in milliseconds: a push that was under way needs a moment, a loop of pushes more. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
/** Looks in a row that bring nothing before what is left counts as left. */
const MOST_LOOKS_IN_VAIN = 3;

/** What a verification saw in the end. */
export interface Verified {
  readonly removed: number;
  /** What the last listing showed and could not be deleted. */
  readonly problems: readonly Problem[];
  /** The last listing failed: nobody knows what is left. */
  readonly unlisted?: AwsFailure | undefined;
  /** False: the deadline came first. */
  readonly finished: boolean;
}

/** `deletingOf` says, for a listing of so many images, how to delete them. */
export interface Verifying {
  readonly clock: Clock;
  readonly remaining: () => number;
  readonly deletingOf: (total: number) => Deleting;
}

/**
 * Lists from the start and deletes, never one between two pages of the other, until a listing is empty, nothing more can
 * be removed, or the time is up. What is reported as left is what the last listing showed.
 */
export async function emptyOut({ clock, remaining, deletingOf }: Verifying): Promise<Verified> {
  let removed = 0;
  let problems: ReadonlyMap<string, Problem> = new Map();
  let inVain = 0;
  let confirming = false;
  for (let pause = FIRST_PAUSE; remaining() > 0; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const { ecr, repository } = deletingOf(0);
    const listed = await collect<Images | AwsFailure>(
      () => listImages(ecr, repository),
      (failure) => failure,
    );
    if (!('indexes' in listed)) {
      inVain += 1;
      if (inVain >= MOST_LOOKS_IN_VAIN) return { removed, problems: [], unlisted: listed, finished: true };
    } else if (sizeOf(listed) === 0) {
      problems = new Map();
      // Whoever pushed a moment ago may push once more before the seal is known everywhere.
      if (removed === 0 || confirming) return { removed, problems: [], finished: true };
      confirming = true;
    } else {
      const left = causesOf(listed, problems);
      if (inVain >= MOST_LOOKS_IN_VAIN && left.length === sizeOf(listed)) {
        return { removed, problems: left, finished: true };
      }
      confirming = false;
      const deletion = await deleteImages(listed, deletingOf(sizeOf(listed)));
      removed += deletion.deleted;
      problems = deletion.problems;
      inVain = deletion.deleted > 0 ? 0 : inVain + 1;
    }
    await clock.sleep(Math.max(0, Math.min(pause, remaining())));
  }
  return { removed, problems: [...problems.values()], finished: false };
}

/** The known causes among the listed images. */
function causesOf(images: Images, problems: ReadonlyMap<string, Problem>): readonly Problem[] {
  return [...images.indexes, ...images.others].flatMap((digest) => problems.get(digest) ?? []);
}
