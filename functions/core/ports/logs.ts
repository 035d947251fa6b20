export interface LogGroup {
  readonly arn: string;
  readonly deletionProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogsPort {
  /** undefined where there is no such log group (an exact match of the name, not a prefix). */
  logGroup(name: string): Promise<LogGroup | undefined>;
  /** Pages of stream names (AWS gives 50 a page). Ends early where the group is gone. Do not delete between two pages of one listing. */
  logStreams(groupName: string): AsyncIterable<readonly string[]>;
  /** Succeeds where the stream is already gone. */
  deleteLogStream(groupName: string, streamName: string): Promise<void>;
  disableDeletionProtection(groupName: string): Promise<void>;
}
