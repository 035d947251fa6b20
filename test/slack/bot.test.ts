import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BadRequest } from '#functions/errors.ts';
import { SlackUnavailable } from '#functions/slack/errors.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { anyNotice } from './any-notice.ts';
import { Bench, LATER, no, PAYLOAD, TOKEN } from './bench.ts';
import { KeptSecret } from './kept-secret.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.slack.stop());

describe('a message', () => {
  it('is posted once and says where it stands', async () => {
    const ref = await bench.posted();
    expect(bench.slack.messages).toMatchObject([{ via: 'api', ...ref, channel: 'C0BUILDS', message: PAYLOAD }]);
    expect(bench.slack.messages[0]).not.toHaveProperty('threadTs');
    expect(bench.slack.requests).toBe(1);
  });

  it('is edited in place', async () => {
    const ref = await bench.posted();
    expect(await bench.bot().update(ref, LATER)).toEqual(ref);
    expect(bench.slack.messages).toMatchObject([{ ...ref, edited: true, message: LATER }]);
  });

  it.each([true, false])('is answered in its thread, shown in the channel: %s', async (broadcast) => {
    const thread = await bench.posted();
    const ref = await bench.bot().post(LATER, { thread, broadcast });
    expect(bench.slack.messages[1]).toMatchObject({ ...ref, threadTs: thread.ts, broadcast, message: LATER });
    expect(ref).not.toEqual(thread);
  });

  it('is answered in the channel in which it stands', async () => {
    const thread = await bench.posted({ channel: 'C0OLD' });
    expect(await bench.bot().post(LATER, { thread })).toMatchObject({ channel: 'C0OLD' });
  });

  it('goes through unchanged, whatever its notice holds', async () => {
    const transport = bench.bot();
    await fc.assert(
      fc.asyncProperty(anyNotice, anyNotice, async (first, second) => {
        const ref = await transport.post(payloadOf(first));
        expect(bench.slack.messages.at(-1)?.message).toEqual(payloadOf(first));
        expect(await transport.update(ref ?? { channel: '', ts: '' }, payloadOf(second))).toEqual(ref);
        expect(bench.slack.messages.at(-1)?.message).toEqual(payloadOf(second));
      }),
      { numRuns: 30 },
    );
    expect(bench.slack.refusals).toEqual([]);
  });

  it('that Slack took is not sent again where its answer does not say where it stands', async () => {
    bench.slack.answerNext({ body: '{"ok":true,"channel":{"id":"C0BUILDS"},"ts":12}' });
    expect(await bench.bot().post(PAYLOAD)).toBeUndefined();
    expect(bench.slack.requests).toBe(1);
  });
});

