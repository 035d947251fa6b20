import {
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  BatchGetReportGroupsCommand,
  type Build,
  CodeBuildClient,
  DeleteReportCommand,
  DeleteResourcePolicyCommand,
  DeleteWebhookCommand,
  GetResourcePolicyCommand,
  paginateListBuildsForProject,
  paginateListReportsForReportGroup,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import type { CodeBuildPort } from '../core/ports/codebuild.ts';
import type { Clock } from '../core/ports/index.ts';
import { AwsFailure } from '../errors.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { systemClock } from './clock.ts';
import { call, callUnlessGone } from './errors.ts';
import { pagesOf } from './paging.ts';
import { chunksOf, required, tagRecord } from './values.ts';

const containerClient = perContainer('codebuild', () => new CodeBuildClient(CLIENT_SETTINGS));

const NOT_FOUND = ['ResourceNotFoundException'];

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html */
const BUILDS_PER_CALL = 100;

/**
 * The longest life of a build: queued for 8 hours at the most, running for 36 (timeoutInMinutes ≤ 2160), and some time to
 * be set up and taken down. https://docs.aws.amazon.com/codebuild/latest/userguide/builds-working.html,
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
 */
const LONGEST_LIFE_MS = (8 + 36 + 4) * 60 * 60 * 1_000;

/** The CodeBuild port over the SDK. */
export function createCodeBuild({
  client = containerClient,
  signal,
  clock = systemClock,
}: AdapterOptions<CodeBuildClient> & { readonly clock?: Clock | undefined } = {}): CodeBuildPort {
  const options = sendOptions(signal);

  /** Builds that no longer exist are left out. */
  async function builds(projectName: string, ids: readonly string[]): Promise<readonly Build[]> {
    const found: Build[] = [];
    for (const chunk of chunksOf(ids, BUILDS_PER_CALL)) {
      const answer = await call('codebuild:BatchGetBuilds', projectName, () =>
        client().send(new BatchGetBuildsCommand({ ids: [...chunk] }), options),
      );
      found.push(...(answer.builds ?? []));
    }
    return found;
  }

  async function stillRunning(projectName: string, ids: readonly string[]): Promise<readonly string[]> {
    return runningIds(await builds(projectName, ids));
  }

  return {
    async project(name) {
      const action = 'codebuild:BatchGetProjects';
      const answer = await call(action, name, () =>
        client().send(new BatchGetProjectsCommand({ names: [name] }), options),
      );
      // A name that does not exist comes in projectsNotFound, not as an error.
      const project = answer.projects?.[0];
      return (
        project && {
          arn: required(project.arn, 'arn', action, name),
          hasWebhook: project.webhook !== undefined,
          tags: tagRecord(project.tags?.map((tag) => [tag.key, tag.value])),
        }
      );
    },

    async runningBuilds(projectName) {
      const running: string[] = [];
      // Newest first is the default. It must not be asked for: together with a page token CodeBuild refuses it
      // (https://github.com/aws/aws-cli/issues/5863).
      const pages = paginateListBuildsForProject({ client: client() }, { projectName }, options);
      const listing = { action: 'codebuild:ListBuildsForProject', resource: projectName, gone: NOT_FOUND } as const;
      for await (const page of pagesOf({ ...listing, tokenOf: (answer) => answer.nextToken }, pages)) {
        const found = await builds(projectName, page.ids ?? []);
        running.push(...runningIds(found));
        if (found.some((build) => startedBefore(build, clock.now() - LONGEST_LIFE_MS))) {
          break;
        }
      }
      return running;
    },

    async stopBuild(projectName, buildId) {
      try {
        await callUnlessGone('codebuild:StopBuild', projectName, NOT_FOUND, () =>
          client().send(new StopBuildCommand({ id: buildId }), options),
        );
      } catch (thrown) {
        // Nothing is documented for a build that has ended: what it is now decides, not what the error is called.
        if (isInvalidInput(thrown) && (await stillRunning(projectName, [buildId])).length === 0) {
          return;
        }
        throw thrown;
      }
    },

    stillRunning,

    async deleteWebhook(projectName) {
      await callUnlessGone('codebuild:DeleteWebhook', projectName, NOT_FOUND, () =>
        client().send(new DeleteWebhookCommand({ projectName }), options),
      );
    },

    async hasResourcePolicy(projectArn) {
      // A project without one is answered with the same error as a project that is gone.
      const answer = await callUnlessGone('codebuild:GetResourcePolicy', projectArn, NOT_FOUND, () =>
        client().send(new GetResourcePolicyCommand({ resourceArn: projectArn }), options),
      );
      return Boolean(answer?.policy);
    },

    async deleteResourcePolicy(projectArn) {
      await callUnlessGone('codebuild:DeleteResourcePolicy', projectArn, NOT_FOUND, () =>
        client().send(new DeleteResourcePolicyCommand({ resourceArn: projectArn }), options),
      );
    },

    async reportGroup(arn) {
      const answer = await call('codebuild:BatchGetReportGroups', arn, () =>
        client().send(new BatchGetReportGroupsCommand({ reportGroupArns: [arn] }), options),
      );
      // An ARN that does not exist comes in reportGroupsNotFound, not as an error.
      const group = answer.reportGroups?.[0];
      return group && { tags: tagRecord(group.tags?.map((tag) => [tag.key, tag.value])) };
    },

    async *reports(groupArn) {
      const listing = { action: 'codebuild:ListReportsForReportGroup', resource: groupArn, gone: NOT_FOUND } as const;
      const pages = paginateListReportsForReportGroup({ client: client() }, { reportGroupArn: groupArn }, options);
      for await (const { reports = [] } of pagesOf({ ...listing, tokenOf: (answer) => answer.nextToken }, pages)) {
        if (reports.length > 0) {
          yield reports;
        }
      }
    },

    async deleteReport(groupArn, reportArn) {
      await callUnlessGone('codebuild:DeleteReport', groupArn, NOT_FOUND, () =>
        client().send(new DeleteReportCommand({ arn: reportArn }), options),
      );
    },
  };
}

function runningIds(builds: readonly Build[]): readonly string[] {
  return builds.filter((build) => build.buildStatus === 'IN_PROGRESS').flatMap((build) => build.id ?? []);
}

/** Everything older than such a build was submitted before it, and has ended. */
function startedBefore(build: Build, time: number): boolean {
  return build.startTime !== undefined && build.startTime.getTime() < time;
}

function isInvalidInput(thrown: unknown): boolean {
  return thrown instanceof AwsFailure && thrown.context.errorName === 'InvalidInputException';
}
