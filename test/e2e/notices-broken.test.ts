/** A broken notifier is loud: the log says what to do, the event waits in a queue, an alarm stands on the queue. */
import { randomUUID } from 'node:crypto';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetPolicyCommand, InvokeCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SLACK_PARAMETER } from '#scripts/lib/local-account.ts';
import { inNoticeAccount, NOTICE_FUNCTION, type StartedBuild } from './support/notices.ts';

const TOPIC = 'arn:aws:sns:ap-northeast-1:000000000000:alarms';
const notices = inNoticeAccount(['xxxx'], { AlarmTopicArn: TOPIC });
/** Lambda's own attempt and its two repetitions. */
const ATTEMPTS = 3;

/** Every attempt said why it failed; the event, and nothing secret beside it, waits in the function's queue. */
async function expectFailed(build: StartedBuild, error: string, reason: RegExp): Promise<void> {
  const lines = await notices().lines('NOTICE_FAILED', { build, count: ATTEMPTS });
  expect(lines.map(({ level, fields }) => [level, fields['error'], fields['reason']])).toEqual(
    Array.from({ length: ATTEMPTS }, () => ['ERROR', error, expect.stringMatching(reason)]),
  );
  const { Body = '' } = await notices().queued('BuildNoticeFailures', build.id);
  const { requestContext, requestPayload, responsePayload } = JSON.parse(Body);
  expect(requestContext).toMatchObject({ condition: 'RetriesExhausted', approximateInvokeCount: ATTEMPTS });
  expect(requestPayload).toMatchObject({
    source: 'aws.codebuild',
    'detail-type': 'CodeBuild Build State Change',
    detail: { 'build-id': expect.stringContaining(build.id), 'build-status': 'FAILED' },
  });
  expect(responsePayload.errorMessage).toMatch(reason);
  for (const secret of notices().secrets) {
    expect(JSON.stringify(responsePayload)).not.toContain(secret);
  }
  expect(notices().messagesAbout(build)).toEqual([]);
}

describe('Slack does not take the message', () => {
  test.each([
    [404, 'no_service', 'make a new incoming webhook'],
    [410, 'channel_is_archived', 'unarchive the channel'],
    [400, 'invalid_blocks', 'the message was built wrongly: report it, with the event'],
  ])('for good: %i %s', async (status, body, remedy) => {
    const { slack } = notices().account;
    const before = slack.requests;
    slack.answerNext(...Array.from({ length: ATTEMPTS }, () => ({ status, body })));
    const build = await notices().build('xxxx');
    await expectFailed(build, 'SLACK_REFUSED', new RegExp(`${status} ${body}.*${SLACK_PARAMETER}: ${remedy}`));
    expect(slack.requests - before).toBe(ATTEMPTS);
    expect(await notices().lines('NOTICE_RETRIED', { build, count: 0 })).toEqual([]);
  });

  test('for longer than the function may run: it ends by itself and says so', async () => {
    const { slack } = notices().account;
    await notices().startAfresh(9);
    slack.answerNext(...Array.from({ length: 50 }, () => ({ status: 503, body: 'service_unavailable' })));
    const build = await notices().build('xxxx');
    await expectFailed(build, 'SLACK_UNAVAILABLE', /^Slack answered 503 service_unavailable$/);
    expect((await notices().lines('NOTICE_RETRIED', { build })).length).toBeGreaterThanOrEqual(ATTEMPTS);
    for (let status = 503; status === 503; ) {
      ({ status } = await fetch(`http://${slack.host}/`));
    }
  });
});

