import type { StackNode, StackResource, StackTree } from '../core/model.ts';
import type { Pattern } from './declared-values.ts';
import { listOf, matches, patternsOf, patternsOfList, UNKNOWN } from './declared-values.ts';

/**
 * Whose is a policy of a role, a user or a group? `declared`: the template's, CloudFormation removes it in its own order; `in doubt`: may
 * be the template's, because a value could not be resolved; `foreign`: somebody added it outside of CloudFormation.
 */
export type Whose = 'declared' | 'in doubt' | 'foreign';

export interface DeclaredPolicies {
  readonly managed: (policyArn: string) => Whose;
  readonly inline: (policyName: string) => Whose;
}

/** How templates give policies to a principal of each type: a list in the policy, or a resource of its own. */
const GIVEN_BY: Readonly<Record<string, { readonly list: string; readonly inline: string; readonly name: string }>> = {
  'AWS::IAM::Role': { list: 'Roles', inline: 'AWS::IAM::RolePolicy', name: 'RoleName' },
  'AWS::IAM::User': { list: 'Users', inline: 'AWS::IAM::UserPolicy', name: 'UserName' },
  'AWS::IAM::Group': { list: 'Groups', inline: 'AWS::IAM::GroupPolicy', name: 'GroupName' },
};

/** Reads off a stack tree which policies it gives to one of its roles, users or groups. Pure. */
export function declaredPolicies(principal: StackResource, tree: StackTree): DeclaredPolicies {
  const own = tree.stacks.find((stack) => stack.stackId === principal.stackId);
  if (own === undefined) return { managed: () => 'in doubt', inline: () => 'in doubt' };

  const managed: Claim[] = patternsOfList(principal.declared['ManagedPolicyArns'], own).map(sureOf);
  const inline: Claim[] = listOf(principal.declared['Policies'], own).flatMap((policy) =>
    namesOf(policy, own).map(sureOf),
  );
  for (const stack of tree.stacks) {
    for (const resource of stack.resources) {
      const attached = attachedTo(principal, resource, stack);
      if (attached === 'no') continue;
      const sure = attached === 'exactly';
      if (resource.type === 'AWS::IAM::ManagedPolicy')
        managed.push({ pattern: { parts: [resource.physicalId] }, sure });
      else inline.push(...namesOf(resource.declared, stack).map((pattern) => ({ pattern, sure })));
    }
  }
  return { managed: (arn) => whose(managed, arn), inline: (name) => whose(inline, name) };
}

/** One name that the template gives; not sure where it is unclear to whom. */
export interface Claim {
  readonly pattern: Pattern;
  readonly sure: boolean;
}

function sureOf(pattern: Pattern): Claim {
  return { pattern, sure: true };
}

/** What the claims say of one name: a sure and exact one decides. */
export function whose(claims: readonly Claim[], name: string): Whose {
  let answer: Whose = 'foreign';
  for (const { pattern, sure } of claims) {
    const match = matches(pattern, name);
    if (match === 'exactly' && sure) return 'declared';
    if (match !== 'no') answer = 'in doubt';
  }
  return answer;
}

/** `PolicyName` of a policy, or anything where there is none to read. */
function namesOf(policy: unknown, stack: StackNode): readonly Pattern[] {
  const name = typeof policy === 'object' && policy !== null && 'PolicyName' in policy ? policy.PolicyName : UNKNOWN;
  return patternsOf(name, stack);
}

/** Does this resource of the tree attach itself to the principal? */
function attachedTo(principal: StackResource, resource: StackResource, stack: StackNode): ReturnType<typeof matches> {
  const found = principalNames(principal.type, resource, stack).map((name) => matches(name, principal.physicalId));
  if (found.includes('exactly')) return 'exactly';
  return found.includes('perhaps') ? 'perhaps' : 'no';
}

/** The principals of one type to which a policy resource attaches itself. */
function principalNames(type: string, resource: StackResource, stack: StackNode): readonly Pattern[] {
  const given = GIVEN_BY[type];
  switch (resource.type) {
    case 'AWS::IAM::ManagedPolicy':
    case 'AWS::IAM::Policy':
      return given === undefined ? [] : patternsOfList(resource.declared[given.list], stack);
    case given?.inline:
      return patternsOf(resource.declared[given?.name ?? ''] ?? UNKNOWN, stack);
    default:
      return [];
  }
}
