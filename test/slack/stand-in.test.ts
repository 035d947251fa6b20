import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LogLevel, WebClient } from '@slack/web-api';
import { IncomingWebhook } from '@slack/webhook';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';

/** The stand-in is judged by Slack's own clients: what they cannot read, Slack would not have answered. */
let slack: SlackStandIn;
beforeAll(async () => {
  slack = await startSlackStandIn({ channels: ['C0BUILDS', 'C0OLD'], users: { 'hanako@example.com': 'U0HANAKO' } });
});
afterAll(() => slack.stop());

const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });

describe('incoming webhooks', () => {
  it('answer ok and keep the message', async () => {
    const webhook = new IncomingWebhook(slack.createWebhook('#a'));
    expect(await webhook.send({ text: 'hello', blocks: [section('*hello*')] })).toEqual({ text: 'ok' });
    expect(slack.messages.at(-1)).toMatchObject({ channel: '#a', via: 'webhook', message: { text: 'hello' } });
  });

  it.each([
    ['nothing to show', {}, 400],
    ['a text that is too long', { text: 'x'.repeat(4_001) }, 400],
    ['an unknown field', { text: 'x', link_names: true }, 400],
    ['an empty section', { text: 'x', blocks: [section('')] }, 400],
    ['a section that is too long', { text: 'x', blocks: [section('x'.repeat(3_001))] }, 400],
    ['too many blocks', { text: 'x', blocks: Array.from({ length: 51 }, () => section('x')) }, 400],
    ['too much in all', { text: 'x', blocks: Array.from({ length: 5 }, () => section('x'.repeat(2_900))) }, 400],
    [
      'too many fields',
      { blocks: [{ type: 'section', fields: Array.from({ length: 11 }, () => section('x').text) }] },
      400,
    ],
    ['a colour that is none', { attachments: [{ color: 'reddish', blocks: [] }] }, 400],
  ])('refuse %s', async (_, message, status) => {
    const url = slack.createWebhook();
    const kept = slack.messages.length;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(message) });
    expect([response.status, slack.messages.length]).toEqual([status, kept]);
  });

  it('refuse what is not JSON, and a webhook that is gone', async () => {
    const url = slack.createWebhook();
    const broken = await fetch(url, { method: 'POST', body: '{' });
    expect([broken.status, await broken.text()]).toEqual([400, 'invalid_payload']);
    slack.revokeWebhook(url);
    await expect(new IncomingWebhook(url).send({ text: 'x' })).rejects.toMatchObject({
      code: 'slack_webhook_http_error',
    });
  });

  it('take a form with a payload, as curl examples send it', async () => {
    const body = new URLSearchParams({ payload: JSON.stringify({ text: 'from a form' }) });
    expect((await fetch(slack.createWebhook(), { method: 'POST', body })).status).toBe(200);
    expect(slack.messages.at(-1)).toMatchObject({ message: { text: 'from a form' } });
  });
});

