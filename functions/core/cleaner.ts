import type { CleanOptions, Finding, Note, StackResource, StackTree, Stage, StepResult } from './model.ts';
import type { OwnService } from './ownership.ts';
import type { Ports } from './ports/index.ts';

/** What a cleaner may know and use during one run. */
export interface RunContext {
  readonly tree: StackTree;
  readonly options: CleanOptions;
  /** What must survive the run, wherever a cleaner meets it. */
  readonly service: OwnService;
  /** Milliseconds until work must stop; a cleaner starts nothing new when it is zero or less. */
  readonly remaining: () => number;
  /** Live progress for people: what is being done, how far. Never a secret. */
  readonly progress: (event: Progress) => void;
}

export interface Progress {
  readonly logicalId: string;
  readonly stage: Stage;
  /** E.g. `image`. */
  readonly kind: string;
  readonly done: number;
  /** Absent where nobody knows. */
  readonly total?: number;
}

/**
 * Cleans one CloudFormation resource type. `inspect` only reads. Every method is idempotent: run twice, run after a
 * half-done run, or run on a resource that is already gone, it ends in the same state. An AwsFailure on one item is
 * collected into the result; a failure to list at all is thrown.
 */
export interface Cleaner {
  /** Looks into one resource. Throws AwsFailure where it cannot be read: a run stops before the first delete then. */
  inspect(resource: StackResource, run: RunContext): Promise<Finding>;
  /** The work of one stage on one resource; called only for stages that the finding names. */
  work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult>;
  /**
   * Takes back what an abandoned teardown left behind (a seal), when the stack lives on. Absent: nothing to take back.
   * What another stack has made anew under the same name is that stack's to take back.
   */
  restore?(resource: StackResource, tree: StackTree): Promise<readonly Note[]>;
}

/** One line in the list of cleaners. */
export interface CleanerDefinition {
  /** CloudFormation resource type. */
  readonly type: string;
  /** Called once per run: a cleaner may remember within a run what it saw, so that nothing is listed twice. */
  readonly create: (ports: Ports) => Cleaner;
}

/** A result of nothing: start from it. */
export const NOTHING_DONE: StepResult = { removed: [], leftovers: [], notes: [], finished: true };
