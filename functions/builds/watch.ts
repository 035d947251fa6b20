import { CleanExitError, messageOf } from '../errors.ts';
import { type AnnounceDependencies, announceBuild, type News, NoticeBusy } from './announce.ts';
import { readBuildEvent } from './build-event.ts';
import { eventOfRecord } from './build-record.ts';
import type { BuildState } from './build-state.ts';
import type { OpenBuild } from './ports.ts';

/** Ends are told within seconds: what is older than this has been forgotten by somebody. */
const OVERDUE_MS = 10 * 60_000;
/** Longer than any build lives (see `functions/aws/codebuild.ts`), and than news is news. The failure queue keeps its event. */
const GIVEN_UP_MS = 3 * 24 * 60 * 60_000;
/** What telling one build may take at least; with less left the rest waits for the next time. */
const ENOUGH_MS = 20_000;
/** What telling one build may take at most: so long others wait for the claim. */
const LONGEST_MS = 60_000;
/** CodeBuild takes as many IDs in one call. */
const PER_CALL = 100;
const CODEBUILD_MS = 10_000;

export interface WatchResult {
  /** Builds whose end was not told. */
  readonly open: number;
  readonly told: number;
  readonly running: number;
  readonly failed: number;
}

/**
 * Looks for builds of which a beginning, or an end that Slack did not take, was the last that was heard, and tells their
 * true end. Of a build that CodeBuild does not know any more, it tells that nobody heard its end. Only builds that the
 * notices have heard of are looked at: what ran before the service existed stays untold.
 *
 * @throws the last failure, when every build has had its turn
 */
export async function watchBuilds(deps: AnnounceDependencies, remainingMs: () => number): Promise<WatchResult> {
  const result = { open: 0, told: 0, running: 0, failed: 0 };
  let failure: unknown;
  for await (const page of deps.store.open(deps.now() - OVERDUE_MS)) {
    const recent = page.filter(({ startedAt }) => deps.now() - startedAt < GIVEN_UP_MS);
    for (let start = 0; start < recent.length; start += PER_CALL) {
      const builds = recent.slice(start, start + PER_CALL);
      result.open += builds.length;
      const news = await newsOf(deps, builds);
      result.running += builds.length - news.length;
      for (const each of news) {
        if (remainingMs() < ENOUGH_MS) {
          continue;
        }
        try {
          const end = deps.now() + Math.min(remainingMs(), LONGEST_MS);
          const outcome = await announceBuild(deps, each, { remainingMs: () => end - deps.now(), force: true });
          result.told += outcome.kind === 'told' ? 1 : 0;
        } catch (thrown) {
          if (thrown instanceof NoticeBusy) {
            continue;
          }
          // One channel that is gone must not keep the others waiting.
          result.failed += 1;
          failure = thrown;
          deps.log.error('NOTICE_FAILED', {
            build: each.build.place.buildId,
            error: thrown instanceof CleanExitError ? thrown.code : 'BUG',
            reason: messageOf(thrown),
          });
        }
      }
    }
  }
  deps.log.info('WATCH_COMPLETED', { ...result });
  if (failure !== undefined) {
    throw failure;
  }
  return result;
}

/** The builds that have ended, as news. */
async function newsOf({ enrichment }: AnnounceDependencies, builds: readonly OpenBuild[]): Promise<readonly News[]> {
  const ids = builds.map(({ buildId }) => buildId);
  const records = await enrichment.builds(ids, AbortSignal.timeout(CODEBUILD_MS));
  const byArn = new Map(records.map((record) => [record.arn ?? '', record]));
  return builds.flatMap((build) => {
    const record = byArn.get(build.arn);
    if (record === undefined) {
      return lost(build);
    }
    const read = readBuildEvent(eventOfRecord(record));
    return read.kind === 'finished' ? { build: read.build, mask: read.mask } : [];
  });
}

/** A build that is gone: its end was never heard, and nobody can tell it any more. */
function lost({ arn, number, branch, startedAt }: OpenBuild): News | [] {
  const event = {
    source: 'aws.codebuild',
    'detail-type': 'CodeBuild Build State Change',
    detail: {
      'build-status': 'LOST',
      'build-id': arn,
      'additional-information': {
        'build-number': number,
        'build-start-time': new Date(startedAt).toISOString(),
        'source-version': refOf(branch),
      },
    },
  };
  const read = readBuildEvent(event);
  if (read.kind === 'none') {
    return [];
  }
  const { durationSeconds: _, endedAt: __, ...known } = read.build;
  const build: BuildState = { ...known, status: 'LOST', rawStatus: '' };
  return { build, mask: read.mask };
}

/** `branchOf` read backwards. */
function refOf(branch: string | undefined): string | undefined {
  if (branch === undefined) {
    return undefined;
  }
  const [, kind, name] = /^(tag|pr)\/(.+)$/s.exec(branch) ?? [];
  return kind === 'tag' ? `refs/tags/${name}` : kind === 'pr' ? `pr/${name}` : `refs/heads/${branch}`;
}
