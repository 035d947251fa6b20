import type { Routes } from '../schemas/routes.ts';
import {
  type About,
  type AnnounceDependencies,
  type News,
  NoticeBusy,
  type Outcome,
  RESERVE_MS,
} from './announcement.ts';
import {
  type BranchRecord,
  type BuildEntry,
  entryOf,
  hasGaps,
  historyBefore,
  NO_RECORD,
  newerThan,
  parseRecord,
  withEntry,
} from './branch-record.ts';
import type { BuildState } from './build-state.ts';
import { NO_HISTORY } from './history.ts';
import type { NoticeStore } from './ports.ts';
import { reportWrongRoutes } from './report-routes.ts';
import { branchKey, branchOf, type FullRoute, routeFor, wants } from './routes.ts';
import { type BuildItem, decide, rankOf } from './state.ts';
import { tell } from './tell.ts';

export type { AnnounceDependencies };

/** A claim outlives its invocation by this much, so that a clock that is a little ahead ends nobody's claim. */
const LEASE_MARGIN_MS = 5_000;
/** Others tell within a second or two: so long it is better to wait here than to have Lambda repeat it in a minute. */
const BUSY_WAITS_MS = [500, 1_000, 2_000, 4_000] as const;
/** Two builds of one branch that end at the same moment; each round one of them wins. */
const COMMIT_ATTEMPTS = 10;

/**
 * Tells people about a build, once, whatever comes twice, late or at the same time. Claims what is to be told, tells it,
 * and writes down that it was told; docs/adr/0014-one-message-per-build.md says why so.
 *
 * @param remainingMs what the invocation may still take
 * @param force also where the route is switched off: a message that says "building" is brought to its end
 * @throws whatever keeps the notice from being sent; nothing is lost then, a repetition tells it
 */
export async function announceBuild(
  deps: AnnounceDependencies,
  news: News,
  { remainingMs, force = false }: { readonly remainingMs: () => number; readonly force?: boolean },
): Promise<Outcome> {
  const loaded = await deps.routes();
  try {
    return await tellOnce(deps, news, loaded.routes, remainingMs, force);
  } finally {
    await reportWrongRoutes(deps, loaded, remainingMs);
  }
}

async function tellOnce(
  deps: AnnounceDependencies,
  news: News,
  routes: Routes | undefined,
  remainingMs: () => number,
  force: boolean,
): Promise<Outcome> {
  const { own, store, now } = deps;
  const { build } = news;
  const rank = rankOf(build.status);
  const branch = branchOf(build);
  const chosen = routeFor(routes, own, { project: build.place.project ?? '', branch, ended: rank > 1 });
  const entry = entryOf(build, now());
  if (chosen.kind === 'off' && !force) {
    return { kind: 'silent', reason: chosen.reason };
  }
  if (entry === undefined) {
    return tellUnnamed(deps, news, chosen.kind === 'route' ? chosen.route : undefined, remainingMs);
  }
  const { buildId } = entry;
  const owner = deps.owner();
  const claimed = await claim(deps, build, { owner, rank, startedAt: entry.startedAt, branch }, remainingMs);
  if (claimed.kind === 'silent') {
    return claimed;
  }
  try {
    const key = branchKey(build.place.project ?? '', branch);
    const found = await branchRecord(store, key);
    const record = withEntry(found.record, entry);
    // What is known of the build's beginning decides its place among the others.
    const known = record.recent.find((other) => other.buildId === buildId) ?? entry;
    // Builds that have told no branch are no branch: a newer one supersedes none, and what is missing says nothing.
    const newer = branch === undefined ? undefined : newerThan(record, known);
    const about: About = {
      history: branch === undefined && hasGaps(record, known) ? NO_HISTORY : historyBefore(record, known),
      ...(newer === undefined || rank < 2
        ? {}
        : { supersededBy: newer.number === undefined ? {} : { number: newer.number } }),
    };
    const route = chosen.kind === 'route' ? chosen.route : undefined;
    const outcome = await tell(deps, news, about, route, { item: claimed.item, owner, remainingMs });
    const place = outcome.kind === 'told' ? outcome.place : claimed.item.place;
    const told = { buildId, owner, status: build.status, rank, closed: rank > 1, place };
    await commit(deps, told, { key, entry, first: { ...found, record } });
    return outcome;
  } catch (thrown) {
    // Best effort: without it the claim ends by itself.
    await store.release(buildId, owner).catch(() => undefined);
    throw thrown;
  }
}

