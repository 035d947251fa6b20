import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createBuildLog } from './aws/build-log.ts';
import { buildsById } from './aws/builds.ts';
import { callsFromNow } from './aws/call-counter.ts';
import { createNoticeStore } from './aws/dynamodb.ts';
import { imageFacts } from './aws/image-facts.ts';
import { cached, plainParameter, secureParameter } from './aws/ssm.ts';
import type { AnnounceDependencies } from './builds/announcement.ts';
import type { Enrichment } from './builds/enrich.ts';
import { createRoutesLoader } from './builds/load-routes.ts';
import type { NoticeStore, OpenMessenger } from './builds/ports.ts';
import { WORDING } from './builds/wording.ts';
import { readConfig } from './config.ts';
import type { Log } from './log.ts';
import { BuildNoticeConfig } from './schemas/build-notice-config.ts';
import { botTransport } from './slack/bot.ts';
import { payloadOf } from './slack/payload.ts';
import type { SlackSecret } from './slack/secret.ts';
import { webhookTransport } from './slack/webhook.ts';

/** What the functions that tell Slack about builds are made of; tests give their own. */
export interface NoticeParts {
  readonly store: NoticeStore;
  readonly secret: SlackSecret;
  readonly enrichment: Enrichment;
  readonly routesText: () => Promise<string | undefined>;
  readonly log: Log;
}

export interface NoticeService extends AnnounceDependencies {
  /** What this invocation has asked of AWS and Slack so far, repetitions included, by action. */
  readonly callsMade: () => Readonly<Record<string, number>>;
}

/** How long a document or a secret is used without asking again: a change is in force after that. */
const KEEP_MS = 5 * 60_000;

/**
 * Milliseconds that Systems Manager is waited for. The routes have a last good document in their place; without the secret
 * nothing can be told, and the invocation must still have the time to say so.
 */
const ROUTES_MS = 5_000;
const SECRET_MS = 15_000;

/** The parts over AWS. Cheap: clients are made when first used. */
function awsParts(config: BuildNoticeConfig, log: Log): NoticeParts {
  return {
    store: createNoticeStore(config.NOTICE_TABLE),
    secret: cached((name) => secureParameter(name, { signal: AbortSignal.timeout(SECRET_MS) }), KEEP_MS),
    enrichment: {
      log: createBuildLog(),
      builds: (ids, signal) => buildsById(ids, { signal }),
      image: (uri, signal) => imageFacts(uri, { signal }),
    },
    routesText: async () =>
      config.ROUTES_PARAMETER === ''
        ? undefined
        : plainParameter(config.ROUTES_PARAMETER, { signal: AbortSignal.timeout(ROUTES_MS) }),
    log,
  };
}

/** Once for each container: routes are kept in it. Each call of what it returns is for one invocation, whose calls it counts. */
export function noticeService(
  config: BuildNoticeConfig,
  { store, secret, enrichment, routesText, log }: NoticeParts,
): () => NoticeService {
  const now = () => Date.now();
  const routes = createRoutesLoader({ read: routesText, store, log, keepMs: KEEP_MS, now });
  const own = {
    webhook: config.SLACK_WEBHOOK_PARAMETER,
    token: config.SLACK_TOKEN_PARAMETER,
    channel: config.SLACK_CHANNEL,
    language: config.NOTICE_LANGUAGE,
  };
  return () => {
    const awsCalls = callsFromNow();
    let slackCalls = 0;
    const open: OpenMessenger = (route, budgetMs) => {
      const options = {
        parameter: route.transport === 'bot' ? own.token : route.parameter,
        emulatorHost: config.EMULATOR_SLACK_HOST,
        budgetMs,
        attemptMs: 5_000,
        firstWaitMs: 500,
        onRetry: (error: Error, attempt: number) => {
          slackCalls += 1;
          log.warn('NOTICE_RETRIED', { attempt, reason: error.message });
        },
      };
      const transport =
        route.transport === 'bot'
          ? botTransport(secret, {
              ...options,
              channel: route.channel,
              channelSetting: 'SlackChannel, or channel in the routes document',
              lookupMs: 2_500,
              onLookupFailed: (reason) => log.warn('ENRICHMENT_MISSED', { what: 'the author in Slack', reason }),
            })
          : webhookTransport(secret, options);
      const counted = <T>(answer: Promise<T>): Promise<T> => {
        slackCalls += 1;
        return answer;
      };
      return {
        edits: transport.edits,
        post: (notice, where) => counted(transport.post(payloadOf(notice), where)),
        update: (place, notice) => counted(transport.update(place, payloadOf(notice))),
        userByEmail: (email) => counted(transport.userByEmail(email)),
      };
    };
    return {
      own,
      store,
      routes,
      open,
      enrichment,
      wording: WORDING,
      log,
      now,
      sleep: setTimeout,
      owner: randomUUID,
      callsMade: () => ({ ...awsCalls(), ...(slackCalls === 0 ? {} : { slack: slackCalls }) }),
    };
  };
}

/** The service of this container, made at its first invocation, so that wrong configuration is told like every other failure. */
export function containerService(log: Log): () => NoticeService {
  let made: (() => NoticeService) | undefined;
  return () => {
    if (made === undefined) {
      const config = readConfig(BuildNoticeConfig);
      made = noticeService(config, awsParts(config, log));
    }
    return made();
  };
}