describe('the parameter with the webhook is', () => {
  // What an environment has read it keeps for minutes.
  beforeEach(() => notices().startAfresh());

  test('missing', async () => {
    await notices().deleteParameter();
    await expectFailed(
      await notices().build('xxxx'),
      'PARAMETER_NOT_FOUND',
      new RegExp(`There is no parameter ${SLACK_PARAMETER} .*: create it as a SecureString`),
    );
  });

  test('readable for everybody', async () => {
    await notices().putParameter(notices().createWebhook(), 'String');
    await expectFailed(
      await notices().build('xxxx'),
      'PARAMETER_NOT_SECURE',
      new RegExp(`The parameter ${SLACK_PARAMETER} is a String: .*create it as a SecureString`),
    );
  });

  test('no webhook', async () => {
    await notices().putParameter(notices().createWebhook().replace('/services/', '/planted/'));
    await expectFailed(
      await notices().build('xxxx'),
      'SLACK_WEBHOOK_INVALID',
      new RegExp(`The parameter ${SLACK_PARAMETER} does not hold the URL of a Slack incoming webhook`),
    );
  });

  test('out of reach, until an administrator lets the function read it again', async () => {
    await notices().putParameter(notices().createWebhook());
    const iam = new IAMClient(notices().account.root);
    const policy = { RoleName: `${NOTICE_FUNCTION}-${notices().account.region}`, PolicyName: 'denied-by-hand' };
    const Statement = { Effect: 'Deny', Action: 'ssm:GetParameter', Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
    await expectFailed(
      await notices().build('xxxx'),
      'PARAMETER_DENIED',
      new RegExp(`may not read the parameter ${SLACK_PARAMETER}: its role needs ssm:GetParameter`),
    );
    await iam.send(new DeleteRolePolicyCommand(policy));
    expect(await notices().told(await notices().build('xxxx'))).toHaveLength(1);
  });
});

describe('an odd event', () => {
  const detail = { 'project-name': 'xxxx', 'build-id': 42, 'additional-information': 'none' };

  /** An event as a rule hands it over that somebody made by hand. */
  const handOver = async (event: object): Promise<void> => {
    const lambda = new LambdaClient(notices().account.root);
    const Payload = JSON.stringify(event);
    await lambda.send(new InvokeCommand({ FunctionName: NOTICE_FUNCTION, InvocationType: 'Event', Payload }));
  };

  test('with a status still gives a notice, whatever else is wrong in it', async () => {
    const { emulator, slack } = notices().account;
    const before = slack.messages.length;
    const event = { source: 'aws.codebuild', detailType: 'CodeBuild Build State Change' };
    await emulator.putEvent({ ...event, detail: { ...detail, 'build-status': 'ABANDONED' } });
    await notices().lines('NOTICE_SENT', { build: { id: '', subject: '' } });
    const texts = slack.messages.slice(before).map(({ message }) => message.text);
    expect(texts).toEqual([expect.stringContaining('xxxx: build is in an unknown state: ABANDONED')]);
  });

  test('that does not tell whether the build has ended gives none, and the log says why', async () => {
    const { emulator } = notices().account;
    const before = (await notices().lines('NOTICE_SKIPPED', { count: 0 })).length;
    await emulator.putEvent({ source: 'aws.codebuild', detailType: 'CodeBuild Build State Change', detail });
    const lines = await notices().lines('NOTICE_SKIPPED', { count: before + 1 });
    expect(lines.at(-1)?.fields['reason']).toMatch(/no detail.build-status/);
  });

  test.each([
    ['wrapped by a queue in between', 'EVENT_WRAPPED', { Records: [{ body: '{}' }] }, /target of the rule itself/],
    [
      'cut down by an input transformer',
      'EVENT_MALFORMED',
      { status: 'FAILED' },
      /no EventBridge event: source, detail-type/,
    ],
  ])('%s is refused with one sentence and kept', async (_, error, event, reason) => {
    const marked = { ...event, marker: randomUUID() };
    const failed = (await notices().lines('NOTICE_FAILED', { count: 0 })).length;
    await handOver(marked);
    const lines = await notices().lines('NOTICE_FAILED', { count: failed + ATTEMPTS });
    expect(lines.slice(failed).map(({ fields }) => [fields['error'], fields['reason']])).toEqual(
      Array.from({ length: ATTEMPTS }, () => [error, expect.stringMatching(reason)]),
    );
    const { Body = '' } = await notices().queued('BuildNoticeFailures', marked.marker);
    expect(JSON.parse(Body).requestPayload).toEqual(marked);
  });
});

test('the rule may not invoke the function: the event waits in the queue of the rule', async () => {
  const lambda = new LambdaClient(notices().account.root);
  const FunctionName = NOTICE_FUNCTION;
  const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName }));
  const [{ Sid: StatementId }] = JSON.parse(Policy).Statement;
  await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
  const before = await notices().invocations();
  const build = await notices().start('xxxx');
  await notices().finish(build, 'SUCCEEDED');
  const ended = `"build-status": "SUCCEEDED"`;
  const { Body = '', MessageAttributes = {} } = await notices().queued('BuildNoticeUndelivered', ended);
  expect(JSON.parse(Body)).toMatchObject({ source: 'aws.codebuild', detail: { 'project-name': 'xxxx' } });
  expect(MessageAttributes['ERROR_CODE']?.StringValue).toBe('NO_PERMISSIONS');
  expect(MessageAttributes['TARGET_ARN']?.StringValue).toMatch(new RegExp(`:function:${FunctionName}$`));
  expect([notices().messagesAbout(build), await notices().invocations()]).toEqual([[], before]);
});

describe('the deployed alarms', () => {
  let alarms: Awaited<ReturnType<typeof describeAlarms>>;
  const describeAlarms = async () => {
    const client = new CloudWatchClient(notices().account.root);
    return (await client.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];
  };
  beforeAll(async () => {
    alarms = await describeAlarms();
  });

  test.each([
    [
      'BuildNoticeFailures',
      /NOTICE_FAILED in the log group \/aws\/lambda\/clean-exit-build-notice; it names the fault and the remedy: .*Mend that\. .*Then send again/,
    ],
    ['BuildNoticeUndelivered', /ERROR_CODE.*Deploy the service again, then send again what is in the queue/],
  ])('one stands on the queue %s and says what to do', async (queue, description) => {
    const QueueName = await notices().queueName(queue);
    const own = alarms.filter(({ Dimensions = [] }) => Dimensions.some(({ Value }) => Value === QueueName));
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [TOPIC],
      AlarmDescription: expect.stringMatching(description),
    });
  });

  test.each(['Errors', 'Throttles'])('one stands on %s of the function', (metric) => {
    const own = alarms.filter(({ MetricName, Dimensions = [] }) => {
      return MetricName === metric && Dimensions.some(({ Value }) => Value === NOTICE_FUNCTION);
    });
    expect(own).toMatchObject([{ Namespace: 'AWS/Lambda', AlarmActions: [TOPIC] }]);
  });
});
