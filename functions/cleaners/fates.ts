import type { RunContext } from '../core/cleaner.ts';
import type { StackNode, StackResource } from '../core/model.ts';
import { isKept, wasMade } from '../core/ownership.ts';

/** What becomes of a resource of the tree: a DeletionPolicy, its own or one above it, keeps what stays. */
export type Fate = 'goes' | 'stays';

/** A resource of the tree with its stack. */
export interface Fated {
  readonly fate: Fate;
  readonly resource: StackResource;
  readonly stack: StackNode;
}

/** The tree's resources of one type by physical id. A row that never came to own its name says nothing about who bears it. */
export function fatesOf(
  type: string,
  { tree, options }: Pick<RunContext, 'tree' | 'options'>,
): ReadonlyMap<string, Fated> {
  const fates = new Map<string, Fated>();
  for (const stack of tree.stacks) {
    for (const resource of stack.resources) {
      if (resource.type !== type || !wasMade(resource)) continue;
      const fate = stack.retained || isKept(resource, options.cause) ? 'stays' : 'goes';
      fates.set(resource.physicalId, { fate, resource, stack });
    }
  }
  return fates;
}
