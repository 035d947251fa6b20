import { cleanStack, restoreStack } from '../core/clean.ts';
import { difference } from '../core/execute.ts';
import type { Note, Report, StackFacts } from '../core/model.ts';
import { reasonOf, sentence } from '../core/report.ts';
import { AwsFailure, assertNever, messageOf } from '../errors.ts';
import type { TeardownDeps } from './dependencies.ts';
import { failedResources, failureRemedy, failureSentences, sameFailures } from './failures.ts';
import { addCalls, addRemoved, cleanOptionsOf, ended, tokenOf } from './journey.ts';
import type { DeletesAs, Journey } from './model.ts';

/** Deletes that are asked for before people are. */
const MOST_ATTEMPTS = 3;
/** Cleanings in a row that removed nothing and did not end, or left something in the way. */
const MOST_VAIN_CLEANINGS = 3;
/** Looks at a stack whose delete should have begun; the pauses between them add up to some minutes. */
const MOST_VAIN_LOOKS = 12;
/** Seconds before something that was in the way is tried again: IAM and ECR need a moment. */
const BEFORE_NEXT_ATTEMPT = 5;
/** Bytes of the reason that a step hands on: the state machine carries it. */
const REASON_BYTES = 2_000;

/**
 * One step of one stack: clean it, ask for its delete, or look how far that has come. Every step begins by asking AWS what is,
 * so a step that was killed in the middle is simply made again, and so is a whole run.
 *
 * @param remaining milliseconds until this step must stop; a cleaning that is not finished by then goes on in the next step
 * @returns the journey with what was done; its `wait` is the time until the next step, in seconds
 * @throws AwsFailure where AWS cannot be asked, BadRequest where a template cannot be read: the step can be made again
 */
export async function takeStep(deps: TeardownDeps, journey: Journey, remaining: () => number): Promise<Journey> {
  const before = { ...deps.ports.callsMade() };
  const after = await step(deps, journey, remaining);
  return { ...after, calls: addCalls(journey.calls, difference(deps.ports.callsMade(), before)) };
}

async function step(deps: TeardownDeps, journey: Journey, remaining: () => number): Promise<Journey> {
  if (journey.phase === 'done') {
    return journey;
  }
  const stack = await deps.ports.cloudFormation.stack(journey.stackId);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE') {
    return ended({ ...journey, failures: [], leftovers: [] }, 'deleted');
  }
  if (stack.status === 'DELETE_IN_PROGRESS') {
    return watchOn(journey);
  }
  switch (journey.phase) {
    case 'clean':
      return refusalOf(journey, stack) ?? (await clean(deps, journey, remaining));
    case 'delete':
      return refusalOf(journey, stack) ?? (await askForDelete(deps, journey, stack));
    case 'watch':
      return await judge(deps, journey, stack);
    default:
      return assertNever(journey.phase);
  }
}

/** Looks rarely where it takes long: a delete of minutes is not looked at every second. */
function watchOn(journey: Journey): Journey {
  return { ...journey, phase: 'watch', wait: Math.min(30, 2 + journey.looks), looks: journey.looks + 1 };
}

/** What has changed since the plan was made, and forbids to begin. Once a delete has failed, it is part of that failure. */
function refusalOf(journey: Journey, { status, terminationProtected, stackName }: StackFacts): Journey | undefined {
  const outcome = journey.attempt === 0 ? 'refused' : 'failed';
  if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS') {
    return ended(journey, outcome, {
      why: `Another operation has begun on ${stackName} (${status}).`,
      remedy: 'Wait until it has ended, then ask again.',
    });
  }
  if (terminationProtected && !journey.options.disableTerminationProtection) {
    return ended(journey, outcome, {
      why: `${stackName} has termination protection.`,
      remedy: 'Switch it off, or consent to that, then ask again.',
    });
  }
  return undefined;
}

async function clean(deps: TeardownDeps, journey: Journey, remaining: () => number): Promise<Journey> {
  const { service } = deps;
  const role = 'roleArn' in journey.deletesAs ? [journey.deletesAs.roleArn] : [];
  const careful = { ...deps, service: { ...service, roleArns: [...service.roleArns, ...role] } };
  const { stackId, options } = journey;
  const { report } = await cleanStack(careful, { stackId, options: cleanOptionsOf(options), remaining });
  const cleaned: Journey = {
    ...journey,
    wait: 0,
    removed: addRemoved(journey.removed, report.removed),
    leftovers: report.leftovers,
    // What stood in the way has changed: the next failure is compared with nothing.
    failures: report.removed.length > 0 ? [] : journey.failures,
    notes: [...journey.notes, ...report.notes.filter((note) => !journey.notes.some((known) => same(known, note)))],
  };
  return afterCleaning(deps, cleaned, report);
}

async function afterCleaning(deps: TeardownDeps, journey: Journey, report: Report): Promise<Journey> {
  const vain = journey.looks + 1;
  switch (report.outcome) {
    case 'clean':
      return { ...journey, phase: 'delete', looks: 0 };
    case 'unfinished':
      // Time was up. Where that goes on without anything being removed, it would go on for ever.
      return report.removed.length > 0 || vain < MOST_VAIN_CLEANINGS
        ? { ...journey, looks: report.removed.length > 0 ? 0 : vain }
        : givenUp(deps, journey, report);
    case 'blocked':
      return vain < MOST_VAIN_CLEANINGS
        ? { ...journey, looks: vain, wait: BEFORE_NEXT_ATTEMPT }
        : givenUp(deps, journey, report);
    case 'refused':
      return ended(journey, journey.attempt === 0 ? 'refused' : 'failed', { why: reasonOf(report, REASON_BYTES) });
    default:
      return assertNever(report.outcome);
  }
}

