import { assertNever } from '../errors.ts';
import type { Cause, ResourceRef, StackNode, StackResource, StackTree, Untouched } from './model.ts';

/** A resource that carries this tag, with any value, is left alone. */
export const KEEP_TAG = 'clean-exit:keep';

/**
 * Does CloudFormation keep this resource? `Unknown` counts as yes: in doubt nothing is touched.
 *
 * RetainExceptOnCreate goes with the rollback of the create that made the resource. It is also one of the two policies with
 * which a create imports what exists already: such a resource was somebody's before, and an import ends with an update.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
export function isKept(
  { deletionPolicy, status }: Pick<StackResource, 'deletionPolicy' | 'status'>,
  cause: Cause,
): boolean {
  switch (deletionPolicy) {
    case 'Delete':
      return false;
    case 'Retain':
    case 'Snapshot':
    case 'Unknown':
      return true;
    case 'RetainExceptOnCreate':
      return cause !== 'rollback of a create' || /^(IMPORT|UPDATE)_/.test(status);
    default:
      return assertNever(deletionPolicy);
  }
}

/**
 * The row of a resource whose creation failed because its name is taken may carry that name as its physical id: it then
 * names somebody else's resource. So does the row of an import that is not complete, or was taken back.
 */
const NEVER_MADE = /^(CREATE_FAILED|CREATE_IN_PROGRESS|IMPORT_(?!COMPLETE$).*)$/;

/** Does the row, by its status, name a resource that this stack made or holds? */
export function wasMade({ status }: Pick<StackResource, 'status'>): boolean {
  return !NEVER_MADE.test(status);
}

/** What a run must know of itself so that it never cuts off its own branch. */
export interface OwnService {
  /** Name of the function that runs; a stack that owns it is never cleaned. */
  readonly functionName?: string | undefined;
  /** ARNs of roles that must survive: the function's own, and the delete role. */
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
  if (isKept(resource, cause)) {
    return because('RETAINED', `Its DeletionPolicy is ${resource.deletionPolicy}.`);
  }
  if (!wasMade(resource)) {
    return because(
      'NOT_CREATED',
      'The stack never came to own it, so whatever bears its name may belong to somebody else; nothing in it is removed.',
    );
  }
  if (cause === 'rollback of a create' && resource.status === 'IMPORT_COMPLETE') {
    return because('IMPORTED', 'It was there before the create that is rolled back, which only imported it.');
  }
  if (belongsToService(node, tree, service.functionName)) {
    return because('OWN_SERVICE', 'It belongs to the clean-exit service itself.');
  }
  if (resource.type === 'AWS::IAM::Role') {
    const needed = neededRole(resource.physicalId, tree, service);
    if (needed) {
      return because(needed.code, needed.sentence);
    }
  }
  return undefined;
}

/**
 * Is this a role that the delete, or the service, works with? What it may do must not change then.
 *
 * @returns the reason, or undefined where it is neither
 */
export function neededRole(
  roleName: string,
  tree: StackTree,
  service: OwnService,
): { readonly code: string; readonly sentence: string } | undefined {
  const usedBy = tree.stacks.find((stack) => roleNameOf(stack.roleArn) === roleName);
  if (usedBy) {
    return { code: 'STACK_ROLE', sentence: `Stack ${usedBy.stackName} is deleted with this role as its service role.` };
  }
  if (service.roleArns.some((arn) => roleNameOf(arn) === roleName)) {
    return { code: 'SERVICE_ROLE', sentence: 'The clean-exit service works with this role.' };
  }
  return undefined;
}

/** The name in a role's ARN: the last part, whatever its path. */
function roleNameOf(arn: string | undefined): string | undefined {
  return arn?.split('/').at(-1);
}

/** The stack that holds the running function, and everything nested below it. */
function belongsToService(node: StackNode, tree: StackTree, functionName: string | undefined): boolean {
  if (functionName === undefined) {
    return false;
  }
  const seen = new Set<StackNode>();
  for (let each: StackNode | undefined = node; each && !seen.has(each); each = parentOf(each, tree)) {
    seen.add(each);
    if (
      each.resources.some(({ type, physicalId }) => type === 'AWS::Lambda::Function' && physicalId === functionName)
    ) {
      return true;
    }
  }
  return false;
}

function parentOf(node: StackNode, tree: StackTree): StackNode | undefined {
  return tree.stacks.find((stack) => stack.stackId === node.parentId);
}

/** The reference alone, without what the template says: what plans and reports carry. */
export function refOf({ stackId, stackName, logicalId, type, physicalId }: ResourceRef): ResourceRef {
  return { stackId, stackName, logicalId, type, physicalId };
}

/** What the template declares may hold secrets, and is long: plans and reports carry the reference, whatever a cleaner handed in. */
export function withRefOnly<T extends { readonly resource?: ResourceRef | undefined }>(item: T): T {
  return item.resource ? { ...item, resource: refOf(item.resource) } : item;
}
