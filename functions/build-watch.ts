import type { Context } from 'aws-lambda';
import { watchBuilds } from './builds/watch.ts';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { awsParts, type NoticeService, noticeService } from './notice-service.ts';
import { BuildNoticeConfig } from './schemas/build-notice-config.ts';

const log = createLog('build-watch');
let made: (() => NoticeService) | undefined;

/** Tells the end of builds whose end event never came, or came when Slack was away. Every quarter of an hour. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  log.remember({});
  if (made === undefined) {
    const config = readConfig(BuildNoticeConfig);
    made = noticeService(config, awsParts(config, log));
  }
  await watchBuilds(made(), () => context.getRemainingTimeInMillis());
}
