import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import * as codebuild from '@aws-sdk/client-codebuild';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { control } from '#emulator/control.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { roleWithPolicy } from '#test/emulator/scenarios/permissions.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const PATIENCE_MS = 10_000;
const ENVIRONMENT: codebuild.ProjectEnvironment = {
  type: 'LINUX_CONTAINER',
  image: 'aws/codebuild/standard:8.0',
  computeType: 'BUILD_GENERAL1_SMALL',
  privilegedMode: true,
  environmentVariables: [{ name: 'IMAGE_REPO_NAME', value: 'xxxx' }],
};
const SOURCE = { type: 'GITHUB', location: 'https://github.com/example-data/xxxx.git' } as const;

/** A client, and a project whose log group does not exist yet. */
async function project(context: ScenarioContext, serviceRole = 'arn:aws:iam::000000000000:role/scenario-build') {
  const client = new codebuild.CodeBuildClient(clientConfig(context));
  const name = unique('project');
  const groupName = `${name}-build`;
  await client.send(
    new codebuild.CreateProjectCommand({
      name,
      serviceRole,
      source: SOURCE,
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: ENVIRONMENT,
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName } },
    }),
  );
  return {
    client,
    name,
    groupName,
    finish: (request: Record<string, unknown>) => control(context.endpoint).finishBuild(request),
    async start(sourceVersion?: string): Promise<codebuild.Build> {
      const { build } = await client.send(new codebuild.StartBuildCommand({ projectName: name, sourceVersion }));
      assert.ok(build?.id);
      return build;
    },
    async build(id: string | undefined): Promise<codebuild.Build> {
      const { builds = [] } = await client.send(new codebuild.BatchGetBuildsCommand({ ids: [id ?? ''] }));
      assert.ok(builds[0]);
      return builds[0];
    },
  };
}

async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const found = await probe();
    if (found !== undefined) {
      return found;
    }
  }
  throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
}

/** A queue that receives the events of one project's builds. */
async function events(context: ScenarioContext, projectName: string) {
  const sqs = new SQSClient(clientConfig(context));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: unique('events') }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Arn = Attributes?.['QueueArn'] ?? '';
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: Arn,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const bus = new EventBridgeClient(clientConfig(context));
  const Name = unique('builds');
  const pattern = { source: ['aws.codebuild'], detail: { 'project-name': [projectName] } };
  await bus.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
  await bus.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn }] }));
  return () =>
    until('an event', async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
      return Messages[0]?.Body === undefined ? undefined : JSON.parse(Messages[0].Body);
    });
}

