/**
 * The nouns of a teardown: many stacks, in order. Plain data, like the core's: it travels through the state machine, is
 * printed, and is compared in tests.
 */
import type { Leftover, Note, Plan, Removed, ResourceRef } from '../core/model.ts';
import type { TeardownOptions, TeardownRequest } from '../schemas/teardown-request.ts';

/** Whose rights delete a stack. */
export type DeletesAs =
  /** The stack's own service role: CloudFormation takes it by itself. */
  | { readonly kind: 'stack role'; readonly roleArn: string }
  /** The role that the request names. */
  | { readonly kind: 'request role'; readonly roleArn: string }
  /** The role that the service was deployed with. */
  | { readonly kind: 'delete role'; readonly roleArn: string }
  /** The person's own rights; never a function's. */
  | { readonly kind: 'caller'; readonly arn: string }
  /** Nobody's: the plan refuses. */
  | { readonly kind: 'nobody' };

/** Something that keeps the whole teardown from beginning. */
export interface TeardownRefusal {
  readonly code: RefusalCode;
  /** Name of the stack that it is about, as it was asked for; absent where it is about the request. */
  readonly stack?: string | undefined;
  /** What stands in the way. */
  readonly sentence: string;
  /** Who can do what. */
  readonly remedy: string;
}

export type RefusalCode =
  | 'STACK_NOT_FOUND'
  | 'STACK_BUSY' // another operation is under way
  | 'TERMINATION_PROTECTED'
  | 'NESTED_STACK' // asked for directly
  | 'OWN_SERVICE'
  | 'NO_ROLE' // nobody's rights to delete with
  | 'ROLE_GONE'
  | 'ROLE_NOT_PASSABLE' // the service may pass its own delete role only
  | 'ROLE_IN_STACK' // the stack would delete the role that it is deleted with
  | 'IMPORTED' // by a stack that is not asked for
  | 'CYCLE'
  | 'ELSEWHERE' // an ARN of another account or Region
  | 'TOO_MUCH' // the state machine could not carry it
  | 'CANNOT_BE_CLEANED'; // what the core refuses and CloudFormation would fail on

/** One stack that was asked for. */
export interface TargetPlan {
  readonly stackId: string;
  readonly stackName: string;
  readonly status: string;
  readonly deletesAs: DeletesAs;
  /** True where termination protection will be switched off, because the request consents. */
  readonly unprotect: boolean;
  /** What the core would do in its tree. */
  readonly plan: Plan;
  /** What CloudFormation deletes with the tree: resource type to count. */
  readonly deletes: Readonly<Record<string, number>>;
  /** ARNs of requested stacks that are deleted with a role of this one: they must be gone before it. Absent: none. */
  readonly holdsRoleOf?: readonly string[] | undefined;
  readonly notes: readonly Note[];
}

export interface TeardownPlan {
  readonly version: 1;
  readonly options: TeardownOptions;
  /** ARNs of the stacks, importers before exporters; the stacks of a wave go side by side. */
  readonly waves: readonly (readonly string[])[];
  readonly stacks: readonly TargetPlan[];
  /** One is enough: nothing is begun then. */
  readonly refusals: readonly TeardownRefusal[];
  readonly calls: Readonly<Record<string, number>>;
  readonly milliseconds: number;
}

/** What is to be done next with a stack. `done` has an outcome. */
export type Phase = 'clean' | 'delete' | 'watch' | 'done';

/**
 * One stack on its way. Everything that the next step must know is in here or can be asked of AWS, so that a run may be
 * stopped after any step and begun anew.
 */
export interface Journey {
  readonly stackId: string;
  readonly stackName: string;
  readonly deletesAs: DeletesAs;
  readonly options: TeardownOptions;
  /** ARNs of stacks that are deleted with a role of this one: while one of them is there, nothing here is begun. */
  readonly holdsRoleOf: readonly string[];
  /** Name of the run: makes the tokens of its deletes. */
  readonly run: string;
  readonly phase: Phase;
  /** Seconds to wait before the next step. */
  readonly wait: number;
  /** Steps made so far: they have an end. */
  readonly steps: number;
  /** Deletes asked for so far, 3 at the most. */
  readonly attempt: number;
  /** Token of the latest delete that was asked for; absent before the first. */
  readonly token?: string | undefined;
  /** Steps in a row that brought nothing: cleanings in vain, looks at a delete that has not begun. */
  readonly looks: number;
  /** True once this run has switched termination protection off, or is about to: a stack that lives on gets it back. */
  readonly unprotected: boolean;
  readonly removed: readonly Removed[];
  readonly leftovers: readonly Leftover[];
  readonly notes: readonly Note[];
  /** What CloudFormation could not delete in the last attempt. */
  readonly failures: readonly FailedResource[];
  readonly outcome?: Outcome | undefined;
  /** Why, where the outcome is not `deleted`; and who must do what. */
  readonly why?: string | undefined;
  readonly remedy?: string | undefined;
  readonly calls: Readonly<Record<string, number>>;
}

export type Outcome =
  | 'deleted'
  | 'failed' // something is in the way, and the stack is in DELETE_FAILED or could not be cleaned
  | 'refused' // it must not be deleted now; nothing was removed
  | 'lives on' // CloudFormation cancelled the delete: the stack is what it was
  | 'stopped'; // the run was stopped before its end: the same request goes on where it stopped

/** A resource that CloudFormation could not delete, at whatever depth. */
export interface FailedResource {
  readonly resource: ResourceRef;
  /** AWS's words. */
  readonly reason: string;
}

/** Something that deleted stacks leave in the account. */
export interface Remaining {
  readonly kind: 'retained' | 'skipped' | 'log group' | 'replicated images';
  /** What it is, e.g. `AWS::ECR::Repository xxxx`. */
  readonly what: string;
  readonly stackName: string;
  /** Why it is still there. */
  readonly why: string;
  /** The command that removes it. */
  readonly command: string;
}

export interface TeardownReport {
  readonly version: 1;
  /** `refused`: nothing was begun. */
  readonly outcome: 'planned' | 'refused' | 'deleted' | 'failed';
  readonly run: string;
  readonly refusals: readonly TeardownRefusal[];
  readonly stacks: readonly StackOutcome[];
  readonly remaining: readonly Remaining[];
  /** Orphaned log groups that were removed, as the request allows. */
  readonly removedLogGroups: readonly string[];
  readonly notes: readonly Note[];
  readonly calls: Readonly<Record<string, number>>;
  readonly milliseconds: number;
}

export type StackOutcome = Pick<
  Journey,
  'stackId' | 'stackName' | 'removed' | 'leftovers' | 'notes' | 'failures' | 'why' | 'remedy'
> & { readonly outcome: Outcome; readonly attempts: number };

export type { TeardownOptions, TeardownRequest };