describe('the Web API', () => {
  let client: WebClient;
  beforeEach(() => {
    client = new WebClient('xoxb-stand-in', { slackApiUrl: slack.apiUrl, logLevel: LogLevel.ERROR });
  });

  it('posts, answers in a thread, updates in place', async () => {
    const attachments = [{ color: '#2eb67d', blocks: [section('green')] }];
    const { ts } = await client.chat.postMessage({ channel: 'C0BUILDS', text: 'started', attachments });
    await client.chat.postMessage({ channel: 'C0BUILDS', text: 'log', thread_ts: String(ts), reply_broadcast: true });
    await client.chat.update({ channel: 'C0BUILDS', ts: String(ts), text: 'finished' });
    expect(slack.messages.slice(-2)).toMatchObject([
      { ts, edited: true, message: { text: 'finished' } },
      { threadTs: ts, broadcast: true, edited: false },
    ]);
  });

  it('finds users by their address', async () => {
    await expect(client.users.lookupByEmail({ email: 'hanako@example.com' })).resolves.toMatchObject({
      user: { id: 'U0HANAKO' },
    });
    await expect(client.users.lookupByEmail({ email: 'x@example.com' })).rejects.toThrow('users_not_found');
  });

  it.each([
    ['channel_not_found', { channel: 'C0OTHER', text: 'x' }],
    ['invalid_blocks', { channel: 'C0BUILDS', text: 'x', blocks: [section('')] }],
  ])('answers %s', async (error, message) => {
    await expect(client.chat.postMessage(message)).rejects.toMatchObject({ data: { ok: false, error } });
  });

  it('answers message_not_found, invalid_auth and not_authed', async () => {
    await expect(client.chat.update({ channel: 'C0BUILDS', ts: '1.1', text: 'x' })).rejects.toThrow(
      'message_not_found',
    );
    const stranger = new WebClient('xoxb-other', { slackApiUrl: slack.apiUrl, logLevel: LogLevel.ERROR });
    await expect(stranger.chat.postMessage({ channel: 'C0BUILDS', text: 'x' })).rejects.toThrow('invalid_auth');
    const nobody = await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST' });
    expect(await nobody.json()).toEqual({ ok: false, error: 'not_authed' });
  });

  it('reads an edited message by the rules of a posted one where it is told to', async () => {
    const { ts } = await client.chat.postMessage({ channel: 'C0BUILDS', text: 'started' });
    await client.chat.update({ channel: 'C0BUILDS', ts: String(ts), text: 'finished', parse: 'none' });
    expect(slack.messages.at(-1)).toMatchObject({ ts, edited: true, message: { text: 'finished' } });
  });

  it('an answer is not shown in the channel unless it is asked for, and a deleted message cannot be edited', async () => {
    const { ts } = await client.chat.postMessage({ channel: 'C0BUILDS', text: 'started' });
    await client.chat.postMessage({ channel: 'C0BUILDS', text: 'log', thread_ts: String(ts) });
    expect(slack.messages.at(-1)).toMatchObject({ threadTs: ts, broadcast: false });
    slack.deleteMessage(String(ts));
    await expect(client.chat.update({ channel: 'C0BUILDS', ts: String(ts), text: 'x' })).rejects.toThrow(
      'message_not_found',
    );
  });

  it('answers is_archived, for posting and for editing', async () => {
    const { ts } = await client.chat.postMessage({ channel: 'C0OLD', text: 'started' });
    slack.archiveChannel('C0OLD');
    await expect(client.chat.postMessage({ channel: 'C0OLD', text: 'x' })).rejects.toThrow('is_archived');
    await expect(client.chat.update({ channel: 'C0OLD', ts: String(ts), text: 'x' })).rejects.toThrow('is_archived');
  });

  it('names the scope that a token lacks', async () => {
    const narrow = await startSlackStandIn({ scopes: ['chat:write'] });
    try {
      const limited = new WebClient('xoxb-stand-in', { slackApiUrl: narrow.apiUrl, logLevel: LogLevel.ERROR });
      await limited.chat.postMessage({ channel: 'C0BUILDS', text: 'x' });
      await expect(limited.users.lookupByEmail({ email: 'hanako@example.com' })).rejects.toMatchObject({
        data: { error: 'missing_scope', needed: 'users:read.email', provided: 'chat:write' },
      });
    } finally {
      await narrow.stop();
    }
  });

  it('takes a new token and says of the old one that it was revoked', async () => {
    const other = await startSlackStandIn();
    try {
      const by = (token: string) => new WebClient(token, { slackApiUrl: other.apiUrl, logLevel: LogLevel.ERROR });
      other.rotateToken('xoxb-newer');
      await by('xoxb-newer').chat.postMessage({ channel: 'C0BUILDS', text: 'x' });
      await expect(by('xoxb-stand-in').chat.postMessage({ channel: 'C0BUILDS', text: 'x' })).rejects.toThrow(
        'token_revoked',
      );
      await expect(by('xoxb-other').auth.test()).rejects.toThrow('invalid_auth');
    } finally {
      await other.stop();
    }
  });

  it.each([
    'channel_not_found',
    'not_in_channel',
    'is_archived',
    'account_inactive',
    'msg_blocks_too_long',
    'restricted_action',
    'edit_window_closed',
    'cant_update_message',
    'fatal_error',
  ])('answers what it is told to: %s', async (error) => {
    slack.answerNext({ body: JSON.stringify({ ok: false, error }), headers: { 'content-type': 'application/json' } });
    await expect(client.chat.postMessage({ channel: 'C0BUILDS', text: 'x' })).rejects.toMatchObject({
      data: { ok: false, error },
    });
  });

  it('reports a rate limit as the client expects it, and the client tries again', async () => {
    slack.answerNext({ status: 429, headers: { 'retry-after': '1' } });
    await expect(client.chat.postMessage({ channel: 'C0BUILDS', text: 'late' })).resolves.toMatchObject({ ok: true });
  });
});

it('listens on the loopback interface alone', () => {
  expect(slack.host).toMatch(/^127\.0\.0\.1:\d+$/);
});