describe('is posted anew', () => {
  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])('after %s', async (word) => {
    const ref = await bench.posted();
    bench.slack.answerNext(no(word));
    const now = await bench.bot().update(ref, LATER);
    expect(now).toEqual({ channel: 'C0BUILDS', ts: bench.slack.messages[1]?.ts });
    expect(now).not.toEqual(ref);
    expect(bench.slack.messages.map(({ message }) => message)).toEqual([PAYLOAD, LATER]);
  });

  it('where somebody deleted it', async () => {
    const ref = await bench.posted();
    bench.slack.deleteMessage(ref.ts);
    expect(await bench.bot().update(ref, LATER)).toMatchObject({ ts: bench.slack.messages[0]?.ts });
    expect(bench.slack.messages).toMatchObject([{ message: LATER, edited: false }]);
  });

  it('in the new channel where the old one was given up', async () => {
    const ref = await bench.posted({ channel: 'C0OLD' });
    bench.slack.archiveChannel('C0OLD');
    expect(await bench.bot().update(ref, LATER)).toMatchObject({ channel: 'C0BUILDS' });
    expect(await bench.bot().post(LATER, { thread: ref })).toMatchObject({ channel: 'C0BUILDS' });
  });

  it('never where its own channel is archived', async () => {
    const ref = await bench.posted();
    bench.slack.archiveChannel('C0BUILDS');
    expect(await bench.failure(bench.bot().update(ref, LATER))).toMatchObject({ word: 'is_archived' });
    expect(bench.slack.requests).toBe(2);
  });

  it.each(['thread_not_found', 'cannot_reply_to_message', 'restricted_action_thread_locked'])(
    'as a message of its own where its thread cannot be answered: %s',
    async (word) => {
      const thread = await bench.posted();
      bench.slack.answerNext(no(word));
      await bench.bot().post(LATER, { thread, broadcast: true });
      expect(bench.slack.messages[1]).toMatchObject({ message: LATER, broadcast: false });
      expect(bench.slack.messages[1]).not.toHaveProperty('threadTs');
    },
  );

  it.each(['message_not_found', 'thread_not_found'])(
    'once at the most: the new message fails with %s',
    async (word) => {
      const ref = await bench.posted();
      bench.slack.answerNext(no('message_not_found'), no(word), no('thread_not_found'), no(word));
      expect(await bench.failure(bench.bot().update(ref, LATER))).toMatchObject({ word });
      expect(await bench.failure(bench.bot().post(LATER, { thread: ref }))).toMatchObject({ word });
      expect(bench.slack.requests).toBe(5);
    },
  );

  it('within one budget for both attempts', async () => {
    const ref = await bench.posted();
    bench.slack.answerNext(
      no('message_not_found'),
      ...Array.from({ length: 50 }, () => ({ fault: 'silent' }) as const),
    );
    const budgets = [500];
    const budgetMs = () => budgets.shift() ?? 60_000;
    const start = performance.now();
    expect(await bench.failure(bench.bot({ budgetMs }).update(ref, LATER))).toBeInstanceOf(SlackUnavailable);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

it.each(['#builds', 'builds', 'U0HANAKO', 'c0builds', '', 'xoxb-planted-secret', 'C0BUILDS '])(
  '%j is no channel',
  async (channel) => {
    const thrown = await bench.failure((async () => bench.bot({ channel }))());
    expect(thrown).toBeInstanceOf(BadRequest);
    expect(thrown).toMatchObject({
      code: 'SLACK_CHANNEL_INVALID',
      message: expect.stringMatching(/^SLACK_CHANNEL .*ID/),
    });
  },
);

describe('the token goes to Slack alone', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each([
    [undefined, 'https://slack.com/api/'],
    ['slack-gov.com', 'https://slack-gov.com/api/'],
  ] as const)('%s', async (slackHost, api) => {
    const requests: Request[] = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      requests.push(new Request(input, init));
      return Response.json({ ok: true, channel: 'C0BUILDS', ts: '1.1' });
    });
    const transport = bench.bot({ emulatorHost: '', slackHost });
    const ref = { channel: 'C0BUILDS', ts: '1.1' };
    await transport.post(PAYLOAD);
    await transport.update(ref, PAYLOAD);
    await transport.userByEmail('hanako@example.com');
    expect(requests.map(({ url }) => url)).toEqual(
      ['chat.postMessage', 'chat.update', 'users.lookupByEmail'].map((method) => api + method),
    );
    expect(await requests[1]?.clone().json()).toMatchObject({ ts: '1.1', parse: 'none', text: PAYLOAD.text });
    for (const request of requests) {
      expect(request.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
      expect(request.redirect).toBe('manual');
      expect(await request.text()).not.toContain('planted-secret');
    }
    expect(bench.slack.requests).toBe(0);
  });
});

describe('a person', () => {
  it('is found by the address, and nobody is no failure', async () => {
    expect(await bench.bot().userByEmail('hanako@example.com')).toBe('U0HANAKO');
    expect(await bench.bot().userByEmail('nobody@example.com')).toBeUndefined();
    expect(bench.lookups).toEqual([]);
  });

  it.each([
    ['missing_scope', no('missing_scope', { needed: 'users:read.email' }), /scope users:read\.email/],
    ['a rate limit', { status: 429, ...no('ratelimited'), headers: { 'retry-after': '1' } }, /429 ratelimited/],
    ['a broken connection', { fault: 'reset' }, /UND_ERR_SOCKET/],
  ] as const)('is not found after %s: no exception, one reason, one request', async (_, answer, reason) => {
    bench.slack.answerNext(answer);
    expect(await bench.bot().userByEmail('hanako@example.com')).toBeUndefined();
    expect(bench.lookups).toEqual([expect.stringMatching(reason)]);
    expect(bench.lookups.join()).not.toMatch(/planted-secret|hanako/);
    expect([bench.slack.requests, bench.retries]).toEqual([1, []]);
  });

  it.each([
    ['Slack', () => bench.slack.answerNext({ fault: 'silent' })],
    ['the parameter', () => Object.assign(bench.secret, { get: () => new Promise(() => {}) })],
  ])('is given up soon where %s is silent', async (_, silence) => {
    silence();
    const start = performance.now();
    expect(await bench.bot().userByEmail('hanako@example.com')).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(400);
    expect(bench.lookups).toHaveLength(1);
  });

  it('is not found where the parameter cannot be read or holds no token', async () => {
    bench.secret = new KeptSecret('planted-secret');
    expect(await bench.bot().userByEmail('hanako@example.com')).toBeUndefined();
    Object.assign(bench.secret, { get: () => Promise.reject(new Error('planted-secret')) });
    expect(await bench.bot().userByEmail('hanako@example.com')).toBeUndefined();
    expect(bench.lookups).toHaveLength(2);
    expect(bench.lookups.join()).not.toContain('planted-secret');
  });

  it('whose account is closed, or whose ID is none, is nobody to mention', async () => {
    bench.slack.answerNext(
      { body: '{"ok":true,"user":{"id":"U0GONE","deleted":true}}' },
      { body: '{"ok":true,"user":{"id":"!channel"}}' },
      { body: '{"ok":true}' },
    );
    for (let i = 0; i < 3; i += 1) {
      expect(await bench.bot().userByEmail('hanako@example.com')).toBeUndefined();
    }
    expect(bench.lookups).toEqual([]);
  });
});
