import { cached, secureParameter } from './aws/ssm.ts';
import { readConfig } from './config.ts';
import type { Log } from './log.ts';
import { StackNoticeConfig } from './schemas/stack-notice-config.ts';
import { botTransport } from './slack/bot.ts';
import { payloadOf } from './slack/payload.ts';
import type { SlackSecret } from './slack/secret.ts';
import type { Transport } from './slack/transport.ts';
import { webhookTransport } from './slack/webhook.ts';
import type { Messenger, TellDeps } from './teardown/tell.ts';

/** How long a secret is used without asking again, and how long asking may take. */
const KEEP_MS = 5 * 60_000;
const READ_MS = 8_000;

const containerSecret = cached((name) => secureParameter(name, { signal: AbortSignal.timeout(READ_MS) }), KEEP_MS);

/** Stack notices in Slack, as the environment has them: by the bot where there is one, else by the webhook, else none. */
export function stackNotices(
  log: Log,
  config: () => StackNoticeConfig = () => readConfig(StackNoticeConfig),
  secret: SlackSecret = containerSecret,
): TellDeps['openMessenger'] {
  return (budgetMs) => {
    const settings = config();
    const transport = transportOf(settings, secret, log, budgetMs);
    return typeof transport === 'string' ? transport : messengerOf(transport, settings);
  };
}

function messengerOf(transport: Transport, { NOTICE_LANGUAGE: language }: StackNoticeConfig): Messenger {
  return {
    language,
    edits: transport.edits,
    post: (notice, where) => transport.post(payloadOf(notice), where),
    update: (place, notice) => transport.update(place, payloadOf(notice)),
  };
}

function transportOf(
  settings: StackNoticeConfig,
  secret: SlackSecret,
  log: Log,
  budgetMs: () => number,
): Transport | string {
  const { SLACK_TOKEN_PARAMETER, SLACK_CHANNEL, SLACK_WEBHOOK_PARAMETER, EMULATOR_SLACK_HOST } = settings;
  const options = {
    emulatorHost: EMULATOR_SLACK_HOST,
    budgetMs,
    attemptMs: 5_000,
    firstWaitMs: 500,
    onRetry: (error: Error, attempt: number) => log.warn('STACK_NOTICE_RETRIED', { attempt, reason: error.message }),
  };
  if (SLACK_TOKEN_PARAMETER !== '' && SLACK_CHANNEL !== '') {
    return botTransport(secret, {
      ...options,
      parameter: SLACK_TOKEN_PARAMETER,
      channel: SLACK_CHANNEL,
      channelSetting: 'SLACK_CHANNEL',
      // Nobody is looked up here: a stack has no author.
      lookupMs: 0,
      onLookupFailed: () => {},
    });
  }
  if (SLACK_WEBHOOK_PARAMETER !== '') {
    return webhookTransport(secret, { ...options, parameter: SLACK_WEBHOOK_PARAMETER });
  }
  return SLACK_TOKEN_PARAMETER === ''
    ? 'Notices are switched off: neither SLACK_TOKEN_PARAMETER nor SLACK_WEBHOOK_PARAMETER is set.'
    : 'The bot has no channel: set SLACK_CHANNEL.';
}
