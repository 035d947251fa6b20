/** Stack notices from the task of the state machine to a stand-in for Slack. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import { readConfig } from '#functions/config.ts';
import type { LogCode, LogFields } from '#functions/log.ts';
import { StackNoticeConfig } from '#functions/schemas/stack-notice-config.ts';
import { stackNotices } from '#functions/stack-notices.ts';
import { runTask } from '#functions/teardown/task.ts';
import { KeptSecret } from '#test/slack/kept-secret.ts';
import { depsOf, place } from './running.ts';
import { begunEvent, endEvent } from './telling.ts';

const TOKEN = 'xoxb-planted-token-0123';
const LONG = () => 100_000;

let slack: SlackStandIn;
let lines: { readonly code: LogCode; readonly fields: LogFields | undefined }[];

beforeEach(async () => {
  slack = await startSlackStandIn({ token: TOKEN, channels: ['C0BUILDS'] });
  lines = [];
});
afterEach(() => slack.stop());

type Environment = Readonly<Record<string, string>>;
const BOT = { SLACK_TOKEN_PARAMETER: '/clean-exit/slack-token', SLACK_CHANNEL: 'C0BUILDS' };
const WEBHOOK = { SLACK_WEBHOOK_PARAMETER: '/clean-exit/slack-webhook' };

/** Carries out a task of the state machine; what was logged and answered is looked through for the secret. */
async function tell(event: object, environment: Environment, secret = new KeptSecret(TOKEN)): Promise<Told> {
  const keep = (code: LogCode, fields?: LogFields) => void lines.push({ code, fields });
  const log = { info: keep, warn: keep, error: keep, remember: () => {} };
  const config = () => readConfig(StackNoticeConfig, { EMULATOR_SLACK_HOST: slack.host, ...environment });
  const deps = depsOf(place(), { rights: { kind: 'service' } });
  const answer = await runTask({ ...deps, log, openMessenger: stackNotices(log, config, secret) }, event, LONG);
  if (!('message' in answer)) {
    throw new Error('nothing was told');
  }
  const shown = JSON.stringify([lines, answer]);
  expect([shown.includes('planted'), shown.includes('/services/')]).toEqual([false, false]);
  return answer;
}

type Told = Extract<Awaited<ReturnType<typeof runTask>>, { message: unknown }>;

/** What the state machine sends at the end: the report, and what came of telling that it began. */
function ending(name: 'deleted' | 'failed' | 'refused', begun: Told | object): object {
  const event = endEvent(name);
  const told = typeof event.told === 'object' ? event.told : {};
  return { ...event, told: { ...told, begun } };
}

const headlines = () => slack.messages.map(({ message }) => message.text?.split('\n')[0]);

describe('by the bot', () => {
  it('one message from begin to end, edited in place', async () => {
    const begun = await tell(begunEvent(), BOT);
    expect(headlines()).toEqual(['🗑️ 2 stacks: deletion has begun']);
    const { message, notes } = await tell(ending('deleted', begun), BOT);
    expect(headlines()).toEqual(['✅ 2 stacks: deleted']);
    expect(slack.messages).toMatchObject([{ via: 'api', channel: 'C0BUILDS', edited: true, ts: message?.ts }]);
    expect(notes).toEqual([]);
  });

  it('a failure is answered below, shown in the channel', async () => {
    const begun = await tell(begunEvent(), BOT);
    await tell(ending('failed', begun), BOT);
    expect(slack.messages).toMatchObject([
      { edited: true, broadcast: false },
      { edited: false, broadcast: true, threadTs: slack.messages[0]?.ts },
    ]);
    expect(slack.messages[1]?.message.text).toContain('Who must do what: An administrator must give the role');
  });

  it('also where a webhook is set: the bot wins', async () => {
    await tell(begunEvent(), { ...BOT, ...WEBHOOK });
    expect(slack.messages).toMatchObject([{ via: 'api' }]);
  });

  it('in Japanese where the service is told so', async () => {
    await tell(begunEvent(), { ...BOT, NOTICE_LANGUAGE: 'ja' });
    expect(headlines()).toEqual(['🗑️ スタック 2 件: 削除を開始しました']);
  });
});

