/**
 * Which of the requested stacks goes when. Pure. A graph's nodes are the stacks that were asked for, by ARN; what is nested in
 * them goes with them.
 */

/** `first` must be gone before it is the turn of `next`; where both are the same, that says nothing. */
export interface Before {
  readonly first: string;
  readonly next: string;
}

export interface Waves {
  /** The stacks of a wave go side by side; each stack as early as it can. What goes round in a circle is in none. */
  readonly waves: readonly (readonly string[])[];
  /**
   * One for each set of stacks that all wait for each other: a way through all of them along the order, back to its begin,
   * which is not said twice. A stack may stand in it more than once where several circles share it.
   */
  readonly cycles: readonly (readonly string[])[];
  /** Which stacks are to be gone when it is a stack's turn; those of a circle count as one step. */
  readonly earlier: (node: string) => ReadonlySet<string>;
}

/** @param nodes in the order in which they were asked for: it decides wherever nothing else does */
export function wavesOf(nodes: readonly string[], order: readonly Before[]): Waves {
  const graph = new Map(nodes.map((node) => [node, new Set<string>()]));
  for (const { first, next } of order) {
    if (graph.has(next)) {
      graph.get(first)?.add(next);
    }
  }
  const reach = new Map(nodes.map((node) => [node, reachableFrom(node, graph)]));
  const circleOf = (node: string): readonly string[] =>
    reach.get(node)?.has(node)
      ? nodes.filter((each) => reach.get(node)?.has(each) && reach.get(each)?.has(node))
      : [node];
  const depths = new Map<string, number>();
  const depthOf = (node: string): number => {
    const known = depths.get(node);
    if (known !== undefined) {
      return known;
    }
    const circle = circleOf(node);
    const before = nodes.filter(
      (each) => !circle.includes(each) && circle.some((member) => graph.get(each)?.has(member)),
    );
    const depth = Math.max(0, ...before.map((each) => depthOf(each) + 1));
    for (const member of circle) {
      depths.set(member, depth);
    }
    return depth;
  };
  const inCircle = nodes.filter((node) => circleOf(node).length > 1);
  const free = nodes.filter((node) => !inCircle.includes(node));
  const levels = [...new Set(free.map(depthOf))].toSorted((a, b) => a - b);
  return {
    waves: levels.map((level) => free.filter((node) => depthOf(node) === level)),
    cycles: inCircle
      .filter((node) => circleOf(node)[0] === node)
      .map((start) => wayThrough(start, circleOf(start), graph)),
    earlier: (node) => new Set(nodes.filter((each) => depthOf(each) < depthOf(node))),
  };
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Itself only where a way leads back. */
function reachableFrom(start: string, graph: Graph): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [start];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (!found.has(next)) {
        found.add(next);
        queue.push(next);
      }
    }
  }
  return found;
}

/** From the start through all members, each by the shortest way to one not yet seen, and back to before the start. */
function wayThrough(start: string, members: readonly string[], graph: Graph): readonly string[] {
  const way = [start];
  const unseen = new Set(members.filter((member) => member !== start));
  let at = start;
  while (unseen.size > 0) {
    const step = shortestWay(at, (node) => unseen.has(node), graph);
    way.push(...step);
    for (const node of step) {
      unseen.delete(node);
    }
    at = step.at(-1) ?? start;
  }
  return [...way, ...shortestWay(at, (node) => node === start, graph).slice(0, -1)];
}

/** The nodes after `from` up to the nearest one that is wanted. */
function shortestWay(from: string, isWanted: (node: string) => boolean, graph: Graph): readonly string[] {
  const ways: (readonly string[])[] = [[from]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? from) ?? []) {
      if (isWanted(next)) {
        return [...way.slice(1), next];
      }
      if (!seen.has(next)) {
        seen.add(next);
        ways.push([...way, next]);
      }
    }
  }
  return [];
}
