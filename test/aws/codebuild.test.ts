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
  ListBuildsForProjectCommand,
  ListReportsForReportGroupCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createCodeBuild } from '#functions/aws/codebuild.ts';
import { AwsFailure } from '#functions/errors.ts';
import { collect, sdkError, served } from './sdk.ts';

const NOW = Date.UTC(2026, 0, 31);
const HOUR = 60 * 60 * 1_000;
const sdk = mockClient(CodeBuildClient);
const codeBuild = createCodeBuild({ clock: { now: () => NOW, sleep: async () => {} } });
const ARN = 'arn:aws:codebuild:eu-west-1:123456789012:project/xxxx';

/** Builds by id: status and age in hours. */
function builds(all: Readonly<Record<string, readonly [status: Build['buildStatus'], hours?: number]>>): void {
  sdk.on(BatchGetBuildsCommand).callsFake(({ ids }: { ids: string[] }) => ({
    builds: ids.flatMap((id) => {
      const [buildStatus, hours] = all[id] ?? [];
      const startTime = hours === undefined ? undefined : new Date(NOW - hours * HOUR);
      return buildStatus === undefined ? [] : [{ id, buildStatus, startTime }];
    }),
    buildsNotFound: ids.filter((id) => !(id in all)),
  }));
}

beforeEach(() => {
  sdk.reset();
});

describe('project', () => {
  it('gives ARN, tags and whether there is a webhook', async () => {
    const project = { arn: ARN, tags: [{ key: 'team', value: 'data' }] };
    sdk
      .on(BatchGetProjectsCommand, { names: ['xxxx'] })
      .resolvesOnce({ projects: [{ ...project, webhook: { url: 'https://api.github.com/hooks/1' } }] })
      .resolves({ projects: [project] });
    expect(await codeBuild.project('xxxx')).toEqual({ arn: ARN, hasWebhook: true, tags: { team: 'data' } });
    expect(await codeBuild.project('xxxx')).toEqual({ arn: ARN, hasWebhook: false, tags: { team: 'data' } });
  });

  it('is undefined where there is none', async () => {
    sdk.on(BatchGetProjectsCommand).resolves({ projects: [], projectsNotFound: ['xxxx'] });
    expect(await codeBuild.project('xxxx')).toBeUndefined();
  });
});

describe('runningBuilds', () => {
  it('gives the running ones of all pages, newest first, without asking for an order', async () => {
    const pages = served('nextToken', {
      '': { ids: ['xxxx:4', 'xxxx:3'], nextToken: 'two' },
      two: { ids: ['xxxx:2', 'xxxx:1'] },
    });
    sdk.on(ListBuildsForProjectCommand).callsFake(pages.answer);
    builds({
      'xxxx:4': ['IN_PROGRESS'],
      'xxxx:3': ['SUCCEEDED', 1],
      'xxxx:2': ['IN_PROGRESS', 43],
      'xxxx:1': ['STOPPED', 44],
    });
    expect(await codeBuild.runningBuilds('xxxx')).toEqual(['xxxx:4', 'xxxx:2']);
    expect(pages.asked).toEqual([{ projectName: 'xxxx' }, { projectName: 'xxxx', nextToken: 'two' }]);
  });

  it('stops where a page reaches further back than a build can live', async () => {
    const pages = served('nextToken', {
      '': { ids: ['xxxx:9'], nextToken: 'two' },
      two: { ids: ['xxxx:8', 'xxxx:7'], nextToken: 'three' },
    });
    sdk.on(ListBuildsForProjectCommand).callsFake(pages.answer);
    builds({ 'xxxx:9': ['SUCCEEDED', 47], 'xxxx:8': ['IN_PROGRESS', 47.9], 'xxxx:7': ['FAILED', 48.1] });
    expect(await codeBuild.runningBuilds('xxxx')).toEqual(['xxxx:8']);
    expect(pages.asked).toHaveLength(2);
  });

  it('bears builds that are deleted meanwhile, and a project without builds', async () => {
    sdk
      .on(ListBuildsForProjectCommand)
      .resolvesOnce({ ids: ['xxxx:1'] })
      .resolves({ ids: [] });
    builds({});
    expect(await codeBuild.runningBuilds('xxxx')).toEqual([]);
    expect(await codeBuild.runningBuilds('xxxx')).toEqual([]);
    expect(sdk.commandCalls(BatchGetBuildsCommand)).toHaveLength(1);
  });

  it('is empty where the project is gone', async () => {
    sdk.on(ListBuildsForProjectCommand).rejects(sdkError('ResourceNotFoundException'));
    expect(await codeBuild.runningBuilds('xxxx')).toEqual([]);
  });

  it('fails on anything else', async () => {
    sdk.on(ListBuildsForProjectCommand).rejects(sdkError('InvalidInputException'));
    await expect(codeBuild.runningBuilds('xxxx')).rejects.toMatchObject({
      context: { action: 'codebuild:ListBuildsForProject', resource: 'xxxx', errorName: 'InvalidInputException' },
    });
  });
});

