import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { sdkError } from '#test/aws/sdk.ts';
import { createRoutesParameter, type RoutesParameter } from '../../cli/aws/routes-parameter.ts';
import type { ServiceStack } from '../../cli/aws/service-stack.ts';
import { WrongUsage } from '../../cli/errors.ts';
import { readDocument } from '../../cli/routes/document.ts';
import type { TerminalScript } from './fake-terminal.ts';
import { play } from './stage.ts';

const ROUTE = { project: 'team-a-*', branch: 'main', transport: 'bot', channel: 'C0123456789', mention: 'author' };
const DOCUMENT = {
  version: 1,
  routes: [
    ROUTE,
    { project: 'team-a-*', transport: 'bot', mode: 'failures', broadcast: false, language: 'ja' },
    { project: 'playground-*', transport: 'webhook', mode: 'off' },
  ],
  default: {
    transport: 'webhook',
    webhook: '/clean-exit/webhooks/rest',
    quietHours: { from: '22:00', to: '07:00', timeZone: 'Asia/Tokyo' },
  },
  people: { 'mika@example.com': 'U0123456789' },
};

const STACK: ServiceStack = {
  status: 'CREATE_COMPLETE',
  parameters: {
    RoutesParameter: '/team/routes',
    SlackTokenParameter: '/clean-exit/slack-token',
    SlackChannel: 'C0THESERVICE',
    SlackWebhookParameter: '',
    NoticeLanguage: 'en',
  },
  outputs: {},
};

/** Systems Manager: a put makes a version more, and `others` may put in between. */
class FakeParameters implements RoutesParameter {
  readonly kept = new Map<string, { text: string; version: number }>();
  readonly puts: string[] = [];
  others: () => void = () => {};

  async read(name: string) {
    return this.kept.get(name);
  }

  async put(name: string, text: string) {
    this.others();
    this.puts.push(name);
    const version = (this.kept.get(name)?.version ?? 0) + 1;
    this.kept.set(name, { text, version });
    return { version, tier: 'Standard' };
  }
}

interface Setting extends TerminalScript {
  readonly parameters?: FakeParameters;
  readonly stack?: ServiceStack | undefined;
}

function routes(words: readonly string[], document: unknown, options: Setting = {}) {
  const { parameters = new FakeParameters(), ...script } = options;
  const stack = 'stack' in options ? options.stack : STACK;
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return play(['routes', ...words], {
    ...script,
    kit: {
      readDocument: async () => text,
      serviceStack: async () => stack,
      routesParameter: async () => parameters,
    },
  });
}

