import { createHash } from 'node:crypto';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { sentence } from '../core/report.ts';
import { assertNever, BadRequest } from '../errors.ts';
import type { Log } from '../log.ts';
import { parseTeardownRequest } from '../schemas/teardown-request.ts';
import type { TeardownDeps } from './dependencies.ts';
import { bytesFor, fitsWhole, shortened, shortReport, tooMuch } from './fit.ts';
import { beginJourneys } from './journey.ts';
import { cutShort } from './lives-on.ts';
import type { Journey, TargetPlan, TeardownPlan, TeardownRefusal, TeardownReport } from './model.ts';
import { planTeardown } from './plan.ts';
import { reportTeardown } from './report.ts';
import { takeStep } from './step.ts';
import { type TellDeps, tellBegun, tellEnd } from './tell.ts';
import { Begun, EndTold, type Told } from './told.ts';
import { type Arrived, Ending, type TaskError, Traveller } from './travel.ts';

/** Stacks that a report looks after side by side. */
const STACKS_AT_ONCE = 3;

/** One thing that the state machine asks the function for. */
const Task = z.discriminatedUnion(
  'task',
  [
    z.object({
      task: z.literal('plan'),
      request: z.optional(z.unknown()),
      run: z.string().check(z.minLength(1), z.maxLength(80)),
    }),
    z.extend(Traveller, { task: z.literal('step') }),
    z.extend(Ending, { task: z.literal('report') }),
    z.discriminatedUnion('moment', [
      z.object({ task: z.literal('tell'), moment: z.literal('begun'), told: Begun }),
      z.object({ task: z.literal('tell'), moment: z.literal('ended'), told: EndTold }),
    ]),
  ],
  { error: 'must be plan, step, report or tell' },
);

/** What a plan hands on; the whole of it is in the log. */
export interface Planned {
  readonly run: string;
  readonly mode: 'plan' | 'execute';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** False: there is nothing to begin, only to report. */
  readonly begins: boolean;
  /** Wave by wave; empty where nothing begins. */
  readonly waves: readonly (readonly Traveller[])[];
  readonly refusals: readonly TeardownRefusal[];
  readonly calls: Readonly<Record<string, number>>;
  /** For whoever tells people that it begins. */
  readonly stacks: readonly Pick<TargetPlan, 'stackId' | 'stackName' | 'deletesAs' | 'deletes'>[];
  /** The whole plan, for whoever reads the execution; absent where it does not fit in. */
  readonly plan?: TeardownPlan | undefined;
}

/** What a task needs beside its input. */
export interface TaskDeps extends TeardownDeps {
  readonly log: Log;
  readonly openMessenger: TellDeps['openMessenger'];
}

/**
 * Carries out one task of the state machine statemachine/teardown.asl.json.
 *
 * @param input what the state machine sends: anything, until it is read here
 * @param remaining milliseconds until work must stop
 * @throws BadRequest `REQUEST_INVALID` with every fault of a request; the state machine does not repeat that. AwsFailure where
 *   AWS cannot be asked: the task can be made again
 */
export async function runTask(
  deps: TaskDeps,
  input: unknown,
  remaining: () => number,
): Promise<Planned | Traveller | TeardownReport | Told> {
  const parsed = Task.safeParse(input);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the task'} ${message}`);
    throw new BadRequest('REQUEST_INVALID', `The task cannot be read: ${faults.join('; ')}.`);
  }
  const task = parsed.data;
  switch (task.task) {
    case 'plan':
      return plan(deps, task.request, runOf(task.run), remaining);
    case 'step':
      return { journey: await step(deps, task, remaining), bytes: task.bytes };
    case 'report':
      return report(deps, task);
    case 'tell':
      return task.moment === 'begun'
        ? tellBegun(tellDeps(deps), task.told, remaining)
        : tellEnd(tellDeps(deps), task.told, remaining);
    default:
      return assertNever(task);
  }
}

function tellDeps({ log, openMessenger, ports }: TaskDeps): TellDeps {
  return { log, openMessenger, now: () => ports.clock.now() };
}

/**
 * A run's name, made of an execution's: letters, digits and hyphens only, because the tokens of the deletes are made of it.
 * Different names stay different.
 */
