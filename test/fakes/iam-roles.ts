import type { IamRolesPort, Role } from '#functions/core/ports/iam.ts';
import type { ManagedPolicy } from '#functions/core/ports/iam-policies.ts';
import { FakeIamPrincipals, type PrincipalOptions, principalState } from './iam-principals.ts';

export interface RoleOptions extends PrincipalOptions {
  readonly path?: string;
  readonly profiles?: readonly string[];
}

/**
 * Roles: a service-linked one cannot be changed (UnmodifiableEntityException); one may vanish at any time, then listings are
 * empty and removals succeed.
 */
export class FakeIamRoles extends FakeIamPrincipals implements IamRolesPort {
  readonly #paths = new Map<string, string>();
  readonly #profiles = new Map<string, Set<string>>();

  addRole(name: string, options: RoleOptions = {}): this {
    const path = options.path ?? '/';
    this.put('role', name, principalState(options, path.startsWith('/aws-service-role/')));
    this.#paths.set(name, path);
    this.#profiles.set(name, new Set(options.profiles));
    return this;
  }

  removeRole(name: string): void {
    this.drop('role', name);
    this.#profiles.delete(name);
  }

  /** What the role holds now. */
  holds(name: string): { readonly attached: string[]; readonly inline: string[]; readonly profiles: string[] } {
    const role = this.of('role', name);
    return {
      attached: [...(role?.attached ?? [])],
      inline: [...(role?.inline ?? [])],
      profiles: [...(this.#profiles.get(name) ?? [])],
    };
  }

  async role(name: string): Promise<Role | undefined> {
    await this.log.begin('iam:GetRole', name);
    const role = this.of('role', name);
    const path = this.#paths.get(name) ?? '/';
    return role && { arn: `arn:aws:iam::123456789012:role${path}${name}`, path, tags: role.tags };
  }

  attachedPolicies(roleName: string): Promise<readonly ManagedPolicy[]> {
    return this.attachedTo('iam:ListAttachedRolePolicies', 'role', roleName);
  }

  inlinePolicies(roleName: string): Promise<readonly string[]> {
    return this.inlineOf('iam:ListRolePolicies', 'role', roleName);
  }

  instanceProfiles(roleName: string): Promise<readonly string[]> {
    return this.pages('iam:ListInstanceProfilesForRole', roleName, () => this.#profiles.get(roleName) ?? []);
  }

  detachPolicy(roleName: string, policyArn: string): Promise<void> {
    return this.changeOf('iam:DetachRolePolicy', 'role', roleName, (role) => role.attached.delete(policyArn));
  }

  deleteInlinePolicy(roleName: string, policyName: string): Promise<void> {
    return this.changeOf('iam:DeleteRolePolicy', 'role', roleName, (role) => role.inline.delete(policyName));
  }

  removeFromInstanceProfile(roleName: string, profileName: string): Promise<void> {
    const leave = () => this.#profiles.get(roleName)?.delete(profileName);
    return this.changeOf('iam:RemoveRoleFromInstanceProfile', 'role', roleName, leave);
  }

  deleteRoleBoundary(roleName: string): Promise<void> {
    return this.changeOf('iam:DeleteRolePermissionsBoundary', 'role', roleName, (role) => {
      role.boundary = undefined;
    });
  }

  /** ARN of the policy that limits the role. */
  boundaryOfRole(name: string): string | undefined {
    return this.of('role', name)?.boundary;
  }
}