const builds: Scenario[] = [
  {
    addition: 'codebuild-builds',
    name: 'a build is in progress until it ends; stopping it takes a moment',
    async run(context) {
      const { start, build, client, finish } = await project(context);
      const first = await start('refs/heads/main');
      assert.deepEqual([first.buildStatus, first.buildComplete, first.buildNumber], ['IN_PROGRESS', false, 1]);
      assert.equal((await build(first.id)).buildStatus, 'IN_PROGRESS');
      await finish({ id: first.id, status: 'SUCCEEDED', resolvedSourceVersion: 'abc' });
      const ended = await build(first.id);
      assert.deepEqual(
        [ended.buildStatus, ended.currentPhase, ended.resolvedSourceVersion],
        ['SUCCEEDED', 'COMPLETED', 'abc'],
      );
      assert.deepEqual(ended.phases?.at(-1)?.phaseType, 'COMPLETED');

      const second = await start();
      assert.equal(second.buildNumber, 2);
      await client.send(new codebuild.StopBuildCommand({ id: second.id }));
      assert.equal((await build(second.id)).buildStatus, 'IN_PROGRESS');
      const stopped = await until('the build to stop', async () => {
        const now = await build(second.id);
        return now.buildComplete ? now : undefined;
      });
      assert.equal(stopped.buildStatus, 'STOPPED');
      await assert.rejects(finish({ id: second.id, status: 'SUCCEEDED' }), /already ended \(STOPPED\)/);
    },
  },
  {
    addition: 'codebuild-builds',
    name: 'the state-change events have the shape that CodeBuild documents',
    async run(context) {
      const { name, groupName, start, finish } = await project(context);
      await new CloudWatchLogsClient(clientConfig(context)).send(
        new CreateLogGroupCommand({ logGroupName: groupName }),
      );
      const next = await events(context, name);
      const { id, arn } = await start('refs/heads/main');
      const started = await next();
      assert.deepEqual(
        [started.source, started['detail-type'], started.resources],
        ['aws.codebuild', 'CodeBuild Build State Change', [arn]],
      );
      assert.equal(started.detail['build-status'], 'IN_PROGRESS');
      assert.equal(started.detail['current-phase'], 'SUBMITTED');
      assert.match(started.detail['additional-information'].logs['deep-link'], /group=null;stream=null$/);
      assert.equal(started.detail['additional-information']['build-complete'], false);

      const message = 'Error while executing command: docker build . Reason: exit status 1';
      await finish({
        id,
        status: 'FAILED',
        initiator: 'GitHub-Hookshot/1a2b3c4',
        sourceVersion: '3f2a9c1d',
        phases: [
          {
            phaseType: 'BUILD',
            phaseStatus: 'FAILED',
            durationInSeconds: 75,
            contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message }],
          },
        ],
        exportedEnvironmentVariables: [{ name: 'BRANCH_NAME', value: 'main' }],
        logLines: ['[Container] Running command docker build .', 'boom'],
      });
      const { detail } = await next();
      const information = detail['additional-information'];
      assert.equal(detail['build-status'], 'FAILED');
      assert.equal(detail['build-id'], arn);
      assert.match(information['build-start-time'], /^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/);
      assert.deepEqual(information['exported-environment-variables'], [{ name: 'BRANCH_NAME', value: 'main' }]);
      assert.deepEqual([information.initiator, information['source-version']], ['GitHub-Hookshot/1a2b3c4', '3f2a9c1d']);
      assert.equal(information.logs['group-name'], groupName);
      const phases = new Map(information.phases.map((phase: Record<string, unknown>) => [phase['phase-type'], phase]));
      assert.deepEqual([...phases.keys()].slice(6), [
        'BUILD',
        'POST_BUILD',
        'UPLOAD_ARTIFACTS',
        'FINALIZING',
        'COMPLETED',
      ]);
      const broken = phases.get('BUILD');
      assert.ok(typeof broken === 'object' && broken !== null);
      assert.partialDeepStrictEqual(broken, {
        'phase-status': 'FAILED',
        'duration-in-seconds': 75,
        'phase-context': [`COMMAND_EXECUTION_ERROR: ${message}`],
      });
    },
  },
  {
    addition: 'codebuild-builds',
    name: "the log goes to the project's group with the rights of its role, which makes the group again if it may",
    async run(context) {
      const role = await roleWithPolicy(context);
      const logs = new CloudWatchLogsClient(clientConfig(context));
      const { groupName, start, build, finish } = await project(context, role.roleArn);
      const resource = `arn:aws:logs:eu-west-1:000000000000:log-group:${groupName}:*`;
      const write = { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: resource };
      const streams = async () =>
        (await logs.send(new DescribeLogStreamsCommand({ logGroupName: groupName }))).logStreams ?? [];
      const run = async () => {
        const { id } = await start();
        await finish({ id, status: 'SUCCEEDED', logLines: ['one', 'two'] });
        return id;
      };
      await logs.send(new CreateLogGroupCommand({ logGroupName: groupName }));
      await run();
      assert.equal((await streams()).length, 0);
      await role.allow(write);
      const { logs: place } = await build(await run());
      assert.equal((await streams())[0]?.logStreamName, place?.streamName);
      const { events: lines = [] } = await logs.send(
        new GetLogEventsCommand({ logGroupName: place?.groupName, logStreamName: place?.streamName }),
      );
      assert.deepEqual(
        lines.map((line) => line.message),
        ['one\n', 'two\n'],
      );
      await logs.send(new DeleteLogGroupCommand({ logGroupName: groupName }));
      await run();
      await assert.rejects(streams(), { name: 'ResourceNotFoundException' });
      await role.allow({ ...write, Action: [...write.Action, 'logs:CreateLogGroup'] });
      await run();
      assert.equal((await streams()).length, 1);
    },
  },
  {
    addition: 'codebuild-builds',
    name: "a project's builds are listed newest first in pages of 100, and read at most 100 at a time",
    async run(context) {
      const { name, start, client } = await project(context);
      const started: (string | undefined)[] = [];
      for (let count = 0; count < 101; count += 1) {
        started.push((await start()).id);
      }
      const list = (nextToken?: string) =>
        client.send(new codebuild.ListBuildsForProjectCommand({ projectName: name, nextToken }));
      const first = await list();
      assert.deepEqual(first.ids, started.toReversed().slice(0, 100));
      const second = await list(first.nextToken);
      assert.deepEqual([second.ids, second.nextToken], [started.slice(0, 1), undefined]);
      const get = (ids: (string | undefined)[]) =>
        client.send(new codebuild.BatchGetBuildsCommand({ ids: ids.map((id) => id ?? '') }));
      assert.equal((await get(started.slice(1))).builds?.length, 100);
      await assert.rejects(get(started), { name: 'InvalidInputException' });
    },
  },
];

const FILTERS = [
  [
    { type: 'EVENT', pattern: 'PUSH' },
    { type: 'HEAD_REF', pattern: '^refs/heads/main$', excludeMatchedPattern: false },
  ],
] as const;

