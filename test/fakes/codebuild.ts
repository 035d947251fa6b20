import type { CodeBuildPort, Project, ReportGroup } from '#functions/core/ports/codebuild.ts';
import type { Clock } from '#functions/core/ports/index.ts';
import { awsFailure, type CallLog } from './call-log.ts';

export interface ProjectOptions {
  readonly tags?: Readonly<Record<string, string>>;
  readonly webhook?: boolean;
  /** The source provider no longer accepts the token: deleting the webhook fails. */
  readonly tokenDead?: boolean;
  readonly resourcePolicy?: boolean;
  /** Running builds, each with the milliseconds that it takes to end once it was told to stop. */
  readonly builds?: readonly number[];
}

interface Reports {
  readonly tags: Readonly<Record<string, string>>;
  readonly arns: Set<string>;
  readonly broken: Set<string>;
  deletions: number;
}

const REPORTS_PER_PAGE = 3;

interface Build {
  readonly takes: number;
  endsAt: number;
}

interface State {
  readonly tags: Readonly<Record<string, string>>;
  readonly tokenDead: boolean;
  webhook: boolean;
  resourcePolicy: boolean;
  readonly builds: Map<string, Build>;
}

/**
 * CodeBuild as far as the port shows it, unkind where AWS is:
 * - StopBuild returns at once, the build goes on for a while;
 * - while there is a webhook, a push may start a build between any two calls (`startBuild` from a script);
 * - a dead token makes DeleteWebhook fail with OAuthProviderException;
 * - pages of reports hold 3; a delete between two pages of one listing is an error of the test's subject;
 * - a project or a report group may vanish at any time: nothing runs, listings end, removals succeed.
 */
export class FakeCodeBuild implements CodeBuildPort {
  readonly #log: CallLog;
  readonly #clock: Clock;
  readonly #projects = new Map<string, State>();
  readonly #groups = new Map<string, Reports>();

  constructor(log: CallLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  addProject(name: string, options: ProjectOptions = {}): this {
    this.#projects.set(name, {
      tags: options.tags ?? {},
      webhook: options.webhook ?? false,
      tokenDead: options.tokenDead ?? false,
      resourcePolicy: options.resourcePolicy ?? false,
      builds: new Map(),
    });
    for (const takes of options.builds ?? []) {
      this.startBuild(name, takes);
    }
    return this;
  }

  startBuild(name: string, takes: number): void {
    const builds = this.#projects.get(name)?.builds;
    builds?.set(`${name}:build-${builds.size}`, { takes, endsAt: Number.POSITIVE_INFINITY });
  }

  removeProject(name: string): void {
    this.#projects.delete(name);
  }

  /** What is there now. */
  holds(name: string): { readonly webhook: boolean; readonly resourcePolicy: boolean; readonly running: string[] } {
    const project = this.#projects.get(name);
    return {
      webhook: project?.webhook ?? false,
      resourcePolicy: project?.resourcePolicy ?? false,
      running: this.#running(name),
    };
  }

  async project(name: string): Promise<Project | undefined> {
    await this.#log.begin('codebuild:BatchGetProjects', name);
    const project = this.#projects.get(name);
    return project && { arn: arnOf(name), hasWebhook: project.webhook, tags: project.tags };
  }

  async runningBuilds(projectName: string): Promise<readonly string[]> {
    await this.#log.begin('codebuild:ListBuildsForProject', projectName);
    return this.#running(projectName);
  }

  async stopBuild(projectName: string, buildId: string): Promise<void> {
    await this.#log.begin('codebuild:StopBuild', projectName);
    const build = this.#projects.get(projectName)?.builds.get(buildId);
    if (build !== undefined) {
      build.endsAt = Math.min(build.endsAt, this.#clock.now() + build.takes);
    }
  }

  async stillRunning(projectName: string, buildIds: readonly string[]): Promise<readonly string[]> {
    await this.#log.begin('codebuild:BatchGetBuilds', projectName);
    return this.#running(projectName).filter((id) => buildIds.includes(id));
  }

  async deleteWebhook(projectName: string): Promise<void> {
    const action = 'codebuild:DeleteWebhook';
    await this.#log.begin(action, projectName);
    const project = this.#projects.get(projectName);
    if (project?.tokenDead) {
      throw awsFailure(action, projectName, 'OAuthProviderException');
    }
    if (project !== undefined) {
      project.webhook = false;
    }
  }

  async hasResourcePolicy(projectArn: string): Promise<boolean> {
    await this.#log.begin('codebuild:GetResourcePolicy', nameOf(projectArn));
    return this.#projects.get(nameOf(projectArn))?.resourcePolicy ?? false;
  }

  async deleteResourcePolicy(projectArn: string): Promise<void> {
    await this.#log.begin('codebuild:DeleteResourcePolicy', nameOf(projectArn));
    const project = this.#projects.get(nameOf(projectArn));
    if (project !== undefined) {
      project.resourcePolicy = false;
    }
  }

  addReportGroup(arn: string, count: number, tags: Readonly<Record<string, string>> = {}): this {
    this.#groups.set(arn, { tags, arns: new Set(), broken: new Set(), deletions: 0 });
    for (let at = 0; at < count; at += 1) this.addReport(arn);
    return this;
  }

  /** A build reports. */
  addReport(groupArn: string): void {
    const group = this.#groups.get(groupArn);
    group?.arns.add(`${groupArn}:report-${group.arns.size + group.deletions}`);
  }

  /** The oldest report does not go. */
  breakReport(groupArn: string): void {
    const group = this.#groups.get(groupArn);
    const [oldest] = group?.arns ?? [];
    if (oldest !== undefined) group?.broken.add(oldest);
  }

  removeReportGroup(arn: string): void {
    this.#groups.delete(arn);
  }

  reportsOf(groupArn: string): readonly string[] {
    return [...(this.#groups.get(groupArn)?.arns ?? [])];
  }

  async reportGroup(arn: string): Promise<ReportGroup | undefined> {
    await this.#log.begin('codebuild:BatchGetReportGroups', arn);
    const group = this.#groups.get(arn);
    return group && { tags: group.tags };
  }

  async *reports(groupArn: string): AsyncIterable<readonly string[]> {
    let deletions: number | undefined;
    for (let from = 0; ; from += REPORTS_PER_PAGE) {
      await this.#log.begin('codebuild:ListReportsForReportGroup', groupArn);
      const group = this.#groups.get(groupArn);
      if (group === undefined) return;
      deletions ??= group.deletions;
      if (deletions !== group.deletions) {
        throw new Error(`${groupArn}: reports were deleted between two pages of one listing`);
      }
      const all = [...group.arns];
      const page = all.slice(from, from + REPORTS_PER_PAGE);
      if (page.length > 0) yield page;
      if (from + REPORTS_PER_PAGE >= all.length) return;
    }
  }

  async deleteReport(groupArn: string, reportArn: string): Promise<void> {
    const action = 'codebuild:DeleteReport';
    await this.#log.begin(action, groupArn);
    const group = this.#groups.get(groupArn);
    if (group?.broken.has(reportArn)) throw awsFailure(action, groupArn, 'InvalidInputException');
    if (group?.arns.delete(reportArn)) group.deletions += 1;
  }

  #running(name: string): string[] {
    const builds = [...(this.#projects.get(name)?.builds ?? [])];
    return builds.filter(([, build]) => build.endsAt > this.#clock.now()).map(([id]) => id);
  }
}

function arnOf(name: string): string {
  return `arn:aws:codebuild:eu-west-1:123456789012:project/${name}`;
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
