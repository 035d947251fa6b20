import type { StackFacts } from '../core/model.ts';
import type { Operation } from '../core/ports/stack-deletion.ts';
import { sentence } from '../core/report.ts';
import { BEFORE_NEXT_ATTEMPT } from './clean-step.ts';
import type { TeardownDeps } from './dependencies.ts';
import { failedResources, failureRemedy, failureSentences, sameFailures } from './failures.ts';
import { ended } from './journey.ts';
import { endedAlive } from './lives-on.ts';
import type { Journey } from './model.ts';

/** Deletes that are asked for before people are. */
const MOST_ATTEMPTS = 3;
/** Looks at a stack whose delete should have begun; the pauses between them add up to a minute and a half. */
const MOST_VAIN_LOOKS = 12;
/** Seconds between two looks at a delete that takes long. */
const LONGEST_WAIT = 60;

/**
 * CloudFormation is deleting the stack, for us or for somebody else. Looks more rarely the longer it takes: a delete of an hour
 * is not looked at every second.
 */
export function underWay(journey: Journey): Journey {
  const wait = journey.phase === 'watch' ? Math.min(LONGEST_WAIT, journey.wait + 1) : 2;
  return { ...journey, phase: 'watch', wait, looks: 0 };
}

/**
 * The delete is over, or has not begun: the events that bear its token tell, because the stack's description may be older.
 *
 * @throws AwsFailure where CloudFormation cannot be asked
 */
export async function judge(deps: TeardownDeps, journey: Journey, stack: StackFacts): Promise<Journey> {
  if (journey.token === undefined) {
    // Somebody else's delete was awaited and has ended in vain.
    return { ...journey, phase: 'clean', wait: 0, looks: 0 };
  }
  const operation = await deps.ports.stackDeletion.operation(journey.stackId, journey.token);
  switch (operation?.status) {
    case undefined:
    case 'DELETE_IN_PROGRESS':
      return lookAgain(deps, journey, stack, operation);
    case 'DELETE_COMPLETE':
      return ended({ ...journey, failures: [], leftovers: [] }, 'deleted');
    case 'DELETE_FAILED':
      return failed(deps, journey, stack, operation);
    default:
      // An imported export is found out after the delete has begun; the stack falls back to what it was.
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
      return endedAlive(deps, journey, 'lives on', {
        why: `CloudFormation cancelled the delete: ${reasonIn(operation, stack)} The stack is ${stack.status}; what had been removed from it before is gone.`,
        remedy:
          'Mend what CloudFormation names (an import: take it out of the stack that is named, or delete that one too), then ask again.',
      });
  }
}

function reasonIn(operation: Operation | undefined, { statusReason }: StackFacts): string {
  return sentence(operation?.reason || statusReason || 'it gives no reason');
}

/** Events and descriptions come late. */
async function lookAgain(
  deps: TeardownDeps,
  journey: Journey,
  stack: StackFacts,
  operation: Operation | undefined,
): Promise<Journey> {
  if (journey.looks < MOST_VAIN_LOOKS) {
    return { ...journey, wait: 2 + journey.looks, looks: journey.looks + 1 };
  }
  if (operation !== undefined && stack.status === 'DELETE_FAILED') {
    return failed(deps, journey, stack, operation);
  }
  return endedAlive(deps, journey, 'lives on', {
    why: `CloudFormation took the delete and did not carry it out; the stack is ${stack.status}: ${reasonIn(operation, stack)} What had been removed from it before is gone.`,
    remedy: 'Look at the events of the stack, then ask again.',
  });
}

async function failed(deps: TeardownDeps, journey: Journey, stack: StackFacts, operation: Operation): Promise<Journey> {
  const found = await failedResources(deps.ports.cloudFormation, journey.stackId);
  const inVain = sameFailures(found, journey.failures);
  const next = { ...journey, failures: found };
  if (journey.attempt < MOST_ATTEMPTS && !inVain) {
    return { ...next, phase: 'clean', wait: BEFORE_NEXT_ATTEMPT, looks: 0 };
  }
  if (found.length === 0) {
    return ended(next, 'failed', {
      why: `CloudFormation could not delete the stack: ${reasonIn(operation, stack)}`,
      remedy: 'Mend what CloudFormation names, then ask again.',
    });
  }
  return ended(next, 'failed', {
    why: [...otherReason(operation), failureSentences(found)].join(' '),
    remedy: failureRemedy(found),
  });
}

/** A delete that is cancelled falls back to what was before, which may be DELETE_FAILED: then its resources tell old news. */
function otherReason({ reason = '' }: Operation): readonly string[] {
  return reason === '' || reason.startsWith('The following resource(s) failed to delete') ? [] : [sentence(reason)];
}