export function runOf(execution: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(execution)) {
    return execution;
  }
  const digest = createHash('sha256').update(execution).digest('hex').slice(0, 12);
  return `x${execution.replace(/[^A-Za-z0-9]/g, '-').slice(0, 60)}-${digest}`;
}

async function plan(deps: TaskDeps, input: unknown, run: string, remaining: () => number): Promise<Planned> {
  const { log } = deps;
  const startedAt = deps.ports.clock.now();
  const parsed = parseTeardownRequest(input);
  if ('faults' in parsed) {
    const reason = parsed.faults.join('; ');
    log.warn('TEARDOWN_REFUSED', { run, refusals: ['REQUEST_INVALID'], reason });
    throw new BadRequest('REQUEST_INVALID', `The request cannot be read: ${reason}.`);
  }
  const { request } = parsed;
  log.info('TEARDOWN_PLANNING', { run, mode: request.mode, stacks: request.stacks });
  const made = await planTeardown(deps, request, remaining);
  const whole: TeardownPlan = { ...made, refusals: [...made.refusals, ...tooMuch(made)] };
  log.info('PLAN', { run, plan: whole });
  const { refusals, calls } = whole;
  if (refusals.length > 0) {
    log.warn('TEARDOWN_REFUSED', { run, refusals: refusals.map(({ code }) => code) });
  }
  const begins = request.mode === 'execute' && refusals.length === 0;
  const planned: Planned = {
    run,
    mode: request.mode,
    startedAt,
    begins,
    waves: begins ? travellersOf(whole, run) : [],
    refusals,
    calls,
    stacks: whole.stacks.map(({ stackId, stackName, deletesAs, deletes }) => ({
      stackId,
      stackName,
      deletesAs,
      deletes,
    })),
  };
  return fitsWhole({ ...planned, plan: whole }) ? { ...planned, plan: whole } : planned;
}

function travellersOf(whole: TeardownPlan, run: string): readonly (readonly Traveller[])[] {
  const bytes = new Map(whole.stacks.map((target) => [target.stackId, bytesFor(target)]));
  return beginJourneys(whole, run).map((wave) =>
    wave.map((journey) => Traveller.parse({ journey, bytes: bytes.get(journey.stackId) })),
  );
}

async function step(
  deps: TaskDeps,
  { journey, bytes }: Traveller,
  remaining: () => number,
): Promise<Traveller['journey']> {
  const { log } = deps;
  const { run, stackId, phase, attempt } = journey;
  log.info('TEARDOWN_STEP_STARTED', { run, stackId, phase, attempt });
  const onPlan: TaskDeps['onPlan'] = (made) => log.info('PLAN', { run, stackId, plan: made });
  const next = await takeStep({ ...deps, onPlan }, journey, remaining);
  // Looks at a delete under way are many, and tell nothing new.
  const whole = phase === 'watch' && next.phase === 'watch' ? {} : { journey: next };
  log.info('TEARDOWN_STEP_COMPLETED', { run, stackId, phase: next.phase, wait: next.wait, ...whole });
  return Traveller.shape.journey.parse(shortened(next, bytes));
}

async function report(deps: TaskDeps, { waves, ...ending }: z.output<typeof Ending>): Promise<TeardownReport> {
  const journeys = await pMap(waves.flat(), (arrived) => arrivedOf(deps, arrived), { concurrency: STACKS_AT_ONCE });
  const whole = await reportTeardown(deps, { ...ending, journeys });
  const { run, outcome } = whole;
  deps.log.info('REPORT', { run, outcome, report: whole });
  return shortReport(whole);
}

/** A step that could not be made is the end of its stack's way: the others went on. */
async function arrivedOf(deps: TeardownDeps, { journey, error }: Arrived): Promise<Journey> {
  return error === undefined
    ? journey
    : cutShort(
        deps,
        journey,
        sentence(wordsOf(error)),
        'Mend that, then ask for the same stacks again: the work goes on where it stopped.',
      );
}

/** Lambda's account of an error is JSON with the message in it, which may have been cut; Step Functions' own are words. */
function wordsOf({ Error: name, Cause }: TaskError): string {
  const told = /"errorMessage":\s*"((?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*)/.exec(Cause)?.[1];
  if (told !== undefined) {
    return String(JSON.parse(`"${told}"`));
  }
  return Cause === '' ? name : `${name}: ${Cause}`;
}
