import { CleanExitError, messageOf } from '../errors.ts';
import { announceBuild } from './announce.ts';
import { type AnnounceDependencies, type News, NoticeBusy } from './announcement.ts';
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
  const failures: unknown[] = [];
  /** One project or channel that is out of reach must not keep the others waiting. */
  const failed = (thrown: unknown, builds: readonly string[]): void => {
    result.failed += builds.length;
    failures.push(thrown);
    const error = thrown instanceof CleanExitError ? thrown.code : 'BUG';
    deps.log.error('NOTICE_FAILED', { build: builds.join(', '), error, reason: messageOf(thrown) });
  };

  async function tell(news: News): Promise<void> {
    if (remainingMs() < ENOUGH_MS) {
      return;
    }
    const end = deps.now() + Math.min(remainingMs(), LONGEST_MS);
    try {
      const outcome = await announceBuild(deps, news, { remainingMs: () => end - deps.now(), force: true });
      result.told += outcome.kind === 'told' ? 1 : 0;
    } catch (thrown) {
      // Somebody else tells it at this moment.
      if (!(thrown instanceof NoticeBusy)) {
        failed(thrown, [news.build.place.buildId ?? '']);
      }
    }
  }

  for await (const page of deps.store.open(deps.now() - OVERDUE_MS)) {
    const recent = page.filter(({ startedAt }) => deps.now() - startedAt < GIVEN_UP_MS);
    result.open += recent.length;
    for (const builds of groupsOf(recent)) {
      try {
        const news = await newsOf(deps, builds);
        result.running += builds.length - news.length;
        for (const each of news) {
          await tell(each);
        }
      } catch (thrown) {
        failed(
          thrown,
          builds.map(({ buildId }) => buildId),
        );
      }
    }
  }
  deps.log.info('WATCH_COMPLETED', { ...result });
  if (failures.length > 0) {
    throw failures.at(-1);
  }
  return result;
}

/** As many as one call takes, of one project each: a role may be allowed to ask about some projects only. */
function groupsOf(builds: readonly OpenBuild[]): readonly (readonly OpenBuild[])[] {
  const byProject = Map.groupBy(builds, ({ buildId }) => buildId.slice(0, buildId.lastIndexOf(':')));
  return [...byProject.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / PER_CALL) }, (_, index) =>
      group.slice(index * PER_CALL, (index + 1) * PER_CALL),
    ),
  );
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