describe('clean-exit routes check', () => {
  it('says what each route means, in columns', async () => {
    const { exit, stdout, stderr } = await routes(['check', 'routes.json'], DOCUMENT);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
  });

  it('says what the service itself does where the document has no default', async () => {
    const { stdout } = await routes(['check', 'routes.json'], { version: 1 });
    expect(stdout).toMatch(
      /^default {2}\* .*the service's {2}SlackChannel or SlackWebhookParameter {2}all {3}NoticeLanguage$/m,
    );
  });

  it('asks nothing of AWS', async () => {
    const asked = async () => Promise.reject(new Error('asked'));
    const kit = {
      identity: asked,
      serviceStack: asked,
      routesParameter: asked,
      readDocument: async () => '{"version":1}',
    };
    expect((await play(['routes', 'check', 'routes.json'], { kit })).exit).toBe(0);
  });

  it('every fault by its field: exit code 2, stdout empty', async () => {
    const wrong = {
      version: 2,
      routes: [
        { transport: 'bot', channel: '#general' },
        { transport: 'webhook', mode: 'some', colour: 'red' },
      ],
      default: { transport: 'webhook', quietHours: { from: '25:00', to: '07:00', timeZone: 'Mars' } },
    };
    const { exit, stdout, stderr } = await routes(['check', 'routes.json'], wrong);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toBe('clean-exit: routes.json has 6 faults:');
    for (const field of [
      'version',
      'routes[0].channel',
      'routes[1].mode',
      'routes[1]',
      'default.quietHours.from',
      'default.quietHours.timeZone',
    ]) {
      expect(stderr).toContain(`\n  ${field}: `);
    }
  });

  it('a secret that somebody wrote into it is not repeated', async () => {
    const token = `xoxb-${'1'.repeat(12)}-abcdef`;
    const texts = [`{"version":1,"${token}":1}`, `{"version":1, ${token}`, `${token}`];
    for (const text of texts) {
      const { exit, stdout, stderr } = await routes(['check', '-'], text);
      expect(exit).toBe(2);
      expect(stdout + stderr).not.toContain(token);
    }
  });

  it('--json: faults, and what the document means', async () => {
    const wrong = await routes(['check', 'routes.json', '--json'], { version: 2 });
    expect(JSON.parse(wrong.stdout)).toEqual({ version: 1, valid: false, faults: ['version: must be 1'] });
    const right = await routes(
      ['check', 'routes.json', '--json', '--project', 'team-a-x', '--branch', 'main'],
      DOCUMENT,
    );
    expect(JSON.parse(right.stdout)).toMatchObject({
      version: 1,
      valid: true,
      notes: [],
      routes: [{ route: 'routes[0]', to: 'C0123456789' }, {}, {}, { route: 'default' }],
      build: { route: { route: 'routes[0]' } },
    });
  });

  it.each([
    [
      ['team-a-x', 'main'],
      'A build of team-a-x, branch main, is told by routes[0]: bot, C0123456789, mode all, language NoticeLanguage, mention author.',
    ],
    [
      ['team-a-x', 'fix/1'],
      'A build of team-a-x, branch fix/1, is told by routes[1]: bot, SlackChannel, mode failures, language ja, no broadcast.',
    ],
    [['playground-1', 'main'], 'A build of playground-1, branch main, is not told: routes[2] switches it off.'],
    [['other', 'main'], 'is told by default: webhook, /clean-exit/webhooks/rest, mode all'],
  ])('--project, --branch %j', async ([project = '', branch = ''], sentence) => {
    const { exit, stdout } = await routes(['check', 'f', '--project', project, '--branch', branch], DOCUMENT);
    expect(exit).toBe(0);
    expect(stdout).toContain(sentence);
  });

  it('says that a beginning without a branch is not told where the branch decides', async () => {
    const late = 'the beginning is not told: the branch decides';
    expect((await routes(['check', 'f', '--project', 'team-a-x'], DOCUMENT)).stdout).toContain(late);
    expect((await routes(['check', 'f', '--project', 'other'], DOCUMENT)).stdout).not.toContain(late);
  });

  it('--branch alone is wrong usage', async () => {
    const { exit, stderr } = await routes(['check', 'f', '--branch', 'main'], DOCUMENT);
    expect(exit).toBe(2);
    expect(stderr).toContain('--branch needs --project');
  });

  it.each<[string, object[], string | undefined]>([
    ['the same once more', [ROUTE, ROUTE], 'routes[1] is never reached: routes[0] comes first'],
    ['a wider one before', [{ transport: 'bot' }, ROUTE], 'routes[1] is never reached'],
    ['a wider project before', [{ ...ROUTE, project: 'team-*' }, ROUTE], 'routes[1] is never reached'],
    ['a narrower one before', [ROUTE, { ...ROUTE, branch: '*' }], undefined],
    ['another branch before', [{ ...ROUTE, project: '*', branch: 'dev' }, ROUTE], undefined],
    ['one character is no run', [{ ...ROUTE, project: 'team-a-?' }, ROUTE], undefined],
  ])('a route that no build reaches: %s', async (_, list, note) => {
    const { stderr } = await routes(['check', 'f'], { version: 1, routes: list });
    if (note === undefined) {
      expect(stderr).toBe('');
    } else {
      expect(stderr).toContain(note);
    }
  });

  it('says before it is put anywhere that it needs the advanced tier', async () => {
    const people = Object.fromEntries(
      Array.from({ length: 120 }, (_, at) => [`person-${at}@example.com`, 'U0123456789']),
    );
    const { exit, stderr } = await routes(['check', 'f'], { version: 1, people });
    expect(exit).toBe(0);
    expect(stderr).toMatch(/note: The document has 4,\d+ bytes: more than 4,096 need a parameter of the advanced tier/);
  });
});

