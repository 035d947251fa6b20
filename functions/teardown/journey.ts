import { createHash } from 'node:crypto';
import type { CleanOptions, Removed } from '../core/model.ts';
import type { TeardownOptions } from '../schemas/teardown-request.ts';
import type { Journey, Outcome, TeardownPlan } from './model.ts';
import { CAUSE } from './survey.ts';

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
              holdsRoleOf: target.holdsRoleOf ?? [],
              run,
              phase: 'clean',
              wait: 0,
              steps: 0,
              attempt: 0,
              looks: 0,
              unprotected: false,
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

/**
 * What the core is allowed to do in the stacks of a teardown. CloudFormation deletes log streams with their group in one call:
 * nobody waits for them here.
 */
export function cleanOptionsOf({
  roleArn: _role,
  disableTerminationProtection: _protection,
  deleteOrphanedLogGroups: _groups,
  ...consents
}: TeardownOptions): CleanOptions {
  return { cause: CAUSE, deleteLogStreams: false, ...consents };
}

/**
 * The token of a delete that this step asks for: the same step made twice gives the same one, so that a repetition asks for
 * nothing new; a later step gives another, so that its delete is never taken for the earlier one. It is made of the whole ARN:
 * the ends of two stacks' ARNs may be the same.
 */
export function tokenOf({ run, steps, stackId }: Pick<Journey, 'run' | 'steps' | 'stackId'>): string {
  const stack = createHash('sha256').update(stackId).digest('hex').slice(0, 16);
  return `clean-exit-${run}-${stack}-${steps}`;
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
