import { CLEANERS } from '#functions/cleaners/index.ts';
import { type CleanDeps, cleanStack, planStack } from '#functions/core/clean.ts';
import type { Cleaner, CleanerDefinition } from '#functions/core/cleaner.ts';
import { NOTHING_DONE } from '#functions/core/cleaner.ts';
import type {
  CleanOptions,
  Finding,
  Plan,
  Report,
  ResourceRef,
  StackNode,
  StackResource,
  StackTree,
  StepResult,
} from '#functions/core/model.ts';
import type { OwnService } from '#functions/core/ownership.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';

export const OPTIONS: CleanOptions = {
  cause: 'stack delete',
  deleteLogStreams: true,
  disableLogGroupDeletionProtection: false,
  removeRolesFromInstanceProfiles: false,
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

/** A cleaner whose every answer a test scripts; it writes down what it was asked. */
export interface Probe {
  readonly definition: CleanerDefinition;
  /** `seal Repo` … in the order of the calls. */
  readonly worked: string[];
  /** Types made: one cleaner per run. */
  readonly made: string[];
}

export interface ProbeScript {
  readonly type?: string;
  readonly finding?: (resource: StackResource) => Partial<Finding>;
  readonly work?: (stage: string, resource: StackResource) => Partial<StepResult> | Promise<Partial<StepResult>>;
  readonly restore?: Cleaner['restore'];
}

export function probe({ type = 'Test::A::Thing', finding, work, restore }: ProbeScript = {}): Probe {
  const worked: string[] = [];
  const made: string[] = [];
  const cleaner: Cleaner = {
    inspect: async (resource) => ({
      resource,
      exists: true,
      contents: [{ kind: 'thing', count: 3 }],
      blocks: true,
      stages: ['drain'],
      notes: [],
      ...finding?.(resource),
    }),
    // Not async: a cleaner that throws before its first promise must be caught too.
    work: (stage, resource) => {
      worked.push(`${stage} ${resource.logicalId}`);
      const answer = work?.(stage, resource);
      return Promise.resolve(answer).then((result) => ({ ...NOTHING_DONE, ...result }));
    },
    ...(restore ? { restore } : {}),
  };
  const create = (): Cleaner => {
    made.push(type);
    return cleaner;
  };
  return { definition: { type, create }, worked, made };
}

/** An account whose stack `app` holds things `A`, `B` … for a probe. */
export function accountWithThings(...logicalIds: readonly string[]): FakeAccount {
  const account = accountWithApp();
  for (const logicalId of logicalIds) {
    account.cloudFormation.addResource('app', {
      logicalId,
      type: 'Test::A::Thing',
      physicalId: `thing-${logicalId.toLowerCase()}`,
      properties: { Secret: 'hunter2' },
    });
  }
  return account;
}

export function ref(logicalId: string, more: Partial<ResourceRef> = {}): ResourceRef {
  return {
    stackId: stackIdOf('app'),
    stackName: 'app',
    logicalId,
    type: 'Test::A::Thing',
    physicalId: `thing-${logicalId.toLowerCase()}`,
    ...more,
  };
}

export function node(stackName: string, more: Partial<StackNode> = {}): StackNode {
  return {
    stackId: stackIdOf(stackName),
    stackName,
    status: 'DELETE_IN_PROGRESS',
    creationTime: '2026-01-01T00:00:00.000Z',
    parameters: {},
    tags: {},
    exportNames: [],
    resources: [],
    retained: false,
    ...more,
  };
}

export function tree(...stacks: readonly StackNode[]): StackTree {
  return { stacks };
}

export function finding(logicalId: string, more: Partial<Finding> = {}): Finding {
  return {
    resource: ref(logicalId),
    exists: true,
    contents: [{ kind: 'thing', count: 3 }],
    blocks: true,
    stages: ['drain'],
    notes: [],
    ...more,
  };
}