describe('clean-exit routes set', () => {
  const set = (document: unknown, options: Setting = {}, more: readonly string[] = ['--yes']) =>
    routes(['set', 'routes.json', ...more], document, options);
  const holding = (document: object): FakeParameters => {
    const parameters = new FakeParameters();
    parameters.kept.set('/team/routes', { text: JSON.stringify(document), version: 7 });
    return parameters;
  };

  it("writes the service's own parameter, as it stands in the file", async () => {
    const parameters = holding(DOCUMENT);
    const text = JSON.stringify({ ...DOCUMENT, people: {} }, null, 4);
    const { exit, stdout } = await set(text, { parameters });
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: '/team/routes has the document as version 8. The service reads it within five minutes.',
    });
    expect(parameters.kept.get('/team/routes')?.text).toBe(text);
  });

  it('shows what goes, what comes, and that the order changes', async () => {
    const [first, second, third] = DOCUMENT.routes;
    const next = { ...DOCUMENT, routes: [second, { ...first, mode: 'changes' }, third].reverse(), people: {} };
    const { stderr } = await set(next, { parameters: holding(DOCUMENT) });
    expect(stderr.split('\n').filter((line) => /^[-+]/.test(line))).toEqual([
      '- project team-a-*, branch main: bot, C0123456789, mode all, language en, mention author',
      '- people: mika@example.com is U0123456789',
      '+ project team-a-*, branch main: bot, C0123456789, mode changes, language en, mention author',
    ]);
    expect(stderr).toContain('note: The order changes: the first route that matches counts.');
  });

  it('a default that becomes a route is a change', async () => {
    const before = { version: 1, default: { transport: 'bot', channel: 'C0123456789' } };
    const after = { version: 1, routes: [before.default], default: { transport: 'bot' } };
    const { stderr } = await set(after, { parameters: holding(before) });
    expect(stderr).toContain('- every other build: bot, C0123456789');
    expect(stderr).toContain('+ project *, branch *: bot, C0123456789');
  });

  it.each<[string, object, string]>([
    ['a wrong document is never written', { version: 2 }, 'version: must be 1'],
    ['nor one that is no JSON', [], 'must be a JSON object'],
  ])('%s: exit code 2', async (_, document, fault) => {
    const parameters = new FakeParameters();
    const { exit, stderr } = await set(document, { parameters });
    expect(exit).toBe(2);
    expect(stderr).toContain(fault);
    expect(parameters.puts).toEqual([]);
  });

  it('the same document again writes nothing', async () => {
    const parameters = holding(DOCUMENT);
    const { exit, stdout } = await set(DOCUMENT, { parameters });
    expect(exit).toBe(0);
    expect(stdout).toBe('/team/routes holds this document already; nothing was changed.');
    expect(parameters.puts).toEqual([]);
  });

  it('asks; anything but yes changes nothing', async () => {
    for (const [typed, exit] of [
      ['yes', 0],
      ['y', 3],
      [undefined, 3],
    ] as const) {
      const parameters = new FakeParameters();
      const played = await set(DOCUMENT, { parameters, watched: true, types: [typed] }, []);
      expect(played.exit).toBe(exit);
      expect(parameters.puts).toEqual(exit === 0 ? ['/team/routes'] : []);
      expect(played.terminal.questions).toEqual(['To put it into force, type yes:']);
    }
  });

  it.each([
    ['in a pipe', ['set', 'routes.json'], false],
    ['where the document itself is piped in', ['set', '-'], true],
  ])('%s nobody can be asked: refused before AWS is asked', async (_, words, watched) => {
    const asked = async () => Promise.reject(new Error('asked'));
    const kit = { identity: asked, serviceStack: asked, readDocument: async () => JSON.stringify(DOCUMENT) };
    const { exit, stderr } = await play(['routes', ...words], { watched, kit });
    expect(exit).toBe(3);
    expect(stderr).toContain('Consent on the command line: --yes');
  });

  it.each<[string, Setting, readonly string[], string, string]>([
    ['another parameter', {}, ['--parameter', '/x/y'], '/x/y', 'note: The service reads /team/routes, not /x/y.'],
    [
      'no service',
      { stack: undefined },
      [],
      '/clean-exit/routes',
      'note: No service is deployed in this Region: nobody reads it yet.',
    ],
    [
      'a service without routes',
      { stack: { ...STACK, parameters: { ...STACK.parameters, RoutesParameter: '' } } },
      [],
      '/clean-exit/routes',
      'note: The service reads no routes: deploy it with RoutesParameter.',
    ],
    [
      'a service without a bot',
      { stack: { ...STACK, parameters: { ...STACK.parameters, SlackTokenParameter: '' } } },
      [],
      '/team/routes',
      'note: routes[1] tells nobody: it wants a bot, and the service has no SlackTokenParameter.',
    ],
    [
      'a service without a channel',
      { stack: { ...STACK, parameters: { ...STACK.parameters, SlackChannel: '' } } },
      [],
      '/team/routes',
      'note: routes[1] tells nobody: it names no channel, and the service has no SlackChannel.',
    ],
  ])('%s: written, with a note', async (_, setting, more, name, note) => {
    const parameters = new FakeParameters();
    const { exit, stderr } = await set(DOCUMENT, { ...setting, parameters }, ['--yes', ...more]);
    expect(exit).toBe(0);
    expect(parameters.puts).toEqual([name]);
    expect(stderr).toContain(note);
    expect(stderr).toContain(`note: ${name} is not there yet: it is made.`);
  });

  it('what is in force may be wrong itself', async () => {
    const { exit, stderr } = await set(DOCUMENT, { parameters: holding({ version: 2 }) });
    expect(exit).toBe(0);
    expect(stderr).toContain('What /team/routes holds now has 1 fault: the service goes by the last good one.');
  });

  it('says that somebody else wrote meanwhile', async () => {
    const parameters = holding(DOCUMENT);
    parameters.others = () => parameters.kept.set('/team/routes', { text: 'theirs', version: 8 });
    const { exit, stderr } = await set({ version: 1 }, { parameters });
    expect(exit).toBe(0);
    expect(stderr).toContain('somebody else changed /team/routes meanwhile; their version 8 is replaced');
  });

  it.each(['routes', '/a b', 'arn:aws:ssm:x'])('--parameter %s is wrong usage', async (name) => {
    expect((await set(DOCUMENT, {}, ['--yes', '--parameter', name])).exit).toBe(2);
  });

  it('--json gives one document', async () => {
    const { stdout } = await set(DOCUMENT, { parameters: holding({ version: 1 }) }, ['--yes', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      outcome: 'set',
      parameter: '/team/routes',
      parameterVersion: 8,
      tier: 'Standard',
    });
    const again = await set(DOCUMENT, { parameters: holding(DOCUMENT) }, ['--yes', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({
      outcome: 'unchanged',
      parameterVersion: 7,
      removed: [],
      added: [],
    });
  });
});

