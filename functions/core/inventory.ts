import pMap from 'p-map';
import { Refused } from '../errors.ts';
import type { Cause, StackFacts, StackNode, StackResource, StackTree } from './model.ts';
import { isKept } from './ownership.ts';
import type { CloudFormationPort } from './ports/index.ts';
import { parseTemplate } from './template.ts';

export const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** Rows of resources that CloudFormation no longer holds: deleted, or kept behind by RetainResources. */
const NO_LONGER_HELD = new Set(['DELETE_COMPLETE', 'DELETE_SKIPPED']);

/** Stacks read side by side: DescribeStacks and its sisters are throttled per account. */
const STACKS_AT_ONCE = 3;

/**
 * Reads a stack and everything nested below it, never anything above. A nested stack is believed only where it names
 * this stack as its parent: a physical id alone proves nothing.
 *
 * @param cause decides whether RetainExceptOnCreate keeps a nested stack
 * @throws Refused `STACK_NOT_FOUND`; AwsFailure where a listing fails: nobody may act on half an inventory
 */
export async function readTree(port: CloudFormationPort, stackId: string, cause: Cause): Promise<StackTree> {
  const root = await port.stack(stackId);
  if (!root) {
    throw new Refused(
      'STACK_NOT_FOUND',
      `CloudFormation knows no stack ${stackId}; check the name, account and Region.`,
    );
  }
  const stacks: StackNode[] = [];
  let level: readonly { facts: StackFacts; retained: boolean }[] = [{ facts: root, retained: false }];
  while (level.length > 0) {
    const nodes = await pMap(level, ({ facts, retained }) => readNode(port, facts, retained), {
      concurrency: STACKS_AT_ONCE,
    });
    stacks.push(...nodes);
    const children = nodes.flatMap((node) =>
      node.resources.filter((resource) => resource.type === NESTED_STACK).map((resource) => ({ node, resource })),
    );
    const next = await pMap(
      children,
      async ({ node, resource }) => {
        const facts = await port.stack(resource.physicalId);
        return facts?.parentId === node.stackId
          ? [{ facts, retained: node.retained || isKept(resource.deletionPolicy, cause) }]
          : [];
      },
      { concurrency: STACKS_AT_ONCE },
    );
    level = next.flat();
  }
  return { stacks };
}

async function readNode(port: CloudFormationPort, facts: StackFacts, retained: boolean): Promise<StackNode> {
  const [rows, template] = await Promise.all([port.resources(facts.stackId), port.template(facts.stackId)]);
  const declared = parseTemplate(template).resources;
  const resources = rows.flatMap((row): StackResource[] => {
    if (!row.physicalId || NO_LONGER_HELD.has(row.status)) {
      return [];
    }
    const inTemplate = declared[row.logicalId];
    return [
      {
        stackId: facts.stackId,
        stackName: facts.stackName,
        logicalId: row.logicalId,
        type: row.type,
        physicalId: row.physicalId,
        status: row.status,
        deletionPolicy: inTemplate?.deletionPolicy ?? 'Unknown',
        declared: inTemplate?.properties ?? {},
      },
    ];
  });
  return { ...facts, resources, retained };
}
