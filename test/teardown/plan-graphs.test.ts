import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TeardownPlan } from '#functions/teardown/model.ts';
import { account, plan, refusalsIn, wavesIn } from './planning.ts';

/** A tree of stacks by their names; all but the first nested in an earlier one. */
interface TreeSpec {
  readonly requested: boolean;
  /** Number of an earlier stack of the tree, and whether a DeletionPolicy keeps this one. */
  readonly nested: readonly { readonly above: number; readonly kept: boolean }[];
}

interface World {
  readonly trees: readonly TreeSpec[];
  /** Numbers of stacks, over all trees: the first imports from the second. */
  readonly imports: readonly (readonly [number, number])[];
  readonly shuffle: number;
}

const world: fc.Arbitrary<World> = fc.record({
  trees: fc.array(
    fc.record({
      requested: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      nested: fc.array(
        fc.record({
          above: fc.nat(10),
          kept: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
        }),
        { maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  imports: fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 7 }),
  shuffle: fc.nat(5),
});

interface Stack {
  readonly name: string;
  readonly root: string;
  readonly requested: boolean;
  /** Stays although its root goes. */
  readonly kept: boolean;
}

/** Makes the account, and says what is in it without asking the code under test. */
function build({ trees, imports, shuffle }: World) {
  const fakes = account();
  const stacks: Stack[] = [];
  const parents = new Map<string, { readonly parent: string; readonly deletionPolicy?: string }>();
  for (const [at, { requested, nested }] of trees.entries()) {
    const root = `t${at}`;
    const tree: Stack[] = [{ name: root, root, requested, kept: false }];
    for (const [number, { above, kept }] of nested.entries()) {
      const over = tree[above % tree.length];
      if (over === undefined) throw new Error('a tree has a root');
      const name = `${root}-${number}`;
      tree.push({ name, root, requested, kept: kept || over.kept });
      parents.set(name, { parent: over.name, ...(kept ? { deletionPolicy: 'Retain' } : {}) });
    }
    stacks.push(...tree);
  }
  const pairs = imports.flatMap(([a, b]) => {
    const importer = stacks[a % stacks.length];
    const exporter = stacks[b % stacks.length];
    return importer && exporter && importer !== exporter ? [{ importer, exporter }] : [];
  });
  for (const { name } of stacks) {
    const exportNames = pairs.some(({ exporter }) => exporter.name === name) ? [`${name}-export`] : [];
    fakes.cloudFormation.addStack(name, { status: 'CREATE_COMPLETE', exportNames, ...parents.get(name) });
  }
  for (const { importer, exporter } of pairs) {
    fakes.cloudFormation.import(`${exporter.name}-export`, importer.name);
  }
  const asked = stacks.filter(({ name, root, requested }) => requested && name === root).map(({ name }) => name);
  const rotated = [...asked.slice(shuffle % (asked.length || 1)), ...asked.slice(0, shuffle % (asked.length || 1))];
  return { fakes, asked: rotated, pairs };
}

/** What the plan must say, from the pairs alone. */
function expected(asked: readonly string[], pairs: ReturnType<typeof build>['pairs']) {
  const goes = ({ requested, kept }: Stack) => requested && !kept;
  const standing = pairs.filter(({ exporter }) => goes(exporter));
  const order = standing
    .filter(({ importer, exporter }) => goes(importer) && importer.root !== exporter.root)
    .map(({ importer, exporter }) => [importer.root, exporter.root] as const);
  const outside = standing.filter(({ importer }) => !goes(importer));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    order.some(([first, next]) => {
      if (first !== from || seen.has(next)) return false;
      seen.add(next);
      return next === to || reaches(next, to, seen);
    });
  return { order, outside, circling: asked.filter((name) => reaches(name, name)) };
}

const sentences = ({ refusals }: TeardownPlan, code: string) =>
  refusals.filter((refusal) => refusal.code === code).map(({ sentence }) => sentence);

/** Names of stacks in a sentence. */
const namesIn = (text: string) => [...text.matchAll(/\bt\d+(-\d+)?\b(?!-)/g)].map(([name]) => name);

describe('any exports and imports between any trees', () => {
  it('importers before exporters, circles and outsiders refused by name, nobody lost', async () => {
    const seen = { cycles: 0, outsiders: 0, waves: 0 };
    await fc.assert(
      fc.asyncProperty(world, async (spec) => {
        const { fakes, asked, pairs } = build(spec);
        fc.pre(asked.length > 0);
        const made = await plan(fakes, asked);
        const { order, outside, circling } = expected(asked, pairs);
        const waves = wavesIn(made);
        const levelOf = (name: string) => waves.findIndex((wave) => wave.includes(name));

        for (const [first, next] of order.filter((pair) => !pair.some((name) => circling.includes(name)))) {
          expect(levelOf(first)).toBeLessThan(levelOf(next));
        }
        if (circling.length === 0) {
          for (const name of asked) {
            const before = order.filter(([, next]) => next === name).map(([first]) => levelOf(first));
            expect(levelOf(name)).toBe(Math.max(-1, ...before) + 1);
          }
        }
        expect(waves.flat().toSorted()).toEqual(asked.filter((name) => !circling.includes(name)).toSorted());
        expect(new Set(sentences(made, 'CYCLE').flatMap(namesIn))).toEqual(new Set(circling));

        const told = sentences(made, 'IMPORTED').map((sentence) => {
          const [, exportName, importers = ''] =
            /^Export (\S+) of .* imported by (.*), which stays?:/.exec(sentence) ?? [];
          return [exportName, namesIn(importers)];
        });
        const wanted = Map.groupBy(outside, ({ exporter }) => `${exporter.name}-export`);
        expect(new Map(told.map(([name, importers]) => [name, new Set(importers)]))).toEqual(
          new Map([...wanted].map(([name, each]) => [name, new Set(each.map(({ importer }) => importer.name))])),
        );
        expect(told).toHaveLength(wanted.size);
        expect(refusalsIn(made).filter((words) => !/^(CYCLE|IMPORTED)/.test(words))).toEqual([]);

        // Where nothing is refused, the core agrees in each tree: no export stands in its way when it is its turn.
        if (made.refusals.length === 0) {
          expect(made.stacks.flatMap((target) => target.plan.refusals)).toEqual([]);
        }
        expect(JSON.parse(JSON.stringify(made))).toEqual(made);
        for (const action of ['DescribeStacks', 'ListStackResources', 'GetTemplate']) {
          const targets = fakes.log.calls.filter((call) => call.action.endsWith(action)).map(({ target }) => target);
          expect(new Set(targets).size).toBe(targets.length);
        }
        seen.cycles += circling.length > 0 ? 1 : 0;
        seen.outsiders += outside.length > 0 ? 1 : 0;
        seen.waves += waves.length > 2 ? 1 : 0;
      }),
      { numRuns: 300 },
    );
    // The worlds are of every kind.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(3);
  });
});