describe('the document', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clean-exit-routes-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('comes from a file or is piped in, without the mark that Windows puts before it', async () => {
    const file = join(folder, 'routes.json');
    await writeFile(file, '\uFEFF{"version":1}');
    expect(await readDocument(file, Readable.from([]))).toBe('{"version":1}');
    expect(await readDocument('-', Readable.from(['{"ver', 'sion":1}']))).toBe('{"version":1}');
  });

  it('that is not there is wrong usage', async () => {
    await expect(readDocument(join(folder, 'none.json'), Readable.from([]))).rejects.toThrow(WrongUsage);
    await expect(readDocument(folder, Readable.from([]))).rejects.toThrow(/cannot be read/);
  });
});

describe('the parameter', () => {
  const ssm = mockClient(SSMClient);
  const parameter = createRoutesParameter(
    new SSMClient({ region: 'eu-west-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' } }),
  );

  it('is read with its version; that it is not there is no fault', async () => {
    ssm.reset();
    ssm.on(GetParameterCommand, { Name: '/a' }).resolves({ Parameter: { Type: 'String', Value: '{}', Version: 3 } });
    ssm.on(GetParameterCommand, { Name: '/b' }).rejects(sdkError('ParameterNotFound'));
    ssm
      .on(GetParameterCommand, { Name: '/c' })
      .resolves({ Parameter: { Type: 'SecureString', Value: 'x', Version: 1 } });
    ssm.on(GetParameterCommand, { Name: '/d' }).rejects(sdkError('AccessDeniedException'));
    expect(await parameter.read('/a')).toEqual({ text: '{}', version: 3 });
    expect(await parameter.read('/b')).toBeUndefined();
    await expect(parameter.read('/c')).rejects.toMatchObject({ code: 'PARAMETER_SECURE' });
    await expect(parameter.read('/d')).rejects.toMatchObject({ context: { action: 'ssm:GetParameter' } });
  });

  it('is advanced only where the text needs it: bytes count, not characters', async () => {
    ssm.reset();
    ssm.on(PutParameterCommand).resolves({ Version: 4, Tier: 'Standard' });
    expect(await parameter.put('/a', 'x'.repeat(4_096))).toEqual({ version: 4, tier: 'Standard' });
    await parameter.put('/a', 'あ'.repeat(1_366));
    const inputs = ssm.commandCalls(PutParameterCommand).map(({ args }) => args[0].input);
    expect(inputs.map(({ Tier }) => Tier)).toEqual(['Intelligent-Tiering', 'Advanced']);
    expect(inputs[0]).toMatchObject({ Name: '/a', Type: 'String', Overwrite: true });
  });
});
