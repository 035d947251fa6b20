import type { CodeBuildPort, Project } from '#functions/core/ports/codebuild.ts';
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
 * - a project may vanish at any time: nothing runs, removals succeed.
 */
export class FakeCodeBuild implements CodeBuildPort {
  readonly #log: CallLog;
  readonly #clock: Clock;
  readonly #projects = new Map<string, State>();

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
