import { createHash } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Language } from '../schemas/build-notice-config.ts';
import { type QuietHours, type Route, Routes } from '../schemas/routes.ts';
import type { BuildState, BuildStatus } from './build-state.ts';
import { matches } from './glob.ts';
import type { Standing } from './history.ts';
import { verdictOf } from './history.ts';
import { maskSecrets } from './secrets.ts';

/** A document that was read: its routes, or everything that is wrong with it, each fault with its field. */
export type CheckedRoutes = { readonly routes: Routes } | { readonly faults: readonly string[] };

/** An SSM parameter of the standard tier holds this many bytes; the advanced tier twice as many. */
const LONGEST = 8_192;

/**
 * Reads a routes document. All faults at once, each with the name of its field and what it must be.
 *
 * @param text JSON, as it stands in the parameter
 */
export function checkRoutes(text: string): CheckedRoutes {
  const size = Buffer.byteLength(text);
  if (size > LONGEST) {
    return { faults: [`the document: has ${size} bytes; an SSM parameter holds ${LONGEST} at the most`] };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return { faults: [`the document: is no JSON: ${jsonFault(messageOf(thrown), text)}`] };
  }
  const result = Routes.safeParse(value);
  if (result.success) {
    return { routes: result.data };
  }
  // Names that are not known are outside text: somebody may have put a token where a name belongs.
  const faultOf = (issue: (typeof result.error.issues)[number]): string =>
    `${maskSecrets(fieldOf(issue.path))}: ${issue.code === 'unrecognized_keys' ? maskSecrets(issue.message) : issue.message}`;
  return { faults: result.error.issues.map(faultOf) };
}

/** V8 repeats what stands around the fault: half a secret, maybe. The line is told instead. */
function jsonFault(message: string, text: string): string {
  const [, words, around] =
    /^(Unexpected token '.{1,2}'), (?:\.{3})?"([\s\S]*)"(?:\.{3})? is not valid JSON$/.exec(message) ?? [];
  if (words === undefined || around === undefined) {
    return message;
  }
  const place = text.indexOf(around);
  return place < 0 || text.includes(around, place + 1)
    ? words
    : `${words} near line ${text.slice(0, place + around.length / 2).split('\n').length}`;
}

/** `routes[1].quietHours.from` */
function fieldOf(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (field, key) =>
      typeof key === 'number' ? `${field}[${key}]` : field === '' ? String(key) : `${field}.${String(key)}`,
    '',
  );
  return name === '' ? 'the document' : name;
}

/** What the stack's own parameters say: they fill what a route leaves open, and make the route where there is none. */
export interface OwnParameters {
  readonly webhook: string;
  readonly token: string;
  readonly channel: string;
  readonly language: Language;
}

/** A route with nothing left open. */
export type FullRoute = {
  readonly mode: Exclude<Route['mode'], 'off'>;
  readonly language: Language;
  readonly mention: Route['mention'];
  readonly quietHours?: QuietHours | undefined;
} & (
  | { readonly transport: 'webhook'; readonly parameter: string }
  | { readonly transport: 'bot'; readonly channel: string; readonly broadcast: boolean }
);

export type Chosen =
  | { readonly kind: 'route'; readonly route: FullRoute }
  /** Nothing is told; the reason is one sentence. */
  | { readonly kind: 'off'; readonly reason: string }
  /** The branch decides, and nobody knows it yet: CodeBuild tells it when the build has ended. */
  | { readonly kind: 'undecided' };

interface Asked {
  readonly project: string;
  /** As routes know it, see `branchOf`; undefined where it is not known. */
  readonly branch: string | undefined;
  /** True where nothing more will be known of the branch: then a route for certain branches does not match. */
  readonly ended: boolean;
}

/** @returns the place of the first route that matches in the list, or why there is none */
export function indexFor({ routes }: Routes, { project, branch, ended }: Asked): number | 'default' | 'undecided' {
  for (const [index, route] of routes.entries()) {
    if (!matches(route.project, project)) {
      continue;
    }
    if (branch !== undefined ? matches(route.branch, branch) : /^\*+$/.test(route.branch)) {
      return index;
    }
    if (branch === undefined && !ended) {
      return 'undecided';
    }
  }
  return 'default';
}