const projects: Scenario[] = [
  {
    addition: 'codebuild-projects',
    name: 'a webhook is made, changed and deleted, and stands in the project with its filters',
    async run(context) {
      const { name, groupName, client } = await project(context);
      const described = async () =>
        (await client.send(new codebuild.BatchGetProjectsCommand({ names: [name] }))).projects?.[0];
      assert.deepEqual((await described())?.logsConfig?.cloudWatchLogs, { status: 'ENABLED', groupName });
      const filterGroups = FILTERS.map((group) => group.map((filter) => ({ ...filter })));
      await client.send(new codebuild.CreateWebhookCommand({ projectName: name, filterGroups }));
      assert.deepEqual((await described())?.webhook?.filterGroups, filterGroups);
      await assert.rejects(client.send(new codebuild.CreateWebhookCommand({ projectName: name })), {
        name: 'ResourceAlreadyExistsException',
      });
      const [group = []] = filterGroups;
      await client.send(new codebuild.UpdateWebhookCommand({ projectName: name, filterGroups: [group.slice(0, 1)] }));
      assert.deepEqual((await described())?.webhook?.filterGroups, [group.slice(0, 1)]);
      await client.send(new codebuild.DeleteWebhookCommand({ projectName: name }));
      assert.equal((await described())?.webhook, undefined);
      await assert.rejects(client.send(new codebuild.DeleteWebhookCommand({ projectName: name })), {
        name: 'ResourceNotFoundException',
      });
    },
  },
  {
    addition: 'codebuild-projects',
    name: 'a dead GitHub token fails the deletion of a webhook, on demand',
    async run(context) {
      const { name, client } = await project(context);
      await client.send(new codebuild.CreateWebhookCommand({ projectName: name }));
      const { setFaults } = control(context.endpoint);
      await setFaults([
        { service: 'codebuild', operation: 'DeleteWebhook', match: name, code: 'OAuthProviderException' },
      ]);
      const remove = () => client.send(new codebuild.DeleteWebhookCommand({ projectName: name }));
      await assert.rejects(remove(), { name: 'OAuthProviderException' });
      await setFaults([]);
      await remove();
    },
  },
  {
    addition: 'codebuild-projects',
    name: 'a project with builds and a resource policy is not deleted; its builds survive it, running ones too',
    async run(context) {
      const { name, client, start, build } = await project(context);
      const { id } = await start();
      const resourceArn = `arn:aws:codebuild:eu-west-1:000000000000:project/${name}`;
      await client.send(new codebuild.PutResourcePolicyCommand({ resourceArn, policy: '{}' }));
      assert.equal((await client.send(new codebuild.GetResourcePolicyCommand({ resourceArn }))).policy, '{}');
      const remove = () => client.send(new codebuild.DeleteProjectCommand({ name }));
      await assert.rejects(remove(), { name: 'InvalidInputException' });
      await client.send(new codebuild.DeleteResourcePolicyCommand({ resourceArn }));
      await remove();
      assert.equal((await build(id)).projectName, name);
    },
  },
  {
    addition: 'codebuild-projects',
    name: 'CloudFormation makes the webhook with its filters and the log configuration, and changes them',
    async run(context) {
      const stacks = stackFixture(context);
      const client = new codebuild.CodeBuildClient(clientConfig(context));
      const name = unique('project');
      const template = (pattern: string) => ({
        Resources: {
          Project: {
            Type: 'AWS::CodeBuild::Project',
            Properties: {
              Name: name,
              ServiceRole: 'arn:aws:iam::000000000000:role/scenario-build',
              Source: { Type: 'GITHUB', Location: SOURCE.location },
              Artifacts: { Type: 'NO_ARTIFACTS' },
              Environment: { Type: 'LINUX_CONTAINER', Image: ENVIRONMENT.image, ComputeType: ENVIRONMENT.computeType },
              LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: 'xxxx-build' } },
              Triggers: {
                Webhook: true,
                FilterGroups: [
                  [
                    { Type: 'EVENT', Pattern: 'PUSH' },
                    { Type: 'HEAD_REF', Pattern: pattern, ExcludeMatchedPattern: false },
                  ],
                ],
              },
            },
          },
        },
      });
      const webhook = async () =>
        (await client.send(new codebuild.BatchGetProjectsCommand({ names: [name] }))).projects?.[0];
      const stackName = unique('pipeline');
      const stack = await stacks.create(stackName, template('^refs/heads/main$'));
      const made = await webhook();
      assert.equal(made?.logsConfig?.cloudWatchLogs?.groupName, 'xxxx-build');
      assert.deepEqual(made?.webhook?.filterGroups, FILTERS);
      await stacks.update(stackName, template('^refs/tags/.*'));
      assert.equal((await webhook())?.webhook?.filterGroups?.[0]?.[1]?.pattern, '^refs/tags/.*');
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
      assert.equal(await webhook(), undefined);
    },
  },
];

export const codebuildScenarios: readonly Scenario[] = [...builds, ...projects];
