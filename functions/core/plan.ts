import type { CleanOptions, Finding, Note, Plan, Refusal, StackNode, StackTree, Step, Untouched } from './model.ts';
import { STAGES } from './model.ts';
import { withRefOnly } from './ownership.ts';

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
export function makePlan({ tree, options, findings: found, refusals, untouched, notes }: PlanInput): Plan {
  const findings = found.map(
    (finding): Finding => ({
      ...withRefOnly(finding),
      notes: finding.notes.map(withRefOnly),
      ...(finding.refusal ? { refusal: withRefOnly(finding.refusal) } : {}),
    }),
  );
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
    stacks: topDown(tree),
    options,
    findings,
    steps,
    refusals: all,
    untouched,
    notes: [...notes, ...findings.flatMap((finding) => finding.notes)],
  };
}

/** Each stack before what is nested in it, so that indentation by depth reads as a tree. */
function topDown(tree: StackTree): Plan['stacks'] {
  const [root] = tree.stacks;
  const seen = new Set<string>();
  const below = ({ stackId, stackName }: StackNode, depth: number): Plan['stacks'] => {
    if (seen.has(stackId)) {
      return [];
    }
    seen.add(stackId);
    const children = tree.stacks.filter((stack) => stack.parentId === stackId);
    return [{ stackId, stackName, depth }, ...children.flatMap((child) => below(child, depth + 1))];
  };
  return root ? below(root, 0) : [];
}
