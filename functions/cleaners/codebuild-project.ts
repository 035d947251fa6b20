import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, StackResource, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import { counted } from '../core/report.ts';
import { assertNever } from '../errors.ts';
import { collect, failureNote, leftoverOf } from './failures.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { absent, inSum, noteAbout, removedOf } from './results.ts';

/** How long a run waits for stopped builds, and the pause between two looks, in milliseconds. */
const LONGEST_WAIT = 5 * 60_000;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 15_000;

/** Quiets a project: webhook off, running builds stopped and awaited; then its resource policy, which blocks DeleteProject. */
export const codeBuildProject = {
  type: 'AWS::CodeBuild::Project',
  create: (ports: Ports): Cleaner => new CodeBuildProjectCleaner(ports),
} as const satisfies CleanerDefinition;

class CodeBuildProjectCleaner implements Cleaner {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const { cloudFormation, codeBuild } = this.#ports;
    const project = await codeBuild.project(resource.physicalId);
    if (project === undefined) return absent(resource);
    const ofOther = await otherOwner(cloudFormation, resource, project.tags, run);
    if (ofOther !== undefined) return ofOther;

    const running = await codeBuild.runningBuilds(resource.physicalId);
    const shared = await codeBuild.hasResourcePolicy(project.arn);
    const contents: Content[] = [
      { kind: 'webhook', count: project.hasWebhook ? 1 : 0 },
      { kind: 'running build', count: running.length },
      { kind: 'resource policy', count: shared ? 1 : 0 },
    ].filter((content) => content.count > 0);
    const found = { resource: refOf(resource), exists: true, contents, blocks: shared, notes: [] };
    if (carriesKeepTag(project.tags)) return { ...found, stages: [], refusal: keptRefusal(resource, shared) };

    const stages: Stage[] = [];
    if (project.hasWebhook || running.length > 0) stages.push('quiesce');
    if (shared) stages.push('drain');
    return { ...found, stages };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    switch (stage) {
      case 'quiesce':
        // The webhook first: otherwise it starts a build while the others are being stopped.
        return inSum([await this.#removeWebhook(resource), await this.#endBuilds(resource, run)]);
      case 'drain':
        return this.#removeResourcePolicy(resource);
      case 'seal':
      case 'verify':
      case 'logStreams':
        return NOTHING_DONE;
      default:
        return assertNever(stage);
    }
  }

  async #removeWebhook(resource: StackResource): Promise<StepResult> {
    const { codeBuild } = this.#ports;
    return collect<StepResult>(
      async () => {
        const project = await codeBuild.project(resource.physicalId);
        if (project === undefined || !project.hasWebhook) return NOTHING_DONE;
        await codeBuild.deleteWebhook(resource.physicalId);
        return { ...NOTHING_DONE, removed: removedOf(resource, 'webhook', 1) };
      },
      (failure) => {
        if (failure.context.errorName !== 'OAuthProviderException') {
          return { ...NOTHING_DONE, leftovers: [leftoverOf(resource, failure, 'webhook', false)] };
        }
        const sentence =
          "Its webhook may still stand in the source repository's settings, where the owner of that repository can delete it: the source provider does not accept the token any more.";
        return { ...NOTHING_DONE, notes: [failureNote(resource, failure, 'WEBHOOK_TOKEN_DEAD', sentence)] };
      },
    );
  }

  async #endBuilds(resource: StackResource, run: RunContext): Promise<StepResult> {
    const results: StepResult[] = [];
    const stopped: string[] = [];
    const ended = await collect<StepResult>(
      async () => {
        for (const build of await this.#ports.codeBuild.runningBuilds(resource.physicalId)) {
          if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
          const stop = await this.#stop(resource, build);
          results.push(stop);
          if (stop.leftovers.length === 0) stopped.push(build);
        }
        return this.#await(resource, stopped, run);
      },
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'an unknown number of running builds', false)],
      }),
    );
    return inSum([...results, ended]);
  }

  #stop(resource: StackResource, build: string): Promise<StepResult> {
    return collect<StepResult>(
      async () => {
        await this.#ports.codeBuild.stopBuild(resource.physicalId, build);
        return NOTHING_DONE;
      },
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, `running build ${build}`, false)],
      }),
    );
  }

  /** Waits until the builds have ended: until then they push images and write logs. */
  async #await(resource: StackResource, builds: readonly string[], run: RunContext): Promise<StepResult> {
    const { clock, codeBuild } = this.#ports;
    const end = clock.now() + LONGEST_WAIT;
    let running = builds;
    let pause = FIRST_PAUSE;
    const ended = (): StepResult['removed'] => removedOf(resource, 'running build', builds.length - running.length);
    while (running.length > 0) {
      running = await codeBuild.stillRunning(resource.physicalId, running);
      run.progress({
        logicalId: resource.logicalId,
        stage: 'quiesce',
        kind: 'running build',
        done: builds.length - running.length,
        total: builds.length,
      });
      if (running.length === 0) break;
      if (run.remaining() <= 0) return { ...NOTHING_DONE, removed: ended(), finished: false };
      if (clock.now() >= end) {
        const sentence = `${counted(running.length, 'build')} did not end within ${LONGEST_WAIT / 60_000} minutes after being stopped: ${running.join(', ')}.`;
        return { ...NOTHING_DONE, removed: ended(), notes: [noteAbout(resource, 'BUILD_STILL_RUNNING', sentence)] };
      }
      await clock.sleep(Math.max(0, Math.min(pause, run.remaining(), end - clock.now())));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    return { ...NOTHING_DONE, removed: ended() };
  }

  async #removeResourcePolicy(resource: StackResource): Promise<StepResult> {
    const { codeBuild } = this.#ports;
    return collect<StepResult>(
      async () => {
        const project = await codeBuild.project(resource.physicalId);
        if (project === undefined || !(await codeBuild.hasResourcePolicy(project.arn))) return NOTHING_DONE;
        await codeBuild.deleteResourcePolicy(project.arn);
        return { ...NOTHING_DONE, removed: removedOf(resource, 'resource policy', 1) };
      },
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'resource policy', true)],
      }),
    );
  }
}
