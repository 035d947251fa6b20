import type { RunContext } from '../core/cleaner.ts';
import type { Refusal, StackResource } from '../core/model.ts';
import { KEEP_TAG, neededRole, refOf } from '../core/ownership.ts';
import type { IamPort } from '../core/ports/iam.ts';
import type { Principal, PrincipalKind } from '../core/ports/iam-policies.ts';
import { declaredPolicies, type Whose } from './declared-names.ts';
import { matches, patternsOf, patternsOfList } from './declared-values.ts';
import { type Fated, fatesOf } from './fates.ts';
import { carriesKeepTag } from './keep-tag.ts';

/** Who uses a managed policy beyond what the tree's templates say. */
export interface PolicyUses {
  /** Given by hand to what goes with the stack: taken off without asking. */
  readonly byHand: readonly Principal[];
  /** Attached to what does not go with the stack. */
  readonly elsewhere: readonly Principal[];
  /** Limited by it, other than a template says, whether they go or not: without it they could do more for as long as they are there. */
  readonly limits: readonly Principal[];
  /** Users and roles that nobody's consent opens, each with the reason. */
  readonly guarded: readonly { readonly principal: Principal; readonly reason: string }[];
  /** May be the template's: left to CloudFormation. */
  readonly inDoubt: readonly Principal[];
}

const TYPES = { user: 'AWS::IAM::User', group: 'AWS::IAM::Group', role: 'AWS::IAM::Role' } as const;
const LISTS = { user: 'Users', group: 'Groups', role: 'Roles' } as const;

/** Sorts out who uses the policy, as policy and as permissions boundary. */
export async function usesOf(iam: IamPort, policy: StackResource, run: RunContext): Promise<PolicyUses> {
  const [attached, limited] = await Promise.all([
    iam.usersOfPolicy(policy.physicalId, 'PermissionsPolicy'),
    iam.usersOfPolicy(policy.physicalId, 'PermissionsBoundary'),
  ]);
  const principals = principalsOf(run);
  const attachments = attached.map((principal) => ({ principal, use: attachment(policy, principal, principals, run) }));
  const limits = limited.map((principal) => ({ principal, use: limit(policy, principal, principals) }));
  const all = [...attachments, ...limits];
  const touched = distinct(all.filter(({ use }) => use !== 'declared' && use !== 'in doubt'));
  const reasons = new Map(
    await Promise.all(touched.map(async (each) => [keyOf(each), await reasonToLeave(iam, each, run)] as const)),
  );
  const free = (rows: typeof all, wanted: Use) =>
    rows.flatMap(({ principal, use }) => (use === wanted && !reasons.get(keyOf(principal)) ? [principal] : []));
  return {
    byHand: free(attachments, 'by hand'),
    elsewhere: free(attachments, 'elsewhere'),
    limits: free(limits, 'elsewhere'),
    guarded: touched.flatMap((principal) => {
      const reason = reasons.get(keyOf(principal));
      return reason === undefined ? [] : [{ principal, reason }];
    }),
    inDoubt: distinct(all.filter(({ use }) => use === 'in doubt')),
  };
}

type Use = 'declared' | 'in doubt' | 'by hand' | 'elsewhere';
type Principals = Readonly<Record<PrincipalKind, ReadonlyMap<string, Fated>>>;

function principalsOf(run: RunContext): Principals {
  return { user: fatesOf(TYPES.user, run), group: fatesOf(TYPES.group, run), role: fatesOf(TYPES.role, run) };
}

/** What CloudFormation detaches by itself: what goes with the stack, and whatever the policy itself names. */
function attachment(policy: StackResource, { kind, name }: Principal, principals: Principals, run: RunContext): Use {
  const own = principals[kind].get(name);
  if (own?.fate === 'goes') {
    const whose = declaredPolicies(own.resource, run.tree).managed(policy.physicalId);
    return whose === 'foreign' ? 'by hand' : whose;
  }
  const whose = namedBy(policy, kind, name, run);
  return whose === 'foreign' ? 'elsewhere' : whose;
}

