import pMap from 'p-map';
import { AwsFailure, messageOf } from '../errors.ts';
import type { Cleaner, CleanerDefinition, Progress, RunContext } from './cleaner.ts';
import { execute, OUT_OF_TIME } from './execute.ts';
import { type ImportedExport, importedExports, importRefusals } from './first-question.ts';
import { NESTED_STACK, readTree } from './inventory.ts';
import type {
  Cause,
  CleanOptions,
  Finding,
  Note,
  Plan,
  Refusal,
  Report,
  StackNode,
  StackResource,
  StackTree,
  Step,
  StepResult,
  Untouched,
} from './model.ts';
import { type OwnService, refOf, untouchable, wasMade, withRefOnly } from './ownership.ts';
import { makePlan } from './plan.ts';
import type { Ports } from './ports/index.ts';

/** Resources looked into side by side. */
const INSPECTIONS_AT_ONCE = 4;

/** What a door gives to the core. */
export interface CleanDeps {
  readonly ports: Ports;
  readonly cleaners: readonly CleanerDefinition[];
  readonly service: OwnService;
  /** Called with the plan before anything is removed. */
  readonly onPlan?: ((plan: Plan) => void) | undefined;
  readonly onStep?: ((event: 'started' | 'completed', step: Step, result?: StepResult) => void) | undefined;
  readonly onProgress?: ((event: Progress) => void) | undefined;
}

export interface CleanRequest {
  /** ARN of the stack whose tree is cleaned. */
  readonly stackId: string;
  readonly options: CleanOptions;
  /** Milliseconds until work must stop. */
  readonly remaining: () => number;
}

/**
 * The one core behind every door: inventory, plan, execute, report. The caller has already decided that the stack is
 * being deleted.
 *
 * @throws Refused where there is no such stack; AwsFailure where reading fails, BadRequest where a template cannot be
 *   read: nothing was removed then
 */
export async function cleanStack(deps: CleanDeps, request: CleanRequest): Promise<{ plan: Plan; report: Report }> {
  const { ports } = deps;
  const start = { at: ports.clock.now(), calls: { ...ports.callsMade() } };
  const cleanerOf = bindCleaners(deps);
  const { plan, run } = await planStack(deps, request, cleanerOf);
  deps.onPlan?.(plan);
  const { service, onStep } = deps;
  const stillGoing = watch(ports, run.tree, start.at);
  const report = await execute({ ports, cleanerOf, service, stillGoing, onStep }, plan, run, start);
  return { plan, report };
}

/** After so many milliseconds what a stack is doing is worth another look. */
const LOOK_AGAIN_AFTER = 30_000;

/**
 * Is the stack still doing what it did when its tree was read? A request that was delivered twice may be at work when the
 * stack is gone, and somebody has made another one with the same names since. A look that fails changes nothing: it was going
 * half a minute ago.
 */
function watch(
  { cloudFormation, clock }: Ports,
  { stacks: [root] }: StackTree,
  readAt: number,
): () => Promise<boolean> {
  let lookedAt = readAt;
  return async () => {
    if (!root || clock.now() - lookedAt < LOOK_AGAIN_AFTER) {
      return true;
    }
    lookedAt = clock.now();
    try {
      return (await cloudFormation.stack(root.stackId))?.status === root.status;
    } catch (thrown) {
      if (thrown instanceof AwsFailure) {
        return true;
      }
      throw thrown;
    }
  };
}

/** What stands in a stack tree, before anybody has looked into a resource. */
export interface Survey {
  readonly tree: StackTree;
  readonly imported: readonly ImportedExport[];
}

/**
 * Reads a stack tree and who imports from it.
 *
 * @throws as cleanStack
 */
export async function surveyStack({ ports }: CleanDeps, stackId: string, cause: Cause): Promise<Survey> {
  const tree = await readTree(ports.cloudFormation, stackId, cause);
  return { tree, imported: await importedExports(ports.cloudFormation, tree) };
}

/**
 * Reads everything and decides what a run would do, without doing it.
 *
 * @throws as cleanStack
 */
export async function planStack(
  deps: CleanDeps,
  request: CleanRequest,
  cleanerOf: (type: string) => Cleaner | undefined = bindCleaners(deps),
): Promise<{ plan: Plan; run: RunContext }> {
  const survey = await surveyStack(deps, request.stackId, request.options.cause);
  return planSurveyed(deps, survey, request, new Set(), cleanerOf);
}

/**
 * Looks into the resources of a tree that was read before, and decides what a run would do.
 *
 * @param leaving names of stacks that will be gone before it is this tree's turn: that they import from it does not matter
 * @throws as cleanStack
 */
