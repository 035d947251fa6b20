import type { RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { StackResource, StepResult } from '../core/model.ts';
import type { Clock } from '../core/ports/index.ts';
import { AwsFailure } from '../errors.ts';
import { collect, leftoverOf } from './failures.ts';
import { inSum, removedOf } from './results.ts';

/** Tries of one change, and the first pause between two in milliseconds: IAM is eventually consistent. */
const MOST_TRIES = 5;
const FIRST_PAUSE = 500;

/** One thing to take from a role, a user, a group or a policy. */
export interface Change {
  /** Singular noun, for the report. */
  readonly kind: string;
  readonly name: string;
  /** Does CloudFormation's delete of the resource fail while it is there? */
  readonly blocks: boolean;
  readonly carryOut: () => Promise<void>;
  /** What follows once it is carried out, and only then. */
  readonly next?: Change | undefined;
  /** What somebody can do besides, where it fails; before the remedy for the failed call. */
  readonly remedy?: string | undefined;
}

/** What changes are made on, and within. */
export interface Changing {
  readonly resource: StackResource;
  readonly run: RunContext;
  readonly clock: Clock;
  /** What a failure means that is no plain leftover; undefined where it is one. */
  readonly failed?: ((change: Change, failure: AwsFailure) => StepResult | undefined) | undefined;
}

/** Makes one change after the other: IAM refuses changes of one thing that come side by side. Stops when the time is up. */
export async function makeChanges(changing: Changing, changes: readonly Change[]): Promise<StepResult> {
  const { resource, run } = changing;
  const results: StepResult[] = [];
  for (const [at, change] of changes.entries()) {
    if (run.remaining() <= 0) return inSum([...results, { ...NOTHING_DONE, finished: false }]);
    results.push(await make(changing, change));
    run.progress({
      logicalId: resource.logicalId,
      stage: 'drain',
      kind: change.kind,
      done: at + 1,
      total: changes.length,
    });
  }
  return inSum(results);
}

async function make(changing: Changing, change: Change): Promise<StepResult> {
  return collect(
    async () => {
      await persistently(changing, change.carryOut);
      const done = { ...NOTHING_DONE, removed: removedOf(changing.resource, change.kind, 1) };
      return change.next === undefined ? done : inSum([done, await make(changing, change.next)]);
    },
    (failure): StepResult => changing.failed?.(change, failure) ?? left(changing.resource, change, failure),
  );
}

function left(resource: StackResource, { kind, name, blocks, remedy }: Change, failure: AwsFailure): StepResult {
  const leftover = leftoverOf(resource, failure, `${kind} ${name}`.trim(), blocks);
  const told = remedy === undefined ? leftover : { ...leftover, remedy: `${remedy} ${leftover.remedy}` };
  return { ...NOTHING_DONE, leftovers: [told] };
}

/** Repeats a change that collided with another one, with growing pauses. */
async function persistently({ clock, run }: Changing, carryOut: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await carryOut();
    } catch (thrown) {
      const pause = FIRST_PAUSE * 2 ** (tries - 1);
      if (!isCollision(thrown) || tries >= MOST_TRIES || run.remaining() <= pause) throw thrown;
      await clock.sleep(pause);
    }
  }
}

function isCollision(thrown: unknown): boolean {
  return thrown instanceof AwsFailure && /^(ConcurrentModification|DeleteConflict)/.test(thrown.context.errorName);
}
