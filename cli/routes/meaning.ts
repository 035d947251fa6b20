import { matches } from '#functions/builds/glob.ts';
import { indexFor, type OwnParameters } from '#functions/builds/routes.ts';
import { oneLine } from '#functions/core/report.ts';
import type { Routes } from '#functions/schemas/routes.ts';
import type { ServiceStack } from '../aws/service-stack.ts';

/** What one route does, in words; what the document leaves open is what the service's stack says, or the name of its parameter. */
export interface Row {
  /** `routes[0]`, `default`. */
  readonly route: string;
  readonly project: string;
  readonly branch: string;
  readonly transport: string;
  /** The channel, or the parameter of the webhook. */
  readonly to: string;
  readonly mode: string;
  readonly language: string;
  /** Mention, broadcast and quiet hours where they are not the usual ones. */
  readonly besides: string;
}

/** The stack's own parameters, where the service is deployed. */
export function ownOf(stack: ServiceStack | undefined): OwnParameters | undefined {
  const value = (name: string): string => stack?.parameters[name] ?? '';
  return (
    stack && {
      webhook: value('SlackWebhookParameter'),
      token: value('SlackTokenParameter'),
      channel: value('SlackChannel'),
      language: value('NoticeLanguage') === 'ja' ? 'ja' : 'en',
    }
  );
}

type AnyRoute = Routes['routes'][number] | NonNullable<Routes['default']>;

/** Every route in its order, the default last. */
export function rowsOf({ routes, default: standard }: Routes, own?: OwnParameters): readonly Row[] {
  const filled = (setting: 'channel' | 'webhook', name: string): string =>
    own === undefined ? name : own[setting] === '' ? `nowhere (${name} is empty)` : `${own[setting]} (${name})`;
  const row = (route: string, project: string, branch: string, each: AnyRoute): Row => ({
    route,
    project: oneLine(project),
    branch: oneLine(branch),
    transport: each.transport,
    to:
      each.transport === 'bot'
        ? (each.channel ?? filled('channel', 'SlackChannel'))
        : (each.webhook ?? filled('webhook', 'SlackWebhookParameter')),
    mode: each.mode,
    language: each.language ?? own?.language ?? 'NoticeLanguage',
    besides: [
      each.mention === 'none' ? '' : `mention ${each.mention}`,
      each.transport === 'bot' && !each.broadcast ? 'no broadcast' : '',
      each.quietHours ? `quiet ${each.quietHours.from}–${each.quietHours.to} ${each.quietHours.timeZone}` : '',
    ]
      .filter((words) => words !== '')
      .join(', '),
  });
  return [
    ...routes.map((each, index) => row(`routes[${index}]`, each.project, each.branch, each)),
    standard === undefined ? ownRow(own) : row('default', '*', '*', standard),
  ];
}

/** Where the document has no default, the service's own parameters are it. */
function ownRow(own: OwnParameters | undefined): Row {
  const usual = { route: 'default', project: '*', branch: '*', mode: 'all', besides: '' };
  if (own === undefined) {
    const to = 'SlackChannel or SlackWebhookParameter';
    return { ...usual, transport: "the service's", to, language: 'NoticeLanguage' };
  }
  const bot = own.token !== '' && own.channel !== '';
  const to = bot ? `${own.channel} (SlackChannel)` : `${own.webhook || 'nowhere'} (SlackWebhookParameter)`;
  return { ...usual, transport: bot ? 'bot' : 'webhook', to, language: own.language };
}

/** What is right by the letter and hardly meant: routes that no build reaches, and routes that the service cannot serve. */
export function remarksOn({ routes, default: standard }: Routes, own?: OwnParameters): readonly string[] {
  const hidden = routes.flatMap(({ project, branch }, index) => {
    const before = routes.findIndex(
      (earlier, at) => at < index && covers(earlier.project, project) && covers(earlier.branch, branch),
    );
    return before < 0
      ? []
      : [`routes[${index}] is never reached: routes[${before}] comes first and matches every build of it.`];
  });
  const all = [
    ...routes.map((route, index) => ({ name: `routes[${index}]`, route })),
    ...(standard === undefined ? [] : [{ name: 'default', route: standard }]),
  ];
  const unserved = all.flatMap(({ name, route }) => {
    const why = own === undefined || route.mode === 'off' ? undefined : missingFor(route, own);
    return why === undefined ? [] : [`${name} tells nobody: ${why}.`];
  });
  return [...hidden, ...unserved];
}

function missingFor({ transport, channel, webhook }: AnyRoute, own: OwnParameters): string | undefined {
  if (transport === 'webhook') {
    return webhook === undefined && own.webhook === ''
      ? 'it names no webhook, and the service has no SlackWebhookParameter'
      : undefined;
  }
  if (own.token === '') {
    return 'it wants a bot, and the service has no SlackTokenParameter';
  }
  return channel === undefined && own.channel === ''
    ? 'it names no channel, and the service has no SlackChannel'
    : undefined;
}

/** Does the first pattern match whatever the second one matches? Where that is not plain to see, no. */
function covers(one: string, other: string): boolean {
  // A star of the second is met by a star of the first alone; a `?` is not enough for it.
  return one === other || (!one.includes('?') && matches(one, other));
}

/** Which route tells a build, in a sentence, and the row of it. */
export function answerFor(
  routes: Routes,
  { project, branch }: { readonly project: string; readonly branch?: string | undefined },
  own?: OwnParameters,
): { readonly row: Row; readonly sentences: readonly string[] } {
  const rows = rowsOf(routes, own);
  const index = indexFor(routes, { project, branch, ended: true });
  const row = rows[typeof index === 'number' ? index : rows.length - 1];
  if (row === undefined) {
    throw new Error('a document without a default row');
  }
  const build = oneLine(
    branch === undefined
      ? `A build of ${project} whose branch nobody knows`
      : `A build of ${project}, branch ${branch},`,
  );
  const way = [`mode ${row.mode}`, `language ${row.language}`, row.besides].filter((words) => words !== '').join(', ');
  const told =
    row.mode === 'off'
      ? `${build} is not told: ${row.route} switches it off.`
      : `${build} is told by ${row.route}: ${row.transport}, ${row.to}, ${way}.`;
  // CodeBuild tells the branch of a push when the build has ended.
  const late = indexFor(routes, { project, branch: undefined, ended: false }) === 'undecided';
  return {
    row,
    sentences: late
      ? [told, 'Where the branch is known at the end only (a push), the beginning is not told: the branch decides.']
      : [told],
  };
}
