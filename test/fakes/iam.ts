import type { IamPort } from '#functions/core/ports/iam.ts';
import type { Policy, PolicyUsage, Principal } from '#functions/core/ports/iam-policies.ts';
import { FakeIamUsers } from './iam-users.ts';

const BEGINNING = '2026-01-01T00:00:00.000Z';

export interface PolicyOptions {
  readonly tags?: Readonly<Record<string, string>>;
  /** ISO 8601; the beginning of 2026, with the fake's stacks, where absent. */
  readonly createdAt?: string;
  /** Ids of the versions that are not the default one; as many as a test likes. */
  readonly olderVersions?: readonly string[];
}

interface PolicyState {
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly olderVersions: Set<string>;
  changing: boolean;
}

/**
 * IAM as far as the port shows it, unkind where AWS is: what it says of roles, groups and users stands with the fakes that this
 * one is made of. Who uses a policy is told from what the users, groups and roles hold.
 */
export class FakeIam extends FakeIamUsers implements IamPort {
  readonly #policies = new Map<string, PolicyState>();

  addPolicy(arn: string, { tags = {}, olderVersions = [], createdAt = BEGINNING }: PolicyOptions = {}): this {
    this.#policies.set(arn, { createdAt, tags, olderVersions: new Set(olderVersions), changing: false });
    return this;
  }

  removePolicy(arn: string): void {
    this.#policies.delete(arn);
  }

  /** Ids of the versions that are not the default one. */
  versionsLeft(arn: string): readonly string[] {
    return [...(this.#policies.get(arn)?.olderVersions ?? [])];
  }

  async policy(arn: string): Promise<Policy | undefined> {
    await this.log.begin('iam:GetPolicy', arn);
    const policy = this.#policies.get(arn);
    return policy && { tags: policy.tags, createdAt: policy.createdAt };
  }

  olderVersions(arn: string): Promise<readonly string[]> {
    return this.pages('iam:ListPolicyVersions', arn, () => this.#policies.get(arn)?.olderVersions ?? []);
  }

  usersOfPolicy(arn: string, usage: PolicyUsage): Promise<readonly Principal[]> {
    return this.pages('iam:ListEntitiesForPolicy', arn, () => {
      if (!this.#policies.has(arn)) {
        return [];
      }
      return usage === 'PermissionsBoundary'
        ? this.principals(({ boundary }) => boundary === arn)
        : this.principals(({ attached }) => attached.has(arn));
    });
  }

  deletePolicyVersion(arn: string, versionId: string): Promise<void> {
    const find = () => this.#policies.get(arn);
    return this.change('iam:DeletePolicyVersion', arn, find, ({ olderVersions }) => olderVersions.delete(versionId));
  }
}
