import { describe, expect, it } from '@jest/globals';
import { type Shelf, sweep } from '#functions/cleaners/sweep.ts';

const HELD = 10_000;

/** Numbers from 0 on, listed by a thousand; those below `stubborn` stay. */
function shelf(count: number, stubborn: number): Shelf<number> & { readonly tried: number[] } {
  const things = new Set(Array.from({ length: count }, (_, at) => at));
  const tried: number[] = [];
  return {
    tried,
    named: 'numbers',
    blocks: true,
    batch: 1_000,
    idOf: String,
    kindOf: () => 'number',
    remaining: () => 1,
    onRemoved: () => {},
    async *list() {
      const all = [...things];
      for (let from = 0; from < all.length; from += 1_000) yield all.slice(from, from + 1_000);
    },
    async remove(batch) {
      tried.push(...batch);
      for (const thing of batch.filter((each) => each >= stubborn)) things.delete(thing);
      const problem = { code: 'Stubborn', why: 'stubborn', remedy: 'wait' };
      return batch.filter((thing) => thing < stubborn).map((thing) => ({ thing, problem }));
    },
  };
}

describe('a sweep', () => {
  it('goes on behind what stays, and tries nothing twice', async () => {
    const long = shelf(HELD + 1_500, HELD - 1);
    const { removed, problems, seen, toTheEnd } = await sweep(long);
    expect([removed.get('number'), problems.size, seen, toTheEnd]).toEqual([1_501, HELD - 1, HELD + 1_500, true]);
    expect(long.tried).toHaveLength(HELD + 1_500);
  });

  it('gives up where as much stays as it may hold', async () => {
    const { problems, toTheEnd, finished } = await sweep(shelf(HELD + 1_500, HELD));
    expect([problems.size, toTheEnd, finished]).toEqual([HELD, false, true]);
  });
});
