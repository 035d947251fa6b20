import { difference } from '../core/execute.ts';
import type { StackFacts } from '../core/model.ts';
import { assertNever } from '../errors.ts';
import { clean } from './clean-step.ts';
import { askForDelete } from './delete-step.ts';
import type { TeardownDeps } from './dependencies.ts';
import { addCalls, ended } from './journey.ts';
import { endedAlive } from './lives-on.ts';
import type { Journey } from './model.ts';
import { changeSincePlan } from './since-plan.ts';
import { judge, underWay } from './watch-step.ts';

/**
 * Steps of one stack until it counts as endless: somebody pushes faster than we delete, or CloudFormation is at it for more
 * than half a day. An execution has 25,000 events for all of its stacks, and a step takes about ten of them.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const MOST_STEPS = 800;

/**
 * One step of one stack: clean it, ask for its delete, or look how far that has come. Every step begins by asking AWS what is,
 * so a step that was killed in the middle is simply made again, and so is a whole run.
 *
 * @param remaining milliseconds until this step must stop; a cleaning that is not finished by then goes on in the next step
 * @returns the journey with what was done; its `wait` is the time until the next step, in seconds
 * @throws AwsFailure where AWS cannot be asked, BadRequest where a template cannot be read: the step can be made again
 */
export async function takeStep(deps: TeardownDeps, journey: Journey, remaining: () => number): Promise<Journey> {
  if (journey.phase === 'done') {
    return journey;
  }
  const before = { ...deps.ports.callsMade() };
  const after = await step(deps, journey, remaining);
  const calls = addCalls(journey.calls, difference(deps.ports.callsMade(), before));
  return { ...after, calls, steps: journey.steps + 1 };
}

async function step(deps: TeardownDeps, journey: Journey, remaining: () => number): Promise<Journey> {
  const stack = await deps.ports.cloudFormation.stack(journey.stackId);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE') {
    return ended({ ...journey, failures: [], leftovers: [] }, 'deleted');
  }
  if (journey.steps >= MOST_STEPS) {
    return tooLong(deps, journey, stack);
  }
  if (stack.status === 'DELETE_IN_PROGRESS') {
    return underWay(journey);
  }
  switch (journey.phase) {
    case 'clean': {
      const change = await changeSincePlan(deps, journey, stack);
      return change ? refused(deps, journey, change) : clean(deps, journey, stack, remaining);
    }
    case 'delete': {
      const change = await changeSincePlan(deps, journey, stack);
      return change ? refused(deps, journey, change) : askForDelete(deps, journey, stack);
    }
    case 'watch':
      return judge(deps, journey, stack);
    case 'done':
      return journey;
    default:
      return assertNever(journey.phase);
  }
}

/** `refused` says that nothing was removed: what was asked for, or emptied, has failed. */
function refused(deps: TeardownDeps, journey: Journey, words: { why: string; remedy: string }): Promise<Journey> {
  const begun = journey.attempt > 0 || journey.removed.length > 0;
  return endedAlive(deps, journey, begun ? 'failed' : 'refused', words);
}

function tooLong(deps: TeardownDeps, journey: Journey, { stackName, status }: StackFacts): Promise<Journey> | Journey {
  const words = {
    why: `After ${MOST_STEPS} steps there was no end; ${stackName} is ${status}.`,
    remedy: 'Find out what keeps it busy, then ask again: the work goes on where it stopped.',
  };
  return status === 'DELETE_IN_PROGRESS'
    ? ended(journey, 'stopped', words)
    : endedAlive(deps, journey, 'stopped', words);
}
