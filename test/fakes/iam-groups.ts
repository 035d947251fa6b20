import type { Group, IamGroupsPort } from '#functions/core/ports/iam-groups.ts';
import type { ManagedPolicy } from '#functions/core/ports/iam-policies.ts';
import { type PrincipalOptions, principalState } from './iam-principals.ts';
import { FakeIamRoles } from './iam-roles.ts';

export interface GroupOptions extends Omit<PrincipalOptions, 'tags' | 'boundary'> {
  readonly members?: readonly string[];
  /** ISO 8601; the beginning of 2026, with the fake's stacks, where absent. */
  readonly createdAt?: string;
}

/** Groups and who is in them. A member need not exist as a user: only its name is looked at. */
export class FakeIamGroups extends FakeIamRoles implements IamGroupsPort {
  readonly #members = new Map<string, Set<string>>();
  readonly #createdAt = new Map<string, string>();

  addGroup(name: string, options: GroupOptions = {}): this {
    this.put('group', name, principalState(options));
    this.#members.set(name, new Set(options.members));
    this.#createdAt.set(name, options.createdAt ?? '2026-01-01T00:00:00.000Z');
    return this;
  }

  removeGroup(name: string): void {
    this.drop('group', name);
    this.#members.delete(name);
  }

  /** What the group holds now. */
  groupHolds(name: string): { readonly members: string[]; readonly attached: string[]; readonly inline: string[] } {
    const group = this.of('group', name);
    return {
      members: [...(this.#members.get(name) ?? [])],
      attached: [...(group?.attached ?? [])],
      inline: [...(group?.inline ?? [])],
    };
  }

  async group(name: string): Promise<Group | undefined> {
    const members = await this.pages('iam:GetGroup', name, () => this.#members.get(name) ?? []);
    const createdAt = this.#createdAt.get(name);
    return this.of('group', name) && createdAt !== undefined ? { createdAt, members } : undefined;
  }

  attachedGroupPolicies(groupName: string): Promise<readonly ManagedPolicy[]> {
    return this.attachedTo('iam:ListAttachedGroupPolicies', 'group', groupName);
  }

  inlineGroupPolicies(groupName: string): Promise<readonly string[]> {
    return this.inlineOf('iam:ListGroupPolicies', 'group', groupName);
  }

  removeFromGroup(groupName: string, userName: string): Promise<void> {
    const leave = () => this.#members.get(groupName)?.delete(userName);
    return this.changeOf('iam:RemoveUserFromGroup', 'group', groupName, leave);
  }

  detachGroupPolicy(groupName: string, policyArn: string): Promise<void> {
    return this.changeOf('iam:DetachGroupPolicy', 'group', groupName, (group) => group.attached.delete(policyArn));
  }

  deleteGroupPolicy(groupName: string, policyName: string): Promise<void> {
    return this.changeOf('iam:DeleteGroupPolicy', 'group', groupName, (group) => group.inline.delete(policyName));
  }

  protected groupsWith(userName: string): readonly string[] {
    return [...this.#members].flatMap(([group, members]) => (members.has(userName) ? [group] : []));
  }
}
