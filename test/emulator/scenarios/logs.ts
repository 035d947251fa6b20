import assert from 'node:assert/strict';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const refused = {
  name: 'ValidationException',
  message: 'Cannot delete log group with deletion protection enabled. Disable deletion protection first.',
};

function fixture(context: ScenarioContext) {
  const client = new logs.CloudWatchLogsClient(clientConfig(context));
  const logGroupName = unique('/scenario/group');
  return {
    client,
    logGroupName,
    async described(): Promise<logs.LogGroup | undefined> {
      const command = new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName });
      return (await client.send(command)).logGroups?.[0];
    },
    protect: (deletionProtectionEnabled: boolean, logGroupIdentifier = logGroupName) =>
      client.send(new logs.PutLogGroupDeletionProtectionCommand({ logGroupIdentifier, deletionProtectionEnabled })),
  };
}

export const logsScenarios: readonly Scenario[] = [
  {
    addition: 'log-groups',
    name: 'a protected group keeps itself and its streams until the protection is lifted',
    async run(context) {
      const { client, logGroupName, described, protect } = fixture(context);
      const stream = { logGroupName, logStreamName: 'stream' };
      await client.send(new logs.CreateLogGroupCommand({ logGroupName, deletionProtectionEnabled: true }));
      await client.send(new logs.CreateLogStreamCommand(stream));
      assert.equal((await described())?.deletionProtectionEnabled, true);
      await assert.rejects(client.send(new logs.DeleteLogGroupCommand({ logGroupName })), refused);
      await assert.rejects(client.send(new logs.DeleteLogStreamCommand(stream)), refused);
      await protect(false, (await described())?.logGroupArn);
      assert.equal((await described())?.deletionProtectionEnabled, false);
      await client.send(new logs.DeleteLogStreamCommand(stream));
      await protect(true);
      await assert.rejects(client.send(new logs.DeleteLogGroupCommand({ logGroupName })), refused);
      await protect(false);
      await client.send(new logs.DeleteLogGroupCommand({ logGroupName }));
    },
  },
  {
    addition: 'log-groups',
    name: 'CloudFormation sets the protection, fails to delete a protected group, and lifts it by an update',
    async run(context) {
      const stacks = stackFixture(context);
      const { logGroupName, described } = fixture(context);
      const stackName = unique('logs');
      const template = (DeletionProtectionEnabled: boolean) => ({
        Resources: {
          Group: {
            Type: 'AWS::Logs::LogGroup',
            Properties: { LogGroupName: logGroupName, RetentionInDays: 60, DeletionProtectionEnabled },
          },
        },
      });
      await stacks.create(stackName, template(true));
      assert.equal((await described())?.deletionProtectionEnabled, true);
      const updated = await stacks.update(stackName, template(false));
      assert.equal(updated.StackStatus, 'UPDATE_COMPLETE');
      assert.equal((await described())?.deletionProtectionEnabled, false);
      const stack = await stacks.update(stackName, template(true));
      const failed = await stacks.remove(stack);
      assert.equal(failed.StackStatus, 'DELETE_FAILED');
      const rows = await stacks.rows(stack.StackId);
      assert.match(rows.get('Group')?.ResourceStatusReason ?? '', /Cannot delete log group with deletion protection/);
      await fixture(context).protect(false, logGroupName);
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
    },
  },
  {
    addition: 'log-groups',
    name: 'CloudFormation does not take over a group that late logging has made again',
    async run(context) {
      const stacks = stackFixture(context);
      const { client, logGroupName } = fixture(context);
      await client.send(new logs.CreateLogGroupCommand({ logGroupName }));
      const stack = await stacks.create(unique('logs'), {
        Resources: { Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: logGroupName } } },
      });
      assert.equal(stack.StackStatus, 'ROLLBACK_COMPLETE');
      const rows = await stacks.events(stack);
      assert.ok(rows.some((row) => /already exists/.test(row.ResourceStatusReason ?? '')));
      await client.send(new logs.DeleteLogGroupCommand({ logGroupName }));
    },
  },
  {
    addition: null,
    name: 'streams are listed in pages of 50, by the name of their group; tags are read by its ARN without the star',
    async run(context) {
      const { client, logGroupName, described } = fixture(context);
      await client.send(new logs.CreateLogGroupCommand({ logGroupName, tags: { 'clean-exit:keep': 'yes' } }));
      for (let index = 0; index < 51; index += 1) {
        await client.send(new logs.CreateLogStreamCommand({ logGroupName, logStreamName: `stream-${index}` }));
      }
      const first = await client.send(new logs.DescribeLogStreamsCommand({ logGroupName }));
      const second = await client.send(
        new logs.DescribeLogStreamsCommand({ logGroupName, nextToken: first.nextToken }),
      );
      assert.deepEqual([first.logStreams?.length, second.logStreams?.length, second.nextToken], [50, 1, undefined]);
      const group = await described();
      const { tags } = await client.send(new logs.ListTagsForResourceCommand({ resourceArn: group?.logGroupArn }));
      assert.deepEqual(tags, { 'clean-exit:keep': 'yes' });
      await assert.rejects(client.send(new logs.ListTagsForResourceCommand({ resourceArn: group?.arn })), {
        name: 'ValidationException',
      });
    },
  },
];
