import type { Context } from 'aws-lambda';
import { cached, secureParameter } from './aws/ssm.ts';
import { readBuildEvent } from './builds/build-event.ts';
import { noticeOf } from './builds/notice.ts';
import { readConfig } from './config.ts';
import { CleanExitError, messageOf } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { BuildNoticeConfig } from './schemas/build-notice-config.ts';
import { payloadOf } from './slack/payload.ts';
import type { SlackSecret } from './slack/secret.ts';
import { sendByWebhook } from './slack/webhook.ts';

/** What the function needs beside its event. */
export interface Dependencies {
  readonly config: () => BuildNoticeConfig;
  readonly secret: SlackSecret;
  readonly log: Log;
}

/** Kept back from the time of the invocation, so that a failure is still logged and told by the function itself. */
const RESERVE_MS = 5_000;

/**
 * Tells Slack about a finished build. Whatever keeps the notice from being sent is thrown: Lambda repeats the
 * invocation and then puts the event into the failure queue, on which an alarm stands.
 */
export async function announce(
  { config, secret, log }: Dependencies,
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  try {
    log.remember({});
    const {
      SLACK_WEBHOOK_PARAMETER: parameter,
      NOTICE_LANGUAGE: language,
      EMULATOR_SLACK_HOST: emulatorHost,
    } = config();
    const read = readBuildEvent(event);
    if (read.kind === 'none') {
      return log.info('NOTICE_SKIPPED', { reason: read.reason });
    }
    if (read.kind === 'started') {
      return log.info('NOTICE_SKIPPED', { reason: 'The build is IN_PROGRESS; a notice is made when it has ended.' });
    }
    const { build } = read;
    log.remember({ build: build.place.buildId, project: build.place.project, status: build.status });
    if (parameter === '') {
      return log.info('NOTICE_SKIPPED', { reason: 'Notices are switched off: SLACK_WEBHOOK_PARAMETER is empty.' });
    }
    log.info('NOTICE_STARTED', { language });
    await sendByWebhook(secret, payloadOf(noticeOf(build, language)), {
      parameter,
      emulatorHost,
      budgetMs: context.getRemainingTimeInMillis() - RESERVE_MS,
      attemptMs: 5_000,
      firstWaitMs: 500,
      onRetry: (error, attempt) => log.warn('NOTICE_RETRIED', { attempt, reason: error.message }),
    });
    log.info('NOTICE_SENT');
  } catch (thrown) {
    log.error('NOTICE_FAILED', {
      error: thrown instanceof CleanExitError ? thrown.code : 'BUG',
      reason: messageOf(thrown),
    });
    throw thrown;
  }
}

const dependencies: Dependencies = {
  config: () => readConfig(BuildNoticeConfig),
  secret: cached((name) => secureParameter(name), 5 * 60_000),
  log: createLog('build-notice'),
};

export const handler = (event: unknown, context: Context): Promise<void> => announce(dependencies, event, context);
