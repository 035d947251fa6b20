import assert from 'node:assert/strict';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionRecursionConfigCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { control } from '#emulator/control.ts';
import { lambda, role, sendTo } from '#test/emulator/functions.ts';
import { parsed, queue } from '#test/emulator/queues.ts';
import type { Scenario } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

export const functionScenarios: readonly Scenario[] = [
  {
    addition: 'async-invocations',
    name: 'after two retries the destination gets the story with the original event, the dead-letter queue the event',
    async run(context) {
      const stacks = stackFixture(context);
      const [destination, letters] = [await queue(context), await queue(context)];
      const FunctionName = unique('throws');
      await stacks.create(unique('async'), {
        Resources: {
          Role: role(sendTo(destination.arn, letters.arn)),
          Function: lambda(FunctionName, `throw new Error('no');`, { DeadLetterConfig: { TargetArn: letters.arn } }),
          Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Function' } } },
          Alias: {
            Type: 'AWS::Lambda::Alias',
            Properties: {
              FunctionName: { Ref: 'Function' },
              FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
              Name: 'live',
            },
          },
          Destination: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            DependsOn: 'Alias',
            Properties: {
              FunctionName: { Ref: 'Function' },
              Qualifier: 'live',
              DestinationConfig: { OnFailure: { Destination: destination.arn } },
            },
          },
        },
      });
      const invocation = { FunctionName, Qualifier: 'live', InvocationType: 'Event' as const };
      const Payload = Buffer.from(JSON.stringify({ job: 7 }));
      await new LambdaClient(clientConfig(context)).send(new InvokeCommand({ ...invocation, Payload }));
      const story = parsed(await destination.next());
      assert.deepEqual(story.requestPayload, { job: 7 });
      assert.equal(story.requestContext.condition, 'RetriesExhausted');
      assert.equal(story.requestContext.approximateInvokeCount, 3);
      assert.match(story.requestContext.functionArn, /:live$/);
      assert.equal(story.responsePayload.errorMessage, 'no');
      const letter = await letters.next();
      assert.deepEqual(parsed(letter), { job: 7 });
      assert.equal(letter?.MessageAttributes?.ErrorMessage?.StringValue, 'no');
    },
  },
  {
    addition: 'async-invocations',
    name: 'a failed invocation reaches a queue only if the role of the function may send there',
    async run(context) {
      const stacks = stackFixture(context);
      const failed = await queue(context);
      const [FunctionName, StackName] = [unique('throws'), unique('async')];
      const template = (...rights: object[]) => ({
        Resources: {
          Role: role(...rights),
          Function: lambda(FunctionName, `throw new Error('no');`),
          Destination: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            Properties: {
              FunctionName: { Ref: 'Function' },
              Qualifier: '$LATEST',
              MaximumRetryAttempts: 0,
              DestinationConfig: { OnFailure: { Destination: failed.arn } },
            },
          },
        },
      });
      const client = new LambdaClient(clientConfig(context));
      const invoke = (job: number) =>
        client.send(
          new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify({ job })) }),
        );
      await stacks.create(StackName, template());
      await invoke(1);
      assert.equal(await failed.next(3), undefined);
      await stacks.update(StackName, template(sendTo(failed.arn)));
      await invoke(2);
      assert.deepEqual(parsed(await failed.next()).requestPayload, { job: 2 });
    },
  },
  {
    addition: 'async-invocations',
    name: 'an event that is held back, however often, is taken once the reserved concurrency is raised',
    async run(context) {
      const taken = await queue(context);
      const FunctionName = unique('held-back');
      await stackFixture(context).create(unique('async'), {
        Resources: {
          Role: role(sendTo(taken.arn)),
          Function: lambda(FunctionName, 'return event.job;'),
          Destination: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            Properties: {
              FunctionName: { Ref: 'Function' },
              Qualifier: '$LATEST',
              MaximumRetryAttempts: 0,
              DestinationConfig: { OnSuccess: { Destination: taken.arn } },
            },
          },
        },
      });
      const client = new LambdaClient(clientConfig(context));
      await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
      const Payload = Buffer.from(JSON.stringify({ job: 7 }));
      await client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
      assert.equal(await taken.next(1), undefined);
      await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      const story = parsed(await taken.next());
      assert.equal(story?.responsePayload, 7);
      assert.equal(story.requestContext.approximateInvokeCount, 1);
    },
  },
  {
    addition: null,
    name: 'a function hands its work over to itself under its own role',
    async run(context) {
      const stacks = stackFixture(context);
      const done = await queue(context);
      const FunctionName = unique('hands-over');
      const code = `
        const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
        if (event.left === 0) return { done: true };
        await new LambdaClient({}).send(new InvokeCommand({ FunctionName: context.functionName,
          InvocationType: 'Event', Payload: JSON.stringify({ left: event.left - 1 }) }));`;
      const invokeItself = {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: { 'Fn::Sub': `arn:aws:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${FunctionName}` },
      };
      await stacks.create(unique('hand-over'), {
        Resources: {
          Role: role(invokeItself),
          Function: lambda(FunctionName, code, {
            Environment: { Variables: { NODE_PATH: `${process.cwd()}/node_modules` } },
          }),
          Destination: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            Properties: {
              FunctionName: { Ref: 'Function' },
              Qualifier: '$LATEST',
              DestinationConfig: { OnFailure: { Destination: done.arn } },
            },
          },
        },
      });
      const calls = control(context.endpoint);
      const { next } = await calls.calls();
      await new LambdaClient(clientConfig(context)).send(
        new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from('{"left":3}') }),
      );
      const own = await stacks.until('three handovers', async () => {
        const page = await calls.calls(next);
        const handovers = page.calls.filter(
          (call) => call.service === 'lambda' && call.principal.includes(FunctionName),
        );
        return handovers.length >= 3 ? handovers : undefined;
      });
      assert.deepEqual(
        own.map((call) => call.status),
        [202, 202, 202],
      );
    },
  },
  {
    addition: 'function-properties',
    name: 'a function of a template has its dead-letter queue, reserved concurrency and recursive loop, also after an update',
    async run(context) {
      const stacks = stackFixture(context);
      const client = new LambdaClient(clientConfig(context));
      const letters = await queue(context);
      const FunctionName = unique('properties');
      const StackName = unique('properties');
      const more = { ReservedConcurrentExecutions: 2, RecursiveLoop: 'Allow' };
      const template = (properties: object) => ({
        Resources: { Role: role(), Function: lambda(FunctionName, 'return 1;', properties) },
      });
      await stacks.create(StackName, template({ ...more, DeadLetterConfig: { TargetArn: letters.arn } }));
      const seen = async () => [
        (await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).DeadLetterConfig?.TargetArn,
        (await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions,
        (await client.send(new GetFunctionRecursionConfigCommand({ FunctionName }))).RecursiveLoop,
      ];
      assert.deepEqual(await seen(), [letters.arn, 2, 'Allow']);
      await stacks.update(StackName, template({ ...more, ReservedConcurrentExecutions: 3 }));
      assert.deepEqual(await seen(), [undefined, 3, 'Allow']);
    },
  },
];
