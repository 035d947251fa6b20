import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import { announce } from '#functions/build-notice.ts';
import { readConfig } from '#functions/config.ts';
import type { Log, LogCode, LogFields } from '#functions/log.ts';
import { BuildNoticeConfig } from '#functions/schemas/build-notice-config.ts';
import { changed, eventFile } from './fixture.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 };

let slack: SlackStandIn;
let lines: { level: string; code?: LogCode; fields: LogFields | undefined }[];
let log: Log;

beforeEach(async () => {
  slack = await startSlackStandIn();
  lines = [];
  const keep = (level: string) => (code: LogCode, fields?: LogFields) => void lines.push({ level, code, fields });
  log = {
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    remember: (fields) => void lines.push({ level: 'remember', fields }),
  };
});
afterEach(() => slack.stop());

async function run(event: unknown, environment: Record<string, string> = {}): Promise<void> {
  const url = slack.createWebhook();
  const secret = { get: async () => url, refresh: async () => url };
  const all = { SLACK_WEBHOOK_PARAMETER: '/clean-exit/slack-webhook', EMULATOR_SLACK_HOST: slack.host, ...environment };
  await announce({ config: () => readConfig(BuildNoticeConfig, all), secret, log }, event, CONTEXT);
  expect(JSON.stringify(lines)).not.toContain(url.slice(-20));
}

const codes = () => lines.map(({ code }) => code).filter((code) => code !== undefined);

it.each(['succeeded', 'failed', 'stopped', 'timed-out', 'fault', 'unknown-status', 'minimal'])(
  'tells Slack: %s',
  async (name) => {
    await run(eventFile(name));
    expect(slack.messages).toHaveLength(1);
    expect(codes()).toEqual(['NOTICE_STARTED', 'NOTICE_SENT']);
  },
);

it('in Japanese where the service is told so', async () => {
  await run(eventFile('failed'), { NOTICE_LANGUAGE: 'ja' });
  expect(slack.messages[0]?.message.text).toContain('ビルドが失敗しました');
});

describe('sends nothing and says why', () => {
  it('for a build that has not ended', async () => {
    await run(eventFile('in-progress'));
    expect([slack.requests, codes()]).toEqual([0, ['NOTICE_SKIPPED']]);
  });

  it('without a parameter', async () => {
    await run(eventFile('failed'), { SLACK_WEBHOOK_PARAMETER: '' });
    expect([slack.requests, codes()]).toEqual([0, ['NOTICE_SKIPPED']]);
    expect(lines.at(-1)?.fields?.['reason']).toContain('switched off');
  });
});

describe('fails loudly, so that Lambda repeats it and then tells the queue', () => {
  it('when Slack refuses', async () => {
    slack.answerNext({ status: 410, body: 'channel_is_archived' });
    await expect(run(eventFile('failed'))).rejects.toMatchObject({ code: 'SLACK_REFUSED' });
    expect(lines.at(-1)).toMatchObject({ level: 'error', code: 'NOTICE_FAILED', fields: { error: 'SLACK_REFUSED' } });
  });

  it('when the event is none', async () => {
    await expect(run({ Records: [] })).rejects.toMatchObject({ code: 'EVENT_WRAPPED' });
    expect(codes()).toEqual(['NOTICE_FAILED']);
  });

  it('when the function is set up wrongly, with every fault in one sentence', async () => {
    const environment = {
      NOTICE_LANGUAGE: 'fr',
      SLACK_WEBHOOK_PARAMETER: 'https://hooks.slack.com/services/x',
      EMULATOR_SLACK_HOST: 'evil.example:80',
    };
    await expect(run(eventFile('failed'), environment)).rejects.toThrow(
      /SLACK_WEBHOOK_PARAMETER: .*NOTICE_LANGUAGE: .*EMULATOR_SLACK_HOST: /,
    );
    expect(slack.requests).toBe(0);
  });
});

it('logs repetitions, the build and nothing of its environment', async () => {
  slack.answerNext({ status: 503, body: 'down' });
  const variables = [{ name: 'DB_PASSWORD', value: 'PLANTED-0123' }];
  const phases = [
    { 'phase-type': 'BUILD', 'phase-status': 'FAILED', 'phase-context': ['BAD_LOGIN: PLANTED-0123 refused'] },
  ];
  await run(changed('failed', { info: { environment: { 'environment-variables': variables }, phases } }));
  expect(codes()).toEqual(['NOTICE_STARTED', 'NOTICE_RETRIED', 'NOTICE_SENT']);
  expect(lines).toContainEqual({
    level: 'remember',
    fields: { build: 'xxxx:0c5d1f3e-7a44-4d0b-9b7e-5f1f0f6d2b11', project: 'xxxx', status: 'FAILED' },
  });
  expect(JSON.stringify([lines, slack.messages])).not.toContain('PLANTED');
});

it('forgets the build of an earlier invocation', async () => {
  await run(eventFile('in-progress'));
  expect(lines[0]).toEqual({ level: 'remember', fields: {} });
});
