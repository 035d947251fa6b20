import { CleanExitError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Notice } from '../schemas/notice.ts';
import type { Routes } from '../schemas/routes.ts';
import {
  type BranchRecord,
  type BuildEntry,
  entryOf,
  historyBefore,
  NO_RECORD,
  newerThan,
  parseRecord,
  withEntry,
} from './branch-record.ts';
import type { BuildState } from './build-state.ts';
import { type Enrichment, enrich, mentionOf } from './enrich.ts';
import { type BuildHistory, NO_HISTORY, standingOf, verdictOf } from './history.ts';
import type { LoadedRoutes } from './load-routes.ts';
import type { LogTail } from './log-tail.ts';
import type { Messenger, NoticeStore, OpenMessenger, Place } from './ports.ts';
import {
  branchKey,
  branchOf,
  defaultRoute,
  type FullRoute,
  isQuiet,
  type OwnParameters,
  routeFor,
  wants,
} from './routes.ts';
import type { BuildMask } from './secrets.ts';
import { type BuildItem, decide, rankOf } from './state.ts';

/** What a notice may say beyond the build itself. */
export interface About {
  /** As it stood before this build. */
  readonly history: BuildHistory;
  /** A newer build of the same branch. */
  readonly supersededBy?: { readonly number?: number };
  readonly logTail?: LogTail;
  /** Slack's ID of a person to mention. */
  readonly mention?: string;
  /** True where the end of the log follows as an answer. */
  readonly answered?: boolean;
}

/** The words of the notices; pure. */
export interface Wording {
  notice(build: BuildState, about: About, language: FullRoute['language']): Notice;
  /** The answer to a failed build's message: the end of its log. */
  answer(build: BuildState, about: About, language: FullRoute['language']): Notice;
  /** To the operator, about a wrong routes document. */
  wrongRoutes(faults: readonly string[], language: FullRoute['language']): Notice;
}

export interface AnnounceDependencies {
  readonly own: OwnParameters;
  readonly store: NoticeStore;
  readonly routes: () => Promise<LoadedRoutes>;
  readonly open: OpenMessenger;
  readonly enrichment: Enrichment;
  readonly wording: Wording;
  readonly log: Log;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** A name for this invocation that no other one has. */
  readonly owner: () => string;
}

/** A build in a state that people may not know yet. */
export interface News {
  readonly build: BuildState;
  readonly mask: BuildMask;
}

export type Outcome =
  | { readonly kind: 'told'; readonly place: Place | undefined; readonly answered: boolean }
  | { readonly kind: 'silent'; readonly reason: string };

/** Somebody else is telling something of the same build; Lambda repeats the invocation, and then it is decided. */
export class NoticeBusy extends CleanExitError {
  readonly whoActs = 'retry';

  constructor(buildId: string) {
    super('NOTICE_BUSY', `another invocation is telling something of ${buildId} at this moment`);
  }
}

