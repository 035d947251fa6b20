/** Where the registry copies images to. */
export interface Replica {
  /** The account of the copies. */
  readonly registryId: string;
  readonly region: string;
  /** Beginnings of the names of the repositories that are copied; empty means all. */
  readonly prefixes: readonly string[];
}

/** What deleted stacks leave behind outside of themselves. All methods throw AwsFailure where AWS refuses or does not answer. */
export interface AfterDeletePort {
  /** One for each destination of each replication rule of the private registry; empty where nothing is replicated. */
  replicas(): Promise<readonly Replica[]>;
  /** Succeeds where it is already gone. */
  deleteLogGroup(groupName: string): Promise<void>;
}
