import type { Context } from 'aws-lambda';
import { watchBuilds } from './builds/watch.ts';
import { CleanExitError, messageOf } from './errors.ts';
import { createLog } from './log.ts';
import { containerService } from './notice-service.ts';

const log = createLog('build-watch');
const service = containerService(log);

/** Tells the end of builds whose end event never came, or came when Slack was away. Every quarter of an hour. */
export const handler = async (_event: unknown, context: Context): Promise<void> => {
  try {
    log.remember({});
    await watchBuilds(service(), () => context.getRemainingTimeInMillis());
  } catch (thrown) {
    log.error('WATCH_FAILED', {
      error: thrown instanceof CleanExitError ? thrown.code : 'BUG',
      reason: messageOf(thrown),
    });
    throw thrown;
  }
};
