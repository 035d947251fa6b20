/**
 * The nouns of the core. All of it is plain data: it survives JSON, so a plan can be printed, stored, handed to another
 * invocation and compared in a test.
 */

/** CloudFormation's DeletionPolicy; `Unknown` is a value that we could not read, and is treated like Retain. */
export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot' | 'Unknown';

/** One resource of one stack, as CloudFormation lists it. */
export interface ResourceRef {
  /** ARN of the stack that owns it. */
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** CloudFormation type, e.g. `AWS::ECR::Repository`. */
  readonly type: string;
  /** What `Ref` gives: the repository's name, the role's name, the nested stack's ARN … */
  readonly physicalId: string;
}

export interface StackResource extends ResourceRef {
  /** ResourceStatus, e.g. `CREATE_COMPLETE`. */
  readonly status: string;
  readonly deletionPolicy: DeletionPolicy;
  /** `Properties` as the processed template has them, intrinsic functions unresolved; for cleaners that must tell ours from foreign. */
  readonly declared: Readonly<Record<string, unknown>>;
}

/** What DescribeStacks says of one stack. */
export interface StackFacts {
  readonly stackId: string;
  readonly stackName: string;
  readonly status: string;
  /** CloudFormation's words on the status, where it gives any. */
  readonly statusReason?: string | undefined;
  /** Termination protection; a nested stack has its root's. */
  readonly terminationProtected: boolean;
  readonly parentId?: string | undefined;
  readonly rootId?: string | undefined;
  /** The stack's own service role. */
  readonly roleArn?: string | undefined;
  /** ISO 8601. */
  readonly creationTime: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Names of the exports among the outputs. */
  readonly exportNames: readonly string[];
}

/** A stack with its resources; `retained` where a DeletionPolicy above keeps the whole stack. */
export interface StackNode extends StackFacts {
  readonly resources: readonly StackResource[];
  readonly retained: boolean;
}

/** The stack that was asked for and everything nested below it, the root first. Never anything above. */
export interface StackTree {
  readonly stacks: readonly StackNode[];
}

/** Why CloudFormation is removing the stack: RetainExceptOnCreate goes only with the rollback of a create. */
export type Cause = 'stack delete' | 'rollback of a create';

/** Consents and switches of one run. Nothing that destroys more is on by default. */
export interface CleanOptions {
  readonly cause: Cause;
  /** Delete log streams as the last stage; CloudFormation removes them with the group in any case. */
  readonly deleteLogStreams: boolean;
  /** Consent: switch off a log group's deletion protection. */
  readonly disableLogGroupDeletionProtection: boolean;
  /** Consent: take roles out of instance profiles that the tree does not own. */
  readonly removeRolesFromInstanceProfiles: boolean;
  /** Consent: detach a managed policy from users, groups and roles that the tree does not own. */
  readonly detachPoliciesFromOthers: boolean;
  /** Consent: take a managed policy away as permissions boundary from users and roles that the tree does not own; it limits them no longer. */
  readonly removePermissionsBoundaries: boolean;
  /** Consent: delete what is in S3 buckets, all versions. */
  readonly emptyBuckets: boolean;
}

/** A run to which nobody consented to anything: where every door starts from. */
export const NO_CONSENT = {
  disableLogGroupDeletionProtection: false,
  removeRolesFromInstanceProfiles: false,
  detachPoliciesFromOthers: false,
  removePermissionsBoundaries: false,
  emptyBuckets: false,
} as const satisfies Omit<CleanOptions, 'cause' | 'deleteLogStreams'>;

/** The stages of a run, in order. */
export const STAGES = [
  'quiesce', // webhook off, running builds stopped: nobody starts new work
  'seal', // pushes denied: nobody adds while we remove
  'drain', // content removed, all types side by side
  'verify', // listed again until empty
  'logStreams', // last: they are the evidence while something can still fail
] as const;
export type Stage = (typeof STAGES)[number];

/** How much of what is in a resource. */
export interface Content {
  /** Singular noun: `image`, `log stream`, `managed policy` … */
  readonly kind: string;
  readonly count: number;
  /** True where the listing stopped early and the real number may be larger. */
  readonly orMore?: boolean | undefined;
}

/** Something worth telling that never fails a run. */
export interface Note {
  readonly code: string;
  readonly resource?: ResourceRef | undefined;
  readonly sentence: string;
}

/** Something we will not do, and who can do what about it. */
export interface Refusal {
  readonly code: string;
  readonly resource?: ResourceRef | undefined;
  /** What stands in the way. */
  readonly sentence: string;
  /** Who can do what. */
  readonly remedy: string;
  /** `everything`: nothing at all is drained, because CloudFormation would refuse anyway; `resource`: only this one is left alone. */
  readonly stops: 'everything' | 'resource';
  /** True where CloudFormation's delete of the resource fails while this stands. */
  readonly blocks: boolean;
}

/** What a cleaner found in one resource. */
export interface Finding {
  readonly resource: ResourceRef;
  readonly exists: boolean;
  readonly contents: readonly Content[];
  /** Would the content make CloudFormation's own delete fail? */
  readonly blocks: boolean;
  /** The stages in which the cleaner has work to do on it; empty where nothing is to be done. */
  readonly stages: readonly Stage[];
  readonly refusal?: Refusal | undefined;
  readonly notes: readonly Note[];
}

/** One thing to do: a cleaner's stage on one resource. */
export interface Step {
  readonly stage: Stage;
  readonly resource: ResourceRef;
}

/** A resource that the run must leave alone, with the reason. */
export interface Untouched {
  readonly resource: ResourceRef;
  readonly code: string;
  readonly sentence: string;
}

export interface Plan {
  readonly version: 1;
  readonly stacks: readonly { readonly stackId: string; readonly stackName: string; readonly depth: number }[];
  readonly options: CleanOptions;
  readonly findings: readonly Finding[];
  readonly steps: readonly Step[];
  readonly refusals: readonly Refusal[];
  readonly untouched: readonly Untouched[];
  readonly notes: readonly Note[];
}

/** Something that a run removed. */
export interface Removed {
  readonly resource: ResourceRef;
  readonly kind: string;
  readonly count: number;
}

/** Something that is still there although it should not be. */
export interface Leftover {
  readonly resource: ResourceRef;
  /** What remains, e.g. `3 images`. */
  readonly what: string;
  /** Why: AWS's code and words, clipped. */
  readonly why: string;
  /** Who must do what. */
  readonly remedy: string;
  /** True where CloudFormation's delete of the resource fails while this remains. */
  readonly blocks: boolean;
}

/** What one step, and in sum one run, did. */
export interface StepResult {
  readonly removed: readonly Removed[];
  readonly leftovers: readonly Leftover[];
  readonly notes: readonly Note[];
  /** False: the deadline came first and the step must be run again. */
  readonly finished: boolean;
}

export interface Report {
  readonly version: 1;
  /** `clean`: nothing blocks CloudFormation; `blocked`: something does; `refused`: nothing was started; `unfinished`: out of time. */
  readonly outcome: 'clean' | 'blocked' | 'refused' | 'unfinished';
  readonly removed: readonly Removed[];
  readonly leftovers: readonly Leftover[];
  readonly refusals: readonly Refusal[];
  readonly untouched: readonly Untouched[];
  readonly notes: readonly Note[];
  /** AWS calls by action (`ecr:BatchDeleteImage`), retries included. */
  readonly calls: Readonly<Record<string, number>>;
  readonly milliseconds: number;
}
