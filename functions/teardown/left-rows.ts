import pMap from 'p-map';
import { isHeld, NESTED_STACK } from '../core/inventory.ts';
import type { CloudFormationPort, ResourceRow } from '../core/ports/cloudformation.ts';
import { stackNameOf } from './stack-id.ts';

/** ListStackResources is throttled for the whole account. */
const STACKS_AT_ONCE = 3;

/** A row of a stack, with the stack's place in the tree. */
export interface Row extends ResourceRow {
  readonly stackId: string;
  readonly stackName: string;
}

/**
 * A deleted stack's rows and those of everything nested below it that is deleted too. CloudFormation knows a deleted stack by its
 * ARN for 90 days.
 *
 * @throws AwsFailure where CloudFormation cannot be asked
 */
export function rowsOfDeleted(port: CloudFormationPort, stackId: string): Promise<readonly Row[]> {
  return rowsOf(port, stackId, (status) => status === 'DELETE_COMPLETE', new Set());
}

/** What a resource is called, whatever stack holds it. */
export function resourceKey({ type, physicalId = '' }: Pick<ResourceRow, 'type' | 'physicalId'>): string {
  return `${type} ${physicalId}`;
}

/**
 * What stacks hold that were made anew under the names of deleted ones: nothing of it was left by those.
 *
 * @returns keys of resources
 * @throws AwsFailure where CloudFormation cannot be asked
 */
export async function heldAnew(port: CloudFormationPort, deleted: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await pMap(
    new Set(deleted.map(stackNameOf)),
    async (name): Promise<readonly Row[]> => {
      const stack = await port.stack(name);
      // A stack in review was never made, and CloudFormation may not even list that there is nothing in it.
      return stack === undefined || ['DELETE_COMPLETE', 'REVIEW_IN_PROGRESS'].includes(stack.status)
        ? []
        : rowsOf(port, stack.stackId, isHeld, new Set());
    },
    { concurrency: STACKS_AT_ONCE },
  );
  return new Set(
    rows
      .flat()
      .filter(({ status }) => isHeld(status))
      .map(resourceKey),
  );
}

/** @param follows says by the status of a nested stack's row whether its rows are wanted too */
async function rowsOf(
  port: CloudFormationPort,
  stackId: string,
  follows: (status: string) => boolean,
  seen: ReadonlySet<string>,
): Promise<readonly Row[]> {
  const stackName = stackNameOf(stackId);
  const own = (await port.resources(stackId)).map((row) => ({ ...row, stackId, stackName }));
  const path = new Set([...seen, stackId]);
  const nested = own.flatMap(({ type, status, physicalId }) =>
    type === NESTED_STACK && physicalId !== undefined && follows(status) && !path.has(physicalId) ? [physicalId] : [],
  );
  const below = await pMap(nested, (id) => rowsOf(port, id, follows, path), { concurrency: STACKS_AT_ONCE });
  return [...own, ...below.flat()];
}
