import type { Plan, Report } from '../core/model.ts';
import { counted, sentence } from '../core/report.ts';
import { AwsFailure, CleanExitError, messageOf } from '../errors.ts';

/** What stands in CloudFormation's Reason when something was thrown: what happened, and who must do what. */
export function failureSentence(thrown: unknown): string {
  if (thrown instanceof AwsFailure) {
    return `${sentence(thrown.message)} ${
      thrown.accessDenied
        ? `An administrator must allow ${thrown.context.action} to the clean-exit function.`
        : 'Nothing more was started; try again.'
    }`;
  }
  if (!(thrown instanceof CleanExitError)) {
    return `A defect in clean-exit: ${sentence(messageOf(thrown))} Report it with the log; trying again may help.`;
  }
  switch (thrown.whoActs) {
    case 'caller':
    case 'operator':
      return thrown.message;
    case 'retry':
      return `${sentence(thrown.message)} Try again.`;
    case 'maintainer':
      return `A defect in clean-exit: ${sentence(thrown.message)} Report it with the log.`;
    default:
      return thrown.whoActs satisfies never;
  }
}

/** Counts by singular noun, added up. */
export function addUp(
  before: Readonly<Record<string, number>>,
  removed: Report['removed'],
): Readonly<Record<string, number>> {
  const sums = new Map(Object.entries(before));
  for (const { kind, count } of removed) {
    sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}

/** `1,200 images and 3 log streams were removed`, or that nothing was. */
export function removedSentence(removed: Readonly<Record<string, number>>): string {
  const parts = Object.entries(removed)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => counted(count, kind));
  const [last, ...rest] = parts.reverse();
  return last === undefined
    ? 'Nothing was removed so far'
    : `Removed so far: ${rest.length > 0 ? `${rest.reverse().join(', ')} and ` : ''}${last}`;
}

/** What still blocks CloudFormation when a run ends before its work: what was found at its start, less what it removed. */
export function remainsSentence(plan: Plan, report: Report): string {
  const parts = plan.findings
    .filter((finding) => finding.blocks)
    .flatMap(({ resource, contents }) => {
      const rest = contents.flatMap(({ kind, count, orMore }) => {
        const gone = report.removed.find(
          (each) =>
            each.kind === kind &&
            each.resource.physicalId === resource.physicalId &&
            each.resource.type === resource.type,
        );
        const left = Math.max(0, count - (gone?.count ?? 0));
        return left > 0 || orMore ? [counted(left, kind, orMore)] : [];
      });
      return rest.length > 0 ? [`${resource.logicalId} (${resource.physicalId}): ${rest.join(', ')}`] : [];
    });
  return parts.length > 0 ? `Left: ${parts.join('; ')}.` : '';
}
