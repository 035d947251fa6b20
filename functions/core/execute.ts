import pMap from 'p-map';
import { type Cleaner, NOTHING_DONE, type RunContext } from './cleaner.ts';
import { afterThrow, type Done, keyOf, leftoversOf } from './leftovers.ts';
import type { Note, Plan, Report, StackResource, Step, StepResult } from './model.ts';
import { STAGES } from './model.ts';
import { type OwnService, untouchable, withRefOnly } from './ownership.ts';
import type { Ports } from './ports/index.ts';

/** Resources worked on side by side in one stage; each cleaner bounds its own calls. */
const RESOURCES_AT_ONCE = 4;

export interface ExecuteDeps {
  readonly ports: Pick<Ports, 'clock' | 'callsMade'>;
  /** The cleaner of a type, as made for this run. */
  readonly cleanerOf: (type: string) => Cleaner | undefined;
  readonly service: OwnService;
  /** Asked before each stage: is the stack still going as it was when the tree was read? Absent: nobody can say. */
  readonly stillGoing?: (() => Promise<boolean>) | undefined;
  readonly onStep?: ((event: 'started' | 'completed', step: Step, result?: StepResult) => void) | undefined;
}

/** Where a run began, so that the report counts inspection too. */
export interface RunStart {
  readonly at: number;
  readonly calls: Readonly<Record<string, number>>;
}

/** The code of a refusal that stops a run before it begins because its time is up: it can be made again. */
export const OUT_OF_TIME = 'OUT_OF_TIME';

/**
 * Carries out a plan, stage by stage, and reports. Independent resources go on when one fails; the failures come as one
 * list. Nothing new is started once the time is up: the report then says `unfinished`, names what was not reached, and
 * the same plan can be made again. Log streams that time does not suffice for are a note: CloudFormation removes them.
 */
export async function execute(deps: ExecuteDeps, plan: Plan, run: RunContext, start: RunStart): Promise<Report> {
  const stopped = plan.refusals.filter((refusal) => refusal.stops === 'everything');
  const { done, undone, notes } = stopped.length > 0 ? NOTHING_BEGUN : await carryOut(deps, plan, run);
  const leftovers = leftoversOf(plan, done, undone);
  const blocked = leftovers.some((each) => each.blocks) || plan.refusals.some((each) => each.blocks);
  const unfinished = undone.length > 0 || stopped.some((refusal) => refusal.code === OUT_OF_TIME);
  return {
    version: 1,
    outcome: unfinished ? 'unfinished' : stopped.length > 0 ? 'refused' : blocked ? 'blocked' : 'clean',
    removed: sumUp(done.flatMap(({ result }) => result.removed)),
    leftovers,
    refusals: plan.refusals,
    untouched: plan.untouched,
    notes: [...plan.notes, ...notes, ...done.flatMap(({ result }) => result.notes)],
    calls: difference(deps.ports.callsMade(), start.calls),
    milliseconds: deps.ports.clock.now() - start.at,
  };
}

/** What became of a plan's steps. */
interface Work {
  readonly done: readonly Done[];
  /** Begun and not finished, or never begun, because the time was up. */
  readonly undone: readonly Step[];
  readonly notes: readonly Note[];
}

const NOTHING_BEGUN: Work = { done: [], undone: [], notes: [] };

async function carryOut(deps: ExecuteDeps, plan: Plan, run: RunContext): Promise<Work> {
  const { workable, notes } = stillOurs(deps, plan, run);
  const done: Done[] = [];
  for (const stage of STAGES) {
    const works = workable.filter(({ step }) => step.stage === stage);
    if (works.length === 0) {
      continue;
    }
    if (deps.stillGoing && !(await deps.stillGoing())) {
      return { done, undone: [], notes: [...notes, STACK_CHANGED] };
    }
    if (stage === 'logStreams' && somethingBlocks(plan, done)) {
      const sentence = 'Log streams were left in place: they may explain what stands in the way.';
      return { done, undone: [], notes: [...notes, { code: 'LOG_STREAMS_KEPT', sentence }] };
    }
    const begun = await pMap(works, (work) => workOn(deps, plan, work, run), { concurrency: RESOURCES_AT_ONCE });
    done.push(...begun.flatMap((each) => each ?? []));
    const unfinished = works.flatMap(({ step }, index) => (begun[index]?.result.finished ? [] : [step]));
    if (stage === 'logStreams') {
      return { done, undone: [], notes: [...notes, ...unfinished.map(streamsLeft)] };
    }
    if (unfinished.length > 0) {
      const later = workable.filter(({ step }) => STAGES.indexOf(step.stage) > STAGES.indexOf(stage));
      return { done, undone: [...unfinished, ...later.map(({ step }) => step)], notes };
    }
  }
  return { done, undone: [], notes };
}

