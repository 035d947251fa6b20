/** Who may hold a managed policy. */
export type PrincipalKind = 'user' | 'group' | 'role';

export interface Principal {
  readonly kind: PrincipalKind;
  readonly name: string;
}

/** IAM's PolicyUsageFilter: what a principal uses a managed policy for. */
export type PolicyUsage = 'PermissionsPolicy' | 'PermissionsBoundary';

/** Customer managed policies are named by their ARN. Lists hold all pages. Removing what is already gone succeeds. */
export interface IamPoliciesPort {
  /** Its tags; undefined where there is no such policy. */
  policyTags(arn: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Ids of all versions but the default one. */
  olderVersions(arn: string): Promise<readonly string[]>;
  usersOfPolicy(arn: string, usage: PolicyUsage): Promise<readonly Principal[]>;
  deletePolicyVersion(arn: string, versionId: string): Promise<void>;
}
