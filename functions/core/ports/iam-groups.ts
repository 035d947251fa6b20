import type { ManagedPolicy } from './iam-policies.ts';

export interface Group {
  /** When it was made, ISO 8601. Groups carry no tags. */
  readonly createdAt: string;
  /** Names of the users in it. */
  readonly members: readonly string[];
}

/** Groups are named by their name. Lists hold all pages. Removing what is already gone succeeds. */
export interface IamGroupsPort {
  group(name: string): Promise<Group | undefined>;
  attachedGroupPolicies(groupName: string): Promise<readonly ManagedPolicy[]>;
  inlineGroupPolicies(groupName: string): Promise<readonly string[]>;
  removeFromGroup(groupName: string, userName: string): Promise<void>;
  detachGroupPolicy(groupName: string, policyArn: string): Promise<void>;
  deleteGroupPolicy(groupName: string, policyName: string): Promise<void>;
}