/** Does the policy's own template attach it there? */
function namedBy(policy: StackResource, kind: PrincipalKind, name: string, { tree }: RunContext): Whose {
  const stack = tree.stacks.find(({ stackId }) => stackId === policy.stackId);
  if (stack === undefined) return 'in doubt';
  const found = patternsOfList(policy.declared[LISTS[kind]], stack).map((pattern) => matches(pattern, name));
  return found.includes('exactly') ? 'declared' : found.includes('perhaps') ? 'in doubt' : 'foreign';
}

function limit(policy: StackResource, { kind, name }: Principal, principals: Principals): Use {
  const own = principals[kind].get(name);
  const boundary = own?.resource.declared['PermissionsBoundary'];
  if (own?.fate !== 'goes' || boundary === undefined) return 'elsewhere';
  const found = patternsOf(boundary, own.stack).map((pattern) => matches(pattern, policy.physicalId));
  return found.includes('exactly') ? 'declared' : found.includes('perhaps') ? 'in doubt' : 'elsewhere';
}

/** What must not change, whoever consents: roles that the delete works with, and what is tagged to be kept. */
async function reasonToLeave(iam: IamPort, { kind, name }: Principal, run: RunContext): Promise<string | undefined> {
  const needed = kind === 'role' ? neededRole(name, run.tree, run.service) : undefined;
  if (needed !== undefined) return needed.sentence;
  const found = kind === 'role' ? await iam.role(name) : kind === 'user' ? await iam.user(name) : undefined;
  return found !== undefined && carriesKeepTag(found.tags) ? `It carries the tag ${KEEP_TAG}.` : undefined;
}

/** The refusal for a policy that others use where nobody consents, or where nobody can; it names them all. */
export function useRefusal(resource: StackResource, uses: PolicyUses, { options }: RunContext): Refusal | undefined {
  const elsewhere = options.detachPoliciesFromOthers ? [] : uses.elsewhere;
  const limits = options.removePermissionsBoundaries ? [] : uses.limits;
  const parts = [
    ...uses.guarded.map(({ principal, reason }) => ({
      sentence: `It is used by ${namesOf([principal])}, which is never changed. ${reason}`,
      remedy: `Whoever is responsible for ${namesOf([principal])} takes the policy off there.`,
    })),
    ...(elsewhere.length === 0
      ? []
      : [
          {
            sentence: `It is attached to what the stack's delete does not remove: ${namesOf(elsewhere)}.`,
            remedy:
              'Whoever owns them detaches the policy, or whoever owns the stack allows this run to do so (DetachPoliciesFromOthers): they lose its rights.',
          },
        ]),
    ...(limits.length === 0
      ? []
      : [
          {
            sentence: `It is the permissions boundary of ${namesOf(limits)}.`,
            remedy:
              'Whoever owns them sets another boundary, or whoever owns the stack allows this run to take it away (RemovePermissionsBoundaries): it then limits them no longer.',
          },
        ]),
  ];
  if (parts.length === 0) return undefined;
  return {
    code:
      uses.guarded.length > 0
        ? 'POLICY_OF_GUARDED_PRINCIPAL'
        : elsewhere.length > 0
          ? 'POLICY_ATTACHED_ELSEWHERE'
          : 'POLICY_IS_BOUNDARY',
    resource: refOf(resource),
    sentence: parts.map(({ sentence }) => sentence).join(' '),
    remedy: `${parts.map(({ remedy }) => remedy).join(' ')} Then delete again.`,
    stops: 'resource',
    blocks: true,
  };
}

/** E.g. `user anna, role fleet`. */
export function namesOf(principals: readonly Principal[]): string {
  return principals.map(keyOf).join(', ');
}

function keyOf({ kind, name }: Principal): string {
  return `${kind} ${name}`;
}

function distinct(rows: readonly { readonly principal: Principal }[]): readonly Principal[] {
  return [...new Map(rows.map(({ principal }) => [keyOf(principal), principal])).values()];
}
