import {
  DeleteGroupPolicyCommand,
  DetachGroupPolicyCommand,
  type Group,
  paginateGetGroup,
  paginateListAttachedGroupPolicies,
  paginateListGroupPolicies,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import type { IamGroupsPort } from '../core/ports/iam-groups.ts';
import type { IamCalls } from './iam-calls.ts';
import { policiesOf } from './iam-policies.ts';
import { required } from './values.ts';

/** What IAM says of groups. */
export function createIamGroups({ client, options, unlessGone, listed }: IamCalls): IamGroupsPort {
  return {
    async group(GroupName) {
      const action = 'iam:GetGroup';
      const pages = paginateGetGroup({ client: client() }, { GroupName }, options);
      // The group itself stands on every page.
      const rows = await listed(action, GroupName, pages, ({ Group: group, Users = [] }): readonly Row[] => [
        { group },
        ...Users.map((user) => ({ member: required(user.UserName, 'UserName', action, GroupName) })),
      ]);
      const [first] = rows;
      if (first === undefined) {
        return undefined;
      }
      return {
        createdAt: required(first.group?.CreateDate, 'Group.CreateDate', action, GroupName).toISOString(),
        members: rows.flatMap(({ member }) => member ?? []),
      };
    },

    async attachedGroupPolicies(GroupName) {
      const action = 'iam:ListAttachedGroupPolicies';
      const pages = paginateListAttachedGroupPolicies({ client: client() }, { GroupName }, options);
      return policiesOf(action, GroupName, await listed(action, GroupName, pages, (page) => page.AttachedPolicies));
    },

    inlineGroupPolicies(GroupName) {
      const pages = paginateListGroupPolicies({ client: client() }, { GroupName }, options);
      return listed('iam:ListGroupPolicies', GroupName, pages, (page) => page.PolicyNames);
    },

    async removeFromGroup(GroupName, UserName) {
      await unlessGone('iam:RemoveUserFromGroup', GroupName, () =>
        client().send(new RemoveUserFromGroupCommand({ GroupName, UserName }), options),
      );
    },

    async detachGroupPolicy(GroupName, PolicyArn) {
      await unlessGone('iam:DetachGroupPolicy', GroupName, () =>
        client().send(new DetachGroupPolicyCommand({ GroupName, PolicyArn }), options),
      );
    },

    async deleteGroupPolicy(GroupName, PolicyName) {
      await unlessGone('iam:DeleteGroupPolicy', GroupName, () =>
        client().send(new DeleteGroupPolicyCommand({ GroupName, PolicyName }), options),
      );
    },
  };
}

/** A page of GetGroup, taken apart. */
interface Row {
  readonly group?: Group | undefined;
  readonly member?: string;
}
