import {
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  paginateListAttachedRolePolicies,
  paginateListInstanceProfilesForRole,
  paginateListRolePolicies,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import type { IamRolesPort } from '../core/ports/iam.ts';
import type { IamCalls } from './iam-calls.ts';
import { policiesOf } from './iam-policies.ts';
import { required, tagRecord } from './values.ts';

/** What IAM says of roles. */
export function createIamRoles({ client, options, unlessGone, listed }: IamCalls): IamRolesPort {
  return {
    async role(name) {
      const action = 'iam:GetRole';
      const answer = await unlessGone(action, name, () =>
        client().send(new GetRoleCommand({ RoleName: name }), options),
      );
      const role = answer?.Role;
      if (role === undefined) {
        return undefined;
      }
      return {
        arn: required(role.Arn, 'Arn', action, name),
        path: required(role.Path, 'Path', action, name),
        // GetRole brings all tags along (at most 50); ListRoles would not.
        tags: tagRecord(role.Tags?.map((tag) => [tag.Key, tag.Value])),
      };
    },

    async attachedPolicies(RoleName) {
      const action = 'iam:ListAttachedRolePolicies';
      const pages = paginateListAttachedRolePolicies({ client: client() }, { RoleName }, options);
      return policiesOf(action, RoleName, await listed(action, RoleName, pages, (page) => page.AttachedPolicies));
    },

    inlinePolicies(RoleName) {
      const pages = paginateListRolePolicies({ client: client() }, { RoleName }, options);
      return listed('iam:ListRolePolicies', RoleName, pages, (page) => page.PolicyNames);
    },

    async instanceProfiles(RoleName) {
      const action = 'iam:ListInstanceProfilesForRole';
      const pages = paginateListInstanceProfilesForRole({ client: client() }, { RoleName }, options);
      const profiles = await listed(action, RoleName, pages, (page) => page.InstanceProfiles);
      return profiles.map((profile) => required(profile.InstanceProfileName, 'InstanceProfileName', action, RoleName));
    },

    async detachPolicy(RoleName, PolicyArn) {
      await unlessGone('iam:DetachRolePolicy', RoleName, () =>
        client().send(new DetachRolePolicyCommand({ RoleName, PolicyArn }), options),
      );
    },

    async deleteInlinePolicy(RoleName, PolicyName) {
      await unlessGone('iam:DeleteRolePolicy', RoleName, () =>
        client().send(new DeleteRolePolicyCommand({ RoleName, PolicyName }), options),
      );
    },

    async removeFromInstanceProfile(RoleName, InstanceProfileName) {
      await unlessGone('iam:RemoveRoleFromInstanceProfile', RoleName, () =>
        client().send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName }), options),
      );
    },

    async deleteRoleBoundary(RoleName) {
      await unlessGone('iam:DeleteRolePermissionsBoundary', RoleName, () =>
        client().send(new DeleteRolePermissionsBoundaryCommand({ RoleName }), options),
      );
    },
  };
}
