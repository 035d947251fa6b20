import { describe, expect, it } from '@jest/globals';
import { Pacer } from '#functions/cleaners/pacer.ts';
import { FakeClock } from '#test/fakes/index.ts';

describe('Pacer', () => {
  it('spreads turns evenly, however many ask side by side', async () => {
    const clock = new FakeClock(0);
    const pacer = new Pacer(clock, 10, 60_000);
    const times = await Promise.all(Array.from({ length: 4 }, async () => ((await pacer.turn()) ? clock.now() : -1)));
    expect(times).toEqual([0, 100, 200, 300]);
  });

  it('does not make up for time in which nobody asked', async () => {
    const clock = new FakeClock(0);
    const pacer = new Pacer(clock, 10, 60_000);
    await pacer.turn();
    clock.advance(5_000);
    await pacer.turn();
    await pacer.turn();
    expect(clock.now()).toBe(5_100);
  });

  it('ends a while after the first turn and not after the last', async () => {
    const clock = new FakeClock(0);
    const pacer = new Pacer(clock, 10, 1_000);
    expect(pacer.turnsLeft()).toBe(10);
    clock.advance(9_000);
    expect(await pacer.turn()).toBe(true);
    expect(pacer.turnsLeft()).toBe(9);
    clock.advance(1_000);
    expect(pacer.turnsLeft()).toBe(0);
    expect(await pacer.turn()).toBe(false);
  });
});
