import type { RunContext } from '../core/cleaner.ts';
import type { Content, Note, StackResource } from '../core/model.ts';
import type { ManagedPolicy } from '../core/ports/iam-policies.ts';
import { declaredPolicies } from './declared-names.ts';
import { fatesOf } from './fates.ts';
import { noteAbout } from './results.ts';

/** The policies of a role, a user or a group that no template of the tree gave it. */
export interface ForeignPolicies {
  readonly managed: readonly ManagedPolicy[];
  readonly inline: readonly string[];
  /** Names of policies that may be the template's: left to CloudFormation. */
  readonly inDoubt: readonly string[];
}

/**
 * Sorts out whose a principal's policies are. A managed policy of the tree that goes is its own cleaner's, wherever it is
 * attached: it has to come off there before the policy itself can go.
 */
export function foreignPolicies(
  principal: StackResource,
  managed: readonly ManagedPolicy[],
  inline: readonly string[],
  run: RunContext,
): ForeignPolicies {
  const declared = declaredPolicies(principal, run.tree);
  const ofTree = fatesOf('AWS::IAM::ManagedPolicy', run);
  const mayGo = (policy: ManagedPolicy) => ofTree.get(policy.arn)?.fate !== 'goes';
  return {
    managed: managed.filter((policy) => declared.managed(policy.arn) === 'foreign' && mayGo(policy)),
    inline: inline.filter((policy) => declared.inline(policy) === 'foreign'),
    inDoubt: [
      ...managed.filter((policy) => declared.managed(policy.arn) === 'in doubt').map((policy) => policy.name),
      ...inline.filter((policy) => declared.inline(policy) === 'in doubt'),
    ],
  };
}

/** How many there are of each kind. */
export function policyContents({ managed, inline }: ForeignPolicies): readonly Content[] {
  return [
    { kind: 'managed policy', count: managed.length },
    { kind: 'inline policy', count: inline.length },
  ];
}

/** Says what was left alone because a template may have made it. */
export function doubtNotes(resource: StackResource, { inDoubt }: Pick<ForeignPolicies, 'inDoubt'>): readonly Note[] {
  if (inDoubt.length === 0) return [];
  const sentence = `Left to CloudFormation, because the template may declare them: ${inDoubt.join(', ')}.`;
  return [noteAbout(resource, 'POLICIES_LEFT_TO_CLOUDFORMATION', sentence)];
}
