import type { CleanDeps } from '../core/clean.ts';
import type { TeardownPorts } from '../core/ports/teardown.ts';

/** What a teardown works with: the core's dependencies, the right to delete stacks, and who it is. */
export interface TeardownDeps extends CleanDeps {
  readonly ports: TeardownPorts;
  readonly rights: Rights;
}

/** With whose rights this teardown may have stacks deleted. */
export type Rights =
  /** A function: never with its own rights, so with the stack's role or one that it may pass. */
  | { readonly kind: 'service'; readonly deleteRoleArn?: string | undefined }
  /** A person at a terminal: with a role of the stack or the request, else with the person's own rights. */
  | { readonly kind: 'person'; readonly arn: string };
