import type { SlackPayload } from './payload.ts';
import type { RetryOptions } from './retry.ts';

/** Where a message stands in Slack: what it takes to edit it or to answer it. Plain data; may be kept and read later. */
export interface MessageRef {
  /** ID of the channel, e.g. `C0123456789`. */
  readonly channel: string;
  /** Slack's name for the message within its channel, e.g. `1405894322.002768`: a string, never a number. */
  readonly ts: string;
}

/** Where a message goes beside the transport's own channel. */
export interface Where {
  /** The message to answer; undefined for a message of its own. */
  readonly thread?: MessageRef | undefined;
  /** An answer is shown in the channel too, so that it notifies. Without a thread it changes nothing. */
  readonly broadcast?: boolean | undefined;
}

/**
 * A way into one channel of Slack. There are two: an incoming webhook, which only posts, and a bot token, which also
 * edits, answers in threads and finds people.
 *
 * `post` and `update` fail with `SlackRefused` (an operator must act), `SlackUnavailable` (Slack did not take it within
 * the budget) or a `BadRequest` about the secret; none of these holds the secret.
 */
export interface Transport {
  /**
   * True where `update` edits and `thread` works. False for a webhook: whoever wants one message from start to end asks
   * here first, and posts the end alone.
   */
  readonly edits: boolean;

  /**
   * Posts a message.
   *
   * @returns where it stands; undefined where Slack does not say: always so for a webhook
   * A webhook knows no threads: the message is posted as one of its own, whatever `where` says.
   */
  post(payload: SlackPayload, where?: Where): Promise<MessageRef | undefined>;

  /**
   * Replaces a message in place. Editing notifies nobody. A message that is gone or may not be edited any more is posted
   * anew; so is every message of a webhook.
   *
   * @returns where the message stands now: another `ts` than before says that it was posted anew
   */
  update(ref: MessageRef, payload: SlackPayload): Promise<MessageRef | undefined>;

  /**
   * Finds a person to mention. Never fails and never takes long: a notice goes out without the mention.
   *
   * @returns the user's ID, e.g. `U012ABCDEF`, for `<@U012ABCDEF>`; undefined where nobody is found or Slack cannot be
   * asked: always so for a webhook
   */
  userByEmail(email: string): Promise<string | undefined>;
}

/** What every way of sending is told. */
export interface SendingOptions extends RetryOptions {
  /** Name of the parameter with the credential. */
  readonly parameter: string;
  /** `host:port` of a stand-in that may take Slack's place over plain http; empty for none. */
  readonly emulatorHost: string;
  /** Milliseconds until an attempt counts as lost. */
  readonly attemptMs: number;
}

export interface TransportOptions extends SendingOptions {
  /**
   * Milliseconds that the message which is about to be sent may take in all, waits included. Asked anew for each, so that
   * several messages share the time of one invocation.
   */
  readonly budgetMs: () => number;
}
