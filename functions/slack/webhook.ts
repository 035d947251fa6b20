import { setTimeout } from 'node:timers/promises';
import pRetry from 'p-retry';
import { BadRequest, networkErrorName } from '../errors.ts';
import { SlackRefused, SlackUnavailable } from './errors.ts';
import type { SlackPayload } from './payload.ts';

const SLACK_HOSTS = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

/** Where the webhook's URL is kept. It is a credential: whoever has it can post. */
export interface WebhookSecret {
  /** The value under a name, possibly kept from before. */
  get(name: string): Promise<string>;
  /** The value as it is now. */
  refresh(name: string): Promise<string>;
}

export interface WebhookOptions {
  /** Name of the parameter with the webhook's URL. */
  readonly parameter: string;
  /** `host:port` of a stand-in that may take Slack's place over plain http; empty for none. */
  readonly emulatorHost: string;
  /** Milliseconds that sending may take in all, waits included. */
  readonly budgetMs: number;
  /** Milliseconds until an attempt counts as lost. */
  readonly attemptMs: number;
  /** Milliseconds before the first repetition; later ones wait longer. */
  readonly firstWaitMs: number;
  /** Told before each repetition. */
  readonly onRetry: (error: SlackUnavailable, attempt: number) => void;
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
  secret: WebhookSecret,
  payload: SlackPayload,
  options: WebhookOptions,
): Promise<void> {
  const { parameter, emulatorHost } = options;
  const deadline = Date.now() + options.budgetMs;
  const url = checkedUrl(await secret.get(parameter), parameter, emulatorHost);
  try {
    await withRetries(url, payload, options, deadline);
  } catch (thrown) {
    if (!(thrown instanceof SlackRefused && thrown.webhookGone)) {
      throw thrown;
    }
    const newer = checkedUrl(await secret.refresh(parameter), parameter, emulatorHost);
    if (newer === url) {
      throw thrown;
    }
    await withRetries(newer, payload, options, deadline);
  }
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

async function withRetries(
  url: string,
  payload: SlackPayload,
  options: WebhookOptions,
  deadline: number,
): Promise<void> {
  await pRetry(() => post(url, payload, options), {
    retries: 6,
    minTimeout: options.firstWaitMs,
    maxTimeout: 10_000,
    randomize: true,
    shouldRetry: async ({ error, attemptNumber, retryDelay }) => {
      if (!(error instanceof SlackUnavailable)) {
        return false;
      }
      const asked = (error.retryAfter ?? 0) * 1000;
      if (Date.now() + Math.max(asked, retryDelay) >= deadline) {
        return false;
      }
      options.onRetry(error, attemptNumber);
      // The usual wait is still to come; what Slack asks beyond it is waited here.
      await setTimeout(Math.max(0, asked - retryDelay));
      return true;
    },
  });
}

async function post(url: string, payload: SlackPayload, { parameter, attemptMs }: WebhookOptions): Promise<void> {
  const response = await answerOf(url, payload, attemptMs);
  if (response.status >= 200 && response.status < 300) {
    return;
  }
  const { status } = response;
  if (status === 429 || status === 408 || status >= 500) {
    throw new SlackUnavailable(`Slack answered ${status} ${response.word}`, response.retryAfter);
  }
  throw new SlackRefused(status, response.word, parameter);
}

interface Answer {
  readonly status: number;
  readonly word: string;
  readonly retryAfter: number | undefined;
}

async function answerOf(url: string, payload: SlackPayload, attemptMs: number): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(payload),
      // A redirect would carry the message to a host that nobody checked.
      redirect: 'manual',
      signal: AbortSignal.timeout(attemptMs),
    });
    const [word = 'no word'] = /^[a-z][a-z_]{2,60}\b/.exec(await response.text()) ?? [];
    return { status: response.status, word, retryAfter: secondsOf(response.headers.get('retry-after')) };
  } catch (thrown) {
    throw new SlackUnavailable(`Slack did not answer: ${networkErrorName(thrown)}`);
  }
}

/** `Retry-After` is seconds; HTTP also allows a date. */
function secondsOf(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  const value = Number.isFinite(seconds) ? seconds : (Date.parse(header ?? '') - Date.now()) / 1000;
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
