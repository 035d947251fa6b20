/** Build notices through the deployed service: CodeBuild's events → rule → function → Slack. */
import { readFileSync } from 'node:fs';
import { CodeBuildClient, StopBuildCommand } from '@aws-sdk/client-codebuild';
import { DeleteFunctionConcurrencyCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { deployService } from '#scripts/lib/local-account.ts';
import { inNoticeAccount, NOTICE_FUNCTION, PLANTED } from './support/notices.ts';

const notices = inNoticeAccount(['xxxx', 'team-a-jobs']);

describe('one message for each build, when it has ended', () => {
  test.each([
    ['SUCCEEDED', 'build succeeded'],
    ['FAILED', 'build failed'],
    ['TIMED_OUT', 'build timed out'],
    ['FAULT', 'build was cut short by a fault in CodeBuild'],
  ])('%s', async (status, verdict) => {
    const skipped = (await notices().lines('NOTICE_SKIPPED', { count: 0 })).length;
    const build = await notices().start('xxxx');
    const lines = await notices().lines('NOTICE_SKIPPED', { count: skipped + 1 });
    expect(lines.at(-1)?.fields['reason']).toContain('IN_PROGRESS');
    expect(notices().messagesAbout(build)).toEqual([]);
    await notices().finish(build, status);
    const messages = await notices().told(build);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`${build.subject}: ${verdict}`);
  });

  test('STOPPED, by StopBuild', async () => {
    const build = await notices().start('xxxx');
    await new CodeBuildClient(notices().account.root).send(new StopBuildCommand({ id: build.id }));
    const messages = await notices().told(build);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`${build.subject}: build was stopped`);
  });

  test('a change of phase does not even reach the function', async () => {
    const event = JSON.parse(readFileSync('events/codebuild-phase-change.json', 'utf8'));
    const { account } = notices();
    const before = await notices().invocations();
    await account.emulator.putEvent({ ...event, detailType: event['detail-type'] });
    await notices().told(await notices().build('xxxx'));
    // The build's beginning and its end.
    expect(await notices().invocations()).toBe(before + 2);
  });
});

test('says what broke, for whom and where to look, and nothing of the environment', async () => {
  const message = `Error while executing command: psql --password ${PLANTED}. Reason: exit status 2`;
  const build = await notices().build('xxxx', 'FAILED', {
    initiator: 'GitHub-Hookshot/1a2b3c4',
    logLines: ['psql: could not connect'],
    phases: [
      { phaseType: 'DOWNLOAD_SOURCE', phaseStatus: 'SUCCEEDED', durationInSeconds: 3 },
      {
        phaseType: 'BUILD',
        phaseStatus: 'FAILED',
        durationInSeconds: 70,
        contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message }],
      },
    ],
    exportedEnvironmentVariables: [
      { name: 'COMMIT_SHA', value: '3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b' },
      { name: 'BRANCH_NAME', value: 'main' },
      { name: 'COMMIT_SUBJECT', value: 'Read <the> new price list' },
    ],
  });
  const [text] = await notices().told(build);
  const lines = text?.split('\n') ?? [];
  expect(lines[0]).toContain(`${build.subject}: build failed`);
  for (const part of [
    'exit status 2',
    'psql --password ***',
    '3f2a9c1 Read &lt;the&gt; new price list',
    '1 min 13 s',
  ]) {
    expect(text).toContain(part);
  }
  const all = JSON.stringify(notices().account.slack.messages);
  expect(all).toContain(encodeURIComponent(build.id));
  expect(all).not.toContain(PLANTED);
});

describe('one message, whatever Slack and Lambda do in between', () => {
  test('Slack wants us to wait, then is broken, then silent', async () => {
    const { slack } = notices().account;
    const before = slack.requests;
    slack.answerNext(
      { status: 429, body: 'rate_limited', headers: { 'retry-after': '2' } },
      { status: 503, body: 'service_unavailable' },
      { fault: 'silent' },
    );
    const build = await notices().build('xxxx');
    expect(await notices().told(build)).toHaveLength(1);
    expect(slack.requests - before).toBe(4);
    const retries = await notices().lines('NOTICE_RETRIED', { build });
    expect(retries.map(({ level, fields }) => [level, fields['attempt'], fields['reason']])).toEqual([
      ['WARN', 1, 'Slack answered 429 rate_limited'],
      ['WARN', 2, 'Slack answered 503 service_unavailable'],
      ['WARN', 3, 'Slack did not answer: TimeoutError'],
    ]);
    const [first = 0, second = 0] = retries.map(({ fields }) => Date.parse(String(fields['timestamp'])));
    // What Slack asked for; a second at the most without.
    expect(second - first).toBeGreaterThanOrEqual(2_000);
    expect(await notices().lines('NOTICE_FAILED', { count: 0 })).toEqual([]);
  });

  test('the webhook was replaced: its URL is read again, once', async () => {
    const { slack, emulator, webhook } = notices().account;
    // Two events at the same time are two environments, each of which knows its own URL.
    await notices().startAfresh();
    const toldOneByOne = async () => {
      const build = await notices().start('xxxx');
      await notices().lines('NOTICE_SKIPPED', { build });
      await notices().finish(build, 'FAILED');
      return notices().told(build);
    };
    await toldOneByOne();
    const { next } = await emulator.calls();
    const before = slack.requests;
    await notices().putParameter(notices().createWebhook());
    slack.revokeWebhook(webhook);
    expect(await toldOneByOne()).toHaveLength(1);
    expect([await notices().parameterReads(next), slack.requests - before]).toEqual([1, 2]);
    expect(await toldOneByOne()).toHaveLength(1);
    expect([await notices().parameterReads(next), slack.requests - before]).toEqual([1, 3]);
  });

  test('Lambda holds the event back for a while', async () => {
    const lambda = new LambdaClient(notices().account.root);
    const FunctionName = NOTICE_FUNCTION;
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    const build = await notices().build('xxxx');
    const ended = await notices().invocations();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([notices().messagesAbout(build), await notices().invocations()]).toEqual([[], ended]);
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await notices().told(build)).toHaveLength(1);
  });

  test('and nothing went into a failure queue', async () => {
    expect(await notices().waiting('BuildNoticeFailures')).toBe(0);
    expect(await notices().waiting('BuildNoticeUndelivered')).toBe(0);
    expect(notices().account.slack.refusals).toEqual([]);
  });
});

test('deployed with NoticeProjectPrefix and NoticeLanguage: other projects stay silent, and these speak Japanese', async () => {
  const { account } = notices();
  await deployService(account, { NoticeProjectPrefix: 'team-a-', NoticeLanguage: 'ja' });
  await notices().putParameter(notices().createWebhook());
  const before = await notices().invocations();
  const other = await notices().build('xxxx');
  const own = await notices().build('team-a-jobs');
  const messages = await notices().told(own);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain(`${own.subject}: ビルドが失敗しました`);
  expect([notices().messagesAbout(other), await notices().invocations()]).toEqual([[], before + 2]);
});
