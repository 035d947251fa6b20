import type { RunContext } from '../core/cleaner.ts';
import type { StackNode, StackResource } from '../core/model.ts';
import type { Whose } from './declared-names.ts';
import { matches, type Pattern, patternsOf, patternsOfList, UNKNOWN } from './declared-values.ts';
import { fatesOf } from './fates.ts';

/** Tells whether something of the tree that goes puts a user into a group: CloudFormation takes the user out then. */
export type Memberships = (userName: string, groupName: string) => Whose;

/** Reads off a stack tree who is in which group. Pure. What a DeletionPolicy keeps declares nothing: its membership would stay. */
export function declaredMemberships(run: Pick<RunContext, 'tree' | 'options'>): Memberships {
  const claims = [
    ...going('AWS::IAM::User', run).map(({ resource, stack }) => ({
      users: [{ parts: [resource.physicalId] }],
      groups: patternsOfList(resource.declared['Groups'], stack),
    })),
    ...going('AWS::IAM::UserToGroupAddition', run).map(({ resource, stack }) => ({
      users: patternsOfList(resource.declared['Users'], stack),
      groups: patternsOf(resource.declared['GroupName'] ?? UNKNOWN, stack),
    })),
  ];
  return (userName, groupName) => {
    const found = claims.map(({ users, groups }) => both(best(users, userName), best(groups, groupName)));
    return found.includes('declared') ? 'declared' : found.includes('in doubt') ? 'in doubt' : 'foreign';
  };
}

function going(
  type: string,
  run: Pick<RunContext, 'tree' | 'options'>,
): readonly { readonly resource: StackResource; readonly stack: StackNode }[] {
  return [...fatesOf(type, run).values()].filter(({ fate }) => fate === 'goes');
}

type Match = ReturnType<typeof matches>;

function best(patterns: readonly Pattern[], name: string): Match {
  const found = patterns.map((pattern) => matches(pattern, name));
  return found.includes('exactly') ? 'exactly' : found.includes('perhaps') ? 'perhaps' : 'no';
}

function both(user: Match, group: Match): Whose {
  if (user === 'no' || group === 'no') return 'foreign';
  return user === 'exactly' && group === 'exactly' ? 'declared' : 'in doubt';
}
