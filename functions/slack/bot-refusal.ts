import { OUR_FAULT, SlackRefused } from './errors.ts';

/** What a call was about. */
export interface BotCall {
  /** Method of the Web API, e.g. `chat.postMessage`. */
  readonly method: string;
  /** Name of the parameter with the token. */
  readonly parameter: string;
  /** ID of the channel; undefined for a method that has none. */
  readonly channel: string | undefined;
}

/** After these the token is no good any more. */
const TOKEN_REJECTED = new Set(['invalid_auth', 'token_revoked', 'token_expired', 'account_inactive', 'not_authed']);

const NEW_TOKEN =
  'install the app into the workspace again and put its Bot User OAuth Token (xoxb-…) into the parameter; it is read at the next notice';
const INVITE =
  'invite the app (type /invite @app in the channel), or for a public channel give it the scope chat:write.public';
const ASK_ADMIN = 'an administrator of the workspace has restricted this; ask them to allow the app to post there';
const ASK_OWNER = 'ask an owner of the workspace to approve the app for it';

/**
 * What to do, by the word that the Web API answers.
 * https://docs.slack.dev/reference/methods/chat.postMessage#errors and
 * https://docs.slack.dev/reference/methods/chat.update#errors
 */
const REMEDIES = new Map([
  [
    'channel_not_found',
    "check the ID (in Slack: the channel's details, at the bottom); a private channel is found only after the app was invited to it",
  ],
  ['not_in_channel', INVITE],
  ['is_archived', 'unarchive the channel, or set another one'],
  ['channel_is_archived', 'unarchive the channel, or set another one'],
  ['invalid_auth', NEW_TOKEN],
  ['not_authed', NEW_TOKEN],
  ['token_revoked', NEW_TOKEN],
  ['account_inactive', NEW_TOKEN],
  [
    'token_expired',
    'put a fresh token into the parameter, or switch token rotation off for the app: nothing here renews a token',
  ],
  ['not_allowed_token_type', 'put the Bot User OAuth Token (xoxb-…) into the parameter, not another token of the app'],
  ['no_permission', 'give the app the scope chat:write and install it into the workspace again'],
  ['restricted_action', ASK_ADMIN],
  ['restricted_action_read_only_channel', 'the channel is read-only; set another one'],
  ['restricted_action_thread_only_channel', 'the channel takes answers in threads alone; set another one'],
  ['restricted_action_non_threadable_channel', 'the channel takes no answers in threads; set another one'],
  ['restricted_action_thread_locked', 'an administrator has locked the thread; ask them to unlock it'],
  ['ekm_access_denied', 'administrators have suspended posting (Enterprise Key Management); ask them to resume it'],
  ['messages_tab_disabled', "switch on the Messages Tab in the app's settings (App Home), or set a channel"],
  ['message_limit_exceeded', 'the workspace is over the message limit of its plan; ask its owner'],
  ['access_denied', ASK_OWNER],
  ['team_access_not_granted', ASK_OWNER],
  ['org_login_required', 'the workspace is being migrated to an Enterprise organization; send again when that is done'],
  ['enterprise_is_restricted', ASK_OWNER],
  ['accesslimited', "allow the function's network in the workspace's settings: Slack limits access by address there"],
  ['two_factor_setup_required', 'the installer of the app must set up two-factor authentication'],
  ['invalid_blocks', OUR_FAULT],
  ['invalid_blocks_format', OUR_FAULT],
  ['invalid_attachments', OUR_FAULT],
  ['invalid_arguments', OUR_FAULT],
  ['msg_blocks_too_long', OUR_FAULT],
  ['msg_too_long', OUR_FAULT],
  ['no_text', OUR_FAULT],
  ['too_many_attachments', OUR_FAULT],
  ['message_not_found', 'the message was deleted; send it anew'],
  ['cant_update_message', 'the message belongs to another app or user; send it anew'],
  ['edit_window_closed', 'the workspace does not allow editing for so long; send it anew'],
]);

/**
 * What a refusal of the Web API means and what to do about it.
 *
 * @param needed scopes of which the token needs one, as Slack names them with `missing_scope`
 */
export function botRefusal(
  { method, parameter, channel }: BotCall,
  status: number,
  word: string,
  needed: string | undefined,
): SlackRefused {
  const where = channel === undefined ? '' : ` in channel ${channel}`;
  const remedy =
    word === 'missing_scope'
      ? `give the app the scope ${needed ?? 'that the method needs'} and install it into the workspace again`
      : (REMEDIES.get(word) ??
        `what this means is not known here; look it up at https://docs.slack.dev/reference/methods/${method}#errors`);
  return new SlackRefused(
    { status, word, credentialRejected: TOKEN_REJECTED.has(word) },
    `Slack refused ${method}${where} (${status} ${word}); the bot token is in the parameter ${parameter}: ${remedy}.`,
  );
}
