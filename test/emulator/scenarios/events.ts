import assert from 'node:assert/strict';
import { control } from '#emulator/control.ts';
import { lambda, role, sendTo } from '#test/emulator/functions.ts';
import { parsed, queue } from '#test/emulator/queues.ts';
import type { Scenario } from '#test/emulator/scenario.ts';
import { REGION as region, unique } from '#test/emulator/scenario.ts';
import { type Resource, repository, stackFixture } from '#test/emulator/stacks.ts';

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

export const eventScenarios: readonly Scenario[] = [
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
          Role: role(sendTo(failed.arn)),
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
];