/** The stack lives on, as far as this run is concerned: pushes are admitted again. */
async function givenUp(deps: TeardownDeps, journey: Journey, report: Report): Promise<Journey> {
  return ended(await restored(deps, journey), 'failed', { why: reasonOf(report, REASON_BYTES) });
}

async function askForDelete(deps: TeardownDeps, journey: Journey, stack: StackFacts): Promise<Journey> {
  const { stackDeletion } = deps.ports;
  const asked = { ...journey, attempt: journey.attempt + 1 };
  try {
    if (stack.terminationProtected) {
      await stackDeletion.disableTerminationProtection(stack.stackName);
    }
    await stackDeletion.deleteStack({
      stackId: journey.stackId,
      roleArn: roleToPass(journey.deletesAs),
      token: tokenOf(asked),
    });
  } catch (thrown) {
    if (thrown instanceof AwsFailure && (thrown.accessDenied || thrown.context.errorName === 'ValidationError')) {
      return ended(await restored(deps, asked), 'failed', {
        why: `CloudFormation did not take the delete: ${sentence(messageOf(thrown))}`,
        remedy: thrown.accessDenied
          ? `An administrator must allow ${thrown.context.action} (and iam:PassRole on the role that deletes) to whoever runs this.`
          : 'Mend what CloudFormation names, then ask again.',
      });
    }
    throw thrown;
  }
  return { ...asked, phase: 'watch', wait: 2, looks: 0 };
}

/** The stack's own role is CloudFormation's default: it is not passed again, so no right to pass it is needed. */
function roleToPass(deletesAs: DeletesAs): string | undefined {
  switch (deletesAs.kind) {
    case 'request role':
    case 'delete role':
      return deletesAs.roleArn;
    case 'stack role':
    case 'caller':
      return undefined;
    case 'nobody':
      // A plan with this is refused; a function's own rights must never take its place.
      throw new AwsFailure(
        { action: 'cloudformation:DeleteStack', resource: 'stack', errorName: 'AccessDenied' },
        'there is no role to delete the stack with',
      );
    default:
      return assertNever(deletesAs);
  }
}

/** The delete is over, or has not begun: its own events tell, because the stack's status may be the one from before. */
async function judge(deps: TeardownDeps, journey: Journey, stack: StackFacts): Promise<Journey> {
  if (journey.attempt === 0) {
    // Somebody else's delete was awaited and has ended in vain.
    return { ...journey, phase: 'clean', wait: 0, looks: 0 };
  }
  const operation = await deps.ports.stackDeletion.operation(journey.stackId, tokenOf(journey));
  if (operation === undefined || operation.status === 'DELETE_IN_PROGRESS') {
    return journey.looks < MOST_VAIN_LOOKS
      ? watchOn(journey)
      : ended(await restored(deps, journey), 'lives on', {
          why: `CloudFormation took the delete and did not begin it; the stack is ${stack.status}.`,
          remedy: 'Look at the events of the stack, then ask again.',
        });
  }
  if (stack.status === 'DELETE_FAILED') {
    return await failed(deps, journey, stack);
  }
  // An imported export is found out after the delete has begun; the stack falls back to what it was.
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
  return ended(await restored(deps, journey), 'lives on', {
    why: `CloudFormation cancelled the delete: ${sentence(operation.reason ?? stack.statusReason ?? 'it gives no reason')} The stack is ${stack.status}, as it was; what had been removed from it before is gone.`,
    remedy: 'Take the import out of the stack that is named, or delete that one too, then ask again.',
  });
}

async function failed(deps: TeardownDeps, journey: Journey, stack: StackFacts): Promise<Journey> {
  const found = await failedResources(deps.ports.cloudFormation, journey.stackId);
  const inVain = sameFailures(found, journey.failures);
  const next = { ...journey, failures: found };
  if (journey.attempt < MOST_ATTEMPTS && !inVain) {
    return { ...next, phase: 'clean', wait: BEFORE_NEXT_ATTEMPT, looks: 0 };
  }
  return ended(next, 'failed', {
    why:
      found.length > 0
        ? failureSentences(found)
        : `CloudFormation says: ${sentence(stack.statusReason ?? 'no reason')}`,
    remedy: failureRemedy(found),
  });
}

/** Takes back a seal on a stack that lives on. That it fails changes nothing about the outcome: it is a note. */
async function restored(deps: TeardownDeps, journey: Journey): Promise<Journey> {
  try {
    return { ...journey, notes: [...journey.notes, ...(await restoreStack(deps, journey.stackId))] };
  } catch (thrown) {
    const sentence = `What keeps pushes out could not be taken back: ${messageOf(thrown)}`;
    return { ...journey, notes: [...journey.notes, { code: 'NOT_RESTORED', sentence }] };
  }
}

function same(one: Note, other: Note): boolean {
  return (
    one.code === other.code &&
    one.resource?.stackId === other.resource?.stackId &&
    one.resource?.logicalId === other.resource?.logicalId
  );
}
