import { type Cleaner, type CleanerDefinition, NOTHING_DONE } from '#functions/core/cleaner.ts';
import type {
  Finding,
  Leftover,
  ResourceRef,
  StackNode,
  StackResource,
  StackTree,
  StepResult,
} from '#functions/core/model.ts';
import { STAGES } from '#functions/core/model.ts';
import { type FakeAccount, stackIdOf } from '#test/fakes/index.ts';
import { accountWithApp, clean, type RunChanges } from './scene.ts';

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
    terminationProtected: false,
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

/** A finding with work in every stage. */
export const all = () => ({ stages: STAGES });
/** A leftover that blocks. */
export const left = (resource: StackResource, more: Partial<Leftover> = {}): Leftover => ({
  resource,
  what: '1 thing',
  why: 'it is stuck',
  remedy: 'Pull.',
  blocks: true,
  ...more,
});

/** Cleans `app` with things A and B by a scripted cleaner. */
export async function run(script: ProbeScript, changes: RunChanges = {}) {
  const account = accountWithThings('A', 'B');
  const probed = probe(script);
  const { plan: made, report } = await clean(account, 'app', { cleaners: [probed.definition], ...changes });
  return { account, plan: made, report, worked: probed.worked };
}
