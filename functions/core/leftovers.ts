import { AwsFailure, messageOf } from '../errors.ts';
import type { Finding, Leftover, Plan, Step, StepResult } from './model.ts';
import { counted } from './report.ts';

/** A step that was begun. */
export interface Done {
  readonly step: Step;
  readonly result: StepResult;
  /** True where the cleaner threw, so that its result is a guess. */
  readonly threw: boolean;
}

/**
 * What is still there after a run. Verifying has the last word on a resource: what draining could not remove counts no
 * longer where the listing after it finds nothing.
 *
 * @param undone steps that the time did not suffice for
 */
export function leftoversOf(plan: Plan, done: readonly Done[], undone: readonly Step[]): readonly Leftover[] {
  const verified = new Set(
    done
      .filter(({ step, result, threw }) => step.stage === 'verify' && result.finished && !threw)
      .map(({ step }) => keyOf(step.resource)),
  );
  const standing = done
    .filter(({ step }) => step.stage !== 'drain' || !verified.has(keyOf(step.resource)))
    .flatMap(({ result }) => result.leftovers);
  const named = new Set(standing.filter((leftover) => leftover.blocks).map(({ resource }) => keyOf(resource)));
  const notReached = undone.flatMap((step) => {
    const key = keyOf(step.resource);
    // CloudFormation removes log streams with their group; and one sentence for each resource is enough.
    if (step.stage === 'logStreams' || named.has(key)) {
      return [];
    }
    named.add(key);
    return [outOfTime(plan, step)];
  });
  return [...standing, ...notReached];
}

/** The leftover of a step that threw: whatever it was about is still there. */
export function afterThrow(plan: Plan, step: Step, thrown: unknown): Leftover {
  const denied = thrown instanceof AwsFailure && thrown.accessDenied;
  return {
    resource: step.resource,
    what: contentOf(plan, step),
    why: messageOf(thrown),
    remedy: denied
      ? `An administrator must allow ${thrown.context.action} to the role of the function; then delete the stack again.`
      : 'Delete the stack again; if it fails again, remove this resource by hand.',
    // Quiescing and sealing only keep others out; what they miss is found by the later stages.
    blocks: (step.stage === 'drain' || step.stage === 'verify') && findingOf(plan, step)?.blocks !== false,
  };
}

function outOfTime(plan: Plan, step: Step): Leftover {
  return {
    resource: step.resource,
    what: contentOf(plan, step),
    why: `the time ran out before stage ${step.stage} was done`,
    remedy: 'Delete the stack again: the work goes on where it stopped.',
    blocks: findingOf(plan, step)?.blocks !== false,
  };
}

/** What was found before the run began: no more than that is left of it. */
function contentOf(plan: Plan, step: Step): string {
  const contents = findingOf(plan, step)?.contents ?? [];
  return contents.length > 0
    ? `up to ${contents.map(({ kind, count, orMore }) => counted(count, kind, orMore)).join(', ')}`
    : 'an unknown content';
}

function findingOf(plan: Plan, step: Step): Finding | undefined {
  return plan.findings.find((finding) => keyOf(finding.resource) === keyOf(step.resource));
}

/** A resource's place in the tree. */
export function keyOf(resource: { readonly stackId: string; readonly logicalId: string }): string {
  return `${resource.stackId} ${resource.logicalId}`;
}
