import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matches } from '#functions/builds/glob.ts';
import {
  branchKey,
  branchOf,
  checkRoutes,
  defaultRoute,
  isQuiet,
  type OwnParameters,
  routeFor,
} from '#functions/builds/routes.ts';
import type { Routes } from '#functions/schemas/routes.ts';

const OWN: OwnParameters = { webhook: '/clean-exit/slack-webhook', token: '', channel: '', language: 'ja' };
const BOT: OwnParameters = {
  webhook: '/clean-exit/slack-webhook',
  token: '/token',
  channel: 'C0DEFAULT',
  language: 'en',
};

function routes(document: object): Routes {
  const checked = checkRoutes(JSON.stringify({ version: 1, ...document }));
  if ('faults' in checked) {
    throw new Error(checked.faults.join('; '));
  }
  return checked.routes;
}

const faultsOf = (document: unknown): readonly string[] => {
  const checked = checkRoutes(typeof document === 'string' ? document : JSON.stringify(document));
  return 'faults' in checked ? checked.faults : [];
};

describe('a pattern', () => {
  it.each([
    ['*', '', true],
    ['*', 'feature/a/b', true],
    ['main', 'main', true],
    ['main', 'Main', false],
    ['main', 'maintenance', false],
    ['feature/*', 'feature/x/y', true],
    ['feature/*', 'feature', false],
    ['release-?.?', 'release-1.2', true],
    ['release-?.?', 'release-1.23', false],
    ['*-jobs*', 'team-a-jobs', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['東*', '東京', true],
    ['?', '🚀', true],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it('means the same as the regular expression that it stands for', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 });
    fc.assert(
      fc.property(pattern, name, (wanted, given) => {
        const expression = new RegExp(`^${wanted.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(matches(wanted, given)).toBe(expression.test(given));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer for many stars', () => {
    const began = Date.now();
    expect(matches('*a'.repeat(120), `${'a'.repeat(20_000)}b`)).toBe(false);
    expect(Date.now() - began).toBeLessThan(1_000);
  });
});

describe('a document', () => {
  it('may be as short as its version', () => {
    expect(checkRoutes('{"version":1}')).toEqual({ routes: { version: 1, routes: [], people: {} } });
  });

  it('has every field that can be written', () => {
    const quietHours = { from: '22:00', to: '07:00', timeZone: 'Asia/Tokyo' };
    const route = {
      project: 'team-a-*',
      branch: 'main',
      mode: 'changes',
      language: 'en',
      mention: 'author',
      quietHours,
    };
    expect(
      faultsOf({
        $schema: 'https://example.com/routes.schema.json',
        version: 1,
        routes: [
          { ...route, transport: 'bot', channel: 'C0123456789', broadcast: false },
          { ...route, transport: 'webhook', webhook: '/clean-exit/webhooks/team-a', mention: '@map' },
          { transport: 'webhook', mode: 'off' },
        ],
        default: { transport: 'bot', mode: 'failures', mention: 'none' },
        people: { 'mika@example.com': 'U0123456789' },
      }),
    ).toEqual([]);
  });

  it('tells all its faults at once, each with its field and what to write', () => {
    expect(
      faultsOf({
        version: 2,
        rutes: [],
        routes: [
          { transport: 'bot', channel: '#builds', quietHours: { from: '25:00', to: '07:00', timeZone: 'Tokyo' } },
          { transport: 'bot', webhook: '/clean-exit/webhooks/a' },
          { transport: 'webhook', webhook: '/other/secret', branch: '', broadcast: 'yes' },
          { transport: 'mail', mention: '@here', mode: 'some', language: 'fr', extra: 1 },
          'all',
        ],
        people: { mika: 'U0123456789', 'kei@example.com': '@kei' },
      }),
    ).toEqual([
      'version: must be 1',
      expect.stringMatching(/^routes\[0\]\.channel: must be the ID of a channel such as C0123456789/),
      'routes[0].quietHours.from: must be a time of day from "00:00" to "23:59"',
      'routes[0].quietHours.timeZone: must be a time zone of the IANA list, such as "Asia/Tokyo" or "UTC"',
      expect.stringMatching(/^routes\[1\]: a bot takes a channel and no webhook/),
      'routes[2].branch: must not be empty; * means all',
      expect.stringMatching(
        /^routes\[2\]\.webhook: must be the name of an SSM SecureString below \/clean-exit\/webhooks\//,
      ),
      'routes[2].broadcast: must be true or false',
      'routes[3].transport: must be one of "webhook", "bot"',
      'routes[3].mode: must be one of "all", "failures", "changes", "off"',
      'routes[3].language: must be one of "en", "ja"',
      'routes[3].mention: must be one of "author", "none", "@map"',
      'routes[3]: has fields that are not known: extra',
      'routes[4]: must be an object with transport',
      'people.mika: must have an e-mail address for its name',
      'people.kei@example.com: must be the ID of a person in Slack such as U0123456789',
      'the document: has fields that are not known: rutes',
    ]);
  });

  it.each([
    ['no JSON', '{version: 1}', /^the document: is no JSON: /],
    ['another kind of JSON', '[]', /^the document: must be a JSON object with version and routes$/],
    ['nothing', '', /^the document: is no JSON/],
    [
      'more than a parameter holds',
      JSON.stringify({ version: 1, x: 'é'.repeat(4_096) }),
      /^the document: has 82\d\d bytes/,
    ],
  ])('is refused: %s', (_, text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(fault)]);
  });

  it.each([
    ['{\n"version": 1,\n"default": {"webhook": https://hooks.slack.com/services/T0/B0/x}}', / near line 3$/],
    ['xoxb-0123456789-abc', /^the document: is no JSON: /],
    ['{"version":1,"xoxb-0123456789-abc":1}', /not known: \*\*\*$/],
    ['{"version":1,"people":{"xoxb-0123456789-abc":"U0123456789"}}', /^people\.\*\*\*: /],
  ])('does not repeat a secret that somebody wrote into it: %s', (text, fault) => {
    const [said = ''] = faultsOf(text);
    expect(said).toMatch(fault);
    expect(said).not.toMatch(/hooks|https|xoxb|0123456789/);
  });

  it('whatever it is, is read or refused', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void checkRoutes(text)));
  });
});

describe('the route of a build', () => {
  const document = routes({
    routes: [
      { project: 'team-a-*', branch: 'main', transport: 'bot', channel: 'C0MAIN000' },
      { project: 'team-a-*', transport: 'bot', channel: 'C0TEAMA00', mode: 'failures' },
      { project: 'quiet', transport: 'webhook', mode: 'off' },
    ],
    default: { transport: 'webhook', language: 'en' },
  });
  const of = (project: string, branch: string | undefined, ended = true) =>
    routeFor(document, BOT, { project, branch, ended });

  it('is the first that matches', () => {
    expect(of('team-a-jobs', 'main')).toMatchObject({ route: { channel: 'C0MAIN000', mode: 'all' } });
    expect(of('team-a-jobs', 'other')).toMatchObject({ route: { channel: 'C0TEAMA00', mode: 'failures' } });
    expect(of('team-b', 'main')).toMatchObject({ route: { transport: 'webhook', language: 'en' } });
    expect(of('quiet', 'main')).toMatchObject({ kind: 'off' });
  });

  it('is undecided while a branch that nobody knows yet could matter, and is not for that branch when the build has ended', () => {
    expect(of('team-a-jobs', undefined, false)).toEqual({ kind: 'undecided' });
    expect(of('team-a-jobs', undefined, true)).toMatchObject({ route: { channel: 'C0TEAMA00' } });
    expect(of('team-b', undefined, false)).toMatchObject({ kind: 'route' });
  });

  it('is by the stack alone where there is no document, as it was before there were routes', () => {
    expect(routeFor(undefined, OWN, { project: 'x', branch: 'y', ended: true })).toEqual({
      kind: 'route',
      route: { transport: 'webhook', parameter: OWN.webhook, mode: 'all', mention: 'none', language: 'ja' },
    });
    expect(routeFor(undefined, BOT, { project: 'x', branch: 'y', ended: true })).toMatchObject({
      route: { transport: 'bot', channel: 'C0DEFAULT', broadcast: true },
    });
  });

  it.each([
    ['no webhook', { ...OWN, webhook: '' }, { transport: 'webhook' }, /SlackWebhookParameter is empty/],
    ['no token', OWN, { transport: 'bot', channel: 'C0123456789' }, /no SlackTokenParameter/],
    ['no channel', { ...BOT, channel: '' }, { transport: 'bot' }, /names no channel/],
  ])('is off, with the reason, where there is %s', (_, own, route, reason) => {
    const chosen = defaultRoute(routes({ default: route }), own);
    expect(chosen).toEqual({ kind: 'off', reason: expect.stringMatching(reason) });
  });
});

describe('quiet hours', () => {
  const at = (from: string, to: string, time: string) => {
    const quietHours = { from, to, timeZone: 'Asia/Tokyo' };
    const route = {
      transport: 'webhook',
      parameter: 'p',
      mode: 'all',
      mention: 'none',
      language: 'en',
      quietHours,
    } as const;
    return isQuiet(route, Date.parse(`2026-11-09T${time}:00+09:00`));
  };
  it.each([
    ['22:00', '07:00', '23:30', true],
    ['22:00', '07:00', '06:59', true],
    ['22:00', '07:00', '07:00', false],
    ['12:00', '13:00', '12:30', true],
    ['12:00', '13:00', '13:00', false],
    ['00:00', '00:00', '15:00', true],
  ])('from %s to %s at %s: %s', (from, to, time, expected) => {
    expect(at(from, to, time)).toBe(expected);
  });
});

describe('a branch', () => {
  it('has the name that CodeBuild gives its trigger', () => {
    expect(
      (['branch', 'tag', 'pullRequest', 'ref'] as const).map((kind) => branchOf({ ref: { kind, name: 'x' } })),
    ).toEqual(['x', 'tag/x', 'pr/x', 'x']);
  });

  it('has a key that a table takes, however long its name is', () => {
    expect(branchKey('xxxx', 'main')).toBe('xxxx#main');
    expect(branchKey('xxxx', 'あ'.repeat(1_000))).toMatch(/^[0-9a-f]{64}$/);
  });
});
