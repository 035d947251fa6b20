import { type CleanOptions, NO_CONSENT, type Removed } from '../core/model.ts';
import type { TeardownOptions } from '../schemas/teardown-request.ts';
import type { Journey, Outcome, TeardownPlan } from './model.ts';

/**
 * The journeys of a plan, wave by wave: a wave begins when the one before it has ended.
 *
 * @param run name of the run: letters, digits and hyphens, the first no hyphen; 1 to 80 characters
 */
export function beginJourneys(plan: TeardownPlan, run: string): readonly (readonly Journey[])[] {
  const targets = new Map(plan.stacks.map((target) => [target.stackId, target]));
  return plan.waves.map((wave) =>
    wave.flatMap((stackId): readonly Journey[] => {
      const target = targets.get(stackId);
      return target === undefined
        ? []
        : [
            {
              stackId,
              stackName: target.stackName,
              deletesAs: target.deletesAs,
              options: plan.options,
              run,
              phase: 'clean',
              wait: 0,
              attempt: 0,
              looks: 0,
              removed: [],
              leftovers: [],
              notes: [],
              failures: [],
              calls: {},
            },
          ];
    }),
  );
}

/** What the core is allowed to do in the stacks of a teardown. */
export function cleanOptionsOf(options: TeardownOptions): CleanOptions {
  return {
    ...NO_CONSENT,
    cause: 'stack delete',
    // CloudFormation deletes streams with their group, in one call; here nobody reads a report of them.
    deleteLogStreams: false,
    disableLogGroupDeletionProtection: options.disableLogGroupDeletionProtection,
    removeRolesFromInstanceProfiles: options.removeRolesFromInstanceProfiles,
    detachPoliciesFromOthers: options.detachPoliciesFromOthers,
    removePermissionsBoundaries: options.removePermissionsBoundaries,
    emptyBuckets: options.emptyBuckets,
  };
}

/**
 * The token of a journey's latest delete: the same step gives the same token, so that a repetition asks for nothing new. The
 * end of the stack's ARN, which is unique, keeps the stacks of a run apart.
 */
export function tokenOf({ run, attempt, stackId }: Pick<Journey, 'run' | 'attempt' | 'stackId'>): string {
  const stack = stackId.slice(-12).replaceAll(/[^A-Za-z0-9]/g, '');
  return `clean-exit-${run}-${stack}-${attempt}`;
}

/** The end of a journey. */
export function ended(
  journey: Journey,
  outcome: Outcome,
  words: { readonly why?: string; readonly remedy?: string } = {},
): Journey {
  const { why: _why, remedy: _remedy, ...rest } = journey;
  return { ...rest, ...words, phase: 'done', wait: 0, outcome };
}

/** One row for each resource and kind. */
export function addRemoved(before: readonly Removed[], more: readonly Removed[]): readonly Removed[] {
  const rows = new Map<string, Removed>();
  for (const each of [...before, ...more]) {
    const key = `${each.resource.stackId} ${each.resource.logicalId} ${each.kind}`;
    rows.set(key, { ...each, count: (rows.get(key)?.count ?? 0) + each.count });
  }
  return [...rows.values()];
}

/** Calls by action, added up. */
export function addCalls(...counts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const [action, count] of counts.flatMap((each) => Object.entries(each))) {
    sum[action] = (sum[action] ?? 0) + count;
  }
  return sum;
}
