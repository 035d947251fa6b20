import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import { BadRequest } from '#functions/errors.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { type BotOptions, botTransport } from '#functions/slack/bot.ts';
import { SlackRefused, SlackUnavailable } from '#functions/slack/errors.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import type { MessageRef, Transport } from '#functions/slack/transport.ts';
import { anyNotice } from './any-notice.ts';
import { KeptSecret } from './kept-secret.ts';

const NOTICE: Notice = {
  tone: 'good',
  emoji: '✅',
  subject: 'xxxx',
  verdict: 'build succeeded',
  facts: [],
  sections: [],
  links: [],
  footer: [],
};
const PAYLOAD = payloadOf(NOTICE);
const LATER = payloadOf({ ...NOTICE, verdict: 'build failed', emoji: '❌', tone: 'bad' });
const TOKEN = 'xoxb-1234-planted-secret-token';
const no = (error: string, more: object = {}) => ({ body: JSON.stringify({ ok: false, error, ...more }) });

let slack: SlackStandIn;
let secret: KeptSecret;
let retries: string[];
let lookups: string[];

beforeEach(async () => {
  slack = await startSlackStandIn({
    token: TOKEN,
    channels: ['C0BUILDS', 'C0OLD'],
    users: { 'hanako@example.com': 'U0HANAKO' },
  });
  secret = new KeptSecret(TOKEN);
  retries = [];
  lookups = [];
});
afterEach(() => slack.stop());

function bot(options: Partial<BotOptions> = {}): Transport {
  return botTransport(secret, {
    parameter: '/clean-exit/slack-token',
    channel: 'C0BUILDS',
    channelSetting: 'SLACK_CHANNEL',
    emulatorHost: slack.host,
    budgetMs: () => 3_000,
    attemptMs: 200,
    firstWaitMs: 5,
    lookupMs: 150,
    onRetry: (error) => retries.push(error.message),
    onLookupFailed: (reason) => lookups.push(reason),
    ...options,
  });
}

/** What was thrown, checked for the secret. */
async function failure(sending: Promise<unknown>): Promise<Error> {
  const thrown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error)) {
    throw new Error('nothing was thrown');
  }
  expect([thrown.message, thrown.stack, String(thrown.cause), ...retries].join('\n')).not.toContain('planted-secret');
  return thrown;
}

async function posted(options: Partial<BotOptions> = {}): Promise<MessageRef> {
  const ref = await bot(options).post(PAYLOAD);
  if (ref === undefined) {
    throw new Error('no ref');
  }
  return ref;
}

const METHODS: [string, (transport: Transport, ref: MessageRef) => Promise<unknown>][] = [
  ['post', (transport) => transport.post(PAYLOAD)],
  ['update', (transport, ref) => transport.update(ref, LATER)],
];

describe('a message', () => {
  it('is posted once and says where it stands', async () => {
    const ref = await posted();
    expect(slack.messages).toMatchObject([{ via: 'api', ...ref, channel: 'C0BUILDS', message: PAYLOAD }]);
    expect(slack.messages[0]).not.toHaveProperty('threadTs');
    expect(slack.requests).toBe(1);
  });

  it('is edited in place', async () => {
    const ref = await posted();
    expect(await bot().update(ref, LATER)).toEqual(ref);
    expect(slack.messages).toMatchObject([{ ...ref, edited: true, message: LATER }]);
  });

  it.each([true, false])('is answered in its thread, shown in the channel: %s', async (broadcast) => {
    const thread = await posted();
    const ref = await bot().post(LATER, { thread, broadcast });
    expect(slack.messages[1]).toMatchObject({ ...ref, threadTs: thread.ts, broadcast, message: LATER });
    expect(ref).not.toEqual(thread);
  });

  it('is answered in the channel in which it stands', async () => {
    const thread = await posted({ channel: 'C0OLD' });
    expect(await bot().post(LATER, { thread })).toMatchObject({ channel: 'C0OLD' });
  });

  it('goes through unchanged, whatever its notice holds', async () => {
    const transport = bot();
    await fc.assert(
      fc.asyncProperty(anyNotice, anyNotice, async (first, second) => {
        const ref = await transport.post(payloadOf(first));
        expect(slack.messages.at(-1)?.message).toEqual(payloadOf(first));
        expect(await transport.update(ref ?? { channel: '', ts: '' }, payloadOf(second))).toEqual(ref);
        expect(slack.messages.at(-1)?.message).toEqual(payloadOf(second));
      }),
      { numRuns: 30 },
    );
    expect(slack.refusals).toEqual([]);
  });

  it('that Slack took is not sent again where its answer does not say where it stands', async () => {
    slack.answerNext({ body: '{"ok":true,"channel":{"id":"C0BUILDS"},"ts":12}' });
    expect(await bot().post(PAYLOAD)).toBeUndefined();
    expect(slack.requests).toBe(1);
  });
});

