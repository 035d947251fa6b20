import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import { SlackRefused, SlackUnavailable } from '#functions/slack/errors.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import type { Transport } from '#functions/slack/transport.ts';
import { webhookTransport } from '#functions/slack/webhook.ts';
import { KeptSecret } from './kept-secret.ts';

const PAYLOAD = payloadOf({
  tone: 'neutral',
  emoji: '🗑️',
  subject: 'xxxx',
  verdict: 'stack deleted',
  facts: [],
  sections: [],
  links: [],
  footer: [],
});
const REF = { channel: 'C0BUILDS', ts: '1.1' };

let slack: SlackStandIn;
let url: string;
let retries: string[];
beforeEach(async () => {
  slack = await startSlackStandIn();
  url = slack.createWebhook();
  retries = [];
});
afterEach(() => slack.stop());

function webhook(budgetMs: () => number = () => 3_000): Transport {
  return webhookTransport(new KeptSecret(url), {
    parameter: '/clean-exit/slack-webhook',
    emulatorHost: slack.host,
    budgetMs,
    attemptMs: 200,
    firstWaitMs: 5,
    onRetry: (error) => retries.push(error.message),
  });
}

it('posts and does not know where the message stands; a thread cannot be had', async () => {
  expect(webhook().edits).toBe(false);
  expect(await webhook().post(PAYLOAD)).toBeUndefined();
  expect(await webhook().post(PAYLOAD, { thread: REF, broadcast: true })).toBeUndefined();
  expect(slack.messages).toMatchObject([{ message: PAYLOAD }, { message: PAYLOAD, broadcast: false }]);
  expect(slack.messages[1]).not.toHaveProperty('threadTs');
});

it('posts anew where a message should be edited', async () => {
  expect(await webhook().update(REF, PAYLOAD)).toBeUndefined();
  expect(slack.messages).toMatchObject([{ via: 'webhook', message: PAYLOAD, edited: false }]);
});

it('knows nobody, and asks nobody', async () => {
  expect(await webhook().userByEmail('hanako@example.com')).toBeUndefined();
  expect(slack.requests).toBe(0);
});

it('asks for the budget anew for each message', async () => {
  const budgets = [3_000, 0];
  const transport = webhook(() => budgets.shift() ?? 3_000);
  slack.answerNext({ status: 503 }, {}, { status: 503 });
  await transport.post(PAYLOAD);
  expect(retries).toHaveLength(1);
  await expect(transport.post(PAYLOAD)).rejects.toBeInstanceOf(SlackUnavailable);
  expect(retries).toHaveLength(1);
});

it('fails as sending does', async () => {
  slack.revokeWebhook(url);
  await expect(webhook().post(PAYLOAD)).rejects.toBeInstanceOf(SlackRefused);
});
