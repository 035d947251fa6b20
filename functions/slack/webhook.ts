import { BadRequest } from '../errors.ts';
import { SlackUnavailable } from './errors.ts';
import { mayPass, postOnce } from './http.ts';
import type { SlackPayload } from './payload.ts';
import { withRetries } from './retry.ts';
import { type SlackSecret, withSecret } from './secret.ts';
import type { SendingOptions, Transport, TransportOptions } from './transport.ts';
import { webhookRefusal } from './webhook-refusal.ts';

const SLACK_HOSTS = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

export interface WebhookOptions extends SendingOptions {
  /** Milliseconds that sending may take in all, waits included. */
  readonly budgetMs: number;
}

/** An incoming webhook as a transport: it only posts, and never learns where a message stands. */
export function webhookTransport(secret: SlackSecret, options: TransportOptions): Transport {
  const post = async (payload: SlackPayload): Promise<undefined> => {
    await sendByWebhook(secret, payload, { ...options, budgetMs: options.budgetMs() });
  };
  return {
    edits: false,
    post,
    update: (_, payload) => post(payload),
    userByEmail: async () => undefined,
  };
}

/**
 * Sends one message through an incoming webhook. 429, 5xx, time-outs and network errors are repeated within the budget,
 * after as long as Slack asks for; everything else fails at once. Where Slack says that the webhook is gone, its URL is
 * read again and, if it is another one, tried once.
 *
 * @throws SlackRefused what repeating does not mend, with Slack's word and what to do
 * @throws SlackUnavailable when the budget is used up
 * @throws BadRequest `SLACK_WEBHOOK_INVALID` where the parameter holds something else than a webhook's URL
 */
export async function sendByWebhook(
  secret: SlackSecret,
  payload: SlackPayload,
  options: WebhookOptions,
): Promise<void> {
  const { parameter, emulatorHost } = options;
  const deadline = Date.now() + options.budgetMs;
  const checked = (value: string) => checkedUrl(value, parameter, emulatorHost);
  await withSecret(secret, parameter, checked, (url) =>
    withRetries(() => send(url, payload, options), deadline, options),
  );
}

/** The value as a webhook's URL; the message of the error never shows the value. */
function checkedUrl(value: string, parameter: string, emulatorHost: string): string {
  const url = URL.parse(value.trim());
  const atSlack = url?.protocol === 'https:' && SLACK_HOSTS.has(url.host);
  const atStandIn = emulatorHost !== '' && url?.protocol === 'http:' && url.host === emulatorHost;
  const clean = url?.username === '' && url.password === '' && url.pathname.startsWith('/services/');
  if (url === null || !clean || !(atSlack || atStandIn)) {
    throw new BadRequest(
      'SLACK_WEBHOOK_INVALID',
      `The parameter ${parameter} does not hold the URL of a Slack incoming webhook: put in the one that Slack shows, https://hooks.slack.com/services/….`,
    );
  }
  return url.href;
}

async function send(url: string, payload: SlackPayload, { parameter, attemptMs }: WebhookOptions): Promise<void> {
  const { status, text, retryAfter } = await postOnce(url, {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(payload),
    signal: AbortSignal.timeout(attemptMs),
  });
  if (status >= 200 && status < 300) {
    return;
  }
  const [word = 'no word'] = /^[a-z][a-z_]{2,60}\b/.exec(text) ?? [];
  if (mayPass(status)) {
    throw new SlackUnavailable(`Slack answered ${status} ${word}`, retryAfter);
  }
  throw webhookRefusal(status, word, parameter);
}
