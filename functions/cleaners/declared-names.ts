import type { StackNode, StackResource, StackTree } from '../core/model.ts';
import type { Pattern } from './declared-values.ts';
import { listOf, matches, patternsOf, patternsOfList, UNKNOWN } from './declared-values.ts';

/**
 * Whose is a policy of a role? `declared`: the template's, CloudFormation removes it in its own order; `in doubt`: may
 * be the template's, because a value could not be resolved; `foreign`: somebody added it outside of CloudFormation.
 */
export type Whose = 'declared' | 'in doubt' | 'foreign';

export interface DeclaredPolicies {
  readonly managed: (policyArn: string) => Whose;
  readonly inline: (policyName: string) => Whose;
}

/** Reads off a stack tree which policies it gives to one of its roles. Pure. */
export function declaredPolicies(role: StackResource, tree: StackTree): DeclaredPolicies {
  const own = tree.stacks.find((stack) => stack.stackId === role.stackId);
  if (own === undefined) return { managed: () => 'in doubt', inline: () => 'in doubt' };

  const managed: Claim[] = patternsOfList(role.declared['ManagedPolicyArns'], own).map(sureOf);
  const inline: Claim[] = listOf(role.declared['Policies'], own).flatMap((policy) => namesOf(policy, own).map(sureOf));
  for (const stack of tree.stacks) {
    for (const resource of stack.resources) {
      const attached = attachedTo(role, resource, stack);
      if (attached === 'no') continue;
      const sure = attached === 'exactly';
      if (resource.type === 'AWS::IAM::ManagedPolicy')
        managed.push({ pattern: { parts: [resource.physicalId] }, sure });
      else inline.push(...namesOf(resource.declared, stack).map((pattern) => ({ pattern, sure })));
    }
  }
  return { managed: (arn) => whose(managed, arn), inline: (name) => whose(inline, name) };
}

/** One name that the template gives; not sure where it is unclear to which role. */
interface Claim {
  readonly pattern: Pattern;
  readonly sure: boolean;
}

function sureOf(pattern: Pattern): Claim {
  return { pattern, sure: true };
}

function whose(claims: readonly Claim[], name: string): Whose {
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

/** Does this resource of the tree attach itself to the role? */
function attachedTo(role: StackResource, resource: StackResource, stack: StackNode): ReturnType<typeof matches> {
  const found = roleNames(resource, stack).map((name) => matches(name, role.physicalId));
  if (found.includes('exactly')) return 'exactly';
  return found.includes('perhaps') ? 'perhaps' : 'no';
}

/** The roles to which a policy resource attaches itself. */
function roleNames(resource: StackResource, stack: StackNode): readonly Pattern[] {
  switch (resource.type) {
    case 'AWS::IAM::ManagedPolicy':
    case 'AWS::IAM::Policy':
      return patternsOfList(resource.declared['Roles'], stack);
    case 'AWS::IAM::RolePolicy':
      return patternsOf(resource.declared['RoleName'] ?? UNKNOWN, stack);
    default:
      return [];
  }
}
