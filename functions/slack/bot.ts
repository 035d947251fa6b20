import { once } from 'node:events';
import { BadRequest, CleanExitError } from '../errors.ts';
import { CHANNEL_ID, type SlackAnswer } from '../schemas/slack-answer.ts';
import { SlackRefused, SlackUnavailable } from './errors.ts';
import type { SlackPayload } from './payload.ts';
import { withRetries } from './retry.ts';
import { type SlackSecret, withSecret } from './secret.ts';
import type { MessageRef, Transport, TransportOptions, Where } from './transport.ts';
import { callOnce, checkedToken } from './web-api.ts';

export interface BotOptions extends TransportOptions {
  /** ID of the channel: `C…`, `G…` or `D…`. */
  readonly channel: string;
  /** Name of the setting that holds the channel, for the error that names it. */
  readonly channelSetting: string;
  /** Where the workspace is; `slack.com` unless it is a GovSlack one. */
  readonly slackHost?: 'slack.com' | 'slack-gov.com' | undefined;
  /** Milliseconds that looking a person up may take in all. */
  readonly lookupMs: number;
  /** Told why a person could not be looked up; not told where Slack knows nobody by the address. */
  readonly onLookupFailed: (reason: string) => void;
}

/** The message can never be edited again. */
const NOT_EDITABLE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
/** The message cannot be answered. Slack lists the restrictions alone; the other words come all the same. */
const NOT_ANSWERABLE = new Set([
  'thread_not_found',
  'message_not_found',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
  'restricted_action_non_threadable_channel',
]);
/** An earlier message in another channel is out of reach: the setting may have been changed because of it. */
const CHANNEL_LOST = new Set(['channel_not_found', 'not_in_channel', 'is_archived']);

/** Which message in which channel, as Slack's methods name it. */
interface At {
  readonly channel: string;
  readonly thread_ts?: string;
  readonly reply_broadcast?: boolean;
  readonly ts?: string;
  readonly parse?: 'none';
}

/**
 * Posts, edits and answers in one channel with a bot token, by Slack's Web API. What Slack may take later, time-outs and
 * network errors are repeated within the budget, after as long as Slack asks for; everything else fails at once. Where
 * Slack says that the token is no good any more, it is read again and, if it is another one, tried once.
 *
 * A message that is gone or cannot be edited or answered is posted as one of its own, in the channel of the options.
 *
 * A message may stand in the channel twice: where the answer to `chat.postMessage` is lost after Slack took the message,
 * and where Slack fails half-way (`internal_error`, `fatal_error`), the repetition posts it again. Slack documents nothing
 * against that: its list of errors speaks of a `client_msg_id`, its list of arguments does not have it. Told twice is
 * better than not told. Editing can be repeated without harm.
 *
 * Scopes: `chat:write`; `chat:write.public` for public channels without the app; `users:read.email` for `userByEmail`.
 * https://docs.slack.dev/reference/methods/chat.postMessage and https://docs.slack.dev/reference/methods/chat.update
 *
 * @throws BadRequest `SLACK_CHANNEL_INVALID`, at once, where the channel is not an ID; `SLACK_TOKEN_INVALID`, from `post`
 * and `update`, where the parameter holds something else than a bot token
 */
export function botTransport(secret: SlackSecret, options: BotOptions): Transport {
  const { parameter, emulatorHost, attemptMs } = options;
  const home = checkedChannel(options.channel, options.channelSetting);
  const api = emulatorHost === '' ? `https://${options.slackHost ?? 'slack.com'}/api/` : `http://${emulatorHost}/api/`;
  const withToken = <T>(use: (token: string) => Promise<T>): Promise<T> =>
    withSecret(secret, parameter, (value) => checkedToken(value, parameter), use);

  function send(method: string, at: At, payload: SlackPayload, deadline: number): Promise<SlackAnswer> {
    const call = { method, parameter, channel: at.channel };
    const body = JSON.stringify({ ...payload, ...at });
    const attempt = (token: string) =>
      callOnce(call, { url: api + method, token, body, signal: AbortSignal.timeout(attemptMs) });
    return withToken((token) => withRetries(() => attempt(token), deadline, options));
  }

  async function postAnew(payload: SlackPayload, deadline: number): Promise<MessageRef | undefined> {
    return refOf(await send('chat.postMessage', { channel: home }, payload, deadline));
  }

  /** True where the message cannot be reached any more, so that a new one has to do. */
  const outOfReach = (thrown: unknown, words: ReadonlySet<string>, { channel }: MessageRef): boolean =>
    thrown instanceof SlackRefused && (words.has(thrown.word) || (channel !== home && CHANNEL_LOST.has(thrown.word)));

  return {
    edits: true,

    async post(payload: SlackPayload, { thread, broadcast = false }: Where = {}) {
      const deadline = Date.now() + options.budgetMs();
      if (thread === undefined) {
        return postAnew(payload, deadline);
      }
      const at = { channel: thread.channel, thread_ts: thread.ts, reply_broadcast: broadcast };
      try {
        return refOf(await send('chat.postMessage', at, payload, deadline));
      } catch (thrown) {
        if (outOfReach(thrown, NOT_ANSWERABLE, thread)) {
          return postAnew(payload, deadline);
        }
        throw thrown;
      }
    },

    async update(ref: MessageRef, payload: SlackPayload) {
      const deadline = Date.now() + options.budgetMs();
      try {
        // Without `parse`, Slack reads an edited message by other rules than a posted one.
        await send('chat.update', { channel: ref.channel, ts: ref.ts, parse: 'none' }, payload, deadline);
        return ref;
      } catch (thrown) {
        if (outOfReach(thrown, NOT_EDITABLE, ref)) {
          return postAnew(payload, deadline);
        }
        throw thrown;
      }
    },

    async userByEmail(email: string) {
      const method = 'users.lookupByEmail';
      // The method takes no JSON. A form rather than a query: addresses are logged along the way.
      const body = new URLSearchParams({ email });
      const call = { method, parameter, channel: undefined };
      try {
        const { user } = await inTime(options.lookupMs, (signal) =>
          withToken((token) => callOnce(call, { url: api + method, token, body, signal })),
        );
        return user?.deleted === true ? undefined : user?.id;
      } catch (thrown) {
        if (!(thrown instanceof SlackRefused && thrown.word === 'users_not_found')) {
          options.onLookupFailed(thrown instanceof CleanExitError ? thrown.message : 'an error that nobody expected');
        }
        return undefined;
      }
    },
  };
}

/** Slack took the message in any case: an answer that does not say where it stands is no reason to send it again. */
function refOf({ channel, ts }: SlackAnswer): MessageRef | undefined {
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}

/** The value is not shown: whoever mixed up two settings may have put a credential there. */
function checkedChannel(channel: string, setting: string): string {
  if (!CHANNEL_ID.test(channel)) {
    throw new BadRequest(
      'SLACK_CHANNEL_INVALID',
      `${setting} does not hold the ID of a channel: put in the ID that Slack shows at the bottom of the channel's details, e.g. C0123456789, not its name.`,
    );
  }
  return channel;
}

/** Gives up when the time is over, whatever the work is waiting for. */
async function inTime<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(milliseconds);
  const over = once(signal, 'abort').then(() => {
    throw new SlackUnavailable(`Slack did not answer: no answer within ${milliseconds} ms`);
  });
  return Promise.race([work(signal), over]);
}
