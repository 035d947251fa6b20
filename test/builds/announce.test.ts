/** The function as Lambda calls it, over the real transports and a stand-in for Slack. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import { announce } from '#functions/build-notice.ts';
import { readConfig } from '#functions/config.ts';
import type { Log, LogCode, LogFields } from '#functions/log.ts';
import { noticeService } from '#functions/notice-service.ts';
import { BuildNoticeConfig } from '#functions/schemas/build-notice-config.ts';
import { FakeNoticeStore } from '#test/fakes/notice-store.ts';
import { changed, eventFile } from './fixture.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 };
const WEBHOOK = { SLACK_WEBHOOK_PARAMETER: '/clean-exit/slack-webhook' };
const BOT = { SLACK_TOKEN_PARAMETER: '/clean-exit/slack-token', SLACK_CHANNEL: 'C0BUILDS' };
const LOG_LINES = ['Step 1/3 : FROM python', 'pull failed for PLANTED-0123'];

let slack: SlackStandIn;
let store: FakeNoticeStore;
let lines: { level: string; code?: LogCode; fields: LogFields | undefined }[];
let log: Log;

beforeEach(async () => {
  slack = await startSlackStandIn({ users: { 'mika@example.com': 'U0MIKA000' } });
  store = new FakeNoticeStore();
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

async function run(event: unknown, environment: Record<string, string> = WEBHOOK, routes?: string): Promise<void> {
  const url = slack.createWebhook();
  const secretOf = async (name: string) => (name.endsWith('token') ? 'xoxb-stand-in' : url);
  const secret = { get: secretOf, refresh: secretOf };
  const all = { NOTICE_TABLE: 'notices', EMULATOR_SLACK_HOST: slack.host, ...environment };
  const enrichment = {
    log: { newestEvents: async () => LOG_LINES },
    builds: async () => [],
    image: async () => undefined,
  };
  let service: ReturnType<typeof noticeService> | undefined;
  const made = () => {
    service ??= noticeService(readConfig(BuildNoticeConfig, all), {
      store,
      secret,
      enrichment,
      routesText: async () => routes,
      log,
    });
    return service();
  };
  await announce({ service: made, log }, event, CONTEXT);
  expect(JSON.stringify(lines)).not.toContain(url.slice(-20));
  expect(JSON.stringify(lines)).not.toContain('xoxb-stand-in');
}

const codes = () => lines.map(({ code }) => code).filter((code) => code !== undefined);

it.each(['succeeded', 'failed', 'stopped', 'timed-out', 'fault', 'unknown-status', 'minimal'])(
  'tells Slack: %s',
  async (name) => {
    await run(eventFile(name));
    expect(slack.messages).toHaveLength(1);
    expect(codes()).toEqual(['NOTICE_SENT']);
    expect(slack.refusals).toEqual([]);
  },
);

it('by bot: one message from its beginning to its end, and the end of the log in its thread', async () => {
  const id = { 'build-id': 'arn:aws:codebuild:ap-northeast-1:123456789012:build/xxxx:0c5d1f3e' };
  await run(changed('in-progress', { detail: id }), BOT);
  expect(slack.messages).toMatchObject([{ via: 'api', channel: 'C0BUILDS', edited: false }]);
  await run(changed('failed', { detail: id }), BOT);
  const [root, answer] = slack.messages;
  expect(root).toMatchObject({ edited: true });
  expect(root?.message.text).toContain('failed');
  expect(answer).toMatchObject({ threadTs: root?.ts, broadcast: true });
  expect(JSON.stringify(answer?.message)).toContain('Step 1/3 : FROM python');
  expect(slack.refusals).toEqual([]);
});

it('by bot: the author is called by a real mention', async () => {
  const routes = JSON.stringify({ version: 1, default: { transport: 'bot', mention: 'author' } });
  const variables = [{ name: 'COMMIT_AUTHOR_EMAIL', value: 'mika@example.com' }];
  await run(changed('failed', { info: { 'exported-environment-variables': variables } }), BOT, routes);
  expect(JSON.stringify(slack.messages.at(-1)?.message)).toContain('<@U0MIKA000>');
  expect(slack.refusals).toEqual([]);
});

it('counts what it asked of whom', async () => {
  await run(eventFile('failed'), BOT);
  expect(lines.at(-1)?.fields).toEqual({ answered: true, calls: { slack: 2 }, callsInAll: 2 });
});

it('in Japanese where the service is told so', async () => {
  await run(eventFile('failed'), { ...WEBHOOK, NOTICE_LANGUAGE: 'ja' });
  expect(slack.messages[0]?.message.text).toContain('ビルドが失敗しました');
});

describe('sends nothing and says why', () => {
  it('by webhook for a build that has not ended', async () => {
    await run(eventFile('in-progress'));
    expect([slack.requests, codes()]).toEqual([0, ['NOTICE_SKIPPED']]);
    expect(lines.at(-1)?.fields?.['reason']).toContain('IN_PROGRESS');
  });

  it('without a parameter', async () => {
    await run(eventFile('failed'), {});
    expect([slack.requests, codes()]).toEqual([0, ['NOTICE_SKIPPED']]);
    expect(lines.at(-1)?.fields?.['reason']).toContain('switched off');
  });

  it('for an event that came twice', async () => {
    await run(eventFile('failed'));
    await run(eventFile('failed'));
    expect([slack.messages.length, codes()]).toEqual([1, ['NOTICE_SENT', 'NOTICE_SKIPPED']]);
    expect(lines.at(-1)?.fields?.['reason']).toBe('The event came twice: FAILED was told already.');
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
      SLACK_CHANNEL: '#builds',
      NOTICE_TABLE: '',
      EMULATOR_SLACK_HOST: 'evil.example:80',
    };
    await expect(run(eventFile('failed'), environment)).rejects.toThrow(
      /SLACK_WEBHOOK_PARAMETER: .*SLACK_CHANNEL: .*NOTICE_TABLE: .*NOTICE_LANGUAGE: .*EMULATOR_SLACK_HOST: /,
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
  expect(codes()).toEqual(['NOTICE_RETRIED', 'NOTICE_SENT']);
  expect(lines).toContainEqual({
    level: 'remember',
    fields: { build: 'xxxx:0c5d1f3e-7a44-4d0b-9b7e-5f1f0f6d2b11', project: 'xxxx', status: 'FAILED' },
  });
  expect(JSON.stringify([lines, slack.messages])).not.toContain('PLANTED');
});

it('tells the operator about a wrong routes document, and the build all the same', async () => {
  await run(eventFile('failed'), WEBHOOK, '{"version":1,"routes":[{"transport":"<!channel>"}]}');
  const texts = slack.messages.map(({ message }) => message.text ?? '');
  expect(texts).toEqual([
    expect.stringContaining('build failed'),
    expect.stringContaining('routes[0].transport: must be'),
  ]);
  expect(lines).toContainEqual(expect.objectContaining({ level: 'error', code: 'ROUTES_WRONG' }));
  expect([JSON.stringify(slack.messages).includes('<!channel>'), slack.refusals]).toEqual([false, []]);
});

it('forgets the build of an earlier invocation', async () => {
  await run(eventFile('in-progress'));
  expect(lines[0]).toEqual({ level: 'remember', fields: {} });
});
