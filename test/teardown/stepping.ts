/** Single steps of a teardown, for tests that do something between two of them. */
import { TeardownRequest } from '#functions/schemas/teardown-request.ts';
import type { Rights, TeardownDeps } from '#functions/teardown/dependencies.ts';
import { beginJourneys } from '#functions/teardown/journey.ts';
import type { Journey, TeardownOptions } from '#functions/teardown/model.ts';
import { planTeardown } from '#functions/teardown/plan.ts';
import { takeStep } from '#functions/teardown/step.ts';
import { depsOf, type Place } from './running.ts';

export const DELETE_ROLE = 'arn:aws:iam::123456789012:role/clean-exit-delete';
export const SERVICE: Rights = { kind: 'service', deleteRoleArn: DELETE_ROLE };

/** The journey of one stack, planned and not begun. */
export async function begun(
  where: Place,
  name: string,
  options: Partial<TeardownOptions> = {},
  rights?: Rights,
): Promise<Journey> {
  const deps = depsOf(where, rights === undefined ? {} : { rights });
  const request = TeardownRequest.parse({ stacks: [name], mode: 'execute', options });
  const plan = await planTeardown(deps, request, () => 900_000);
  const [journey] = beginJourneys(plan, 'run-1').flat();
  if (journey === undefined || plan.refusals.length > 0) {
    throw new Error(`the plan refuses: ${plan.refusals.map(({ sentence }) => sentence).join(' ')}`);
  }
  return journey;
}

/** Steps, with the pauses between them, until the journey is where the test wants it, or done. */
export async function until(
  deps: TeardownDeps,
  start: Journey,
  there: (journey: Journey) => boolean = () => false,
  remaining: () => number = () => 900_000,
): Promise<Journey> {
  let journey = start;
  while (journey.phase !== 'done' && !there(journey)) {
    journey = await takeStep(deps, journey, remaining);
    await deps.ports.clock.sleep(1000 * journey.wait);
  }
  return journey;
}

/** The targets of a kind of call. */
export function targetsOf({ account }: Place, action: string): readonly string[] {
  return account.log.calls.filter((call) => call.action === action).map(({ target }) => target);
}

/** CloudFormation's port with some methods of the test's own. */
export function changed(
  deps: TeardownDeps,
  stackDeletion: Partial<TeardownDeps['ports']['stackDeletion']>,
  cloudFormation: Partial<TeardownDeps['ports']['cloudFormation']> = {},
): TeardownDeps {
  const { ports } = deps;
  const own = ports.stackDeletion;
  const formation = ports.cloudFormation;
  return {
    ...deps,
    ports: {
      ...ports,
      stackDeletion: {
        deleteStack: (request) => own.deleteStack(request),
        setTerminationProtection: (stackId, on) => own.setTerminationProtection(stackId, on),
        operation: (stackId, token) => own.operation(stackId, token),
        deletedStacks: (name) => own.deletedStacks(name),
        ...stackDeletion,
      },
      cloudFormation: {
        stack: (nameOrId) => formation.stack(nameOrId),
        resources: (stackId) => formation.resources(stackId),
        template: (stackId) => formation.template(stackId),
        importers: (name) => formation.importers(name),
        updateStartedAt: (stackId) => formation.updateStartedAt(stackId),
        madeAt: (stackId, logicalId) => formation.madeAt(stackId, logicalId),
        ...cloudFormation,
      },
    },
  };
}

export const isAt = (phase: Journey['phase']) => (journey: Journey) => journey.phase === phase;
