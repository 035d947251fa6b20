import { assertNever } from '../errors.ts';
import type { Cause, DeletionPolicy, StackNode, StackResource, StackTree, Untouched } from './model.ts';

/**
 * Does CloudFormation keep a resource with this policy? `Unknown` counts as yes: in doubt nothing is touched.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export function isKept(policy: DeletionPolicy, cause: Cause): boolean {
  switch (policy) {
    case 'Delete':
      return false;
    case 'Retain':
    case 'Snapshot':
    case 'Unknown':
      return true;
    case 'RetainExceptOnCreate':
      return cause !== 'rollback of a create';
    default:
      return assertNever(policy);
  }
}

/** What a run must know of itself so that it never cuts off its own branch. */
export interface OwnService {
  /** Name of the function that runs; a stack that owns it is never cleaned. */
  readonly functionName?: string | undefined;
  /** ARNs of roles that must survive: the delete role. */
  readonly roleArns: readonly string[];
}

/**
 * Must this resource of the tree be left alone whatever is in it? What only AWS can tell (tags, role paths) is asked by
 * the cleaner of its type.
 *
 * @returns the reason, or undefined where it may be cleaned
 */
export function untouchable(
  resource: StackResource,
  node: StackNode,
  tree: StackTree,
  cause: Cause,
  service: OwnService,
): Untouched | undefined {
  const because = (code: string, sentence: string): Untouched => ({ resource: refOf(resource), code, sentence });
  if (node.retained) {
    return because('STACK_RETAINED', `Its nested stack ${node.stackName} is retained, and everything in it with it.`);
  }
  if (resource.deletionPolicy === 'Unknown') {
    return because('POLICY_UNKNOWN', 'Its DeletionPolicy cannot be read from the template, so it counts as retained.');
  }
  if (isKept(resource.deletionPolicy, cause)) {
    return because('RETAINED', `Its DeletionPolicy is ${resource.deletionPolicy}.`);
  }
  if (ownsFunction(node, service.functionName)) {
    return because('OWN_SERVICE', 'It belongs to the clean-exit service itself.');
  }
  if (resource.type === 'AWS::IAM::Role') {
    const usedBy = tree.stacks.find((stack) => roleNameOf(stack.roleArn) === resource.physicalId);
    if (usedBy) {
      return because('STACK_ROLE', `Stack ${usedBy.stackName} is deleted with this role as its service role.`);
    }
    if (service.roleArns.some((arn) => roleNameOf(arn) === resource.physicalId)) {
      return because('SERVICE_ROLE', 'The clean-exit service deletes stacks with this role.');
    }
  }
  return undefined;
}

/** The name in a role's ARN: the last part, whatever its path. */
function roleNameOf(arn: string | undefined): string | undefined {
  return arn?.split('/').at(-1);
}

function ownsFunction(node: StackNode, functionName: string | undefined): boolean {
  return (
    functionName !== undefined &&
    node.resources.some((each) => each.type === 'AWS::Lambda::Function' && each.physicalId === functionName)
  );
}

/** The reference alone, without what the template says: what plans and reports carry. */
export function refOf({ stackId, stackName, logicalId, type, physicalId }: StackResource): Untouched['resource'] {
  return { stackId, stackName, logicalId, type, physicalId };
}
