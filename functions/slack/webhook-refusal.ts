import { OUR_FAULT, SlackRefused } from './errors.ts';

const NEW_WEBHOOK =
  'make a new incoming webhook for the channel and put its URL into the parameter; it is read at the next notice';

/**
 * What to do, by the word that an incoming webhook answers.
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

/** After these the webhook itself is gone. */
const GONE = new Set([403, 404, 410]);

/** What an incoming webhook's refusal means and what to do about it. */
export function webhookRefusal(status: number, word: string, parameter: string): SlackRefused {
  return new SlackRefused(
    { status, word, credentialRejected: GONE.has(status) },
    `Slack refused the notice (${status} ${word}); its webhook is in the parameter ${parameter}: ${REMEDIES.get(word) ?? NEW_WEBHOOK}.`,
  );
}
