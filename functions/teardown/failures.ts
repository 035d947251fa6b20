import { NESTED_STACK } from '../core/inventory.ts';
import type { CloudFormationPort } from '../core/ports/index.ts';
import { oneLine, sentence } from '../core/report.ts';
import { assertNever } from '../errors.ts';
import { inRegionOf } from './commands.ts';
import type { FailedResource } from './model.ts';
import { stackNameOf } from './stack-id.ts';

/**
 * What CloudFormation could not delete, through all nested levels, the deepest first: a nested stack that failed is told by what
 * failed in it, and by itself only where nothing did (its export is imported, or its own delete could not begin).
 *
 * @throws AwsFailure where CloudFormation cannot be asked
 */
export async function failedResources(
  port: CloudFormationPort,
  stackId: string,
  seen: ReadonlySet<string> = new Set(),
): Promise<readonly FailedResource[]> {
  const stackName = stackNameOf(stackId);
  const nested: FailedResource[] = [];
  const own: FailedResource[] = [];
  for (const { logicalId, type, physicalId = '', status, statusReason = '' } of await port.resources(stackId)) {
    if (status !== 'DELETE_FAILED') continue;
    const resource = { stackId, stackName, logicalId, type, physicalId };
    const below =
      type === NESTED_STACK && physicalId !== '' && !seen.has(physicalId)
        ? await failedResources(port, physicalId, new Set([...seen, stackId]))
        : [];
    nested.push(...below);
    if (below.length === 0) {
      own.push({ resource, reason: statusReason || 'CloudFormation gives no reason' });
    }
  }
  return [...nested, ...own];
}

/** What is in the way, in whole sentences. */
export function failureSentences(failures: readonly FailedResource[]): string {
  return failures
    .map(({ resource: { logicalId, type, physicalId, stackName }, reason }) =>
      oneLine(`${logicalId} of ${stackName} (${type} ${physicalId}): ${sentence(reason)}`),
    )
    .join(' ');
}

/** AWS says these in the words of each service; the right is named in them. */
const DENIED = /not authorized to perform|AccessDenied|access denied|UnauthorizedOperation/i;
const INVALID_ROLE = /Role .* is invalid or cannot be assumed/i;

/** Who must act about resources that CloudFormation could not delete, as far as AWS's words tell. */
export type FailureAdvice =
  /** The role that deletes is gone, or does not trust CloudFormation. */
  | { readonly kind: 'role' }
  /** The role that deletes lacks a right. */
  | { readonly kind: 'right' }
  /** Somebody's function answered, or did not. */
  | { readonly kind: 'custom resource'; readonly logicalIds: readonly string[] };

export function adviceOn(failures: readonly FailedResource[]): readonly FailureAdvice[] {
  const custom = failures.filter(({ resource }) => isCustom(resource.type));
  const advice: FailureAdvice[] = [];
  if (failures.some(({ reason }) => INVALID_ROLE.test(reason))) {
    advice.push({ kind: 'role' });
  }
  if (failures.some(({ reason }) => DENIED.test(reason))) {
    advice.push({ kind: 'right' });
  }
  if (custom.length > 0) {
    advice.push({ kind: 'custom resource', logicalIds: custom.map(({ resource }) => resource.logicalId) });
  }
  return advice;
}

/** One piece of advice as a sentence. */
export function adviceSentence(advice: FailureAdvice): string {
  switch (advice.kind) {
    case 'role':
      return 'The role that the stack is deleted with is gone or does not trust CloudFormation: make it again, or name another one.';
    case 'right':
      return 'An administrator must give the role that deletes the stack the right that AWS names.';
    case 'custom resource':
      return `Whoever wrote the function behind ${advice.logicalIds.join(', ')} finds in its log why it answered so; where it is gone or its answer does not matter, keep the custom resource out of the delete as below.`;
    default:
      return assertNever(advice);
  }
}

/**
 * Who must do what about resources that CloudFormation could not delete. Keeping them is always the last resort: they stay in
 * the account, and belong to nobody then.
 */
export function failureRemedy(failures: readonly FailedResource[]): string {
  return [
    ...adviceOn(failures).map(adviceSentence),
    `Mend that and ask again. To leave what failed in the account instead, and then ask again for the rest: ${retainCommands(failures).join(' && ')}`,
  ].join(' ');
}

function isCustom(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

/**
 * One command for each stack that holds something that failed: a nested stack takes `--retain-resources` too, and its parent can
 * be deleted only when it is gone.
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/delete-stack.html
 */
export function retainCommands(failures: readonly FailedResource[]): readonly string[] {
  const byStack = new Map<string, string[]>();
  for (const { resource } of failures) {
    byStack.set(resource.stackId, [...(byStack.get(resource.stackId) ?? []), resource.logicalId]);
  }
  return [...byStack].map(([stackId, ids], at) => {
    const command = `aws cloudformation delete-stack --stack-name ${stackId} --retain-resources ${ids.join(' ')}`;
    const wait = `aws cloudformation wait stack-delete-complete --stack-name ${stackId}`;
    const commands = at === byStack.size - 1 ? [command] : [command, wait];
    return commands.map((each) => inRegionOf(stackId, each)).join(' && ');
  });
}

/** Are these the same failures, at least one, for the same reasons? Then nothing that was done in between has helped. */
export function sameFailures(one: readonly FailedResource[], other: readonly FailedResource[]): boolean {
  const keys = (failures: readonly FailedResource[]): string =>
    failures
      .map(({ resource, reason }) => `${resource.stackId} ${resource.logicalId} ${reason}`)
      .toSorted()
      .join('\n');
  return one.length > 0 && keys(one) === keys(other);
}
