import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
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
import type { ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';

const PATIENCE_MS = 10_000;
/** The environment of every project in the scenarios. */
export const ENVIRONMENT: codebuild.ProjectEnvironment = {
  type: 'LINUX_CONTAINER',
  image: 'aws/codebuild/standard:8.0',
  computeType: 'BUILD_GENERAL1_SMALL',
  privilegedMode: true,
  environmentVariables: [{ name: 'IMAGE_REPO_NAME', value: 'xxxx' }],
};
/** The source of every project in the scenarios. */
export const SOURCE = { type: 'GITHUB', location: 'https://github.com/example-data/xxxx.git' } as const;

/** A client, and a project whose log group does not exist yet. */
export async function project(context: ScenarioContext, serviceRole = 'arn:aws:iam::000000000000:role/scenario-build') {
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

/** Wait until the probe gives something. */
export async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const found = await probe();
    if (found !== undefined) {
      return found;
    }
  }
  throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
}

/** A queue that receives the events of one project's builds. */
export async function events(context: ScenarioContext, projectName: string) {
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
