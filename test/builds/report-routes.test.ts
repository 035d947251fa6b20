/** The operator hears of a wrong routes document once, and of the same one again only after it was right in between. */
import { describe, expect, it } from '@jest/globals';
import { createRoutesLoader } from '#functions/builds/load-routes.ts';
import { BOT, eventOf, World } from './flow-world.ts';

const GOOD = '{"version":1}';
const WRONG = '{"version":2}';

/** Containers of one function: each has read the document at its own time. */
function containers(world: World, text: () => string | Error) {
  const log = { info: () => {}, warn: () => {}, error: () => {}, remember: () => {} };
  let number = 0;
  return () => {
    const read = async () => {
      const now = text();
      if (now instanceof Error) {
        throw now;
      }
      return now;
    };
    const routes = createRoutesLoader({ read, store: world.store, log, keepMs: 300_000, now: () => world.clock.now() });
    return async () => {
      number += 1;
      const dependencies = world.dependencies.bind(world);
      world.dependencies = (death) => ({ ...dependencies(death), routes });
      await world.invoke(eventOf({ number, status: 'SUCCEEDED' }));
      world.dependencies = dependencies;
    };
  };
}

const words = (world: World) => world.texts().filter((text) => text.startsWith('wrong'));

describe('a wrong document', () => {
  it('is told once, by however many containers, and asks the table once in each reading', async () => {
    const world = new World(BOT);
    const container = containers(world, () => WRONG);
    const [one, two] = [container(), container()];
    for (const invoke of [one, two, one, two, one]) {
      await invoke();
    }
    expect(words(world)).toHaveLength(1);
    expect(world.store.calls.filter((call) => call === 'firstToReport')).toHaveLength(2);
  });

  it('is not told again by a container that has not read yet that it was mended', async () => {
    let text = WRONG;
    const world = new World(BOT);
    const container = containers(world, () => text);
    const old = container();
    await old();
    text = GOOD;
    await container()();
    await old();
    expect(words(world)).toHaveLength(1);
  });

  it('is told again where it comes back after it was mended, by the same container too', async () => {
    let text: string | Error = GOOD;
    const world = new World(BOT);
    const invoke = containers(world, () => text)();
    for (const next of [WRONG, GOOD, WRONG, new Error('out of reach'), GOOD, new Error('out of reach')]) {
      text = next;
      world.clock.advance(300_000);
      await invoke();
    }
    expect(words(world)).toHaveLength(4);
  });

  it('is told by the next build where Slack did not take the word', async () => {
    const world = new World(BOT);
    const invoke = containers(world, () => WRONG)();
    world.slack = () => {
      if (!world.texts().some((text) => text.startsWith('#2'))) {
        throw new Error('Slack is away');
      }
    };
    await invoke().catch(() => {});
    world.slack = undefined;
    await invoke();
    expect(words(world)).toHaveLength(1);
  });
});
