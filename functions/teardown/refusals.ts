import { OUT_OF_TIME } from '../core/execute.ts';
import type { Plan, Refusal, StackFacts } from '../core/model.ts';
import { inRegionOf } from './commands.ts';
import type { DeletesAs, TeardownOptions, TeardownRefusal } from './model.ts';
import type { Resolved } from './resolve.ts';
import { goingIn, type Outsider, type Target } from './survey.ts';
import { listed, optionWords } from './wording.ts';

/** What a stack's own state says against deleting it now. */
export function stateRefusals(target: Target, options: TeardownOptions): readonly TeardownRefusal[] {
  const { asked, facts } = target.resolved;
  const refusals: TeardownRefusal[] = [];
  const busy = [facts, ...goingIn(target)].find(({ status }) => isBusy(status));
  if (busy) {
    refusals.push({
      code: 'STACK_BUSY',
      stack: asked,
      sentence: `Another operation is under way on stack ${busy.stackName}: it is in ${busy.status}.`,
      remedy: 'Wait until that operation has ended, then ask again.',
    });
  }
  if (facts.terminationProtected && !options.disableTerminationProtection) {
    refusals.push({
      code: 'TERMINATION_PROTECTED',
      stack: asked,
      sentence: `Stack ${facts.stackName} has termination protection.`,
      remedy: `Whoever owns the stack switches it off, or allows this teardown to do so (${optionWords('disableTerminationProtection')}).`,
    });
  }
  return refusals;
}

/**
 * CloudFormation refuses to delete a stack while another operation is under way, the cleanup after an update included. A delete
 * that is under way is joined; a stack in review was never made.
 */
export function isBusy(status: string): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'DELETE_IN_PROGRESS' && status !== 'REVIEW_IN_PROGRESS';
}

export function nestedStack({ asked, facts }: Resolved, root: StackFacts): TeardownRefusal {
  return {
    code: 'NESTED_STACK',
    stack: asked,
    sentence: `Stack ${facts.stackName} is nested in stack ${root.stackName}: deleted by itself, it would leave that stack broken.`,
    remedy: `Ask for ${root.stackName}, which deletes it too; or take it out of that stack's template.`,
  };
}

export function ownService({ asked, facts }: Resolved): TeardownRefusal {
  return {
    code: 'OWN_SERVICE',
    stack: asked,
    sentence: `Stack ${facts.stackName} is the clean-exit service itself, which cannot delete what it runs in.`,
    remedy: `Delete it by hand, when no stack needs it any more: ${inRegionOf(facts.stackId, `sam delete --stack-name ${facts.stackName}`)}`,
  };
}

export function roleInStack({ asked, facts }: Resolved, deletesAs: DeletesAs, holder: string): TeardownRefusal {
  const role = 'roleArn' in deletesAs ? deletesAs.roleArn : '';
  const own = deletesAs.kind === 'stack role';
  return {
    code: 'ROLE_IN_STACK',
    stack: asked,
    sentence: `Stack ${facts.stackName} would be deleted with ${role}, which goes with it (stack ${holder} holds it): once it is gone, CloudFormation cannot delete the rest.`,
    remedy: own
      ? 'Whoever owns the stack gives the role DeletionPolicy Retain, or updates the stack with another service role.'
      : `Delete it with another role (${optionWords('roleArn')}).`,
  };
}

export function imported({ target, exportName, stackName, importers }: Outsider): TeardownRefusal {
  const names = listed(importers);
  const [it, them, stay] = importers.length === 1 ? ['it', 'it goes', 'stays'] : ['them', 'they go', 'stay'];
  return {
    code: 'IMPORTED',
    stack: target.resolved.asked,
    sentence: `Export ${exportName} of stack ${stackName} is imported by ${names}, which ${stay}: CloudFormation would cancel the delete.`,
    remedy: `Ask for ${names} as well, so that ${them} first, or take the import out of ${it}.`,
  };
}

/** @param names in the order in which each would have to go before the next */
export function cycle(names: readonly string[]): TeardownRefusal {
  return {
    code: 'CYCLE',
    sentence: `These stacks wait for each other, so that none can go first: ${[...names, ...names.slice(0, 1)].join(' before ')}.`,
    remedy: `Take one import out of one of them (or give it another service role, where it is deleted with a role of the next one), then ask again.`,
  };
}

/** @param arn of the role that the request names */
export function roleElsewhere(arn: string, account: string): TeardownRefusal {
  return {
    code: 'ELSEWHERE',
    sentence: `The role ${arn} is not of account ${account}, in which the stacks are: CloudFormation takes a role of their own account only.`,
    remedy: 'Name a role of that account.',
  };
}

/** What the core's plan says against a delete, in the words of this door. That an export is imported is told in others. */
export function coreRefusals({ asked }: Resolved, plan: Plan): readonly TeardownRefusal[] {
  return plan.refusals
    .filter(({ code, stops, blocks }) => code !== 'EXPORT_IMPORTED' && (stops === 'everything' || blocks))
    .map((refusal) => fromCore(asked, refusal));
}

function fromCore(asked: string, refusal: Refusal): TeardownRefusal {
  if (refusal.code === OUT_OF_TIME) {
    return { code: 'TOO_MUCH', stack: asked, sentence: refusal.sentence, remedy: 'Ask for fewer stacks at once.' };
  }
  const { resource, sentence } = refusal;
  return {
    code: 'CANNOT_BE_CLEANED',
    stack: asked,
    sentence: resource ? `${resource.type} ${resource.physicalId}: ${sentence}` : sentence,
    remedy: refusal.remedy,
  };
}
