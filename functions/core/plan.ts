import type { CleanOptions, Finding, Note, Plan, Refusal, StackTree, Step, Untouched } from './model.ts';
import { STAGES } from './model.ts';

/** What the plan is made of: everything that was read, nothing that was done. */
export interface PlanInput {
  readonly tree: StackTree;
  readonly options: CleanOptions;
  readonly findings: readonly Finding[];
  readonly refusals: readonly Refusal[];
  readonly untouched: readonly Untouched[];
  readonly notes: readonly Note[];
}

/**
 * Puts findings into an order of steps. Pure: the same input gives the same plan, and a plan survives JSON.
 * A refusal that stops everything leaves no step; one that stops a resource leaves none for that resource.
 */
export function makePlan({ tree, options, findings, refusals, untouched, notes }: PlanInput): Plan {
  const all = [...refusals, ...findings.flatMap((finding) => finding.refusal ?? [])];
  const stopped = all.some((refusal) => refusal.stops === 'everything');
  const allowed = findings.filter((finding) => finding.exists && !finding.refusal);
  const steps: Step[] = stopped
    ? []
    : STAGES.flatMap((stage) =>
        allowed
          .filter((finding) => finding.stages.includes(stage))
          .map((finding) => ({ stage, resource: finding.resource })),
      );
  return {
    version: 1,
    stacks: tree.stacks.map(({ stackId, stackName }) => ({ stackId, stackName, depth: depthOf(tree, stackId) })),
    options,
    findings,
    steps,
    refusals: all,
    untouched,
    notes: [...notes, ...findings.flatMap((finding) => finding.notes)],
  };
}

function depthOf(tree: StackTree, stackId: string): number {
  const top = tree.stacks[0]?.stackId;
  let depth = 0;
  let current = tree.stacks.find((stack) => stack.stackId === stackId);
  while (current && current.stackId !== top && depth < tree.stacks.length) {
    const parentId: string | undefined = current.parentId;
    current = tree.stacks.find((stack) => stack.stackId === parentId);
    depth += 1;
  }
  return depth;
}
