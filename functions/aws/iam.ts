import {
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
  paginateListInstanceProfilesForRole,
  paginateListRolePolicies,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import type { IamPort } from '../core/ports/iam.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { callUnlessGone } from './errors.ts';
import { allOf, pagesOf } from './paging.ts';
import { required, tagRecord } from './values.ts';

const containerClient = perContainer('iam', () => new IAMClient(CLIENT_SETTINGS));

/** The model's name; `NoSuchEntity` is what goes over the wire and what an answer outside the model would be called. */
const NO_SUCH_ENTITY = ['NoSuchEntityException', 'NoSuchEntity'];

/** IAM pages by Marker. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html */
const markerOf = (page: { readonly IsTruncated?: boolean | undefined; readonly Marker?: string | undefined }) =>
  page.Marker;

/** The IAM port over the SDK. */
export function createIam({ client = containerClient, signal }: AdapterOptions<IAMClient> = {}): IamPort {
  const options = sendOptions(signal);
  const listing = <A extends `iam:${string}`>(action: A, resource: string) => ({
    action,
    resource,
    tokenOf: markerOf,
    gone: NO_SUCH_ENTITY,
  });

  return {
    async role(name) {
      const action = 'iam:GetRole';
      const answer = await callUnlessGone(action, name, NO_SUCH_ENTITY, () =>
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

    async attachedPolicies(roleName) {
      const action = 'iam:ListAttachedRolePolicies';
      const pages = paginateListAttachedRolePolicies({ client: client() }, { RoleName: roleName }, options);
      const policies = await allOf(pagesOf(listing(action, roleName), pages), (page) => page.AttachedPolicies);
      return policies.map((policy) => ({
        arn: required(policy.PolicyArn, 'PolicyArn', action, roleName),
        name: required(policy.PolicyName, 'PolicyName', action, roleName),
      }));
    },

    async inlinePolicies(roleName) {
      const pages = paginateListRolePolicies({ client: client() }, { RoleName: roleName }, options);
      return allOf(pagesOf(listing('iam:ListRolePolicies', roleName), pages), (page) => page.PolicyNames);
    },

    async instanceProfiles(roleName) {
      const action = 'iam:ListInstanceProfilesForRole';
      const pages = paginateListInstanceProfilesForRole({ client: client() }, { RoleName: roleName }, options);
      const profiles = await allOf(pagesOf(listing(action, roleName), pages), (page) => page.InstanceProfiles);
      return profiles.map((profile) => required(profile.InstanceProfileName, 'InstanceProfileName', action, roleName));
    },

    async detachPolicy(roleName, policyArn) {
      await callUnlessGone('iam:DetachRolePolicy', roleName, NO_SUCH_ENTITY, () =>
        client().send(new DetachRolePolicyCommand({ RoleName: roleName, PolicyArn: policyArn }), options),
      );
    },

    async deleteInlinePolicy(roleName, policyName) {
      await callUnlessGone('iam:DeleteRolePolicy', roleName, NO_SUCH_ENTITY, () =>
        client().send(new DeleteRolePolicyCommand({ RoleName: roleName, PolicyName: policyName }), options),
      );
    },

    async removeFromInstanceProfile(roleName, profileName) {
      await callUnlessGone('iam:RemoveRoleFromInstanceProfile', roleName, NO_SUCH_ENTITY, () =>
        client().send(
          new RemoveRoleFromInstanceProfileCommand({ RoleName: roleName, InstanceProfileName: profileName }),
          options,
        ),
      );
    },
  };
}
