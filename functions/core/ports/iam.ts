import type { IamGroupsPort } from './iam-groups.ts';
import type { IamPoliciesPort, ManagedPolicy } from './iam-policies.ts';
import type { IamUsersPort } from './iam-users.ts';

export interface Role {
  readonly arn: string;
  /** E.g. `/`, `/aws-service-role/…/`, `/aws-reserved/…/`. */
  readonly path: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Roles are named by their name. Lists hold all pages. Removing what is already gone succeeds. */
export interface IamRolesPort {
  role(name: string): Promise<Role | undefined>;
  attachedPolicies(roleName: string): Promise<readonly ManagedPolicy[]>;
  inlinePolicies(roleName: string): Promise<readonly string[]>;
  /** Names of the instance profiles that hold the role. */
  instanceProfiles(roleName: string): Promise<readonly string[]>;
  detachPolicy(roleName: string, policyArn: string): Promise<void>;
  deleteInlinePolicy(roleName: string, policyName: string): Promise<void>;
  removeFromInstanceProfile(roleName: string, profileName: string): Promise<void>;
  /** The role's own limit; the role may do more without it. */
  deleteRoleBoundary(roleName: string): Promise<void>;
}

/** IAM as the cleaners need it. */
export interface IamPort extends IamRolesPort, IamUsersPort, IamGroupsPort, IamPoliciesPort {}
