import { CLEANERS } from '#functions/cleaners/index.ts';
import type { CleanerDefinition } from '#functions/core/cleaner.ts';
import type { OwnService } from '#functions/core/ownership.ts';
import { TeardownOptions } from '#functions/schemas/teardown-request.ts';
import type { Rights, TeardownDeps } from '#functions/teardown/dependencies.ts';
import type { RefusalCode, TargetPlan, TeardownPlan } from '#functions/teardown/model.ts';
import { planTeardown } from '#functions/teardown/plan.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';
import { FakeAfterDelete, FakeStackDeletion } from '#test/fakes/stack-deletion.ts';

export const DELETE_ROLE = 'arn:aws:iam::123456789012:role/clean-exit-delete';
export const PERSON: Rights = { kind: 'person', arn: 'arn:aws:iam::123456789012:user/someone' };
export const SERVICE: Rights = { kind: 'service', deleteRoleArn: DELETE_ROLE };

/** An account in which the service's delete role is. */
export function account(): FakeAccount {
  const fakes = fakeAccount();
  fakes.iam.addRole('clean-exit-delete');
  return fakes;
}

export interface PlanChanges {
  readonly options?: Partial<TeardownOptions>;
  readonly rights?: Rights;
  readonly service?: OwnService;
  readonly cleaners?: readonly CleanerDefinition[];
  readonly remaining?: () => number;
}

export function depsOf(fakes: FakeAccount, changes: PlanChanges = {}): TeardownDeps {
  const { rights = SERVICE, service = { roleArns: [] }, cleaners = CLEANERS } = changes;
  const { log, clock, cloudFormation, logs } = fakes;
  const removal = { blocks: () => undefined, gone: () => {} };
  return {
    ports: {
      ...fakes.ports,
      stackDeletion: new FakeStackDeletion(log, clock, cloudFormation, removal),
      afterDelete: new FakeAfterDelete(log, logs),
    },
    cleaners,
    service,
    rights,
  };
}

/** The plan for stacks of the account, by name or ARN, with an hour of time. */
export function plan(fakes: FakeAccount, stacks: readonly string[], changes: PlanChanges = {}): Promise<TeardownPlan> {
  const options = TeardownOptions.parse(changes.options ?? {});
  const request = { stacks: [...stacks], mode: 'plan' as const, options };
  return planTeardown(depsOf(fakes, changes), request, changes.remaining ?? (() => 3_600_000));
}

/** Waves by the stacks' names. */
export function wavesIn({ waves, stacks }: Pick<TeardownPlan, 'waves' | 'stacks'>): readonly (readonly string[])[] {
  return waves.map((wave) => wave.map((id) => stacks.find(({ stackId }) => stackId === id)?.stackName ?? id));
}

/** `IMPORTED base` … in their order. */
export function refusalsIn({ refusals }: Pick<TeardownPlan, 'refusals'>): readonly string[] {
  return refusals.map(({ code, stack }) => (stack === undefined ? code : `${code} ${stack}`));
}

/** The sentence and remedy of the one refusal with this code. */
export function refusalOf({ refusals }: TeardownPlan, code: RefusalCode): { sentence: string; remedy: string } {
  const [first, ...more] = refusals.filter((refusal) => refusal.code === code);
  if (first === undefined || more.length > 0) {
    throw new Error(`expected one ${code}: ${JSON.stringify(refusals)}`);
  }
  return first;
}

export function targetIn({ stacks }: TeardownPlan, name: string): TargetPlan {
  const target = stacks.find(({ stackName }) => stackName === name);
  if (target === undefined) {
    throw new Error(`the plan has no stack ${name}`);
  }
  return target;
}

/** Stacks that were made and are at rest; each may be followed by what it is. */
export function addStacks(fakes: FakeAccount, ...names: readonly string[]): void {
  for (const name of names) {
    fakes.cloudFormation.addStack(name, { status: 'CREATE_COMPLETE' });
  }
}

export { stackIdOf };
