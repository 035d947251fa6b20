import assert from 'node:assert/strict';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogStreamsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { lambda } from '#test/emulator/functions.ts';
import type { Scenario } from '#test/emulator/scenario.ts';
import { clientConfig, REGION, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

export const functionLogScenarios: readonly Scenario[] = [
  {
    addition: 'function-logs',
    name: 'a function writes its log with the rights of its role, and makes its group again only if it may',
    async run(context) {
      const stacks = stackFixture(context);
      const logs = new CloudWatchLogsClient(clientConfig(context));
      const FunctionName = unique('function');
      const logGroupName = `/aws/lambda/${FunctionName}`;
      const Resource = `arn:aws:logs:${REGION}:000000000000:log-group:${logGroupName}:*`;
      const template = (Action: string[]) => ({
        Resources: {
          Role: {
            Type: 'AWS::IAM::Role',
            Properties: {
              AssumeRolePolicyDocument: {
                Statement: [
                  { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
                ],
              },
              Policies: [
                { PolicyName: 'rights', PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource }] } },
              ],
            },
          },
          Function: lambda(FunctionName, "console.log('hello');"),
        },
      });
      const invoke = () => new LambdaClient({ ...clientConfig(context) }).send(new InvokeCommand({ FunctionName }));
      const streams = () => logs.send(new DescribeLogStreamsCommand({ logGroupName }));
      const stackName = unique('function');
      const gone = { name: 'ResourceNotFoundException' };

      const stack = await stacks.create(stackName, template(['logs:CreateLogStream', 'logs:PutLogEvents']));
      await invoke();
      await assert.rejects(streams(), gone);
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
      await invoke();
      assert.equal((await streams()).logStreams?.length, 1);
      await logs.send(new DeleteLogGroupCommand({ logGroupName }));
      await invoke();
      await assert.rejects(streams(), gone);

      await stacks.update(stackName, template(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']));
      await invoke();
      assert.equal((await streams()).logStreams?.length, 1);
      await stacks.remove(stack);
    },
  },
];
