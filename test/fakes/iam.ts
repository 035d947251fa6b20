import type { IamPort, ManagedPolicy, Role } from '#functions/core/ports/iam.ts';
import { awsFailure, type CallLog, turn } from './call-log.ts';

export interface RoleOptions {
  readonly path?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** ARNs of attached managed policies. */
  readonly attached?: readonly string[];
  readonly inline?: readonly string[];
  readonly profiles?: readonly string[];
}

interface State {
  readonly path: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly attached: Set<string>;
  readonly inline: Set<string>;
  readonly profiles: Set<string>;
  changing: boolean;
}

/**
 * IAM as far as the port shows it, unkind where AWS is:
 * - pages hold 3 entries (`pageSize`), each page is a call;
 * - two changes of one role side by side: the second fails with ConcurrentModificationException;
 * - a service-linked role cannot be changed (UnmodifiableEntityException);
 * - a role may vanish at any time: listings are empty, removals succeed.
 */
export class FakeIam implements IamPort {
  pageSize = 3;
  readonly #log: CallLog;
  readonly #roles = new Map<string, State>();

  constructor(log: CallLog) {
    this.#log = log;
  }

  addRole(name: string, options: RoleOptions = {}): this {
    this.#roles.set(name, {
      path: options.path ?? '/',
      tags: options.tags ?? {},
      attached: new Set(options.attached),
      inline: new Set(options.inline),
      profiles: new Set(options.profiles),
      changing: false,
    });
    return this;
  }

  removeRole(name: string): void {
    this.#roles.delete(name);
  }

  /** What the role holds now. */
  holds(name: string): { readonly attached: string[]; readonly inline: string[]; readonly profiles: string[] } {
    const role = this.#roles.get(name);
    return {
      attached: [...(role?.attached ?? [])],
      inline: [...(role?.inline ?? [])],
      profiles: [...(role?.profiles ?? [])],
    };
  }

  async role(name: string): Promise<Role | undefined> {
    await this.#log.begin('iam:GetRole', name);
    const role = this.#roles.get(name);
    return role && { arn: `arn:aws:iam::123456789012:role${role.path}${name}`, path: role.path, tags: role.tags };
  }

  async attachedPolicies(roleName: string): Promise<readonly ManagedPolicy[]> {
    const arns = await this.#pages('iam:ListAttachedRolePolicies', roleName, (role) => role.attached);
    return arns.map((arn) => ({ arn, name: arn.slice(arn.lastIndexOf('/') + 1) }));
  }

  inlinePolicies(roleName: string): Promise<readonly string[]> {
    return this.#pages('iam:ListRolePolicies', roleName, (role) => role.inline);
  }

  instanceProfiles(roleName: string): Promise<readonly string[]> {
    return this.#pages('iam:ListInstanceProfilesForRole', roleName, (role) => role.profiles);
  }

  detachPolicy(roleName: string, policyArn: string): Promise<void> {
    return this.#change('iam:DetachRolePolicy', roleName, (role) => role.attached.delete(policyArn));
  }

  deleteInlinePolicy(roleName: string, policyName: string): Promise<void> {
    return this.#change('iam:DeleteRolePolicy', roleName, (role) => role.inline.delete(policyName));
  }

  removeFromInstanceProfile(roleName: string, profileName: string): Promise<void> {
    return this.#change('iam:RemoveRoleFromInstanceProfile', roleName, (role) => role.profiles.delete(profileName));
  }

  async #pages(action: string, name: string, of: (role: State) => ReadonlySet<string>): Promise<readonly string[]> {
    const found: string[] = [];
    for (;;) {
      await this.#log.begin(action, name);
      const role = this.#roles.get(name);
      const all = role === undefined ? [] : [...of(role)];
      found.push(...all.slice(found.length, found.length + this.pageSize));
      if (found.length >= all.length) {
        return found;
      }
    }
  }

  async #change(action: string, name: string, carryOut: (role: State) => unknown): Promise<void> {
    const before = this.#roles.get(name);
    const collides = before?.changing === true;
    if (before !== undefined) {
      before.changing = true;
    }
    try {
      await this.#log.begin(action, name);
      await turn();
      if (collides) {
        throw awsFailure(action, name, 'ConcurrentModificationException');
      }
      const role = this.#roles.get(name);
      if (role?.path.startsWith('/aws-service-role/')) {
        throw awsFailure(action, name, 'UnmodifiableEntityException');
      }
      if (role !== undefined) {
        carryOut(role);
      }
    } finally {
      if (before !== undefined && !collides) {
        before.changing = false;
      }
    }
  }
}