describe('by a webhook', () => {
  it.each(['deleted', 'failed', 'refused'] as const)('one message at the end: %s', async (name) => {
    const secret = new KeptSecret(slack.createWebhook());
    const begun = await tell(begunEvent(), WEBHOOK, secret);
    expect(slack.requests).toBe(0);
    await tell(ending(name, begun), WEBHOOK, secret);
    expect(slack.messages).toMatchObject([{ via: 'webhook' }]);
    expect(lines.map(({ code }) => code)).toEqual(['STACK_NOTICE_SKIPPED', 'STACK_NOTICE_SENT']);
  });

  it('also where a token is set without a channel', async () => {
    await tell(
      ending('deleted', {}),
      { ...WEBHOOK, SLACK_TOKEN_PARAMETER: '/t' },
      new KeptSecret(slack.createWebhook()),
    );
    expect(slack.messages).toMatchObject([{ via: 'webhook' }]);
  });
});

describe('what is not told', () => {
  it.each([
    ['nothing is set', {}, /switched off/],
    ['the bot has no channel', { SLACK_TOKEN_PARAMETER: '/t' }, /set SLACK_CHANNEL/],
  ])('%s: a line in the log', async (_, environment, reason) => {
    expect(await tell(ending('failed', {}), environment)).toEqual({ message: null, notes: [] });
    expect([slack.requests, lines.length]).toEqual([0, 1]);
    expect(lines[0]).toMatchObject({ code: 'STACK_NOTICE_SKIPPED', fields: { reason: expect.stringMatching(reason) } });
  });

  it.each([
    ['Slack refuses', BOT, () => slack.archiveChannel('C0BUILDS'), /is_archived.*unarchive the channel/],
    ['the token is another thing', BOT, () => {}, /\/clean-exit\/slack-token does not hold/],
    ['the settings are wrong', { ...BOT, SLACK_CHANNEL: '#builds' }, () => {}, /SLACK_CHANNEL: must be the ID/],
  ])('%s: a note with what to do', async (what, environment, before, words) => {
    before();
    const secret = new KeptSecret(what.startsWith('the token') ? 'planted, but no token' : TOKEN);
    const { notes } = await tell(begunEvent(), environment, secret);
    expect(notes).toEqual([{ code: 'STACK_NOTICE_FAILED', sentence: expect.stringMatching(words) }]);
    expect(lines.at(-1)).toMatchObject({ code: 'STACK_NOTICE_FAILED' });
  });

  it('the end is told all the same where the begin was not, and the report tells of that', async () => {
    slack.answerNext({ body: JSON.stringify({ ok: false, error: 'restricted_action' }) });
    const begun = await tell(begunEvent(), BOT);
    const { notes } = await tell(ending('deleted', begun), BOT);
    expect(headlines()).toEqual(['✅ 2 stacks: deleted']);
    expect(notes).toEqual(begun.notes);
    expect(notes).toHaveLength(1);
  });

  it('after repetitions, each in the log', async () => {
    slack.answerNext({ status: 503, body: 'down' });
    await tell(begunEvent(), BOT);
    expect(lines.map(({ code }) => code)).toEqual(['STACK_NOTICE_RETRIED', 'STACK_NOTICE_SENT']);
  });
});

describe('what comes back from the state machine is read, not believed', () => {
  it.each([
    ['a message elsewhere', ending('deleted', { message: { channel: 'https://evil.example/', ts: '1.1' } })],
    ['no moment', { ...begunEvent(), moment: 'tomorrow' }],
    ['a report without stacks', { task: 'tell', moment: 'ended', told: { report: {}, begun: {} } }],
  ])('%s is refused', async (_, event) => {
    await expect(tell(event, BOT)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(slack.requests).toBe(0);
  });
});
