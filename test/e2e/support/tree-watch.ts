import type { LocalAccount } from '#scripts/lib/local-account.ts';
import { knownStacks, rowsBelow } from './known-stacks.ts';
import { type Write, writesOf } from './writes.ts';

/** Others' users and roles that a test limits with a policy of a stack whose template consents: the call names no policy. */
const LIFTED = /^Delete(User|Role)PermissionsBoundary .*-limited$/;

/** A redeploy lifts the seal of an abandoned teardown. */
const ON_DEPLOY = new Set(['SetRepositoryPolicy', 'DeleteRepositoryPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy']);

/**
 * Watches what the function does to an account: each of its writes must be to a resource of a stack tree whose own
 * `Custom::CleanExit` CloudFormation had asked to delete (or, for a lifted seal, to create or update).
 */
export class TreeWatch {
  readonly #account: LocalAccount;
  #next = 0;

  constructor(account: LocalAccount) {
    this.#account = account;
  }

  /** The function's writes since the last check that belong to no such tree. */
  async strays(): Promise<readonly Write[]> {
    const { next, calls } = await this.#account.emulator.calls(this.#next);
    this.#next = next;
    const writes = writesOf(calls);
    if (writes.length === 0) {
      return [];
    }
    const { deleting, deployed } = await this.#trees();
    return writes.filter(({ operation, type, name, otherSide = '' }) => {
      const key = `${type} ${name}`;
      const consented = LIFTED.test(`${operation} ${name}`);
      return (
        !deleting.has(key) && !deleting.has(otherSide) && !consented && !(ON_DEPLOY.has(operation) && deployed.has(key))
      );
    });
  }

  /** What the trees of all stacks with a `Custom::CleanExit` hold or held, deleted stacks included. */
  async #trees(): Promise<{ deleting: ReadonlySet<string>; deployed: ReadonlySet<string> }> {
    const stacks = await knownStacks(this.#account);
    const deleting = new Set<string>();
    const deployed = new Set<string>();
    for (const { id, rows } of stacks) {
      const own = rows.filter(({ type }) => type === 'Custom::CleanExit');
      const inTree = rowsBelow(id, stacks);
      for (const key of own.length > 0 ? inTree : []) {
        deployed.add(key);
      }
      for (const key of own.some(({ status }) => status.startsWith('DELETE_')) ? inTree : []) {
        deleting.add(key);
      }
    }
    return { deleting, deployed };
  }
}