/** The first route that matches, with nothing left open. */
export function routeFor(routes: Routes | undefined, own: OwnParameters, asked: Asked): Chosen {
  const index = routes === undefined ? 'default' : indexFor(routes, asked);
  if (index === 'undecided') {
    return { kind: 'undecided' };
  }
  const route = index === 'default' ? undefined : routes?.routes[index];
  return route === undefined ? defaultRoute(routes, own) : filled(route, own);
}

/** Where no route matches, and where the operator is told about the document itself. */
export function defaultRoute(routes: Routes | undefined, own: OwnParameters): Chosen {
  if (routes?.default !== undefined) {
    return filled(routes.default, own);
  }
  const manner = { mode: 'all', mention: 'none', broadcast: true } as const;
  if (own.token !== '' && own.channel !== '') {
    return filled({ transport: 'bot', ...manner }, own);
  }
  return filled({ transport: 'webhook', ...manner }, own);
}

function filled(route: Route, own: OwnParameters): Chosen {
  const { mode, mention, quietHours } = route;
  if (mode === 'off') {
    return { kind: 'off', reason: 'The route of this build is switched off.' };
  }
  const manner = { mode, mention, quietHours, language: route.language ?? own.language };
  if (route.transport === 'webhook') {
    const parameter = route.webhook ?? own.webhook;
    return parameter === ''
      ? {
          kind: 'off',
          reason: 'Notices are switched off: SlackWebhookParameter is empty, and no route names a webhook.',
        }
      : { kind: 'route', route: { ...manner, transport: 'webhook', parameter } };
  }
  const channel = route.channel ?? own.channel;
  if (own.token === '') {
    return { kind: 'off', reason: 'The route wants a bot, and the stack has no SlackTokenParameter.' };
  }
  return channel === ''
    ? { kind: 'off', reason: 'The route wants a bot and names no channel, and SlackChannel is empty.' }
    : { kind: 'route', route: { ...manner, transport: 'bot', channel, broadcast: route.broadcast } };
}

/** The branch as routes and the history know it: `main`, `tag/v1.2`, `pr/12`; undefined where nothing is known. */
export function branchOf({ ref }: Pick<BuildState, 'ref'>): string | undefined {
  if (ref === undefined) {
    return undefined;
  }
  switch (ref.kind) {
    case 'branch':
    case 'ref':
      return ref.name;
    case 'tag':
      return `tag/${ref.name}`;
    case 'pullRequest':
      return `pr/${ref.name}`;
    default:
      return ref.kind satisfies never;
  }
}

/** Under which key the record of a branch is kept. A key of DynamoDB holds 2,048 bytes. */
export function branchKey(project: string, branch = ''): string {
  const key = `${project}#${branch}`;
  return Buffer.byteLength(key) <= 1_000 ? key : createHash('sha256').update(key).digest('hex');
}

/** Whether a route wants to hear of a build in this state. */
export function wants(route: FullRoute, status: BuildStatus, standing: Standing): boolean {
  const verdict = verdictOf(status);
  switch (route.mode) {
    case 'all':
      // A webhook cannot edit: of each build it tells the end alone.
      return status !== 'IN_PROGRESS' || route.transport === 'bot';
    case 'failures':
      return verdict === 'bad' || status === 'LOST' || status === 'UNKNOWN';
    case 'changes':
      return standing.kind === 'broke' || standing.kind === 'fixed' || (verdict === 'bad' && standing.kind === 'none');
    default:
      return route.mode satisfies never;
  }
}

/** True within the route's quiet hours; `from` later than `to` means over midnight, both alike means the whole day. */
export function isQuiet({ quietHours }: FullRoute, now: number): boolean {
  if (quietHours === undefined) {
    return false;
  }
  const { from, to, timeZone } = quietHours;
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const time = clock.format(now);
  return from < to ? from <= time && time < to : time >= from || time < to;
}
