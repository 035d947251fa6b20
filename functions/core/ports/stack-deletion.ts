/** What CloudFormation says of one operation on a stack. */
export interface Operation {
  /** The stack's status by the operation's newest event, e.g. `DELETE_FAILED`. */
  readonly status: string;
  readonly reason?: string | undefined;
}

/** Deleting stacks. All methods throw AwsFailure where AWS refuses or does not answer. */
export interface StackDeletionPort {
  /**
   * Asks CloudFormation to delete a stack; returns when it has accepted.
   *
   * @param roleArn the role that CloudFormation deletes with; absent: the stack's own, else the caller's rights
   * @param token ClientRequestToken: the same one asks for the same operation, and stands on all of its events. 1 to 128
   *   characters of `[a-zA-Z0-9-]`, the first no hyphen.
   *   https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
   */
  deleteStack(request: {
    readonly stackId: string;
    readonly roleArn?: string | undefined;
    readonly token: string;
  }): Promise<void>;
  /** By ARN: a stack that somebody makes anew under the same name keeps its own protection. */
  setTerminationProtection(stackId: string, on: boolean): Promise<void>;
  /** How far the operation with this token has come; undefined where no event of the stack itself carries it yet. */
  operation(stackId: string, token: string): Promise<Operation | undefined>;
  /** ARNs of deleted stacks of this name, the latest first; CloudFormation knows them for 90 days. */
  deletedStacks(stackName: string): Promise<readonly string[]>;
}