describe('stillRunning', () => {
  it('asks for 100 at a time', async () => {
    const ids = Array.from({ length: 201 }, (_, n) => `xxxx:${n}`);
    builds(Object.fromEntries(ids.map((id, n) => [id, [n % 100 === 0 ? 'IN_PROGRESS' : 'STOPPED', 1] as const])));
    expect(await codeBuild.stillRunning('xxxx', ids)).toEqual(['xxxx:0', 'xxxx:100', 'xxxx:200']);
    const sizes = sdk.commandCalls(BatchGetBuildsCommand).map((made) => made.args[0].input.ids?.length);
    expect(sizes).toEqual([100, 100, 1]);
  });

  it('asks nothing for nothing', async () => {
    expect(await codeBuild.stillRunning('xxxx', [])).toEqual([]);
    expect(sdk.commandCalls(BatchGetBuildsCommand)).toHaveLength(0);
  });
});

describe('stopBuild', () => {
  it('asks for it', async () => {
    sdk.on(StopBuildCommand).resolves({});
    await codeBuild.stopBuild('xxxx', 'xxxx:1');
    expect(sdk.commandCalls(StopBuildCommand)[0]?.args[0].input).toEqual({ id: 'xxxx:1' });
  });

  it('succeeds where the build is gone', async () => {
    sdk.on(StopBuildCommand).rejects(sdkError('ResourceNotFoundException'));
    await expect(codeBuild.stopBuild('xxxx', 'xxxx:1')).resolves.toBeUndefined();
  });

  it('succeeds where CodeBuild calls it invalid because the build has ended', async () => {
    sdk.on(StopBuildCommand).rejects(sdkError('InvalidInputException'));
    builds({ 'xxxx:1': ['SUCCEEDED', 1] });
    await expect(codeBuild.stopBuild('xxxx', 'xxxx:1')).resolves.toBeUndefined();
  });

  it('fails where CodeBuild calls it invalid and the build runs', async () => {
    sdk.on(StopBuildCommand).rejects(sdkError('InvalidInputException'));
    builds({ 'xxxx:1': ['IN_PROGRESS', 1] });
    await expect(codeBuild.stopBuild('xxxx', 'xxxx:1')).rejects.toMatchObject({
      context: { action: 'codebuild:StopBuild', resource: 'xxxx', errorName: 'InvalidInputException' },
    });
  });

  it('fails on anything else without looking at the build', async () => {
    sdk.on(StopBuildCommand).rejects(sdkError('AccessDeniedException'));
    await expect(codeBuild.stopBuild('xxxx', 'xxxx:1')).rejects.toBeInstanceOf(AwsFailure);
    expect(sdk.commandCalls(BatchGetBuildsCommand)).toHaveLength(0);
  });
});

describe('deleteWebhook', () => {
  it('deletes it', async () => {
    sdk.on(DeleteWebhookCommand).resolves({});
    await codeBuild.deleteWebhook('xxxx');
    expect(sdk.commandCalls(DeleteWebhookCommand)[0]?.args[0].input).toEqual({ projectName: 'xxxx' });
  });

  it('succeeds where there is none', async () => {
    sdk.on(DeleteWebhookCommand).rejects(sdkError('ResourceNotFoundException'));
    await expect(codeBuild.deleteWebhook('xxxx')).resolves.toBeUndefined();
  });

  it('names OAuthProviderException where the token is dead', async () => {
    sdk.on(DeleteWebhookCommand).rejects(sdkError('OAuthProviderException'));
    await expect(codeBuild.deleteWebhook('xxxx')).rejects.toMatchObject({
      context: { action: 'codebuild:DeleteWebhook', resource: 'xxxx', errorName: 'OAuthProviderException' },
    });
  });
});

