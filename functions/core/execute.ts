import pMap from 'p-map';
import { AwsFailure, messageOf } from '../errors.ts';
import type { Cleaner, RunContext } from './cleaner.ts';
import type { Leftover, Note, Plan, Report, StackResource, Stage, Step, StepResult } from './model.ts';
import { STAGES } from './model.ts';
import type { Ports } from './ports/index.ts';

/** Resources worked on side by side in one stage; each cleaner bounds its own calls. */
const RESOURCES_AT_ONCE = 4;

export interface ExecuteDeps {
  readonly ports: Pick<Ports, 'clock' | 'callsMade'>;
  /** The cleaner of a type, as made for this run. */
  readonly cleanerOf: (type: string) => Cleaner | undefined;
  readonly onStep?: ((event: 'started' | 'completed', step: Step, result?: StepResult) => void) | undefined;
}

/** Where a run began, so that the report counts inspection too. */
export interface RunStart {
  readonly at: number;
  readonly calls: Readonly<Record<string, number>>;
}

/**
 * Carries out a plan, stage by stage, and reports. Independent resources go on when one fails; the failures come as one
 * list. Nothing new is started once the time is up: the report then says `unfinished` and the same plan can be made again.
 */
export async function execute(deps: ExecuteDeps, plan: Plan, run: RunContext, start: RunStart): Promise<Report> {
  const resources = new Map(
    run.tree.stacks.flatMap((stack) => stack.resources.map((resource) => [keyOf(resource), resource] as const)),
  );
  const results: StepResult[] = [];
  const notes: Note[] = [...plan.notes];
  const refused = plan.refusals.some((refusal) => refusal.stops === 'everything');
  let finished = true;
  for (const stage of refused ? [] : STAGES) {
    const steps = plan.steps.filter((step) => step.stage === stage);
    if (steps.length === 0) {
      continue;
    }
    if (stage === 'logStreams' && results.some((result) => result.leftovers.some((each) => each.blocks))) {
      notes.push({
        code: 'LOG_STREAMS_KEPT',
        sentence: 'Log streams were left in place: they may explain what failed.',
      });
      continue;
    }
    const done = await pMap(steps, (step) => workOn(deps, step, stage, resources, run), {
      concurrency: RESOURCES_AT_ONCE,
    });
    results.push(...done);
    finished = done.every((result) => result.finished);
    if (!finished) {
      break;
    }
  }
  const leftovers = results.flatMap((result) => result.leftovers);
  const blocked = leftovers.some((each) => each.blocks) || plan.refusals.some((each) => each.blocks);
  return {
    version: 1,
    outcome: refused ? 'refused' : !finished ? 'unfinished' : blocked ? 'blocked' : 'clean',
    removed: sumUp(results.flatMap((result) => result.removed)),
    leftovers,
    refusals: plan.refusals,
    untouched: plan.untouched,
    notes: [...notes, ...results.flatMap((result) => result.notes)],
    calls: difference(deps.ports.callsMade(), start.calls),
    milliseconds: deps.ports.clock.now() - start.at,
  };
}

async function workOn(
  deps: ExecuteDeps,
  step: Step,
  stage: Stage,
  resources: ReadonlyMap<string, StackResource>,
  run: RunContext,
): Promise<StepResult> {
  const resource = resources.get(keyOf(step.resource));
  const cleaner = deps.cleanerOf(step.resource.type);
  if (!resource || !cleaner) {
    // A plan that came through JSON may be older than the tree: what the tree does not own is not touched.
    const note = { code: 'NOT_IN_TREE', resource: step.resource, sentence: 'It is no longer in the stack tree.' };
    return { removed: [], leftovers: [], notes: [note], finished: true };
  }
  if (run.remaining() <= 0) {
    return { removed: [], leftovers: [], notes: [], finished: false };
  }
  deps.onStep?.('started', step);
  const result = await cleaner.work(stage, resource, run).catch((thrown: unknown) => failed(step, thrown));
  deps.onStep?.('completed', step, result);
  return result;
}

/** A step that threw: whatever it was about is still there. */
function failed(step: Step, thrown: unknown): StepResult {
  const denied = thrown instanceof AwsFailure && thrown.accessDenied;
  const leftover: Leftover = {
    resource: step.resource,
    what: `what stage ${step.stage} was to remove`,
    why: messageOf(thrown),
    remedy: denied
      ? `An administrator must allow ${thrown.context.action} to the clean-exit function; then delete the stack again.`
      : 'Delete the stack again; if it fails again, remove this resource by hand.',
    // Quiescing and sealing only keep others out; what they miss is found by the later stages.
    blocks: step.stage === 'drain' || step.stage === 'verify',
  };
  return { removed: [], leftovers: [leftover], notes: [], finished: true };
}

function keyOf(resource: { readonly stackId: string; readonly logicalId: string }): string {
  return `${resource.stackId} ${resource.logicalId}`;
}

/** One row per resource and kind, whatever the number of stages that removed some of it. */
function sumUp(removed: readonly StepResult['removed'][number][]): Report['removed'] {
  const rows = new Map<string, StepResult['removed'][number]>();
  for (const each of removed) {
    const key = `${keyOf(each.resource)} ${each.kind}`;
    rows.set(key, { ...each, count: (rows.get(key)?.count ?? 0) + each.count });
  }
  return [...rows.values()].filter((row) => row.count > 0);
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const rows = Object.entries(after).map(([action, count]) => [action, count - (before[action] ?? 0)] as const);
  return Object.fromEntries(rows.filter(([, count]) => count > 0));
}
