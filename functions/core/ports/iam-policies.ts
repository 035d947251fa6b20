export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
}

/** Who may hold a managed policy. */
export type PrincipalKind = 'user' | 'group' | 'role';

export interface Principal {
  readonly kind: PrincipalKind;
  readonly name: string;
}

/** IAM's PolicyUsageFilter: what a principal uses a managed policy for. */
export type PolicyUsage = 'PermissionsPolicy' | 'PermissionsBoundary';

export interface Policy {
  /** When it was made, ISO 8601. */
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Customer managed policies are named by their ARN. Lists hold all pages. Removing what is already gone succeeds. */
export interface IamPoliciesPort {
  policy(arn: string): Promise<Policy | undefined>;
  /** Ids of all versions but the default one. */
  olderVersions(arn: string): Promise<readonly string[]>;
  usersOfPolicy(arn: string, usage: PolicyUsage): Promise<readonly Principal[]>;
  deletePolicyVersion(arn: string, versionId: string): Promise<void>;
}