const STACK_CHANGED: Note = {
  code: 'STACK_CHANGED',
  sentence:
    'CloudFormation has ended what it was doing with the stack, so its names may be those of another one by now: nothing more was removed.',
};

function somethingBlocks(plan: Plan, done: readonly Done[]): boolean {
  return plan.refusals.some(({ blocks }) => blocks) || leftoversOf(plan, done, []).some(({ blocks }) => blocks);
}

function streamsLeft(step: Step): Note {
  const sentence =
    'The time ran out before all its log streams were deleted; CloudFormation deletes them with the group.';
  return { code: 'LOG_STREAMS_LEFT', resource: step.resource, sentence };
}

/** A step with what it needs. */
interface Workable {
  readonly step: Step;
  readonly resource: StackResource;
  readonly cleaner: Cleaner;
}

/** A plan that came through JSON may be older than the tree: the tree decides what may be touched. */
function stillOurs(
  { cleanerOf, service }: ExecuteDeps,
  plan: Plan,
  { tree, options }: RunContext,
): { workable: readonly Workable[]; notes: readonly Note[] } {
  const owned = new Map(
    tree.stacks.flatMap((node) => node.resources.map((resource) => [keyOf(resource), { node, resource }] as const)),
  );
  const workable: Workable[] = [];
  const notes = new Map<string, Note>();
  for (const step of plan.steps) {
    const note = (code: string, sentence: string): void => {
      notes.set(`${code} ${keyOf(step.resource)}`, { code, resource: step.resource, sentence });
    };
    const own = owned.get(keyOf(step.resource));
    if (own?.resource.type !== step.resource.type || own.resource.physicalId !== step.resource.physicalId) {
      note('NOT_IN_TREE', 'It is not in the stack tree, or no longer: left alone.');
      continue;
    }
    const reason = untouchable(own.resource, own.node, tree, options.cause, service);
    const cleaner = cleanerOf(step.resource.type);
    if (reason) {
      note(reason.code, `${reason.sentence} Left alone, although the plan names it.`);
    } else if (cleaner) {
      workable.push({ step, resource: own.resource, cleaner });
    } else {
      note('NO_CLEANER', `Nothing here cleans ${step.resource.type}: left alone.`);
    }
  }
  return { workable, notes: [...notes.values()] };
}

/** Undefined where the time was up before it began. */
async function workOn(
  deps: ExecuteDeps,
  plan: Plan,
  { step, resource, cleaner }: Workable,
  run: RunContext,
): Promise<Done | undefined> {
  if (run.remaining() <= 0) {
    return undefined;
  }
  deps.onStep?.('started', step);
  const done = await workOrCatch(cleaner, step, resource, run, plan);
  deps.onStep?.('completed', step, done.result);
  return done;
}

async function workOrCatch(
  cleaner: Cleaner,
  step: Step,
  resource: StackResource,
  run: RunContext,
  plan: Plan,
): Promise<Done> {
  try {
    const { removed, leftovers, notes, finished } = await cleaner.work(step.stage, resource, run);
    const result = {
      removed: removed.map(withRefOnly),
      leftovers: leftovers.map(withRefOnly),
      notes: notes.map(withRefOnly),
      finished,
    };
    return { step, result, threw: false };
  } catch (thrown) {
    return { step, result: { ...NOTHING_DONE, leftovers: [afterThrow(plan, step, thrown)] }, threw: true };
  }
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

/** The calls between two counts, by action. */
export function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const rows = Object.entries(after).map(([action, count]) => [action, count - (before[action] ?? 0)] as const);
  return Object.fromEntries(rows.filter(([, count]) => count > 0));
}
