import { BadRequest } from '../errors.ts';
import { SlackAnswer } from '../schemas/slack-answer.ts';
import { type BotCall, botRefusal } from './bot-refusal.ts';
import { SlackUnavailable } from './errors.ts';
import { mayPass, postOnce } from './http.ts';

/** Slack answers these with `ok: false`, and the same call may work a moment later. */
const TRANSIENT = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

interface WebApiRequest {
  readonly url: string;
  /** Travels in the `Authorization` header alone. */
  readonly token: string;
  /** Text is JSON. */
  readonly body: string | URLSearchParams;
  readonly signal: AbortSignal;
}

/**
 * Calls a method of Slack's Web API once.
 *
 * @returns the answer; its `ok` is true
 * @throws SlackRefused where Slack says no for good
 * @throws SlackUnavailable where Slack says not now, answers what is not its API's, or does not answer
 */
export async function callOnce(call: BotCall, { url, token, body, signal }: WebApiRequest): Promise<SlackAnswer> {
  const type = typeof body === 'string' ? 'application/json' : 'application/x-www-form-urlencoded';
  const { status, text, retryAfter } = await postOnce(url, {
    headers: { authorization: `Bearer ${token}`, 'content-type': `${type}; charset=utf-8` },
    body,
    signal,
  });
  const answer = answerIn(text);
  if (answer?.ok === true && status >= 200 && status < 300) {
    return answer;
  }
  const word = answer?.error ?? 'no word';
  const unreadable = status >= 200 && status < 300 && answer === undefined;
  if (unreadable || mayPass(status) || TRANSIENT.has(word)) {
    throw new SlackUnavailable(`Slack answered ${call.method} with ${status} ${word}`, retryAfter);
  }
  throw botRefusal(call, status, word, answer?.needed);
}

function answerIn(text: string): SlackAnswer | undefined {
  try {
    return SlackAnswer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The value as a bot token; the message of the error never shows the value. */
export function checkedToken(value: string, parameter: string): string {
  const token = value.trim();
  if (!/^(xoxb|xoxe\.xoxb)-[\w.~+/=-]+$/.test(token)) {
    throw new BadRequest(
      'SLACK_TOKEN_INVALID',
      `The parameter ${parameter} does not hold a Slack bot token: put in the app's Bot User OAuth Token, which begins with xoxb-.`,
    );
  }
  return token;
}
