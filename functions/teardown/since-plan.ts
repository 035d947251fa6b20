import type { StackFacts } from '../core/model.ts';
import { assertNever } from '../errors.ts';
import type { Rights, TeardownDeps } from './dependencies.ts';
import type { DeletesAs, Journey } from './model.ts';
import { isBusy } from './refusals.ts';
import { optionWords } from './wording.ts';

/** What stands in the way, and who can do what. */
export interface Change {
  readonly why: string;
  readonly remedy: string;
}

/**
 * What has changed since the plan was made, and forbids to begin or to go on. Asked before anything is removed and again
 * before the delete; what the plan said is not believed where AWS can say it.
 *
 * @param stack as CloudFormation describes it now
 */
export async function changeSincePlan(
  deps: TeardownDeps,
  journey: Journey,
  stack: StackFacts,
): Promise<Change | undefined> {
  const { stackName, status, terminationProtected } = stack;
  if (isBusy(status)) {
    return {
      why: `Another operation has begun on ${stackName} (${status}).`,
      remedy: 'Wait until it has ended, then ask again.',
    };
  }
  if (terminationProtected && !journey.options.disableTerminationProtection) {
    return {
      why: `${stackName} has termination protection.`,
      remedy: `Whoever owns the stack switches it off, or allows this teardown to do so (${optionWords('disableTerminationProtection')}); then ask again.`,
    };
  }
  const wrong = wrongRights(deps.rights, journey.deletesAs, stack);
  if (wrong !== undefined) {
    return { why: wrong, remedy: 'Nothing is deleted with other rights than the plan says: ask again for a new plan.' };
  }
  return needsItsRole(deps, journey);
}

/**
 * Would CloudFormation delete the stack with other rights than the plan says? Without a RoleARN it takes the stack's role, and
 * where there is none the caller's rights, which must never be a function's.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
 */
function wrongRights(rights: Rights, deletesAs: DeletesAs, { stackName, roleArn }: StackFacts): string | undefined {
  const now = roleArn === undefined ? 'has no role any more' : `has the role ${roleArn} now`;
  switch (deletesAs.kind) {
    case 'stack role':
      return roleArn === deletesAs.roleArn
        ? undefined
        : `${stackName} was to be deleted with its role ${deletesAs.roleArn}, and ${now}.`;
    case 'caller':
      if (rights.kind !== 'person') {
        return `${stackName} was to be deleted with a person's rights, and this is the service.`;
      }
      return roleArn === undefined ? undefined : `${stackName} was to be deleted with your own rights, and ${now}.`;
    case 'request role':
    case 'delete role':
      return rights.kind === 'person' || deletesAs.roleArn === rights.deleteRoleArn
        ? undefined
        : `${stackName} was to be deleted with ${deletesAs.roleArn}, which the service may not pass.`;
    case 'nobody':
      return `There is no role to delete ${stackName} with.`;
    default:
      return assertNever(deletesAs);
  }
}

/** A role that goes while a stack is still to be deleted with it leaves that stack behind for good. */
async function needsItsRole({ ports }: TeardownDeps, { holdsRoleOf }: Journey): Promise<Change | undefined> {
  for (const stackId of holdsRoleOf) {
    const other = await ports.cloudFormation.stack(stackId);
    if (other !== undefined && other.status !== 'DELETE_COMPLETE') {
      return {
        why: `${other.stackName} is deleted with a role that would go with this stack, and is still there (${other.status}).`,
        remedy: `Delete ${other.stackName} first, then ask again.`,
      };
    }
  }
  return undefined;
}