describe('is posted anew', () => {
  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])('after %s', async (word) => {
    const ref = await posted();
    slack.answerNext(no(word));
    const now = await bot().update(ref, LATER);
    expect(now).toEqual({ channel: 'C0BUILDS', ts: slack.messages[1]?.ts });
    expect(now).not.toEqual(ref);
    expect(slack.messages.map(({ message }) => message)).toEqual([PAYLOAD, LATER]);
  });

  it('where somebody deleted it', async () => {
    const ref = await posted();
    slack.deleteMessage(ref.ts);
    expect(await bot().update(ref, LATER)).toMatchObject({ ts: slack.messages[0]?.ts });
    expect(slack.messages).toMatchObject([{ message: LATER, edited: false }]);
  });

  it('in the new channel where the old one was given up', async () => {
    const ref = await posted({ channel: 'C0OLD' });
    slack.archiveChannel('C0OLD');
    expect(await bot().update(ref, LATER)).toMatchObject({ channel: 'C0BUILDS' });
    expect(await bot().post(LATER, { thread: ref })).toMatchObject({ channel: 'C0BUILDS' });
  });

  it('never where its own channel is archived', async () => {
    const ref = await posted();
    slack.archiveChannel('C0BUILDS');
    expect(await failure(bot().update(ref, LATER))).toMatchObject({ word: 'is_archived' });
    expect(slack.requests).toBe(2);
  });

  it.each(['thread_not_found', 'cannot_reply_to_message', 'restricted_action_thread_locked'])(
    'as a message of its own where its thread cannot be answered: %s',
    async (word) => {
      const thread = await posted();
      slack.answerNext(no(word));
      await bot().post(LATER, { thread, broadcast: true });
      expect(slack.messages[1]).toMatchObject({ message: LATER, broadcast: false });
      expect(slack.messages[1]).not.toHaveProperty('threadTs');
    },
  );

  it('within one budget for both attempts', async () => {
    const ref = await posted();
    slack.answerNext(no('message_not_found'), ...Array.from({ length: 50 }, () => ({ fault: 'silent' }) as const));
    const start = performance.now();
    expect(await failure(bot({ budgetMs: () => 500 }).update(ref, LATER))).toBeInstanceOf(SlackUnavailable);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe.each(METHODS)('%s', (_, send) => {
  let ref: MessageRef;
  beforeEach(async () => {
    ref = await posted();
  });

  it.each([
    ['channel_not_found', /check the ID/],
    ['not_in_channel', /invite the app .*chat:write\.public/],
    ['is_archived', /unarchive the channel/],
    ['not_allowed_token_type', /xoxb-/],
    ['no_permission', /chat:write/],
    ['restricted_action', /administrator/],
    ['restricted_action_read_only_channel', /read-only/],
    ['restricted_action_thread_only_channel', /threads alone/],
    ['ekm_access_denied', /administrators have suspended/],
    ['messages_tab_disabled', /Messages Tab/],
    ['message_limit_exceeded', /message limit/],
    ['team_access_not_granted', /approve/],
    ['enterprise_is_restricted', /approve/],
    ['accesslimited', /network/],
    ['two_factor_setup_required', /two-factor/],
    ['invalid_blocks', /maintainers/],
    ['msg_blocks_too_long', /maintainers/],
    ['msg_too_long', /maintainers/],
    ['invalid_attachments', /maintainers/],
    ['no_text', /maintainers/],
    ['a_new_word', /not known here.*docs\.slack\.dev\/reference\/methods\/chat\./],
  ])('fails at once after %s, with what to do', async (word, remedy) => {
    slack.answerNext(no(word));
    const thrown = await failure(send(bot(), ref));
    expect(thrown).toBeInstanceOf(SlackRefused);
    expect(thrown).toMatchObject({ word, code: 'SLACK_REFUSED', whoActs: 'operator', credentialRejected: false });
    for (const part of [word, 'C0BUILDS', '/clean-exit/slack-token']) {
      expect(thrown.message).toContain(part);
    }
    expect(thrown.message).toMatch(remedy);
    expect([slack.requests, secret.refreshed, retries]).toEqual([2, 0, []]);
  });

  it('names the scope that is missing', async () => {
    slack.answerNext(no('missing_scope', { needed: 'chat:write', provided: 'users:read' }), no('missing_scope'));
    expect((await failure(send(bot(), ref))).message).toContain('give the app the scope chat:write and install');
    expect((await failure(send(bot(), ref))).message).toContain('the scope that the method needs');
  });

  it('never repeats outside text of an answer', async () => {
    slack.answerNext(no('<!channel> planted'), no('missing_scope', { needed: '<!channel> planted' }));
    for (const thrown of [await failure(send(bot(), ref)), await failure(send(bot(), ref))]) {
      expect(thrown.message).not.toContain('planted');
    }
  });

  it.each([
    ['ratelimited', no('ratelimited'), '200 ratelimited'],
    ['internal_error', no('internal_error'), '200 internal_error'],
    ['fatal_error', no('fatal_error'), '200 fatal_error'],
    ['request_timeout', no('request_timeout'), '200 request_timeout'],
    ['service_unavailable', no('service_unavailable'), '200 service_unavailable'],
    ['service_unavailable with 503', { status: 503, ...no('service_unavailable') }, '503 service_unavailable'],
    ['500 with a page', { status: 500, body: '<html>' }, '500 no word'],
    ['a page instead of an answer', { status: 200, body: '<html>' }, '200 no word'],
    ['an answer that says neither yes nor no', { status: 200, body: '{"ok":"true"}' }, '200 no word'],
    ['no answer in time', { fault: 'silent' }, 'did not answer: TimeoutError'],
    ['a broken connection', { fault: 'reset' }, 'did not answer: UND_ERR_SOCKET'],
  ] as const)('is repeated after %s', async (__, answer, reason) => {
    slack.answerNext(answer, answer);
    await send(bot(), ref);
    expect(slack.requests).toBe(4);
    expect(retries).toEqual([expect.stringContaining(reason), expect.stringContaining(reason)]);
  });

  it('is repeated after 429, not before Slack allows it', async () => {
    slack.answerNext({ status: 429, ...no('ratelimited'), headers: { 'retry-after': '1' } });
    const start = performance.now();
    await send(bot(), ref);
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
    expect(slack.requests).toBe(3);
  });

  it('gives up at once where Slack asks for more time than there is', async () => {
    slack.answerNext({ status: 429, ...no('ratelimited'), headers: { 'retry-after': '30' } });
    const thrown = await failure(send(bot(), ref));
    expect(thrown).toBeInstanceOf(SlackUnavailable);
    expect(thrown).toMatchObject({ retryAfter: 30 });
    expect(slack.requests).toBe(2);
  });

  it('gives up when the time is used up, which is asked anew for each message', async () => {
    slack.answerNext(...Array.from({ length: 50 }, () => ({ fault: 'silent' }) as const));
    const budgets = [500, 0];
    const transport = bot({ budgetMs: () => budgets.shift() ?? 3_000 });
    const start = performance.now();
    expect(await failure(send(transport, ref))).toBeInstanceOf(SlackUnavailable);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(slack.requests).toBeGreaterThan(2);
    const before = slack.requests;
    expect(await failure(send(transport, ref))).toBeInstanceOf(SlackUnavailable);
    expect(slack.requests).toBe(before + 1);
  });

  it.each([301, 403, 404])('fails at once after HTTP %i', async (status) => {
    slack.answerNext({ status, body: 'x', headers: { location: 'http://127.0.0.1:1/' } });
    const thrown = await failure(send(bot(), ref));
    expect(thrown).toBeInstanceOf(SlackRefused);
    expect(thrown.message).toContain(`${status} no word`);
  });

  describe.each(['invalid_auth', 'token_revoked', 'token_expired', 'account_inactive', 'not_authed'])(
    'a token that is no good any more (%s)',
    (word) => {
      it('is read again, and a new one is used', async () => {
        secret.stored = 'xoxe.xoxb-1-planted-secret-newer';
        slack.rotateToken(secret.stored);
        slack.answerNext(no(word));
        await send(bot(), ref);
        expect([secret.refreshed, slack.requests]).toEqual([1, 3]);
      });

      it('fails where the parameter still holds it', async () => {
        slack.answerNext(no(word));
        expect(await failure(send(bot(), ref))).toMatchObject({
          word,
          message: expect.stringMatching(/into the parameter/),
        });
        expect([secret.refreshed, slack.requests]).toEqual([1, 2]);
      });

      it('is not read a third time', async () => {
        secret.stored = 'xoxb-planted-secret-newer';
        slack.answerNext(no(word), no(word));
        expect(await failure(send(bot(), ref))).toBeInstanceOf(SlackRefused);
        expect([secret.refreshed, slack.requests]).toEqual([1, 3]);
      });
    },
  );

  it.each([
    'xoxp-planted-secret-user-token',
    'https://hooks.slack.com/services/T0/B0/planted-secret',
    'xoxb-planted-secret\r\nx-injected: 1',
    'xoxb-',
    '',
  ])('%j is no token', async (value) => {
    secret = new KeptSecret(value);
    const thrown = await failure(send(bot(), ref));
    expect(thrown).toBeInstanceOf(BadRequest);
    expect(thrown).toMatchObject({ code: 'SLACK_TOKEN_INVALID', message: expect.stringContaining('slack-token') });
    expect(slack.requests).toBe(1);
  });
});

it.each(['#builds', 'builds', 'U0HANAKO', 'c0builds', '', 'xoxb-planted-secret', 'C0BUILDS '])(
  '%j is no channel',
  async (channel) => {
    const thrown = await failure((async () => bot({ channel }))());
    expect(thrown).toBeInstanceOf(BadRequest);
    expect(thrown).toMatchObject({
      code: 'SLACK_CHANNEL_INVALID',
      message: expect.stringMatching(/^SLACK_CHANNEL .*ID/),
    });
  },
);

describe('a person', () => {
  it('is found by the address, and nobody is no failure', async () => {
    expect(await bot().userByEmail('hanako@example.com')).toBe('U0HANAKO');
    expect(await bot().userByEmail('nobody@example.com')).toBeUndefined();
    expect(lookups).toEqual([]);
  });

  it.each([
    ['missing_scope', no('missing_scope', { needed: 'users:read.email' }), /scope users:read\.email/],
    ['a rate limit', { status: 429, ...no('ratelimited'), headers: { 'retry-after': '1' } }, /429 ratelimited/],
    ['a broken connection', { fault: 'reset' }, /UND_ERR_SOCKET/],
  ] as const)('is not found after %s: no exception, one reason, one request', async (_, answer, reason) => {
    slack.answerNext(answer);
    expect(await bot().userByEmail('hanako@example.com')).toBeUndefined();
    expect(lookups).toEqual([expect.stringMatching(reason)]);
    expect(lookups.join()).not.toMatch(/planted-secret|hanako/);
    expect([slack.requests, retries]).toEqual([1, []]);
  });

  it.each([
    ['Slack', () => slack.answerNext({ fault: 'silent' })],
    ['the parameter', () => Object.assign(secret, { get: () => new Promise(() => {}) })],
  ])('is given up soon where %s is silent', async (_, silence) => {
    silence();
    const start = performance.now();
    expect(await bot().userByEmail('hanako@example.com')).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(400);
    expect(lookups).toHaveLength(1);
  });

  it('is not found where the parameter cannot be read or holds no token', async () => {
    secret = new KeptSecret('planted-secret');
    expect(await bot().userByEmail('hanako@example.com')).toBeUndefined();
    Object.assign(secret, { get: () => Promise.reject(new Error('planted-secret')) });
    expect(await bot().userByEmail('hanako@example.com')).toBeUndefined();
    expect(lookups).toHaveLength(2);
    expect(lookups.join()).not.toContain('planted-secret');
  });

  it('whose account is closed, or whose ID is none, is nobody to mention', async () => {
    slack.answerNext(
      { body: '{"ok":true,"user":{"id":"U0GONE","deleted":true}}' },
      { body: '{"ok":true,"user":{"id":"!channel"}}' },
      { body: '{"ok":true}' },
    );
    for (let i = 0; i < 3; i += 1) {
      expect(await bot().userByEmail('hanako@example.com')).toBeUndefined();
    }
    expect(lookups).toEqual([]);
  });
});
