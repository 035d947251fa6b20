/** Whatever comes twice, late, at the same time, or dies in between: the same message and the same memory in the end. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BOT, type BuildFacts, eventOf, WEBHOOK, World } from './flow-world.ts';

const STATUSES = ['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT', 'FAULT'];
/** Two or three builds of one branch, each with its beginning and its end. */
const builds = fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 3 });
const eventsOf = (statuses: readonly string[]): BuildFacts[] =>
  statuses.flatMap((status, index) => [
    { number: index + 1, status: 'IN_PROGRESS' },
    { number: index + 1, status },
  ]);

async function plainly(own: typeof BOT, events: readonly BuildFacts[]): Promise<World> {
  const world = new World(own);
  for (const event of events) {
    await world.deliver(eventOf(event));
  }
  return world;
}

const isBad = (status: string) => !['SUCCEEDED', 'STOPPED', 'IN_PROGRESS'].includes(status);
const about = (number: number) => (text: string) =>
  text.startsWith(`#${number} `) || text.startsWith(`log of #${number}`);

describe.each([
  ['a bot', BOT],
  ['a webhook', WEBHOOK],
])('over %s', (_, own) => {
  it('any order and repetition, one after the other: one message for each build, at its end', async () => {
    const shuffled = builds.chain((statuses) => {
      const events = eventsOf(statuses);
      const again = fc.array(fc.constantFrom(...events), { maxLength: 4 });
      return again.chain((more) =>
        fc.record({
          statuses: fc.constant(statuses),
          order: fc.shuffledSubarray([...events, ...more], { minLength: events.length + more.length }),
        }),
      );
    });
    await fc.assert(
      fc.asyncProperty(shuffled, async ({ statuses, order }) => {
        const world = await plainly(own, order);
        for (const [index, status] of statuses.entries()) {
          const roots = world.texts().filter(about(index + 1));
          expect(roots).toEqual([expect.stringContaining(`#${index + 1} ${status}`)]);
          const answers = world.answers.filter(({ text }) => about(index + 1)(text));
          expect(answers).toHaveLength(own === BOT && isBad(status) ? 1 : 0);
        }
        expect(world.remembered()).toEqual((await plainly(own, eventsOf(statuses))).remembered());
      }),
      { numRuns: 150 },
    );
  });

  it('all at the same time, some of them twice: the same', async () => {
    const copies = builds.chain((statuses) =>
      fc.record({
        statuses: fc.constant(statuses),
        delays: fc.array(fc.integer({ min: 0, max: 400 }), {
          minLength: statuses.length * 4,
          maxLength: statuses.length * 4,
        }),
        slackMs: fc.constantFrom(1, 150, 9_000),
      }),
    );
    await fc.assert(
      fc.asyncProperty(copies, async ({ statuses, delays, slackMs }) => {
        const world = new World(own);
        world.slackMs = slackMs;
        const events = eventsOf(statuses);
        const failures = await Promise.all(
          [...events, ...events].map(async (event, index) => {
            await world.clock.sleep(delays[index] ?? 0);
            return world.deliver(eventOf(event));
          }),
        );
        expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
        for (const [index, status] of statuses.entries()) {
          expect(world.texts().filter(about(index + 1))).toEqual([expect.stringContaining(`#${index + 1} ${status}`)]);
        }
        expect(world.remembered()).toEqual((await plainly(own, events)).remembered());
      }),
      { numRuns: 100 },
    );
  });

  it('dying anywhere: nothing is lost, and at most one message stands twice', async () => {
    const deaths = fc.record({
      statuses: builds,
      which: fc.nat(5),
      // A beginning that never came: the end is then a message of its own.
      endsAlone: fc.boolean(),
      death: fc.record({ at: fc.nat(7), carriedOut: fc.boolean() }),
    });
    await fc.assert(
      fc.asyncProperty(deaths, async ({ statuses, which, endsAlone, death }) => {
        const world = new World(own);
        const events = eventsOf(statuses).filter(({ status }) => !endsAlone || status !== 'IN_PROGRESS');
        for (const [index, event] of events.entries()) {
          const failure = await world.deliver(eventOf(event), index === which % events.length ? death : undefined);
          expect(failure).toBeUndefined();
        }
        const plain = await plainly(own, events);
        expect(world.remembered()).toEqual(plain.remembered());
        for (const [index, status] of statuses.entries()) {
          const roots = world.texts().filter(about(index + 1));
          expect(roots.at(-1)).toContain(`#${index + 1} ${status}`);
        }
        expect(world.messages.length - plain.messages.length).toBeGreaterThanOrEqual(0);
        expect(world.messages.length - plain.messages.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});
