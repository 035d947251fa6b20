import { CloudFormationClient, paginateListStacks } from '@aws-sdk/client-cloudformation';
import { CLIENT_SETTINGS } from '#functions/aws/clients.ts';
import { pagesOf } from '#functions/aws/paging.ts';

/** A root stack that CloudFormation could not delete. */
export interface StuckStack {
  readonly stackName: string;
  readonly reason: string;
  /** Since when, ISO 8601; undefined where CloudFormation does not say. */
  readonly since?: string | undefined;
}

/**
 * Root stacks in DELETE_FAILED, all pages. Nested ones go with their roots.
 *
 * @throws AwsFailure
 */
export async function stuckStacks(
  client: CloudFormationClient = new CloudFormationClient(CLIENT_SETTINGS),
): Promise<readonly StuckStack[]> {
  const pages = paginateListStacks({ client }, { StackStatusFilter: ['DELETE_FAILED'] });
  const action = 'cloudformation:ListStacks';
  const found: StuckStack[] = [];
  for await (const page of pagesOf({ action, resource: 'DELETE_FAILED', tokenOf: (each) => each.NextToken }, pages)) {
    for (const { StackName, StackStatusReason, DeletionTime, ParentId } of page.StackSummaries ?? []) {
      if (StackName !== undefined && ParentId === undefined) {
        found.push({ stackName: StackName, reason: StackStatusReason ?? '', since: DeletionTime?.toISOString() });
      }
    }
  }
  return found;
}
