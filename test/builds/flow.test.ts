/** What is told where, how often and how loud: the flow with its decisions, on a world without AWS and Slack. */
import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '#functions/builds/announcement.ts';
import { BOT, eventOf, WEBHOOK, World } from './flow-world.ts';

const MAIN = { exports: { BRANCH_NAME: 'main', COMMIT_AUTHOR_EMAIL: 'Mika@example.com' } };
const both = { routes: [{ transport: 'bot', channel: 'C0TEAMA00' }] };

async function build(world: World, number: number, status: string, more: object = {}): Promise<Outcome> {
  await world.invoke(eventOf({ number, status: 'IN_PROGRESS', ...more }));
  return world.invoke(eventOf({ number, status, ...more }));
}

describe('by bot', () => {
  it('edits one message from its beginning to its end', async () => {
    const world = new World(BOT);
    await world.invoke(eventOf({ number: 1, status: 'IN_PROGRESS' }));
    expect(world.messages).toMatchObject([{ text: '#1 IN_PROGRESS', edits: 0 }]);
    await world.invoke(eventOf({ number: 1, status: 'SUCCEEDED' }));
    expect(world.messages).toMatchObject([{ text: '#1 SUCCEEDED', edits: 1 }]);
  });

  it('answers a failed build in its thread, shown in the channel too: an edited message notifies nobody', async () => {
    const world = new World(BOT);
    expect(await build(world, 1, 'FAILED')).toMatchObject({ kind: 'told', answered: true });
    expect(world.answers).toMatchObject([{ text: 'log of #1', thread: world.roots[0]?.place.ts, broadcast: true }]);
  });

  it('does not show the answer in the channel where the route says so, or where the message itself is new', async () => {
    const world = new World(BOT).route({ default: { transport: 'bot', broadcast: false } });
    await build(world, 1, 'FAILED');
    const lone = new World(BOT);
    await lone.invoke(eventOf({ number: 1, status: 'FAILED' }));
    expect([...world.answers, ...lone.answers].map(({ broadcast }) => broadcast)).toEqual([false, false]);
  });

  it('leaves the message where it is when the routes change meanwhile, and brings it to its end', async () => {
    const world = new World(BOT);
    await world.invoke(eventOf({ number: 1, status: 'IN_PROGRESS' }));
    world.route({ default: { transport: 'bot', channel: 'C0OTHER00', mode: 'failures' } });
    await world.invoke(eventOf({ number: 1, status: 'SUCCEEDED' }));
    expect(world.messages).toMatchObject([{ text: '#1 SUCCEEDED', place: { channel: 'C0BUILDS' } }]);
  });

  it('tells an unknown word, and the true end in the same message when it comes', async () => {
    const world = new World(BOT);
    await build(world, 1, 'ABANDONED');
    await world.invoke(eventOf({ number: 1, status: 'SUCCEEDED' }));
    expect(world.texts()).toEqual(['#1 SUCCEEDED']);
  });
});

describe('by webhook', () => {
  it('tells the end alone', async () => {
    const world = new World(WEBHOOK);
    expect(await build(world, 1, 'FAILED')).toEqual({ kind: 'told', place: undefined, answered: false });
    expect(world.messages).toMatchObject([{ text: '#1 FAILED', edits: 0 }]);
  });

  it('says why it stays silent', async () => {
    const world = new World({ ...WEBHOOK, webhook: '' });
    expect(await build(world, 1, 'FAILED')).toEqual({
      kind: 'silent',
      reason: expect.stringContaining('SlackWebhookParameter is empty'),
    });
    expect(world.store.calls).toEqual([]);
  });
});

describe('the route', () => {
  it('waits for the branch where the branch decides: a push does not tell it before the end', async () => {
    const world = new World(BOT).route({
      routes: [{ branch: 'main', transport: 'bot', channel: 'C0MAIN000' }],
      default: { transport: 'bot', mode: 'off' },
    });
    const sha = { version: '3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b', ...MAIN };
    expect(await world.invoke(eventOf({ number: 1, status: 'IN_PROGRESS', version: sha.version }))).toMatchObject({
      reason: expect.stringContaining('its branch, which decides about the route, is not known yet'),
    });
    await world.invoke(eventOf({ number: 1, status: 'FAILED', ...sha }));
    expect(world.roots).toMatchObject([{ text: '#1 FAILED', place: { channel: 'C0MAIN000' } }]);
  });

  it.each([
    ['all', ['#1 SUCCEEDED', '#2 FAILED', '#3 FAILED', '#4 STOPPED', '#5 SUCCEEDED', '#6 SUCCEEDED']],
    ['failures', ['#2 FAILED', '#3 FAILED']],
    ['changes', ['#2 FAILED', '#5 SUCCEEDED']],
    ['off', []],
  ])('%s', async (mode, expected) => {
    const world = new World(WEBHOOK).route({ default: { transport: 'webhook', mode } });
    const statuses = ['SUCCEEDED', 'FAILED', 'FAILED', 'STOPPED', 'SUCCEEDED', 'SUCCEEDED'];
    for (const [index, status] of statuses.entries()) {
      await build(world, index + 1, status);
    }
    expect(world.texts()).toEqual(expected);
  });

  it('tells the first build of a branch where it fails, as a change', async () => {
    const world = new World(WEBHOOK).route({ default: { transport: 'webhook', mode: 'changes' } });
    await build(world, 1, 'FAILED');
    await build(world, 2, 'SUCCEEDED', { version: 'other' });
    expect(world.texts()).toEqual(['#1 FAILED']);
  });
});

