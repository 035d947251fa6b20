import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BadRequest } from '#functions/errors.ts';
import { SlackRefused, SlackUnavailable } from '#functions/slack/errors.ts';
import type { MessageRef, Transport } from '#functions/slack/transport.ts';
import { Bench, LATER, no, PAYLOAD, TOKEN } from './bench.ts';
import { KeptSecret } from './kept-secret.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.slack.stop());

const METHODS: [string, (transport: Transport, ref: MessageRef) => Promise<unknown>][] = [
  ['post', (transport) => transport.post(PAYLOAD)],
  ['update', (transport, ref) => transport.update(ref, LATER)],
];

describe.each(METHODS)('%s', (_, send) => {
  let ref: MessageRef;
  beforeEach(async () => {
    ref = await bench.posted();
  });

  it.each([
    ['channel_not_found', /check the ID/],
    ['not_in_channel', /invite the app .*chat:write\.public/],
    ['is_archived', /unarchive the channel/],
    ['channel_is_archived', /unarchive the channel/],
    ['not_allowed_token_type', /xoxb-/],
    ['no_permission', /chat:write/],
    ['restricted_action', /administrator/],
    ['restricted_action_read_only_channel', /read-only/],
    ['restricted_action_thread_only_channel', /threads alone/],
    ['restricted_action_non_threadable_channel', /no answers in threads/],
    ['restricted_action_thread_locked', /locked/],
    ['access_denied', /approve/],
    ['org_login_required', /migrated/],
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
    ['invalid_blocks_format', /maintainers/],
    ['invalid_arguments', /maintainers/],
    ['too_many_attachments', /maintainers/],
    ['no_text', /maintainers/],
    ['a_new_word', /not known here.*docs\.slack\.dev\/reference\/methods\/chat\./],
  ])('fails at once after %s, with what to do', async (word, remedy) => {
    bench.slack.answerNext(no(word));
    const thrown = await bench.failure(send(bench.bot(), ref));
    expect(thrown).toBeInstanceOf(SlackRefused);
    expect(thrown).toMatchObject({ word, code: 'SLACK_REFUSED', whoActs: 'operator', credentialRejected: false });
    for (const part of [word, 'C0BUILDS', '/clean-exit/slack-token']) {
      expect(thrown.message).toContain(part);
    }
    expect(thrown.message).toMatch(remedy);
    expect([bench.slack.requests, bench.secret.refreshed, bench.retries]).toEqual([2, 0, []]);
  });

  it('names the scope that is missing', async () => {
    bench.slack.answerNext(no('missing_scope', { needed: 'chat:write', provided: 'users:read' }), no('missing_scope'));
    expect((await bench.failure(send(bench.bot(), ref))).message).toContain(
      'give the app the scope chat:write and install',
    );
    expect((await bench.failure(send(bench.bot(), ref))).message).toContain('the scope that the method needs');
  });

  it('never repeats outside text of an answer', async () => {
    bench.slack.answerNext(no('<!channel> planted'), no('missing_scope', { needed: '<!channel> planted' }));
    for (const thrown of [await bench.failure(send(bench.bot(), ref)), await bench.failure(send(bench.bot(), ref))]) {
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
    bench.slack.answerNext(answer, answer);
    await send(bench.bot(), ref);
    expect(bench.slack.requests).toBe(4);
    expect(bench.retries).toEqual([expect.stringContaining(reason), expect.stringContaining(reason)]);
  });

  it('is repeated after 429, not before Slack allows it', async () => {
    bench.slack.answerNext({ status: 429, ...no('ratelimited'), headers: { 'retry-after': '1' } });
    const start = performance.now();
    await send(bench.bot(), ref);
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
    expect(bench.slack.requests).toBe(3);
  });

  it('gives up at once where Slack asks for more time than there is', async () => {
    bench.slack.answerNext({ status: 429, ...no('ratelimited'), headers: { 'retry-after': '30' } });
    const thrown = await bench.failure(send(bench.bot(), ref));
    expect(thrown).toBeInstanceOf(SlackUnavailable);
    expect(thrown).toMatchObject({ retryAfter: 30 });
    expect(bench.slack.requests).toBe(2);
  });

  it('gives up when the time is used up, which is asked anew for each message', async () => {
    bench.slack.answerNext(...Array.from({ length: 50 }, () => ({ fault: 'silent' }) as const));
    const budgets = [500, 0];
    const transport = bench.bot({ budgetMs: () => budgets.shift() ?? 3_000 });
    const start = performance.now();
    expect(await bench.failure(send(transport, ref))).toBeInstanceOf(SlackUnavailable);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(bench.slack.requests).toBeGreaterThan(2);
    const before = bench.slack.requests;
    expect(await bench.failure(send(transport, ref))).toBeInstanceOf(SlackUnavailable);
    expect(bench.slack.requests).toBe(before + 1);
  });

  it.each([301, 403, 404])('fails at once after HTTP %i', async (status) => {
    bench.slack.answerNext({ status, body: 'x', headers: { location: 'http://127.0.0.1:1/' } });
    const thrown = await bench.failure(send(bench.bot(), ref));
    expect(thrown).toBeInstanceOf(SlackRefused);
    expect(thrown.message).toContain(`${status} no word`);
  });

  describe.each(['invalid_auth', 'token_revoked', 'token_expired', 'account_inactive', 'not_authed'])(
    'a token that is no good any more (%s)',
    (word) => {
      it('is read again, and a new one is used', async () => {
        bench.secret.stored = 'xoxe.xoxb-1-planted-secret-newer';
        bench.slack.rotateToken(bench.secret.stored);
        bench.slack.answerNext(no(word));
        await send(bench.bot(), ref);
        expect([bench.secret.refreshed, bench.slack.requests]).toEqual([1, 3]);
      });

      it('fails where the parameter still holds it', async () => {
        bench.slack.answerNext(no(word));
        expect(await bench.failure(send(bench.bot(), ref))).toMatchObject({
          word,
          message: expect.stringMatching(/into the parameter/),
        });
        expect([bench.secret.refreshed, bench.slack.requests]).toEqual([1, 2]);
      });

      it('is not read a third time', async () => {
        bench.secret.stored = 'xoxb-planted-secret-newer';
        bench.slack.answerNext(no(word), no(word));
        expect(await bench.failure(send(bench.bot(), ref))).toBeInstanceOf(SlackRefused);
        expect([bench.secret.refreshed, bench.slack.requests]).toEqual([1, 3]);
      });
    },
  );

  it('takes a token with the line break that an editor left behind it', async () => {
    bench.secret = new KeptSecret(`${TOKEN}\n`);
    await send(bench.bot(), ref);
    expect(bench.slack.requests).toBe(2);
  });

  it.each([
    'xoxp-planted-secret-user-token',
    'https://hooks.slack.com/services/T0/B0/planted-secret',
    'xoxb-planted-secret\r\nx-injected: 1',
    'xoxb-',
    '',
  ])('%j is no token', async (value) => {
    bench.secret = new KeptSecret(value);
    const thrown = await bench.failure(send(bench.bot(), ref));
    expect(thrown).toBeInstanceOf(BadRequest);
    expect(thrown).toMatchObject({ code: 'SLACK_TOKEN_INVALID', message: expect.stringContaining('slack-token') });
    expect(bench.slack.requests).toBe(1);
  });
});
