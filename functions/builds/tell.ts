import { type About, type AnnounceDependencies, type News, type Outcome, RESERVE_MS } from './announcement.ts';
import type { BuildState } from './build-state.ts';
import { enrich, mentionOf } from './enrich.ts';
import { standingOf, verdictOf } from './history.ts';
import type { Messenger, Place } from './ports.ts';
import { type FullRoute, isQuiet, type OwnParameters, wants } from './routes.ts';
import type { BuildItem } from './state.ts';

interface Telling {
  readonly item: BuildItem;
  readonly owner: string;
  readonly remainingMs: () => number;
}

/** Sends what is to be sent. A message that there is already is always brought to its end, whatever the route says now. */
export async function tell(
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
