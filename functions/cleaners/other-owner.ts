import type { RunContext } from '../core/cleaner.ts';
import { isHeld } from '../core/inventory.ts';
import type { Finding, StackResource } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { CloudFormationPort } from '../core/ports/index.ts';
import { absent } from './results.ts';

/** CloudFormation itself sets it on what it makes; nobody else can. Types that it does not tag are believed without it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-resource-tags.html */
const STACK_TAG = 'aws:cloudformation:stack-id';

/**
 * Does a stack outside the tree own this resource? A stack goes on listing what somebody deleted behind its back, and another
 * stack may have made a new one of the same name since: CloudFormation alone would stop at what is in it, so must we.
 *
 * @param tags the resource's own, as they are now
 * @returns the finding that leaves it alone, or undefined where no other stack lists it
 */
export async function otherOwner(
  cloudFormation: CloudFormationPort,
  resource: StackResource,
  tags: Readonly<Record<string, string>>,
  { tree }: Pick<RunContext, 'tree'>,
): Promise<Finding | undefined> {
  const maker = tags[STACK_TAG];
  if (maker === undefined || tree.stacks.some(({ stackId }) => stackId === maker)) return undefined;
  // Roles are global: a stack of another Region cannot be asked from here, and in doubt nothing is touched.
  if (regionOf(maker) === regionOf(resource.stackId) && !(await lists(cloudFormation, maker, resource)))
    return undefined;
  const refusal = {
    code: 'RESOURCE_OF_ANOTHER_STACK',
    resource: refOf(resource),
    sentence: `Stack ${maker} made it, so nothing in it is removed.`,
    remedy:
      'Whoever deletes this stack retains it and the custom resource (--retain-resources): CloudFormation leaves it to the other stack then.',
    stops: 'resource',
    blocks: true,
  } as const;
  return { ...absent(resource), exists: true, blocks: true, refusal };
}

/** What was taken out of its first stack and imported into another one keeps its tag for a while: the list decides. */
async function lists(port: CloudFormationPort, stackId: string, resource: StackResource): Promise<boolean> {
  const stack = await port.stack(stackId);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE') return false;
  const rows = await port.resources(stackId);
  return rows.some(
    ({ type, physicalId, status }) => type === resource.type && physicalId === resource.physicalId && isHeld(status),
  );
}

function regionOf(stackId: string): string | undefined {
  return stackId.split(':')[3];
}
