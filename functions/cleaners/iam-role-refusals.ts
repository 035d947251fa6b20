import type { RunContext } from '../core/cleaner.ts';
import type { Refusal, StackResource } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Role } from '../core/ports/iam.ts';
import { counted } from '../core/report.ts';
import type { ForeignPolicies } from './foreign-policies.ts';

/** Names of roles that only AWS may change, by their path. */
const SERVICE_LINKED = '/aws-service-role/';
const RESERVED = '/aws-reserved/';

/** What a role holds that is not CloudFormation's to remove. */
export interface Foreign extends ForeignPolicies {
  /** Instance profiles outside the tree. */
  readonly profiles: readonly string[];
  /** Instance profiles of the tree that a DeletionPolicy keeps. */
  readonly keptProfiles: readonly string[];
}

/** Instance profiles that hold the role and do not go with the stack: DeleteRole fails while there is one. */
export function holders(foreign: Foreign): readonly string[] {
  return [...foreign.profiles, ...foreign.keptProfiles];
}

/** A role of AWS itself. */
export function reservedRefusal(resource: StackResource, role: Role): Refusal | undefined {
  const linked = role.path.startsWith(SERVICE_LINKED);
  if (!linked && !role.path.startsWith(RESERVED)) return undefined;
  return {
    code: linked ? 'ROLE_SERVICE_LINKED' : 'ROLE_RESERVED',
    resource: refOf(resource),
    sentence: `It belongs to AWS (its path is ${role.path}) and is never touched.`,
    remedy: linked
      ? 'Only the service that it is linked to deletes it: whoever owns the stack takes it out of the template.'
      : 'Only IAM Identity Center manages it: whoever owns the stack takes it out of the template.',
    stops: 'resource',
    blocks: true,
  };
}

/** A role that an instance profile holds which does not go with the stack, where nobody consents to taking it out. */
export function profileRefusal(resource: StackResource, foreign: Foreign, run: RunContext): Refusal | undefined {
  const inTheWay = run.options.removeRolesFromInstanceProfiles ? foreign.keptProfiles : holders(foreign);
  if (inTheWay.length === 0) return undefined;
  const consent =
    foreign.keptProfiles.length === 0 ? ', or allows this run to do so (RemoveRolesFromInstanceProfiles)' : '';
  return {
    code: 'ROLE_IN_INSTANCE_PROFILE',
    resource: refOf(resource),
    sentence: `It is in ${counted(inTheWay.length, 'instance profile')} that the stack's delete does not remove: ${inTheWay.join(', ')}.`,
    remedy: `An instance may be running with it: whoever owns the instance profile takes the role out${consent}; then delete again.`,
    stops: 'resource',
    blocks: true,
  };
}