export async function planSurveyed(
  deps: CleanDeps,
  { tree, imported }: Survey,
  { options, remaining }: Omit<CleanRequest, 'stackId'>,
  leaving: ReadonlySet<string>,
  cleanerOf: (type: string) => Cleaner | undefined = bindCleaners(deps),
): Promise<{ plan: Plan; run: RunContext }> {
  const run: RunContext = { tree, options, service: deps.service, remaining, progress: deps.onProgress ?? (() => {}) };
  const { candidates, untouched } = sortOut(tree, options, deps.service, cleanerOf);
  const findings = await pMap(
    candidates,
    async ({ resource, cleaner }): Promise<readonly Finding[]> =>
      run.remaining() > 0 ? [await cleaner.inspect(resource, run)] : [],
    { concurrency: INSPECTIONS_AT_ONCE },
  );
  const unseen = findings.filter((found) => found.length === 0).length;
  const refusals = [
    ...importRefusals(imported, leaving),
    ...(unseen > 0 ? [outOfTime(unseen, candidates.length)] : []),
  ];
  return { plan: makePlan({ tree, options, findings: findings.flat(), refusals, untouched, notes: [] }), run };
}

/** Half an inventory is no ground for removing anything. */
function outOfTime(unseen: number, all: number): Refusal {
  return {
    code: OUT_OF_TIME,
    sentence: `The time ran out before everything was looked into (${all - unseen} of ${all} resources); nothing was removed.`,
    remedy: 'Delete the stack again.',
    stops: 'everything',
    blocks: true,
  };
}

/** A stack that is going, or was to go and has not: what a teardown did to it stays. */
const GOING = /^(DELETE|ROLLBACK)_/;

/**
 * Takes back what an abandoned teardown left on a stack that lives on. Only where it lives on: a request that arrives late, or
 * twice, must not undo the work of a teardown that is under way. A resource that cannot be restored is a note: a deploy never
 * fails for it.
 *
 * @throws Refused, AwsFailure, BadRequest where the tree cannot be read
 */
export async function restoreStack(deps: CleanDeps, stackId: string): Promise<readonly Note[]> {
  const cleanerOf = bindCleaners(deps);
  const tree = await readTree(deps.ports.cloudFormation, stackId, 'stack delete');
  const notes = await pMap(
    livingIn(tree).flatMap((stack) => stack.resources.filter(wasMade)),
    async (resource): Promise<readonly Note[]> => {
      try {
        const restored = (await cleanerOf(resource.type)?.restore?.(resource, tree)) ?? [];
        return restored.map(withRefOnly);
      } catch (thrown) {
        return [{ code: 'NOT_RESTORED', resource: refOf(resource), sentence: messageOf(thrown) }];
      }
    },
    { concurrency: INSPECTIONS_AT_ONCE },
  );
  return notes.flat();
}

/** The stacks of the tree that are not going, nor nested in one that is. */
function livingIn(tree: StackTree): readonly StackNode[] {
  const going = new Set<string>();
  return tree.stacks.filter(({ stackId, parentId = '', status }) => {
    // Parents come before what is nested in them.
    const goes = GOING.test(status) || going.has(parentId);
    if (goes) {
      going.add(stackId);
    }
    return !goes;
  });
}

/** One cleaner per type for the length of one run. */
function bindCleaners({ cleaners, ports }: CleanDeps): (type: string) => Cleaner | undefined {
  const bound = new Map(cleaners.map((definition) => [definition.type, definition.create(ports)]));
  return (type) => bound.get(type);
}

function sortOut(
  tree: StackTree,
  options: CleanOptions,
  service: OwnService,
  cleanerOf: (type: string) => Cleaner | undefined,
): { candidates: readonly { resource: StackResource; cleaner: Cleaner }[]; untouched: readonly Untouched[] } {
  const candidates: { resource: StackResource; cleaner: Cleaner }[] = [];
  const untouched: Untouched[] = [];
  const stackIds = new Set(tree.stacks.map((stack) => stack.stackId));
  for (const node of tree.stacks) {
    for (const resource of node.resources) {
      if (resource.type === NESTED_STACK && !stackIds.has(resource.physicalId)) {
        const sentence = `It is gone, or does not name ${node.stackName} as its parent; nothing in it is touched.`;
        untouched.push({ resource: refOf(resource), code: 'NOT_NESTED_HERE', sentence });
      }
      const cleaner = cleanerOf(resource.type);
      if (!cleaner) {
        continue;
      }
      const reason = untouchable(resource, node, tree, options.cause, service);
      if (reason) {
        untouched.push(reason);
      } else {
        candidates.push({ resource, cleaner });
      }
    }
  }
  return { candidates, untouched };
}
