import { inSum } from '#functions/cleaners/results.ts';
import type { Cleaner, CleanerDefinition, Progress, RunContext } from '#functions/core/cleaner.ts';
import { readTree } from '#functions/core/inventory.ts';
import type { CleanOptions, Finding, Note, StackResource, StepResult } from '#functions/core/model.ts';
import { NO_CONSENT as NOBODY_CONSENTS, STAGES } from '#functions/core/model.ts';
import type { FakeAccount } from '#test/fakes/index.ts';
import { stackIdOf } from '#test/fakes/index.ts';

export const STACK = 'app';
export const LOGICAL_ID = 'Thing';

export const NO_CONSENT: CleanOptions = {
  cause: 'stack delete',
  deleteLogStreams: true,
  ...NOBODY_CONSENTS,
};

export interface RunOptions extends Partial<CleanOptions> {
  /** Milliseconds until the deadline; a quarter of an hour where absent. */
  readonly time?: number;
  /** ARNs of the roles that the service works with. */
  readonly roleArns?: readonly string[];
}

/** A run on the stack `app`, its tree read from the fake as the core reads it. */
export async function runOn(
  account: FakeAccount,
  { time = 900_000, roleArns = [], ...options }: RunOptions = {},
): Promise<RunContext & { readonly events: Progress[] }> {
  const merged = { ...NO_CONSENT, ...options };
  const tree = await readTree(account.cloudFormation, stackIdOf(STACK), merged.cause);
  const deadline = account.clock.now() + time;
  const events: Progress[] = [];
  return {
    tree,
    options: merged,
    service: { roleArns },
    remaining: () => deadline - account.clock.now(),
    progress: (event) => events.push(event),
    events,
  };
}

export function resourceOf(run: RunContext, logicalId = LOGICAL_ID): StackResource {
  const found = run.tree.stacks.flatMap((stack) => stack.resources).find((each) => each.logicalId === logicalId);
  if (found === undefined) {
    throw new Error(`the stack has no resource ${logicalId}: call addResource first`);
  }
  return found;
}

export interface Outcome extends StepResult {
  readonly finding: Finding;
}

/** Inspects one resource and works through the stages that the finding names, as the core does. */
export async function cleanOne(
  { create }: CleanerDefinition,
  account: FakeAccount,
  run: RunContext,
  cleaner: Cleaner = create(account.ports),
): Promise<Outcome> {
  const resource = resourceOf(run);
  const finding = await cleaner.inspect(resource, run);
  const results: StepResult[] = [];
  for (const stage of STAGES.filter((each) => finding.stages.includes(each))) {
    const result = await cleaner.work(stage, resource, run);
    results.push(result);
    if (!result.finished) {
      break;
    }
  }
  return { finding, ...inSum(results) };
}

/** What was removed, by kind. */
export function removedBy(outcome: StepResult): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { kind, count } of outcome.removed) {
    sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

export function codesOf(notes: readonly Note[]): readonly string[] {
  return notes.map((note) => note.code);
}

/** Calls that change something. */
export function writes(account: FakeAccount): readonly string[] {
  return account.log.actions().filter((action) => !/:(Describe|List|Get|BatchGet)/.test(action));
}
