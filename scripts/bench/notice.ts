/** What telling one build takes in the function itself: AWS and Slack answer at once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announce } from '#functions/build-notice.ts';
import type { NoticeStore } from '#functions/builds/ports.ts';
import { createLog } from '#functions/log.ts';
import { noticeService } from '#functions/notice-service.ts';
import { BuildNoticeConfig } from '#functions/schemas/build-notice-config.ts';
import { ROOT } from '../lib/sam.ts';
import { median } from './median.ts';

export interface NoticeResult {
  readonly status: 'succeeded' | 'failed';
  /** Median, in milliseconds, of one invocation in a warm container. */
  readonly ms: number;
}

const ROUNDS = 101;
/** As many lines as are asked for: all of them are looked through. */
const LOG_LINES = 1_000;

/** The heaviest notices: by bot, an image to look up; a failure with a long log, its answer, and an author to find. */
export async function measureNotices(): Promise<readonly NoticeResult[]> {
  const { fetch } = globalThis;
  globalThis.fetch = async () =>
    new Response('{"ok":true,"channel":"C0BUILDS","ts":"1.000001","user":{"id":"U0123456789"}}');
  try {
    const results: NoticeResult[] = [];
    for (const status of ['succeeded', 'failed'] as const) {
      results.push({ status, ms: await measure(status) });
    }
    return results;
  } finally {
    globalThis.fetch = fetch;
  }
}

async function measure(status: NoticeResult['status']): Promise<number> {
  const log = { ...createLog('bench'), info: () => {}, warn: () => {}, error: () => {} };
  const routes = JSON.stringify({ version: 1, default: { transport: 'bot', mention: 'author' } });
  const lines = Array.from({ length: LOG_LINES }, (_, at) => `Step ${at}: installing package-${at} from cache ${at}`);
  const service = noticeService(
    BuildNoticeConfig.parse({ SLACK_TOKEN_PARAMETER: '/token', SLACK_CHANNEL: 'C0BUILDS', NOTICE_TABLE: 'notices' }),
    {
      store: forgetful(),
      secret: { get: async () => 'xoxb-bench', refresh: async () => 'xoxb-bench' },
      enrichment: {
        log: { newestEvents: async () => lines },
        builds: async () => [],
        image: async () => ({ digest: `sha256:${'0'.repeat(64)}` }),
      },
      routesText: async () => routes,
      log,
    },
  );
  const event: unknown = JSON.parse(await readFile(join(ROOT, 'events', `codebuild-${status}.json`), 'utf8'));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await announce({ service, log }, event, { getRemainingTimeInMillis: () => 60_000 });
    times.push(performance.now() - began);
  }
  return median(times);
}

/** Takes everything and remembers nothing: each event is news. */
function forgetful(): NoticeStore {
  return {
    claim: async ({ buildId }) => ({ claimed: true, item: { buildId, rank: 0 } }),
    release: async () => {},
    keepPlace: async () => {},
    branch: async () => undefined,
    commit: async () => 'committed',
    async *open() {},
    lastRoutes: async () => undefined,
    keepRoutes: async () => {},
    firstToReport: async () => false,
    notReported: async () => {},
  };
}