/** An event that does not say which build it is about: told as it comes, since nothing can be remembered of it. */
async function tellUnnamed(
  deps: AnnounceDependencies,
  { build }: News,
  route: FullRoute | undefined,
  remainingMs: () => number,
): Promise<Outcome> {
  const about = { history: NO_HISTORY };
  if (route === undefined || rankOf(build.status) < 2 || !wants(route, build.status, { kind: 'none' })) {
    return {
      kind: 'silent',
      reason: 'The event does not say which build it is about, and tells no end that the route wants.',
    };
  }
  const messenger = deps.open(route, () => remainingMs() - RESERVE_MS);
  const place = await messenger.post(deps.wording.notice(build, about, route.language));
  return { kind: 'told', place, answered: false };
}

/** Becomes the only one who tells something of the build, or finds that there is nothing to tell. */
async function claim(
  { store, now, sleep, log }: AnnounceDependencies,
  build: BuildState,
  { owner, rank, startedAt, branch }: { owner: string; rank: number; startedAt: number; branch: string | undefined },
  remainingMs: () => number,
): Promise<{ readonly kind: 'claimed'; readonly item: BuildItem } | Extract<Outcome, { kind: 'silent' }>> {
  const { place, number, status } = build;
  const { buildId = '', partition = 'aws', region = '', account = '' } = place;
  const arn = `arn:${partition}:codebuild:${region}:${account}:build/${buildId}`;
  const open = { buildId, arn, startedAt, number, branch };
  for (const wait of [...BUSY_WAITS_MS, undefined]) {
    const time = now();
    const until = time + remainingMs() + LEASE_MARGIN_MS;
    const { claimed, item } = await store.claim(open, { owner, rank, now: time, until });
    if (claimed) {
      return { kind: 'claimed', item };
    }
    const decision = decide(item, status, time);
    if (decision.kind === 'drop') {
      const known = item.status ?? 'something later';
      const why = decision.reason === 'duplicate' ? 'The event came twice' : 'The event came late';
      return { kind: 'silent', reason: `${why}: ${known} was told already.` };
    }
    if (wait !== undefined) {
      log.info('NOTICE_WAITS', { milliseconds: wait });
      await sleep(wait);
    }
  }
  throw new NoticeBusy(buildId);
}

async function branchRecord(store: NoticeStore, key: string) {
  const found = await store.branch(key);
  return found === undefined
    ? { record: NO_RECORD, version: 0 }
    : { record: parseRecord(found.record), version: found.version };
}

/** Writes down what was told. The record is made anew where another build of the branch was faster. */
async function commit(
  { store, log, now, sleep }: AnnounceDependencies,
  told: Omit<Parameters<NoticeStore['commit']>[0], 'branch' | 'now'>,
  { key, entry, first }: { key: string; entry: BuildEntry; first: { record: BranchRecord; version: number } },
): Promise<void> {
  let { record, version } = first;
  for (let attempt = 1; attempt <= COMMIT_ATTEMPTS; attempt++) {
    const branch = { key, record: JSON.stringify(record), version };
    const outcome = await store.commit({ ...told, branch, now: now() });
    switch (outcome) {
      case 'committed':
        return;
      case 'claimLost':
        return log.warn('NOTICE_REPEATED');
      case 'throttled':
        // The message stands in Slack: without this it would be told again.
        await sleep(200 * attempt);
        break;
      case 'branchChanged': {
        await sleep(20 * attempt);
        const found = await branchRecord(store, key);
        record = withEntry(found.record, entry);
        version = found.version;
        break;
      }
      default:
        outcome satisfies never;
    }
  }
  throw new NoticeBusy(told.buildId);
}
