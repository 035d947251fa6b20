import { describe, expect, it } from '@jest/globals';
import type { BuildRecord } from '#functions/builds/build-record.ts';
import { watchBuilds } from '#functions/builds/watch.ts';
import { BOT, eventOf, idOf, START, WEBHOOK, World } from './flow-world.ts';

const MINUTE = 60_000;

function record(number: number, buildStatus: string): BuildRecord {
  const started = START + number * MINUTE;
  return {
    arn: `arn:aws:codebuild:ap-northeast-1:123456789012:build/${idOf(number)}`,
    projectName: 'xxxx',
    buildNumber: number,
    buildStatus,
    buildComplete: buildStatus !== 'IN_PROGRESS',
    startTime: new Date(started),
    ...(buildStatus === 'IN_PROGRESS' ? {} : { endTime: new Date(started + MINUTE) }),
    sourceVersion: 'main',
  };
}

/** A world in which builds began and nothing more was heard, a quarter of an hour later. */
async function begun(own: typeof BOT, ...numbers: readonly number[]): Promise<World> {
  const world = new World(own);
  for (const number of numbers) {
    await world.invoke(eventOf({ number, status: 'IN_PROGRESS' }));
  }
  world.clock.advance(15 * MINUTE);
  return world;
}

const watch = (world: World, remainingMs = () => 300_000) => watchBuilds(world.dependencies(), remainingMs);

describe('the watch', () => {
  it('brings messages to their true end, and leaves what still runs', async () => {
    const world = await begun(BOT, 1, 2, 3, 4);
    world.records = [record(1, 'FAILED'), record(2, 'IN_PROGRESS'), record(3, 'SUCCEEDED')];
    expect(await watch(world)).toEqual({ open: 4, told: 3, running: 1, failed: 0 });
    expect(world.texts()).toEqual([
      expect.stringContaining('#1 FAILED'),
      '#2 IN_PROGRESS',
      expect.stringContaining('#3 SUCCEEDED'),
      '#4 LOST',
    ]);
    world.clock.advance(15 * MINUTE);
    expect(await watch(world)).toEqual({ open: 1, told: 0, running: 1, failed: 0 });
  });

  it('tells by webhook what was never told, once', async () => {
    const world = await begun(WEBHOOK, 1, 2);
    world.records = [record(1, 'SUCCEEDED')];
    await watch(world);
    await watch(world);
    expect([...world.texts()].sort()).toEqual([expect.stringContaining('#1 SUCCEEDED'), '#2 LOST']);
  });

  it('tells what Slack did not take, when Slack is back', async () => {
    const world = new World(WEBHOOK);
    world.slack = () => {
      throw new Error('Slack is away');
    };
    expect(await world.deliver(eventOf({ number: 1, status: 'FAILED' }))).toBeDefined();
    world.slack = undefined;
    world.clock.advance(15 * MINUTE);
    world.records = [record(1, 'FAILED')];
    await watch(world);
    expect(world.texts()).toEqual(['#1 FAILED']);
    expect(await world.invoke(eventOf({ number: 1, status: 'FAILED' }))).toMatchObject({ kind: 'silent' });
  });

  it('gives the event itself its time first', async () => {
    const world = new World(BOT);
    await world.invoke(eventOf({ number: 1, status: 'IN_PROGRESS' }));
    expect(await watch(world)).toMatchObject({ open: 0 });
  });

  it('tells the true end in the message that said that nobody heard it', async () => {
    const world = await begun(BOT, 1);
    await watch(world);
    expect(world.texts()).toEqual(['#1 LOST']);
    await world.invoke(eventOf({ number: 1, status: 'SUCCEEDED' }));
    expect(world.texts()).toEqual(['#1 SUCCEEDED']);
  });

  it('announces no build that it has not heard of', async () => {
    const world = new World(BOT);
    world.records = [record(1, 'FAILED')];
    expect([await watch(world), world.messages]).toEqual([{ open: 0, told: 0, running: 0, failed: 0 }, []]);
  });

  it('gives every build its turn, then fails, so that the alarm goes off', async () => {
    const world = await begun(BOT, 1, 2);
    world.records = [record(1, 'SUCCEEDED'), record(2, 'SUCCEEDED')];
    let first = true;
    world.slack = () => {
      if (first) {
        first = false;
        throw new Error('is_archived');
      }
    };
    await expect(watch(world)).rejects.toThrow('is_archived');
    expect(world.texts()).toEqual(['#1 IN_PROGRESS', '#2 SUCCEEDED']);
    expect(world.lines.map(({ code }) => code)).toEqual(['NOTICE_FAILED', 'WATCH_COMPLETED']);
  });

  it('asks about each project for itself: one that it may not ask about keeps no other waiting', async () => {
    const world = await begun(BOT, 1);
    const arn = 'arn:aws:codebuild:ap-northeast-1:123456789012:build/foreign:1';
    const foreign = { buildId: 'foreign:1', arn, startedAt: START };
    await world.store.claim(foreign, { owner: 'one', rank: 1, now: START, until: START });
    world.records = [record(1, 'SUCCEEDED')];
    const deps = world.dependencies();
    const builds = async (ids: readonly string[]) => {
      if (ids.some((id) => id.startsWith('foreign'))) {
        throw new Error('AccessDenied');
      }
      return world.records;
    };
    const watched = watchBuilds({ ...deps, enrichment: { ...deps.enrichment, builds } }, () => 300_000);
    await expect(watched).rejects.toThrow('AccessDenied');
    expect(world.texts()).toEqual(['#1 SUCCEEDED']);
    expect(world.lines).toContainEqual(
      expect.objectContaining({ code: 'WATCH_COMPLETED', fields: { open: 2, told: 1, running: 0, failed: 1 } }),
    );
  });

  it('closes a message whose route was switched off meanwhile', async () => {
    const world = await begun(BOT, 1);
    world.route({ default: { transport: 'bot', mode: 'off' } });
    world.records = [record(1, 'SUCCEEDED')];
    await watch(world);
    expect(world.texts()).toEqual(['#1 SUCCEEDED']);
    expect(await watch(world)).toMatchObject({ open: 0 });
  });

  it('gives up after three days: what is that old is no news', async () => {
    const world = await begun(BOT, 1);
    world.clock.advance(3 * 24 * 60 * MINUTE);
    expect([await watch(world), world.texts()]).toEqual([expect.objectContaining({ open: 0 }), ['#1 IN_PROGRESS']]);
  });

  it('leaves for the next time what it has no time for', async () => {
    const world = await begun(BOT, 1, 2);
    world.records = [record(1, 'SUCCEEDED'), record(2, 'SUCCEEDED')];
    const end = world.clock.now() + 20_050;
    expect(await watch(world, () => end - world.clock.now())).toMatchObject({ told: 1 });
    expect(await watch(world)).toMatchObject({ told: 1 });
  });
});
