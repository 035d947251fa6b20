import {
  type AttachedPolicy,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  paginateListEntitiesForPolicy,
  paginateListPolicyVersions,
} from '@aws-sdk/client-iam';
import type { IamPoliciesPort, ManagedPolicy, PrincipalKind } from '../core/ports/iam-policies.ts';
import type { Action } from './errors.ts';
import type { IamCalls } from './iam-calls.ts';
import { required, tagRecord } from './values.ts';

/** What IAM says of customer managed policies. */
export function createIamPolicies({ client, options, unlessGone, listed }: IamCalls): IamPoliciesPort {
  return {
    async policy(arn) {
      const action = 'iam:GetPolicy';
      const answer = await unlessGone(action, arn, () =>
        client().send(new GetPolicyCommand({ PolicyArn: arn }), options),
      );
      const policy = answer?.Policy;
      if (policy === undefined) {
        return undefined;
      }
      return {
        createdAt: required(policy.CreateDate, 'CreateDate', action, arn).toISOString(),
        // GetPolicy brings all tags along (at most 50); ListPolicies would not.
        tags: tagRecord(policy.Tags?.map((tag) => [tag.Key, tag.Value])),
      };
    },

    async olderVersions(arn) {
      const action = 'iam:ListPolicyVersions';
      const pages = paginateListPolicyVersions({ client: client() }, { PolicyArn: arn }, options);
      const versions = await listed(action, arn, pages, (page) => page.Versions);
      return versions
        .filter((version) => !required(version.IsDefaultVersion, 'IsDefaultVersion', action, arn))
        .map((version) => required(version.VersionId, 'VersionId', action, arn));
    },

    async usersOfPolicy(arn, usage) {
      const action = 'iam:ListEntitiesForPolicy';
      const input = { PolicyArn: arn, PolicyUsageFilter: usage };
      const pages = paginateListEntitiesForPolicy({ client: client() }, input, options);
      const principal = (kind: PrincipalKind, name: string | undefined) => ({
        kind,
        name: required(name, `name of a ${kind}`, action, arn),
      });
      return listed(action, arn, pages, (page) => [
        ...(page.PolicyUsers ?? []).map(({ UserName }) => principal('user', UserName)),
        ...(page.PolicyGroups ?? []).map(({ GroupName }) => principal('group', GroupName)),
        ...(page.PolicyRoles ?? []).map(({ RoleName }) => principal('role', RoleName)),
      ]);
    },

    async deletePolicyVersion(arn, versionId) {
      await unlessGone('iam:DeletePolicyVersion', arn, () =>
        client().send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: versionId }), options),
      );
    },
  };
}

/** What the listings of attached policies give. */
export function policiesOf(
  action: Action,
  resource: string,
  attached: readonly AttachedPolicy[],
): readonly ManagedPolicy[] {
  return attached.map((policy) => ({
    arn: required(policy.PolicyArn, 'PolicyArn', action, resource),
    name: required(policy.PolicyName, 'PolicyName', action, resource),
  }));
}
