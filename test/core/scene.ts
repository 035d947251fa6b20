import { CLEANERS } from '#functions/cleaners/index.ts';
import { type CleanDeps, cleanStack, planStack } from '#functions/core/clean.ts';
import type { CleanerDefinition } from '#functions/core/cleaner.ts';
import { type CleanOptions, NO_CONSENT, type Plan, type Report } from '#functions/core/model.ts';
import type { OwnService } from '#functions/core/ownership.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';

export const OPTIONS: CleanOptions = {
  cause: 'stack delete',
  deleteLogStreams: true,
  ...NO_CONSENT,
};

export const NO_SERVICE: OwnService = { roleArns: [] };

/** Everything a test may want to change about one run. */
export interface RunChanges {
  readonly options?: Partial<CleanOptions>;
  readonly service?: OwnService;
  readonly cleaners?: readonly CleanerDefinition[];
  readonly remaining?: () => number;
  readonly onPlan?: CleanDeps['onPlan'];
  readonly onStep?: CleanDeps['onStep'];
}

export function depsOf(account: FakeAccount, changes: RunChanges = {}): CleanDeps {
  const { cleaners = CLEANERS, service = NO_SERVICE, onPlan, onStep } = changes;
  return { ports: account.ports, cleaners, service, onPlan, onStep };
}

/** Cleans a stack of the account by its name, with an hour of time. */
export function clean(
  account: FakeAccount,
  stack: string,
  changes: RunChanges = {},
): Promise<{ plan: Plan; report: Report }> {
  return cleanStack(depsOf(account, changes), requestFor(stack, changes));
}

export async function plan(account: FakeAccount, stack: string, changes: RunChanges = {}): Promise<Plan> {
  return (await planStack(depsOf(account, changes), requestFor(stack, changes))).plan;
}

function requestFor(stack: string, { options, remaining = () => 3_600_000 }: RunChanges) {
  return { stackId: stackIdOf(stack), options: { ...OPTIONS, ...options }, remaining };
}

const READ = /^\w+:(Describe|List|Get|BatchGet)/;

/** What the account was written to: action and target of every call that is no read. */
export function writes(account: FakeAccount): readonly { readonly action: string; readonly target: string }[] {
  return account.log.calls.filter(({ action }) => !READ.test(action));
}

/** Names of everything that was written to, each once. */
export function writtenTo(account: FakeAccount): readonly string[] {
  return [...new Set(writes(account).map(({ target }) => target))].toSorted();
}

/** An account with one stack `app` that is being deleted. */
export function accountWithApp(): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation.addStack('app');
  return account;
}

/** A repository with 5 images, as a resource of a stack. */
export function addRepository(
  account: FakeAccount,
  stack: string,
  name: string,
  row: { readonly deletionPolicy?: string; readonly status?: string } = {},
  tags: Readonly<Record<string, string>> = {},
): void {
  account.cloudFormation.addResource(stack, {
    logicalId: `Repo${name}`,
    type: 'AWS::ECR::Repository',
    physicalId: name,
    ...row,
  });
  account.ecr.addRepository(name, { tags }).fill(name, 5);
}

/** A role with a foreign policy, as a resource of a stack. */
export function addRole(
  account: FakeAccount,
  stack: string,
  name: string,
  options: { readonly path?: string; readonly tags?: Readonly<Record<string, string>> } = {},
): void {
  account.cloudFormation.addResource(stack, { logicalId: `Role${name}`, type: 'AWS::IAM::Role', physicalId: name });
  account.iam.addRole(name, { ...options, attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'], inline: ['foreign'] });
}
