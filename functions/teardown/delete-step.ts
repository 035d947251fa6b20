import type { StackFacts } from '../core/model.ts';
import { sentence } from '../core/report.ts';
import { AwsFailure, messageOf } from '../errors.ts';
import type { TeardownDeps } from './dependencies.ts';
import { tokenOf } from './journey.ts';
import { endedAlive } from './lives-on.ts';
import type { DeletesAs, Journey } from './model.ts';

/** Seconds between asking and the first look. */
const BEFORE_FIRST_LOOK = 2;

/**
 * Asks CloudFormation for the delete. That the rights are those of the plan was made sure of before, on the same description
 * of the stack.
 *
 * @throws AwsFailure where AWS does not answer: the step can be made again
 */
export async function askForDelete(deps: TeardownDeps, journey: Journey, stack: StackFacts): Promise<Journey> {
  if (stack.terminationProtected && !journey.unprotected) {
    // Said before it is done: whatever happens to the next step, a stack that lives on gets its protection back.
    return { ...journey, unprotected: true, wait: 0 };
  }
  const { stackDeletion } = deps.ports;
  const token = tokenOf(journey);
  const asked: Journey = { ...journey, attempt: journey.attempt + 1, token };
  try {
    if (stack.terminationProtected) {
      await stackDeletion.setTerminationProtection(journey.stackId, false);
    }
    await stackDeletion.deleteStack({
      stackId: journey.stackId,
      roleArn: roleToPass(journey.deletesAs),
      token,
    });
  } catch (thrown) {
    if (thrown instanceof AwsFailure && (thrown.accessDenied || thrown.context.errorName === 'ValidationError')) {
      if (!thrown.accessDenied && (await isGoing(deps, journey))) {
        // Somebody else asked a moment before.
        return { ...journey, phase: 'watch', wait: BEFORE_FIRST_LOOK, looks: 0 };
      }
      return endedAlive(deps, asked, 'failed', {
        why: `CloudFormation did not take the delete: ${sentence(messageOf(thrown))}`,
        remedy: thrown.accessDenied
          ? `An administrator must allow ${thrown.context.action} (and iam:PassRole on the role that deletes) to whoever runs this.`
          : 'Mend what CloudFormation names, then ask again.',
      });
    }
    throw thrown;
  }
  return { ...asked, phase: 'watch', wait: BEFORE_FIRST_LOOK, looks: 0 };
}

async function isGoing({ ports }: TeardownDeps, { stackId }: Journey): Promise<boolean> {
  const now = await ports.cloudFormation.stack(stackId);
  return now === undefined || now.status === 'DELETE_IN_PROGRESS' || now.status === 'DELETE_COMPLETE';
}

/** The stack's own role is CloudFormation's default: it is not passed again, so no right to pass it is needed. */
function roleToPass(deletesAs: DeletesAs): string | undefined {
  return deletesAs.kind === 'request role' || deletesAs.kind === 'delete role' ? deletesAs.roleArn : undefined;
}
