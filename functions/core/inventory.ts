import pMap from 'p-map';
import { AwsFailure, BadRequest, messageOf, Refused } from '../errors.ts';
import type { Cause, StackFacts, StackNode, StackResource, StackTree } from './model.ts';
import { isKept } from './ownership.ts';
import type { CloudFormationPort } from './ports/index.ts';
import { parseTemplate, type Template } from './template.ts';

export const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** Does CloudFormation still hold the resource of a row with this status? Not where it was deleted or left behind. */
export function isHeld(status: string): boolean {
  return status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED';
}

/** A deleted stack is still found by its ARN, with its outputs: nothing of it is ours any more. */
const GONE = 'DELETE_COMPLETE';

/** Stacks read side by side: DescribeStacks and its sisters are throttled per account. */
const STACKS_AT_ONCE = 3;

/**
 * Reads a stack and everything nested below it, never anything above. A nested stack is believed only where it names
 * this stack as its parent: a physical id alone proves nothing. One that vanishes while the tree is read is left out.
 *
 * @param cause decides whether RetainExceptOnCreate keeps a nested stack
 * @throws Refused `STACK_NOT_FOUND`; AwsFailure where a listing fails, BadRequest where a template cannot be read: nobody
 *   may act on half an inventory
 */
export async function readTree(port: CloudFormationPort, stackId: string, cause: Cause): Promise<StackTree> {
  const root = await port.stack(stackId);
  if (!root) {
    throw new Refused(
      'STACK_NOT_FOUND',
      `CloudFormation knows no stack ${stackId}; check the name, account and Region.`,
    );
  }
  if (root.status === GONE) {
    return { stacks: [{ ...root, exportNames: [], resources: [], retained: false }] };
  }
  const stacks: StackNode[] = [await readNode(port, root, false)];
  const known = new Set([root.stackId]);
  let level: readonly StackNode[] = stacks;
  while (level.length > 0) {
    const children = level.flatMap((node) =>
      node.resources.filter((resource) => resource.type === NESTED_STACK).map((resource) => ({ node, resource })),
    );
    const answers = await pMap(children, ({ node, resource }) => nestedStack(port, node, resource), {
      concurrency: STACKS_AT_ONCE,
    });
    // A stack is read once, whatever names it: the tree has an end even where the answers go round in a circle.
    const fresh = children.flatMap(({ node, resource }, index) => {
      const facts = answers[index];
      if (!facts || known.has(facts.stackId)) {
        return [];
      }
      known.add(facts.stackId);
      return [{ facts, retained: node.retained || isKept(resource, cause) }];
    });
    const nodes = await pMap(fresh, ({ facts, retained }) => readUnlessGone(port, facts, retained), {
      concurrency: STACKS_AT_ONCE,
    });
    level = nodes.flatMap((node) => node ?? []);
    stacks.push(...level);
  }
  return { stacks };
}

async function nestedStack(
  port: CloudFormationPort,
  parent: StackNode,
  resource: StackResource,
): Promise<StackFacts | undefined> {
  const facts = await port.stack(resource.physicalId);
  return facts?.parentId === parent.stackId && facts.status !== GONE ? facts : undefined;
}

/** CloudFormation deletes nested stacks while we read: one that is gone by now is no failure. */
async function readUnlessGone(
  port: CloudFormationPort,
  facts: StackFacts,
  retained: boolean,
): Promise<StackNode | undefined> {
  try {
    return await readNode(port, facts, retained);
  } catch (thrown) {
    if (thrown instanceof AwsFailure) {
      const now = await port.stack(facts.stackId);
      if (!now || now.status === GONE) {
        return undefined;
      }
    }
    throw thrown;
  }
}

async function readNode(port: CloudFormationPort, facts: StackFacts, retained: boolean): Promise<StackNode> {
  const rows = await port.resources(facts.stackId);
  const held = rows.flatMap(({ physicalId, ...row }) =>
    physicalId && isHeld(row.status) ? [{ ...row, physicalId }] : [],
  );
  // A stack that never got as far as a resource may have no template either.
  const declared = held.length > 0 ? await readTemplate(port, facts) : {};
  const resources = held.map((row): StackResource => {
    const inTemplate = declared[row.logicalId];
    return {
      stackId: facts.stackId,
      stackName: facts.stackName,
      logicalId: row.logicalId,
      type: row.type,
      physicalId: row.physicalId,
      status: row.status,
      deletionPolicy: inTemplate?.deletionPolicy ?? 'Unknown',
      declared: inTemplate?.properties ?? {},
    };
  });
  return { ...facts, resources, retained };
}

async function readTemplate(port: CloudFormationPort, facts: StackFacts): Promise<Template['resources']> {
  const text = await port.template(facts.stackId);
  try {
    return parseTemplate(text).resources;
  } catch (thrown) {
    throw thrown instanceof BadRequest
      ? new BadRequest(thrown.code, `Stack ${facts.stackName}: ${messageOf(thrown)}`, { cause: thrown })
      : thrown;
  }
}
