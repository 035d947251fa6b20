import type { Cause } from '../core/model.ts';
import { type Lineage, rollsBackUpdate, type StackMoment } from './lineage.ts';

/** Is the custom resource's stack going away as a whole, or only the custom resource? */
export type Decision =
  | { readonly empty: true; readonly code: string; readonly cause: Cause; readonly why: string }
  | { readonly empty: false; readonly code: string; readonly why: string };

/**
 * Reads off what CloudFormation is doing whether everything in the stack goes. A Delete request alone does not say so: it
 * also comes when the custom resource is removed from a template or replaced, and emptying a live stack would be data loss.
 * In doubt the answer is no.
 *
 * The nearest ancestor that is not being deleted itself is the one that decided on the delete below it; with none, a person
 * deleted the root.
 */
export function doesEverythingGo({ own, ancestors, complete }: Lineage): Decision {
  if (own.status === 'ROLLBACK_IN_PROGRESS') {
    return {
      empty: true,
      code: 'OWN_CREATE_ROLLED_BACK',
      cause: 'rollback of a create',
      why: `${own.stackName} could not be created and is rolled back.`,
    };
  }
  if (own.status !== 'DELETE_IN_PROGRESS') {
    return no(
      'STACK_LIVES',
      `${own.stackName} is ${own.status}: the custom resource is removed or replaced, its stack stays.`,
    );
  }
  const index = ancestors.findIndex(({ status }) => status !== 'DELETE_IN_PROGRESS');
  const actor = ancestors[index];
  if (!actor) {
    return complete
      ? goes('STACK_DELETED', `${(ancestors.at(-1) ?? own).stackName} is being deleted.`)
      : no('PARENT_UNKNOWN', `${own.stackName} names a parent stack that CloudFormation does not know.`);
  }
  return decidedBy(actor, [own, ...ancestors.slice(0, index)]);
}

/** `below`: the stacks from the custom resource's own up to the actor's nested stack, all of them being deleted. */
function decidedBy(actor: StackMoment, below: readonly StackMoment[]): Decision {
  const { stackName, status } = actor;
  if (status === 'ROLLBACK_IN_PROGRESS') {
    // RetainExceptOnCreate stays here: nothing says that it goes with a nested stack whose own create was complete.
    return goes('CREATE_ROLLED_BACK', `${stackName} could not be created and is rolled back with everything below it.`);
  }
  if (rollsBackUpdate(status)) {
    const started = Date.parse(actor.updateStartedAt ?? '');
    const older = below.find(({ creationTime }) => !(Date.parse(creationTime) >= started));
    return older
      ? no(
          'OLDER_THAN_UPDATE',
          `${stackName} rolls back an update, and ${older.stackName} is not known to be younger than it.`,
        )
      : goes('UPDATE_ROLLED_BACK', `${stackName} rolls back the update that had created it.`);
  }
  if (status.startsWith('UPDATE_') && status.endsWith('_IN_PROGRESS')) {
    return no(
      'REMOVED_BY_UPDATE',
      `An update of ${stackName} (${status}) removes or replaces the nested stack: nothing in it is emptied.`,
    );
  }
  return no(
    'PARENT_LIVES',
    `${stackName} is ${status}: a nested stack is emptied only when the stack around it goes. Delete the root stack.`,
  );
}

function goes(code: string, why: string): Decision {
  return { empty: true, code, cause: 'stack delete', why };
}

function no(code: string, why: string): Decision {
  return { empty: false, code, why };
}
