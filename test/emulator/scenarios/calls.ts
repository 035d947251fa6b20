import assert from 'node:assert/strict';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { control, type FaultRule } from '#emulator/control.ts';
import { lambda, role } from '#test/emulator/functions.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { repository, stackFixture } from '#test/emulator/stacks.ts';

/** One read of each protocol that AWS speaks. */
const readers = (context: ScenarioContext): [service: string, operation: string, read: () => Promise<unknown>][] => {
  const config = clientConfig(context);
  return [
    ['ecr', 'DescribeRepositories', () => new ECRClient(config).send(new DescribeRepositoriesCommand({}))],
    ['logs', 'DescribeLogGroups', () => new CloudWatchLogsClient(config).send(new DescribeLogGroupsCommand({}))],
    ['iam', 'GetRole', () => new IAMClient(config).send(new GetRoleCommand({ RoleName: 'absent' }))],
    ['cloudformation', 'DescribeStacks', () => new CloudFormationClient(config).send(new DescribeStacksCommand({}))],
    ['lambda', 'ListFunctions', () => new LambdaClient(config).send(new ListFunctionsCommand({}))],
    ['sqs', 'ListQueues', () => new SQSClient(config).send(new ListQueuesCommand({}))],
    ['s3', 'ListAllMyBuckets', () => new S3Client(config).send(new ListBucketsCommand({}))],
  ];
};

export const callScenarios: readonly Scenario[] = [
  {
    addition: 'call-log',
    name: 'calls are recorded with service, operation, principal, parameters and error',
    async run(context) {
      const emulator = control(context.endpoint);
      const { next } = await emulator.calls();
      const RoleName = unique('absent');
      await assert.rejects(new IAMClient(clientConfig(context)).send(new GetRoleCommand({ RoleName })));
      for (const [, , read] of readers(context)) await read().catch(() => undefined);
      const { calls } = await emulator.calls(next);
      const call = calls.find((each) => JSON.stringify(each.request).includes(RoleName));
      assert.deepEqual(
        [call?.service, call?.operation, call?.principal, call?.status, call?.errorCode],
        ['iam', 'GetRole', 'root', 404, 'NoSuchEntity'],
      );
      const seen = new Set(calls.map((each) => `${each.service} ${each.operation}`));
      for (const [service, operation] of readers(context)) assert.ok(seen.has(`${service} ${operation}`), operation);
    },
  },
  {
    addition: 'faults',
    name: 'a function ends before or after a call that it makes: the call is carried out after all, or never was',
    async run(context) {
      const emulator = control(context.endpoint);
      const stacks = stackFixture(context);
      const FunctionName = unique('killed');
      const write = { Effect: 'Allow', Action: 'ssm:PutParameter', Resource: '*' };
      const code = `
        const { SSMClient, PutParameterCommand } = require('@aws-sdk/client-ssm');
        await new SSMClient({}).send(new PutParameterCommand({ Name: event.name, Value: 'v', Type: 'String' }));`;
      await stacks.create(unique('killed'), {
        Resources: { Role: role(write), Function: lambda(FunctionName, code) },
      });
      const written = async (kill: 'before' | 'after'): Promise<boolean> => {
        const name = `/${unique('parameter')}`;
        await emulator.setFaults([{ service: 'ssm', operation: 'PutParameter', principal: FunctionName, kill }]);
        const answer = await new LambdaClient(clientConfig(context)).send(
          new InvokeCommand({ FunctionName, Payload: JSON.stringify({ name }) }),
        );
        assert.equal(answer.FunctionError, 'Unhandled');
        const { Parameters } = await new SSMClient(clientConfig(context)).send(
          new GetParametersCommand({ Names: [name] }),
        );
        return Parameters?.length === 1;
      };
      try {
        assert.deepEqual([await written('before'), await written('after')], [false, true]);
      } finally {
        await emulator.setFaults([]);
      }
    },
  },
  {
    addition: 'faults',
    name: 'a fault is an exception of its name in every protocol, for as many calls as asked',
    async run(context) {
      const emulator = control(context.endpoint);
      const code = 'ThrottlingException';
      const rules: FaultRule[] = readers(context).map(([service, operation]) => ({
        service,
        operation,
        code,
        message: 'Rate exceeded',
        times: 1,
      }));
      await emulator.setFaults(rules);
      try {
        for (const [service, , read] of readers(context)) {
          await assert.rejects(read(), { name: code, message: 'Rate exceeded' }, service);
        }
        for (const [, , read] of readers(context).filter(([service]) => service !== 'iam')) await read();
      } finally {
        await emulator.setFaults([]);
      }
    },
  },
  {
    addition: 'faults',
    name: 'a latency and a delay make calls slow; a wrong rule is refused with the field',
    async run(context) {
      const emulator = control(context.endpoint);
      const sqs = new SQSClient(clientConfig(context));
      const timed = async () => {
        const started = performance.now();
        await sqs.send(new ListQueuesCommand({}));
        return performance.now() - started;
      };
      try {
        await emulator.setLatency(150);
        assert.ok((await timed()) >= 150);
        await emulator.setLatency(0);
        await emulator.setFaults([{ service: 'sqs', operation: 'ListQueues', principal: 'nobody', code: 'X' }]);
        await timed();
        await emulator.setFaults([{ service: 'sqs', operation: 'ListQueues', delayMs: 200 }]);
        assert.ok((await timed()) >= 200);
        await assert.rejects(
          emulator.setFaults([{ service: 'sqs', operation: '', code: 'X' }]),
          /rules\[0\].operation/,
        );
      } finally {
        await emulator.setLatency(0);
        await emulator.setFaults([]);
      }
    },
  },
  {
    addition: 'deleting-stacks',
    name: 'a stack that is being updated is not deleted',
    async run(context) {
      const stacks = stackFixture(context);
      const Resources = { One: repository(unique('one')) };
      const stack = await stacks.create(unique('busy'), { Resources });
      const waiting = {
        Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
        Waiting: {
          Type: 'AWS::CloudFormation::WaitCondition',
          Properties: { Handle: { Ref: 'Handle' }, Timeout: '2' },
        },
      };
      await stacks.beginUpdate(stack.StackName ?? '', { Resources: { ...Resources, ...waiting } });
      await assert.rejects(stacks.remove(stack), {
        name: 'ValidationError',
        message: `Stack [${stack.StackId}] cannot be deleted while in status UPDATE_IN_PROGRESS`,
      });
      assert.equal((await stacks.settled(stack.StackId ?? '')).StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
    },
  },
];
