import type { Context } from 'aws-lambda';
import { announceBuild } from './builds/announce.ts';
import { readBuildEvent } from './builds/build-event.ts';
import { CleanExitError, messageOf } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { containerService, type NoticeService } from './notice-service.ts';

/** What the function needs beside its event. */
export interface Dependencies {
  readonly service: () => NoticeService;
  readonly log: Log;
}

/**
 * Tells Slack about a build. Whatever keeps the notice from being sent is thrown: Lambda repeats the invocation and then
 * puts the event into the failure queue, on which an alarm stands.
 */
export async function announce(
  { service, log }: Dependencies,
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> {
  try {
    log.remember({});
    const deps = service();
    const read = readBuildEvent(event);
    if (read.kind === 'none') {
      return log.info('NOTICE_SKIPPED', { reason: read.reason });
    }
    const { place, status } = read.build;
    log.remember({ build: place.buildId, project: place.project, status });
    const outcome = await announceBuild(deps, read, { remainingMs: () => context.getRemainingTimeInMillis() });
    const calls = deps.callsMade();
    const made = { calls, callsInAll: Object.values(calls).reduce((sum, count) => sum + count, 0) };
    if (outcome.kind === 'silent') {
      return log.info('NOTICE_SKIPPED', { reason: outcome.reason, ...made });
    }
    log.info('NOTICE_SENT', { answered: outcome.answered, ...made });
  } catch (thrown) {
    log.error('NOTICE_FAILED', {
      error: thrown instanceof CleanExitError ? thrown.code : 'BUG',
      reason: messageOf(thrown),
    });
    throw thrown;
  }
}

const log = createLog('build-notice');
const service = containerService(log);

export const handler = (event: unknown, context: Context): Promise<void> => announce({ service, log }, event, context);
