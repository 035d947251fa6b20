import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Before, wavesOf } from '#functions/teardown/waves.ts';

/** A graph of up to 9 nodes; `downhill` has no circle. */
const graphOf = (downhill: boolean) =>
  fc.integer({ min: 1, max: 9 }).chain((size) => {
    const nodes = Array.from({ length: size }, (_, at) => `n${at}`);
    const node = fc.nat(size - 1);
    return fc.record({
      nodes: fc.shuffledSubarray(nodes, { minLength: size }),
      order: fc.array(fc.tuple(node, node), { maxLength: 2 * size }).map((pairs): readonly Before[] =>
        pairs
          .map(([a, b]) => (downhill && a > b ? [b, a] : [a, b]))
          .filter(([a, b]) => !downhill || a !== b)
          .map(([a, b]) => ({ first: `n${a}`, next: `n${b}` })),
      ),
    });
  });

const levelIn = (waves: readonly (readonly string[])[], node: string) => waves.findIndex((wave) => wave.includes(node));

/** All that come after a node, by following the order as often as it takes. */
function downstream(node: string, order: readonly Before[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { first, next } of order) {
      if (first !== next && (first === node || found.has(first))) {
        found.add(next);
      }
    }
  }
  return found;
}

describe('wavesOf', () => {
  it('without circles: everybody in one wave, after all that must go first, and as early as that lets them', () => {
    fc.assert(
      fc.property(graphOf(true), ({ nodes, order }) => {
        const { waves, cycles } = wavesOf(nodes, order);
        expect(cycles).toEqual([]);
        expect(waves.flat().toSorted()).toEqual(nodes.toSorted());
        for (const node of nodes) {
          const before = order.filter(({ next }) => next === node).map(({ first }) => levelIn(waves, first));
          expect(levelIn(waves, node)).toBe(Math.max(-1, ...before) + 1);
        }
      }),
    );
  });

  it('whatever goes round is in a circle, and nothing else; nobody is lost', () => {
    fc.assert(
      fc.property(graphOf(false), ({ nodes, order }) => {
        const { waves, cycles } = wavesOf(nodes, order);
        const round = nodes.filter((node) => downstream(node, order).has(node));
        const inCycles = cycles.map((cycle) => new Set(cycle));
        expect(new Set(cycles.flat())).toEqual(new Set(round));
        expect([...waves.flat(), ...inCycles.flatMap((cycle) => [...cycle])].toSorted()).toEqual(nodes.toSorted());
        expect(waves.every((wave) => wave.length > 0)).toBe(true);
        for (const { first, next } of order) {
          if (first !== next && !round.includes(first) && !round.includes(next)) {
            expect(levelIn(waves, first)).toBeLessThan(levelIn(waves, next));
          }
        }
      }),
    );
  });

  it('a circle is told as a way: each before the next, and the last before the first', () => {
    fc.assert(
      fc.property(graphOf(false), ({ nodes, order }) => {
        for (const cycle of wavesOf(nodes, order).cycles) {
          for (const [at, first] of cycle.entries()) {
            expect(order).toContainEqual({ first, next: cycle[(at + 1) % cycle.length] });
          }
        }
      }),
    );
  });

  it('what is earlier is all that must have gone, circles counted as one step', () => {
    fc.assert(
      fc.property(graphOf(false), ({ nodes, order }) => {
        const { earlier } = wavesOf(nodes, order);
        for (const node of nodes) {
          const must = nodes.filter((each) => downstream(each, order).has(node) && !downstream(node, order).has(each));
          expect([...earlier(node)]).toEqual(expect.arrayContaining(must));
          expect(earlier(node).has(node)).toBe(false);
          expect([...earlier(node)].filter((each) => downstream(node, order).has(each))).toEqual([]);
        }
      }),
    );
  });

  it('two circles that share a stack are one, and the way leads through both', () => {
    const order = [
      { first: 'a', next: 'b' },
      { first: 'b', next: 'a' },
      { first: 'b', next: 'c' },
      { first: 'c', next: 'b' },
    ];
    expect(wavesOf(['a', 'b', 'c'], order).cycles).toEqual([['a', 'b', 'c', 'b']]);
  });
});