describe('resource policy', () => {
  it('is told by its text', async () => {
    sdk.on(GetResourcePolicyCommand, { resourceArn: ARN }).resolvesOnce({ policy: '{}' }).resolves({});
    expect(await codeBuild.hasResourcePolicy(ARN)).toBe(true);
    expect(await codeBuild.hasResourcePolicy(ARN)).toBe(false);
  });

  it('is none where CodeBuild finds none', async () => {
    sdk.on(GetResourcePolicyCommand).rejects(sdkError('ResourceNotFoundException'));
    expect(await codeBuild.hasResourcePolicy(ARN)).toBe(false);
  });

  it('is not "none" where the rights are missing', async () => {
    sdk.on(GetResourcePolicyCommand).rejects(sdkError('AccessDeniedException'));
    await expect(codeBuild.hasResourcePolicy(ARN)).rejects.toMatchObject({
      context: { action: 'codebuild:GetResourcePolicy', resource: ARN },
    });
  });

  it('is deleted', async () => {
    sdk.on(DeleteResourcePolicyCommand).resolves({});
    await codeBuild.deleteResourcePolicy(ARN);
    expect(sdk.commandCalls(DeleteResourcePolicyCommand)[0]?.args[0].input).toEqual({ resourceArn: ARN });
  });

  it('deleting succeeds where there is none, and fails otherwise', async () => {
    sdk
      .on(DeleteResourcePolicyCommand)
      .rejectsOnce(sdkError('ResourceNotFoundException'))
      .rejects(sdkError('InvalidInputException'));
    await codeBuild.deleteResourcePolicy(ARN);
    await expect(codeBuild.deleteResourcePolicy(ARN)).rejects.toBeInstanceOf(AwsFailure);
  });
});

describe('a report group', () => {
  const GROUP = 'arn:aws:codebuild:eu-west-1:123456789012:report-group/tests';
  const report = (n: number) => `${GROUP.replace('report-group', 'report')}:${n}`;

  it('gives its tags', async () => {
    sdk
      .on(BatchGetReportGroupsCommand, { reportGroupArns: [GROUP] })
      .resolves({ reportGroups: [{ arn: GROUP, tags: [{ key: 'team', value: 'data' }] }] });
    expect(await codeBuild.reportGroup(GROUP)).toEqual({ tags: { team: 'data' } });
  });

  it('is undefined where there is none', async () => {
    sdk.on(BatchGetReportGroupsCommand).resolves({ reportGroups: [], reportGroupsNotFound: [GROUP] });
    expect(await codeBuild.reportGroup(GROUP)).toBeUndefined();
  });

  it('fails where the rights are missing', async () => {
    sdk.on(BatchGetReportGroupsCommand).rejects(sdkError('AccessDeniedException'));
    await expect(codeBuild.reportGroup(GROUP)).rejects.toMatchObject({ accessDenied: true });
  });

  it('gives the reports of every page', async () => {
    const pages = served('nextToken', {
      '': { reports: [report(1), report(2)], nextToken: 'two' },
      two: { reports: [report(3)] },
    });
    sdk.on(ListReportsForReportGroupCommand).callsFake(pages.answer);
    expect(await collect(codeBuild.reports(GROUP))).toEqual([[report(1), report(2)], [report(3)]]);
    expect(pages.asked).toEqual([{ reportGroupArn: GROUP }, { reportGroupArn: GROUP, nextToken: 'two' }]);
  });

  it('has no reports where it is gone, and fails on anything else', async () => {
    sdk
      .on(ListReportsForReportGroupCommand)
      .rejectsOnce(sdkError('ResourceNotFoundException'))
      .rejects(sdkError('InvalidInputException'));
    expect(await collect(codeBuild.reports(GROUP))).toEqual([]);
    await expect(collect(codeBuild.reports(GROUP))).rejects.toBeInstanceOf(AwsFailure);
  });

  it('loses a report; one that is gone already is, anything else is an error', async () => {
    sdk
      .on(DeleteReportCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('ResourceNotFoundException'))
      .rejects(sdkError('InvalidInputException'));
    await codeBuild.deleteReport(GROUP, report(1));
    await codeBuild.deleteReport(GROUP, report(1));
    await expect(codeBuild.deleteReport(GROUP, report(1))).rejects.toMatchObject({
      context: { action: 'codebuild:DeleteReport', resource: GROUP },
    });
    expect(sdk.commandCalls(DeleteReportCommand)[0]?.args[0].input).toEqual({ arn: report(1) });
  });
});