/** A claim outlives its invocation by this much, so that a clock that is a little ahead ends nobody's claim. */
const LEASE_MARGIN_MS = 5_000;
/** Kept back from the time of the invocation for what comes after the message. */
const RESERVE_MS = 6_000;
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
    const newer = newerThan(record, known);
    const about: About = {
      history: historyBefore(record, known),
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

interface Telling {
  readonly item: BuildItem;
  readonly owner: string;
  readonly remainingMs: () => number;
}

/** Sends what is to be sent. A message that there is already is always brought to its end, whatever the route says now. */
async function tell(
  deps: AnnounceDependencies,
  news: News,
  about: About,
  route: FullRoute | undefined,
  { item, owner, remainingMs }: Telling,
): Promise<Outcome> {
  const { own, wording, store } = deps;
  const { status } = news.build;
  const wanted = route !== undefined && wants(route, status, standingOf(status, about.history)) ? route : undefined;
  const old = own.token === '' ? undefined : item.place;
  const target = old === undefined ? wanted : editing(old, wanted, own);
  if (target === undefined) {
    return { kind: 'silent', reason: whySilent(status, route) };
  }
  const messenger = deps.open(target, () => remainingMs() - RESERVE_MS);
  const bad = verdictOf(status) === 'bad';
  const alerted = bad && about.supersededBy === undefined && wanted !== undefined && !isQuiet(wanted, deps.now());
  const { build, more } = await enriched(deps, news, alerted ? wanted : undefined, messenger);
  const full = { ...about, ...more };
  // An edited message notifies nobody: the mention stands in the answer.
  const { mention: _, ...unmentioned } = full;
  const answered = bad && wanted !== undefined && messenger.edits;
  const notice = wording.notice(build, messenger.edits ? { ...unmentioned, answered } : full, target.language);
  const place = old === undefined ? await messenger.post(notice) : await messenger.update(old, notice);
  if (!answered || place === undefined) {
    return { kind: 'told', place, answered: false };
  }
  const fresh = place.ts !== old?.ts;
  if (fresh) {
    // From here on a crash has the answer alone sent again.
    await store.keepPlace(item.buildId, owner, place);
  }
  const broadcast = alerted && !fresh && wanted.transport === 'bot' && wanted.broadcast;
  await messenger.post(wording.answer(build, full, target.language), { thread: place, broadcast });
  return { kind: 'told', place, answered: true };
}

/** A message that there is stays where it is, whatever the document says by now; where it is gone, the route's channel counts. */
function editing(old: Place, wanted: FullRoute | undefined, { language }: OwnParameters): FullRoute {
  const manner = { mode: 'all', mention: 'none', language: wanted?.language ?? language } as const;
  const channel = wanted?.transport === 'bot' ? wanted.channel : old.channel;
  return { ...manner, transport: 'bot', channel, broadcast: false };
}

function whySilent(status: BuildState['status'], route: FullRoute | undefined): string {
  if (route === undefined) {
    return status === 'IN_PROGRESS'
      ? 'The build is IN_PROGRESS, and its branch, which decides about the route, is not known yet.'
      : 'The route of this build is switched off.';
  }
  return status === 'IN_PROGRESS' && route.mode === 'all'
    ? 'The build is IN_PROGRESS; a notice is made when it has ended.'
    : `The build is ${status}; its route tells ${route.mode} only.`;
}

/** Everything that the event does not tell, each in a short time or not at all. */
async function enriched(
  deps: AnnounceDependencies,
  news: News,
  alerted: FullRoute | undefined,
  messenger: Messenger,
): Promise<{ readonly build: BuildState; readonly more: Pick<About, 'logTail' | 'mention'> }> {
  const [{ build, logTail }, mention] = await Promise.all([
    enrich(deps, news),
    alerted === undefined
      ? undefined
      : mentionOf(news.build, alerted, (await deps.routes()).routes?.people ?? {}, messenger),
  ]);
  return {
    build,
    more: { ...(logTail === undefined ? {} : { logTail }), ...(mention === undefined ? {} : { mention }) },
  };
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

/** Tells the operator about a wrong document, once for each document, where notices go by default. Never fails. */
async function reportWrongRoutes(
  { own, store, open, wording, log }: AnnounceDependencies,
  { routes, wrong }: LoadedRoutes,
  remainingMs: () => number,
): Promise<void> {
  const chosen = defaultRoute(routes, own);
  if (wrong === undefined || chosen.kind !== 'route') {
    return;
  }
  try {
    if (!(await store.firstToReport(wrong.hash))) {
      return;
    }
    const messenger = open(chosen.route, () => Math.min(10_000, remainingMs() - RESERVE_MS));
    await messenger.post(wording.wrongRoutes(wrong.faults, chosen.route.language)).catch(async (thrown: unknown) => {
      await store.notReported(wrong.hash);
      throw thrown;
    });
  } catch (thrown) {
    log.warn('ENRICHMENT_MISSED', { what: 'the word about the wrong routes document', reason: messageOf(thrown) });
  }
}
