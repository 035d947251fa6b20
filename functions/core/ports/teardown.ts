import type { AfterDeletePort } from './after-delete.ts';
import type { Ports } from './index.ts';
import type { StackDeletionPort } from './stack-deletion.ts';

/** The core's ports, and those of the teardown door alone. */
export interface TeardownPorts extends Ports {
  readonly stackDeletion: StackDeletionPort;
  readonly afterDelete: AfterDeletePort;
}
