import { CleanExitError, Refused } from '../errors.ts';

/** Slack did not take the message this time; sending it again may work. */
export class SlackUnavailable extends CleanExitError {
  readonly whoActs = 'retry';
  /** Seconds that Slack asked to wait; undefined where it did not ask. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super('SLACK_UNAVAILABLE', message);
    this.retryAfter = retryAfter;
  }
}

const NEW_WEBHOOK =
  'make a new incoming webhook for the channel and put its URL into the parameter; it is read at the next notice';
const OUR_FAULT = 'the message was built wrongly: report it, with the event, to the maintainers';

/**
 * What to do, by the word that Slack answers.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling-errors
 */
const REMEDIES = new Map([
  ['invalid_payload', OUR_FAULT],
  ['invalid_blocks', OUR_FAULT],
  ['invalid_attachments', OUR_FAULT],
  ['no_text', OUR_FAULT],
  ['too_many_attachments', OUR_FAULT],
  ['action_prohibited', 'an administrator of the workspace has restricted this; ask them to allow the app to post'],
  ['posting_to_general_channel_denied', 'an administrator has restricted #general; use another channel'],
  [
    'channel_is_archived',
    'unarchive the channel, or make a webhook for another one and put its URL into the parameter',
  ],
  ['channel_not_found', NEW_WEBHOOK],
  ['user_not_found', NEW_WEBHOOK],
  ['invalid_token', NEW_WEBHOOK],
  ['no_active_hooks', NEW_WEBHOOK],
  ['no_service', NEW_WEBHOOK],
  ['no_service_id', NEW_WEBHOOK],
  ['no_team', NEW_WEBHOOK],
  ['team_disabled', 'the workspace is disabled; make a webhook in another one and put its URL into the parameter'],
]);

/** Slack refused the message and will refuse it again. Never holds the webhook's URL. */
export class SlackRefused extends Refused {
  readonly status: number;
  /** Slack's word for it, e.g. `no_service`. */
  readonly word: string;

  constructor(status: number, word: string, parameter: string) {
    const remedy = REMEDIES.get(word) ?? NEW_WEBHOOK;
    super(
      'SLACK_REFUSED',
      `Slack refused the notice (${status} ${word}); its webhook is in the parameter ${parameter}: ${remedy}.`,
    );
    this.status = status;
    this.word = word;
  }

  /** True where the webhook itself is gone: a newer URL may stand in the parameter by now. */
  get webhookGone(): boolean {
    return this.status === 403 || this.status === 404 || this.status === 410;
  }
}
