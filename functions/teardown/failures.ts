import { NESTED_STACK } from '../core/inventory.ts';
import type { CloudFormationPort } from '../core/ports/index.ts';
import { oneLine, sentence } from '../core/report.ts';
import type { FailedResource } from './model.ts';
import { stackNameOf } from './stack-id.ts';

/**
 * What CloudFormation could not delete, through all nested levels: a nested stack that failed is told by what failed in it,
 * and by itself only where nothing did (its export is imported, or its own delete could not begin).
 *
 * @throws AwsFailure where CloudFormation cannot be asked
 */
export async function failedResources(
  port: CloudFormationPort,
  stackId: string,
  seen: ReadonlySet<string> = new Set(),
): Promise<readonly FailedResource[]> {
  const stackName = stackNameOf(stackId);
  const failed: FailedResource[] = [];
  for (const { logicalId, type, physicalId = '', status, statusReason = '' } of await port.resources(stackId)) {
    if (status !== 'DELETE_FAILED') continue;
    const resource = { stackId, stackName, logicalId, type, physicalId };
    const below =
      type === NESTED_STACK && physicalId !== '' && !seen.has(physicalId)
        ? await failedResources(port, physicalId, new Set([...seen, stackId]))
        : [];
    failed.push(
      ...(below.length > 0 ? below : [{ resource, reason: statusReason || 'CloudFormation gives no reason' }]),
    );
  }
  return failed;
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

/**
 * Who must do what about resources that CloudFormation could not delete. Keeping them is always the last resort: they stay in
 * the account, and belong to nobody then.
 */
export function failureRemedy(failures: readonly FailedResource[]): string {
  const remedies: string[] = [];
  if (failures.some(({ reason }) => INVALID_ROLE.test(reason))) {
    remedies.push(
      'The role that the stack is deleted with is gone or does not trust CloudFormation: make it again, or name another one.',
    );
  }
  if (failures.some(({ reason }) => DENIED.test(reason))) {
    remedies.push('An administrator must give the role that deletes the stack the right that AWS names.');
  }
  const custom = failures.filter(({ resource }) => isCustom(resource.type));
  if (custom.length > 0) {
    const ids = custom.map(({ resource }) => resource.logicalId).join(', ');
    remedies.push(
      `Whoever wrote the function behind ${ids} finds in its log why it answered so; where it is gone or its answer does not matter, keep the custom resource out of the delete as below.`,
    );
  }
  remedies.push(`Mend that and ask again. To leave what failed in the account instead: ${retainCommands(failures)}`);
  return remedies.join(' ');
}

function isCustom(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

/** One command for each stack that holds something that failed: a nested stack takes `--retain-resources` too. */
function retainCommands(failures: readonly FailedResource[]): string {
  const byStack = new Map<string, string[]>();
  for (const { resource } of failures) {
    byStack.set(resource.stackId, [...(byStack.get(resource.stackId) ?? []), resource.logicalId]);
  }
  return [...byStack]
    .map(
      ([stackId, ids]) => `aws cloudformation delete-stack --stack-name ${stackId} --retain-resources ${ids.join(' ')}`,
    )
    .join(' && ');
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
