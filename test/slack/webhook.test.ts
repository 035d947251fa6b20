import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import { BadRequest } from '#functions/errors.ts';
import { SlackRefused, SlackUnavailable } from '#functions/slack/errors.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { sendByWebhook, type WebhookOptions } from '#functions/slack/webhook.ts';
import { KeptSecret } from './kept-secret.ts';

const PAYLOAD = payloadOf({
  tone: 'good',
  emoji: '✅',
  subject: 'xxxx',
  verdict: 'build succeeded',
  facts: [],
  sections: [],
  links: [],
  footer: [],
});

let slack: SlackStandIn;
let secret: KeptSecret;
let retries: string[];

beforeEach(async () => {
  slack = await startSlackStandIn();
  secret = new KeptSecret(slack.createWebhook());
  retries = [];
});
afterEach(() => slack.stop());

function send(options: Partial<WebhookOptions> = {}): Promise<void> {
  return sendByWebhook(secret, PAYLOAD, {
    parameter: '/clean-exit/slack-webhook',
    emulatorHost: slack.host,
    budgetMs: 3_000,
    attemptMs: 200,
    firstWaitMs: 5,
    onRetry: (error) => retries.push(error.message),
    ...options,
  });
}

/** What was thrown, checked for the secret. */
async function failure(options: Partial<WebhookOptions> = {}): Promise<Error> {
  const thrown = await send(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error)) {
    throw new Error('nothing was thrown');
  }
  const shown = [thrown.message, thrown.stack, String(thrown.cause), ...retries].join('\n');
  for (const url of [secret.stored, secret.kept]) {
    expect(shown).not.toContain(url.slice(-20));
  }
  return thrown;
}

it('posts the payload once', async () => {
  await send();
  expect(slack.messages).toMatchObject([{ channel: '#builds', message: PAYLOAD }]);
  expect(slack.requests).toBe(1);
});

describe('is sent again', () => {
  it.each([
    ['500', { status: 500, body: 'rollup_error' }, 'Slack answered 500 rollup_error'],
    ['503 with a page', { status: 503, body: '<html>' }, 'Slack answered 503 no word'],
    ['no answer in time', { fault: 'silent' }, 'Slack did not answer: TimeoutError'],
    ['a broken connection', { fault: 'reset' }, 'Slack did not answer: UND_ERR_SOCKET'],
  ] as const)('after %s', async (_, answer, reason) => {
    slack.answerNext(answer, answer);
    await send();
    expect(slack.messages).toHaveLength(1);
    expect(retries).toEqual([reason, reason]);
  });

  it('after 429, not before Slack allows it', async () => {
    slack.answerNext({ status: 429, body: 'rate_limited', headers: { 'retry-after': '1' } });
    const start = performance.now();
    await send();
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
    expect(slack.messages).toHaveLength(1);
  });
});

describe('gives up', () => {
  it('at once where Slack asks for more time than there is, and says so to Lambda by failing', async () => {
    slack.answerNext({ status: 429, body: 'rate_limited', headers: { 'retry-after': '30' } });
    const thrown = await failure();
    expect(thrown).toBeInstanceOf(SlackUnavailable);
    expect(thrown).toMatchObject({ retryAfter: 30, whoActs: 'retry' });
    expect(slack.requests).toBe(1);
  });

  it('when the time is used up', async () => {
    slack.answerNext(...Array.from({ length: 50 }, () => ({ fault: 'silent' }) as const));
    const start = performance.now();
    expect(await failure({ budgetMs: 500 })).toBeInstanceOf(SlackUnavailable);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(slack.requests).toBeGreaterThan(1);
  });

  it('where nobody listens', async () => {
    await slack.stop();
    expect(await failure({ budgetMs: 100 })).toMatchObject({ message: 'Slack did not answer: ECONNREFUSED' });
    slack = await startSlackStandIn();
  });
});

describe('fails at once, with what to do', () => {
  it.each([
    [400, 'invalid_payload', /report it, with the event, to the maintainers/],
    [400, 'a_new_word', /400 a_new_word/],
    [403, 'action_prohibited', /administrator/],
    [404, 'no_service', /make a new incoming webhook/],
    [410, 'channel_is_archived', /unarchive the channel/],
    [302, '', /302 no word/],
  ])('%i %s', async (status, body, remedy) => {
    slack.answerNext({ status, body, headers: { location: 'http://127.0.0.1:1/' } });
    const thrown = await failure();
    expect(thrown).toBeInstanceOf(SlackRefused);
    expect(thrown.message).toMatch(remedy);
    expect(thrown.message).toContain('/clean-exit/slack-webhook');
    expect(slack.requests).toBe(1);
    expect(retries).toEqual([]);
  });
});

describe('a webhook that is gone', () => {
  it('is read again, and the new one is used', async () => {
    slack.revokeWebhook(secret.kept);
    secret.stored = slack.createWebhook('#new');
    await send();
    expect(slack.messages).toMatchObject([{ channel: '#new' }]);
    expect(secret.refreshed).toBe(1);
  });

  it('fails where the parameter still holds the old one', async () => {
    slack.revokeWebhook(secret.kept);
    expect(await failure()).toMatchObject({ word: 'no_service', status: 404 });
    expect(secret.refreshed).toBe(1);
    expect(slack.requests).toBe(1);
  });

  it('is not read a third time where the new one is gone too', async () => {
    slack.revokeWebhook(secret.kept);
    secret.stored = slack.createWebhook();
    slack.revokeWebhook(secret.stored);
    expect(await failure()).toBeInstanceOf(SlackRefused);
    expect(secret.refreshed).toBe(1);
    expect(slack.requests).toBe(2);
  });
});

describe('only Slack is believed to be Slack', () => {
  it.each([
    ['http://hooks.slack.com/services/T0/B0/secret-secret-secret'],
    ['https://hooks.slack.com.evil.example/services/T0/B0/secret-secret-secret'],
    ['https://hooks.slack.com:8443/services/T0/B0/secret-secret-secret'],
    ['https://user:pw@hooks.slack.com/services/T0/B0/secret-secret-secret'],
    ['https://hooks.slack.com/workflows/T0/B0/secret-secret-secret'],
    ['http://127.0.0.1:1/services/T0/B0/secret-secret-secret'],
    ['xoxb-secret-secret-secret-secret'],
    [''],
  ])('%s is refused', async (value) => {
    secret = new KeptSecret(value);
    const thrown = await send().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(BadRequest);
    expect(thrown).toMatchObject({ code: 'SLACK_WEBHOOK_INVALID' });
    expect(String(thrown)).not.toContain('secret-secret');
    expect(slack.requests).toBe(0);
  });

  it('the stand-in is refused unless its host is set', async () => {
    expect(await failure({ emulatorHost: '' })).toMatchObject({ code: 'SLACK_WEBHOOK_INVALID' });
    expect(await failure({ emulatorHost: '127.0.0.1:1' })).toMatchObject({ code: 'SLACK_WEBHOOK_INVALID' });
    expect(slack.requests).toBe(0);
  });

  it('a redirect is not followed', async () => {
    let reached = 0;
    const elsewhere = createServer((_, response) => {
      reached += 1;
      response.end('ok');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const address = elsewhere.address();
    const port = typeof address === 'object' ? address?.port : 0;
    slack.answerNext({ status: 307, headers: { location: `http://127.0.0.1:${port}/` } });
    expect(await failure()).toBeInstanceOf(SlackRefused);
    expect(reached).toBe(0);
    await new Promise((resolve) => elsewhere.close(resolve));
  });
});
