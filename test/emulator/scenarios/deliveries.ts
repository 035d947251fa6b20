import assert from 'node:assert/strict';
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionRecursionConfigCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { control } from '#emulator/control.ts';
import { lambda, role } from '#test/emulator/functions.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { type Resource, repository, stackFixture } from '#test/emulator/stacks.ts';

const PATIENCE_SECONDS = 10;
const region = 'eu-west-1';

async function queue(context: ScenarioContext) {
  const sqs = new SQSClient(clientConfig(context));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: unique('queue') }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return {
    arn: Attributes?.QueueArn ?? '',
    url: QueueUrl,
    async next(WaitTimeSeconds = PATIENCE_SECONDS): Promise<Message | undefined> {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MessageAttributeNames: ['All'] }),
      );
      return Messages[0];
    },
  };
}

const parsed = (message: Message | undefined) => JSON.parse(message?.Body ?? 'null');

/** Lets EventBridge put what it could not deliver on a queue. */
const queuePolicy = (url: string, arn: string): Resource => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [url],
    PolicyDocument: {
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn },
      ],
    },
  },
});

const rule = (source: string, target: object): Resource => ({
  Type: 'AWS::Events::Rule',
  Properties: { EventPattern: { source: [source] }, Targets: [{ Id: 'it', ...target }] },
});

const FUNCTION_ARN = { 'Fn::GetAtt': ['Function', 'Arn'] };
const permission: Resource = {
  Type: 'AWS::Lambda::Permission',
  Properties: {
    FunctionName: { Ref: 'Function' },
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
  },
};

export const deliveryScenarios: Scenario[] = [
  {
    addition: 'async-invocations',
    name: 'after two retries the destination gets the story with the original event, the dead-letter queue the event',
    async run(context) {
      const stacks = stackFixture(context);
      const [destination, letters] = [await queue(context), await queue(context)];
      const FunctionName = unique('throws');
      await stacks.create(unique('async'), {
        Resources: {
          Role: role(),
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
    addition: 'rule-to-lambda',
    name: 'a rule without a permission does not invoke: the event goes to the queue of its target',
    async run(context) {
      const stacks = stackFixture(context);
      const letters = await queue(context);
      const FunctionName = unique('uninvited');
      const source = unique('source');
      await stacks.create(unique('rule'), {
        Resources: {
          Role: role(),
          Function: lambda(FunctionName, `return 'never';`),
          Letters: queuePolicy(letters.url, letters.arn),
          Rule: rule(source, { Arn: FUNCTION_ARN, DeadLetterConfig: { Arn: letters.arn } }),
        },
      });
      await control(context.endpoint).putEvent({ region, source, detailType: 'Test', detail: { job: 1 } });
      const letter = await letters.next();
      assert.deepEqual(parsed(letter).detail, { job: 1 });
      assert.equal(letter?.MessageAttributes?.ERROR_CODE?.StringValue, 'NO_PERMISSIONS');
    },
  },
  {
    addition: 'rule-to-lambda',
    name: 'a rule with a permission invokes asynchronously: a failing function is asked three times',
    async run(context) {
      const stacks = stackFixture(context);
      const failed = await queue(context);
      const source = unique('source');
      await stacks.create(unique('rule'), {
        Resources: {
          Role: role(),
          Function: lambda(unique('invited'), `throw new Error('no');`),
          Destination: {
            Type: 'AWS::Lambda::EventInvokeConfig',
            Properties: {
              FunctionName: { Ref: 'Function' },
              Qualifier: '$LATEST',
              DestinationConfig: { OnFailure: { Destination: failed.arn } },
            },
          },
          Rule: rule(source, { Arn: FUNCTION_ARN }),
          Permission: permission,
        },
      });
      await control(context.endpoint).putEvent({ region, source, detailType: 'Test', detail: {} });
      const story = parsed(await failed.next());
      assert.equal(story?.requestContext.approximateInvokeCount, 3);
      assert.equal(story.requestPayload.source, source);
    },
  },
  {
    addition: 'stack-status-events',
    name: 'every status of a stack is an event with its token',
    async run(context) {
      const stacks = stackFixture(context);
      const heard = await queue(context);
      await stacks.create(unique('rule'), {
        Resources: { Letters: queuePolicy(heard.url, heard.arn), Rule: rule('aws.cloudformation', { Arn: heard.arn }) },
      });
      const ClientRequestToken = unique('token');
      const stack = await stacks.create(
        unique('heard'),
        { Resources: { One: repository(unique('one')) } },
        { ClientRequestToken },
      );
      const statuses: string[] = [];
      await stacks.until('CREATE_COMPLETE', async () => {
        const event = parsed(await heard.next(1));
        if (event?.detail['stack-id'] !== stack.StackId) return undefined;
        assert.equal(event['detail-type'], 'CloudFormation Stack Status Change');
        assert.deepEqual(event.resources, [stack.StackId]);
        assert.equal(event.detail['client-request-token'], ClientRequestToken);
        statuses.push(event.detail['status-details'].status);
        return statuses.length === 2 ? true : undefined;
      });
      assert.deepEqual(new Set(statuses), new Set(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']));
    },
  },
  {
    addition: 'injected-events',
    name: 'an event of an AWS service reaches a rule',
    async run(context) {
      const stacks = stackFixture(context);
      const heard = await queue(context);
      await stacks.create(unique('rule'), {
        Resources: { Letters: queuePolicy(heard.url, heard.arn), Rule: rule('aws.codebuild', { Arn: heard.arn }) },
      });
      const detailType = unique('detail-type');
      await control(context.endpoint).putEvent({
        region,
        source: 'aws.codebuild',
        detailType,
        detail: { a: 1 },
        resources: ['r'],
      });
      const event = parsed(await heard.next());
      assert.deepEqual([event['detail-type'], event.detail, event.resources], [detailType, { a: 1 }, ['r']]);
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
