import type { TeardownPorts } from '../core/ports/teardown.ts';
import { createAfterDelete } from './after-delete.ts';
import { createPorts } from './index.ts';
import { createStackDeletion } from './stack-deletion.ts';

/** `createPorts` with what only the teardown door needs. */
export function createTeardownPorts({ signal }: { readonly signal?: AbortSignal | undefined } = {}): TeardownPorts {
  return {
    ...createPorts({ signal }),
    stackDeletion: createStackDeletion({ signal }),
    afterDelete: createAfterDelete({ signal }),
  };
}