describe('who is called', () => {
  const mentioning = (more: object = {}) => ({
    default: { transport: 'bot', mention: 'author', ...more },
    people: { 'kei@example.com': 'U0KEI0000', '1+kim@users.noreply.github.com': 'U0KIM0000' },
  });
  const by = (email: string) => ({ exports: { BRANCH_NAME: 'main', COMMIT_AUTHOR_EMAIL: email } });

  it('the author, on failure only, in the answer', async () => {
    const world = new World(BOT).route(mentioning());
    world.people = { 'mika@example.com': 'U0MIKA000' };
    await build(world, 1, 'SUCCEEDED', MAIN);
    expect(world.looked).toEqual([]);
    await build(world, 2, 'FAILED', MAIN);
    expect(world.texts()).toEqual(['#1 SUCCEEDED', '#2 FAILED']);
    expect(world.answers.map(({ text }) => text)).toEqual(['log of #2 U0MIKA000']);
  });

  it.each([
    ['the map goes first', {}, 'KEI@example.com', 'U0KEI0000', []],
    ['an address that hides its owner is never guessed', {}, '7+octo@users.noreply.github.com', '', []],
    ['nor one without a reader', {}, 'no-reply@example.com', '', []],
    ['but may be in the map', {}, '1+kim@users.noreply.github.com', 'U0KIM0000', []],
    ['@map asks nobody', { mention: '@map' }, 'mika@example.com', '', []],
    ['a stranger is nobody', {}, 'mika@example.com', '', ['mika@example.com']],
    ['none', { mention: 'none' }, 'kei@example.com', '', []],
  ])('%s', async (_, more, email, mention, looked) => {
    const world = new World(BOT).route(mentioning(more));
    await build(world, 1, 'FAILED', by(email));
    expect(world.answers.map(({ text }) => text)).toEqual([`log of #1 ${mention}`.trim()]);
    expect(world.looked).toEqual(looked);
  });

  it('nobody in quiet hours: the failure is told all the same', async () => {
    const quietHours = { from: '14:00', to: '06:00', timeZone: 'Asia/Tokyo' };
    const world = new World(BOT).route(mentioning({ quietHours }));
    // 14:00 in Tokyo.
    await build(world, 1, 'FAILED', by('kei@example.com'));
    expect(world.texts()).toEqual(['#1 FAILED']);
    expect(world.answers).toMatchObject([{ text: 'log of #1', broadcast: false }]);
    world.clock.advance(16 * 60 * 60_000);
    await build(world, 2, 'FAILED', by('kei@example.com'));
    expect(world.answers[1]).toMatchObject({ text: 'log of #2 U0KEI0000', broadcast: true });
  });

  it('the author in the message itself by webhook, by the map alone', async () => {
    const world = new World(WEBHOOK).route({
      default: { transport: 'webhook', mention: '@map' },
      people: { 'mika@example.com': 'U0MIKA000' },
    });
    await build(world, 1, 'FAILED', MAIN);
    expect(world.texts()).toEqual(['#1 FAILED U0MIKA000']);
  });

  it('nobody for a build that a newer one has superseded', async () => {
    const world = new World(BOT).route(mentioning());
    for (const number of [1, 2]) {
      await world.invoke(eventOf({ number, status: 'IN_PROGRESS' }));
    }
    await world.invoke(eventOf({ number: 1, status: 'FAILED', ...by('kei@example.com') }));
    expect(world.texts()).toEqual(['#1 FAILED superseded by #2', '#2 IN_PROGRESS']);
    expect(world.answers).toMatchObject([{ text: 'log of #1', broadcast: false }]);
  });
});

