import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  paginateListStacks,
} from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from '#scripts/lib/local-account.ts';

/** A stack with what it holds or held. */
export interface KnownStack {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly rows: readonly { readonly type: string; readonly physicalId: string; readonly status: string }[];
}

/** All stacks of an account, deleted ones included. */
export async function knownStacks({ root }: LocalAccount): Promise<readonly KnownStack[]> {
  const client = new CloudFormationClient(root);
  const stacks: KnownStack[] = [];
  for await (const page of paginateListStacks({ client }, {})) {
    for (const { StackId: id } of page.StackSummaries ?? []) {
      if (id !== undefined) {
        stacks.push(await read(client, id));
      }
    }
  }
  return stacks;
}

async function read(client: CloudFormationClient, id: string): Promise<KnownStack> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: id }));
  const rows: KnownStack['rows'][number][] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: id })) {
    for (const row of page.StackResourceSummaries ?? []) {
      rows.push({
        type: row.ResourceType ?? '',
        physicalId: row.PhysicalResourceId ?? '',
        status: row.ResourceStatus ?? '',
      });
    }
  }
  return { id, parentId: Stacks?.[0]?.ParentId, rows };
}

/** Type and name of everything in a stack and in what is nested below it. */
export function rowsBelow(id: string, stacks: readonly KnownStack[]): readonly string[] {
  return stacks
    .filter((stack) => stack.id === id || stack.parentId === id)
    .flatMap((stack) =>
      stack.id === id ? stack.rows.map(({ type, physicalId }) => `${type} ${physicalId}`) : rowsBelow(stack.id, stacks),
    );
}
