export interface Project {
  readonly arn: string;
  readonly hasWebhook: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ReportGroup {
  readonly tags: Readonly<Record<string, string>>;
}

export interface CodeBuildPort {
  project(name: string): Promise<Project | undefined>;
  /** Ids of the builds that are IN_PROGRESS; looks as far back as a build can run. */
  runningBuilds(projectName: string): Promise<readonly string[]>;
  /** Asks a build to stop; returns at once. Succeeds where the build has ended. */
  stopBuild(projectName: string, buildId: string): Promise<void>;
  /** Of these builds, the ones that are still IN_PROGRESS. */
  stillRunning(projectName: string, buildIds: readonly string[]): Promise<readonly string[]>;
  /** Succeeds where there is none. Throws AwsFailure with errorName `OAuthProviderException` where GitHub no longer accepts the token. */
  deleteWebhook(projectName: string): Promise<void>;
  hasResourcePolicy(projectArn: string): Promise<boolean>;
  deleteResourcePolicy(projectArn: string): Promise<void>;
  /** By ARN; undefined where there is no such report group. */
  reportGroup(arn: string): Promise<ReportGroup | undefined>;
  /** Pages of the ARNs of all reports (CodeBuild gives 100 a page). Ends early where the group is gone. Do not delete between two pages. */
  reports(groupArn: string): AsyncIterable<readonly string[]>;
  /** Succeeds where the report is already gone. */
  deleteReport(groupArn: string, reportArn: string): Promise<void>;
}
