import assert from 'node:assert/strict';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import * as codebuild from '@aws-sdk/client-codebuild';
import { events, project, until } from '#test/emulator/builds.ts';
import { roleWithPolicy } from '#test/emulator/rights.ts';
import type { Scenario } from '#test/emulator/scenario.ts';
import { clientConfig } from '#test/emulator/scenario.ts';

export const buildScenarios: readonly Scenario[] = [
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