describe('when something fails', () => {
  it('the claim is given back, and what Slack did not take is told by the repetition at once', async () => {
    const world = new World(WEBHOOK);
    world.slack = () => {
      world.slack = undefined;
      throw new Error('Slack is away');
    };
    await expect(world.invoke(eventOf({ number: 1, status: 'FAILED' }))).rejects.toThrow('Slack is away');
    await world.invoke(eventOf({ number: 1, status: 'FAILED' }));
    expect([world.texts(), world.clock.slept.filter((time) => time > 100)]).toEqual([['#1 FAILED'], []]);
  });

  it('a table that does not answer has the event repeated, and nothing was told yet', async () => {
    const world = new World(BOT);
    world.store.before = () => {
      throw new Error('throttled');
    };
    await expect(world.invoke(eventOf({ number: 1, status: 'FAILED' }))).rejects.toThrow('throttled');
    expect(world.messages).toEqual([]);
    world.store.before = () => {};
    await world.invoke(eventOf({ number: 1, status: 'FAILED' }));
    expect(world.texts()).toEqual(['#1 FAILED']);
  });

  it('a table that is throttled after the message was sent does not have it sent again', async () => {
    const world = new World(WEBHOOK);
    const { commit } = world.store;
    const answers = ['throttled', 'throttled'] as const;
    let asked = 0;
    world.store.commit = async (told) => answers[asked++] ?? commit(told);
    await world.invoke(eventOf({ number: 1, status: 'FAILED' }));
    expect([world.texts(), asked]).toEqual([['#1 FAILED'], 3]);
    expect(await world.invoke(eventOf({ number: 1, status: 'FAILED' }))).toMatchObject({ kind: 'silent' });
  });

  it('another invocation that takes long has the event repeated by Lambda', async () => {
    const world = new World(BOT);
    world.slackMs = 30_000;
    const first = world.invoke(eventOf({ number: 1, status: 'IN_PROGRESS' }));
    await expect(world.invoke(eventOf({ number: 1, status: 'FAILED' }))).rejects.toMatchObject({ code: 'NOTICE_BUSY' });
    await first;
    expect(world.texts()).toEqual(['#1 IN_PROGRESS']);
  });

  it('an event that does not say which build it is about is told, and its beginning is not', async () => {
    const nameless = (status: string) => {
      const event = eventOf({ number: 1, status });
      return { ...event, resources: [], detail: { ...Object(event['detail']), 'build-id': undefined } };
    };
    const world = new World(BOT);
    expect(await world.invoke(nameless('FAILED'))).toMatchObject({ kind: 'told' });
    expect(await world.invoke(nameless('IN_PROGRESS'))).toMatchObject({ kind: 'silent' });
    expect([world.texts(), world.store.calls]).toEqual([['#1 FAILED'], []]);
  });
});

describe('a wrong routes document', () => {
  const wrong = { hash: 'w1', faults: ['routes[0].channel: must be an ID'] };

  it('is told once, where notices go by default, and holds no notice up', async () => {
    const world = new World(BOT).route({ ...both, default: { transport: 'bot', channel: 'C0DEFAULT' } });
    world.routes = { ...world.routes, wrong };
    await build(world, 1, 'SUCCEEDED');
    await build(world, 2, 'SUCCEEDED');
    const told = world.messages.filter(({ text }) => text.startsWith('wrong'));
    expect(told).toMatchObject([{ text: 'wrong routes[0].channel: must be an ID', place: { channel: 'C0DEFAULT' } }]);
    expect(world.messages.filter(({ place }) => place.channel === 'C0TEAMA00')).toHaveLength(2);
  });

  it('is told later where it could not be told', async () => {
    const world = new World(WEBHOOK);
    world.routes = { routes: undefined, wrong: { ...wrong } };
    let attempts = 0;
    world.slack = () => {
      if (++attempts === 2) {
        throw new Error('Slack is away');
      }
    };
    await world.invoke(eventOf({ number: 1, status: 'FAILED' }));
    expect(world.lines.at(-1)).toMatchObject({ code: 'ENRICHMENT_MISSED', fields: { reason: 'Slack is away' } });
    await world.invoke(eventOf({ number: 2, status: 'FAILED' }));
    expect(world.texts()).toEqual(['#1 FAILED', '#2 FAILED', expect.stringMatching(/^wrong/)]);
  });
});

it('tells nothing of a build whose route is off, and remembers nothing', async () => {
  const world = new World(BOT).route({ default: { transport: 'bot', mode: 'off' } });
  await build(world, 1, 'FAILED');
  expect([world.messages, world.store.calls]).toEqual([[], []]);
});
