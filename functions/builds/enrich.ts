import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { readBuildEvent } from './build-event.ts';
import { type BuildRecord, eventOfRecord } from './build-record.ts';
import type { BuildState } from './build-state.ts';
import { verdictOf } from './history.ts';
import { type ImageFacts, withFacts } from './image.ts';
import { type BuildLogPort, type LogTail, readLogTail } from './log-tail.ts';
import type { Messenger } from './ports.ts';
import type { FullRoute } from './routes.ts';
import type { BuildMask } from './secrets.ts';

/** Where a notice gets what the event does not tell. */
export interface Enrichment {
  readonly log: BuildLogPort;
  /** Builds by ID; those that CodeBuild does not know (any more) are left out. */
  builds(ids: readonly string[], signal: AbortSignal): Promise<readonly BuildRecord[]>;
  /** What the registry says of an image by its URI with a tag; undefined where there is none. */
  image(uri: string, signal: AbortSignal): Promise<ImageFacts | undefined>;
}

/** None of these holds a notice up for longer. */
const TIMEOUT_MS = 2_500;

interface Enriched {
  readonly build: BuildState;
  readonly logTail?: LogTail;
}

/** What the event does not tell of a build that has ended. Never fails: what does not come in time is left out. */
export async function enrich(
  { enrichment, log }: { readonly enrichment: Enrichment; readonly log: Log },
  { build, mask }: { readonly build: BuildState; readonly mask: BuildMask },
): Promise<Enriched> {
  if (build.status === 'SUCCEEDED') {
    return { build: await withImage(build, enrichment, log) };
  }
  if (verdictOf(build.status) !== 'bad') {
    return { build };
  }
  const complete = build.failure !== undefined && (build.logStream !== undefined || build.withoutLog);
  const asked = complete ? { build, mask } : await asCodeBuildSays({ build, mask }, enrichment, log);
  return { build: asked.build, logTail: await readLogTail(enrichment.log, asked.build, asked.mask) };
}

/** CodeBuild's own record fills what the event left out. What the event told stays. */
async function asCodeBuildSays(
  told: { readonly build: BuildState; readonly mask: BuildMask },
  { builds }: Enrichment,
  log: Log,
): Promise<typeof told> {
  const { buildId } = told.build.place;
  const [record] =
    buildId === undefined ? [] : ((await inTime('CodeBuild', log, (signal) => builds([buildId], signal))) ?? []);
  if (record === undefined) {
    return told;
  }
  const read = readBuildEvent(eventOfRecord(record));
  if (read.kind !== 'finished' || read.build.status !== told.build.status) {
    return told;
  }
  const links = { ...read.build.links, ...told.build.links };
  return {
    build: { ...read.build, ...told.build, links, withoutLog: told.build.withoutLog && read.build.withoutLog },
    mask: (text) => told.mask(read.mask(text)),
  };
}

async function withImage(build: BuildState, { image: ask }: Enrichment, log: Log): Promise<BuildState> {
  const { image } = build;
  return image === undefined
    ? build
    : { ...build, image: withFacts(image, await inTime('ECR', log, (signal) => ask(image.uri, signal))) };
}

/** An answer within the time-out; undefined where none comes, or a failure. */
async function inTime<T>(what: string, log: Log, ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const late = sleep(TIMEOUT_MS, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error(`no answer within ${TIMEOUT_MS} ms`)),
    () => undefined,
  );
  const calls = new AbortController();
  try {
    return await Promise.race([ask(calls.signal), late]);
  } catch (thrown) {
    calls.abort();
    log.warn('ENRICHMENT_MISSED', { what, reason: messageOf(thrown) });
    return undefined;
  } finally {
    timer.abort();
  }
}

/** Addresses that hide who wrote a commit: whoever has one has asked not to be found by it. */
const NO_REPLY = /(^|[.+_-])no-?_?reply([.+_@-]|$)|@users\.noreply\./i;

/**
 * Whom to mention. An address that hides its owner counts only where the map names it.
 *
 * @returns Slack's ID; undefined where nobody is to be mentioned, or is found
 */
export async function mentionOf(
  { commit }: BuildState,
  { mention }: FullRoute,
  people: Readonly<Record<string, string>>,
  messenger: Pick<Messenger, 'userByEmail'>,
): Promise<string | undefined> {
  const email = commit?.email?.toLowerCase();
  if (mention === 'none' || email === undefined) {
    return undefined;
  }
  const mapped = Object.entries(people).find(([address]) => address.toLowerCase() === email)?.[1];
  if (mapped !== undefined || mention === '@map' || NO_REPLY.test(email)) {
    return mapped;
  }
  return messenger.userByEmail(email);
}
