import pMap from 'p-map';
import type { Progress } from '../core/cleaner.ts';
import { difference } from '../core/execute.ts';
import { sentence } from '../core/report.ts';
import { AwsFailure, messageOf } from '../errors.ts';
import type { TeardownDeps } from './dependencies.ts';
import { addCalls, beginJourneys } from './journey.ts';
import { cutShort, restored } from './lives-on.ts';
import type { Journey, TeardownPlan, TeardownReport } from './model.ts';
import { reportTeardown } from './report.ts';
import { takeStep } from './step.ts';

/** Stacks of one wave that are worked on side by side. */
const STACKS_AT_ONCE = 5;
/** A step that AWS kept from being made is made again so often, after so many seconds. */
const STEP_TRIES = 4;
const BEFORE_NEXT_TRY = 5;

export interface RunOptions {
  /** Name of the run: letters, digits and hyphens; it makes the tokens of the deletes. */
  readonly run: string;
  /** Milliseconds since the epoch; with it the report counts planning too. */
  readonly startedAt: number;
  /** Milliseconds until no step may begin any more; without an end where absent. */
  readonly remaining?: (() => number) | undefined;
  /** Asked before each step: true ends the run after the steps under way. */
  readonly stopped?: (() => boolean) | undefined;
  /** Told after each step. */
  readonly onJourney?: ((journey: Journey) => void) | undefined;
  /** Told while a stack is cleaned. */
  readonly onProgress?: ((journey: Journey, progress: Progress) => void) | undefined;
}

/**
 * Carries a plan out in this process, as the state machine does: wave by wave, step by step. A plan with a refusal is not
 * begun. Whatever happens to one stack, the others of its wave go on; an exporter whose importer is still there refuses by
 * itself.
 *
 * @returns the report; a stack that `stopped` came before is told as such
 */
export async function runTeardown(
  deps: TeardownDeps,
  plan: TeardownPlan,
  options: RunOptions,
): Promise<TeardownReport> {
  const { run, startedAt } = options;
  const before = { ...deps.ports.callsMade() };
  const waves = plan.refusals.length > 0 ? [] : beginJourneys(plan, run);
  const journeys: Journey[] = [];
  for (const wave of waves) {
    journeys.push(...(await pMap(wave, (journey) => travel(deps, journey, options), { concurrency: STACKS_AT_ONCE })));
  }
  // Here all steps count into the same counter, side by side: only the sum is true.
  const calls = addCalls(plan.calls, difference(deps.ports.callsMade(), before));
  return reportTeardown(deps, {
    run,
    mode: 'execute',
    refusals: plan.refusals,
    journeys: journeys.map((journey) => ({ ...journey, calls: {} })),
    startedAt,
    calls,
  });
}

async function travel(deps: TeardownDeps, start: Journey, options: RunOptions): Promise<Journey> {
  const { stopped = () => false, remaining = () => Number.POSITIVE_INFINITY, onJourney } = options;
  let journey = start;
  for (let tries = 1; journey.phase !== 'done'; ) {
    if (stopped() || remaining() <= 0) {
      return leave(deps, journey);
    }
    const here = journey;
    const told = { ...deps, onProgress: (progress: Progress) => options.onProgress?.(here, progress) };
    try {
      journey = await takeStep(told, journey, () => (stopped() ? 0 : remaining()));
      tries = 1;
    } catch (thrown) {
      if (!(thrown instanceof AwsFailure) || tries >= STEP_TRIES) {
        journey = await cutShort(deps, journey, sentence(messageOf(thrown)), remedyFor(thrown));
      } else {
        journey = { ...journey, wait: BEFORE_NEXT_TRY };
        tries += 1;
      }
    }
    onJourney?.(journey);
    await pause(deps, journey.wait, stopped);
  }
  return journey;
}

/** A stack that was begun and is not being deleted lives on, unless somebody asks again. */
async function leave(deps: TeardownDeps, journey: Journey): Promise<Journey> {
  const begun = journey.steps > 0 && (journey.phase === 'clean' || journey.phase === 'delete');
  return begun ? restored(deps, journey) : journey;
}

function remedyFor(thrown: unknown): string {
  return thrown instanceof AwsFailure && thrown.accessDenied
    ? `An administrator must allow ${thrown.context.action} to whoever runs this; then ask again.`
    : 'Mend that, then ask for the same stacks again: the work goes on where it stopped.';
}

/** Waits so many seconds, and no longer than until somebody wants to stop. */
async function pause({ ports }: TeardownDeps, seconds: number, stopped: () => boolean): Promise<void> {
  for (let left = seconds; left > 0 && !stopped(); left -= 1) {
    await ports.clock.sleep(1000 * Math.min(left, 1));
  }
}
