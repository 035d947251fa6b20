import type { ManagedPolicy, Principal, PrincipalKind } from '#functions/core/ports/iam-policies.ts';
import { awsFailure, type CallLog, turn } from './call-log.ts';

/** What a user, a group or a role holds. */
export interface PrincipalOptions {
  readonly tags?: Readonly<Record<string, string>>;
  /** ARNs of attached managed policies. */
  readonly attached?: readonly string[];
  readonly inline?: readonly string[];
  /** ARN of the managed policy that limits it. */
  readonly boundary?: string;
}

export interface PrincipalState {
  readonly tags: Readonly<Record<string, string>>;
  readonly attached: Set<string>;
  readonly inline: Set<string>;
  boundary: string | undefined;
  changing: boolean;
  /** Only its service may change it. */
  readonly unmodifiable: boolean;
}

export function principalState(options: PrincipalOptions, unmodifiable = false): PrincipalState {
  return {
    tags: options.tags ?? {},
    attached: new Set(options.attached),
    inline: new Set(options.inline),
    boundary: options.boundary,
    changing: false,
    unmodifiable,
  };
}

/**
 * What all of the fake IAM shares: pages hold 3 entries (`pageSize`), each page is a call; of two changes side by side of one
 * user, group, role or policy the second fails with ConcurrentModificationException.
 */
export class FakeIamPrincipals {
  pageSize = 3;
  protected readonly log: CallLog;
  readonly #principals = new Map<string, PrincipalState>();

  constructor(log: CallLog) {
    this.log = log;
  }

  protected put(kind: PrincipalKind, name: string, state: PrincipalState): void {
    this.#principals.set(`${kind} ${name}`, state);
  }

  protected drop(kind: PrincipalKind, name: string): void {
    this.#principals.delete(`${kind} ${name}`);
  }

  protected of(kind: PrincipalKind, name: string): PrincipalState | undefined {
    return this.#principals.get(`${kind} ${name}`);
  }

  /** Users, groups and roles of which the predicate holds. */
  protected principals(holds: (state: PrincipalState) => boolean): readonly Principal[] {
    return [...this.#principals].flatMap(([key, state]) => {
      const [, kind, name = ''] = /^(user|group|role) (.*)$/.exec(key) ?? [];
      return holds(state) && (kind === 'user' || kind === 'group' || kind === 'role') ? [{ kind, name }] : [];
    });
  }

  /** All pages of a listing; at least one, which is empty where there is nothing. */
  protected async pages<T>(action: string, target: string, all: () => Iterable<T>): Promise<readonly T[]> {
    const found: T[] = [];
    for (;;) {
      await this.log.begin(action, target);
      const now = [...all()];
      found.push(...now.slice(found.length, found.length + this.pageSize));
      if (found.length >= now.length) {
        return found;
      }
    }
  }

  protected async attachedTo(action: string, kind: PrincipalKind, name: string): Promise<readonly ManagedPolicy[]> {
    const arns = await this.pages(action, name, () => this.of(kind, name)?.attached ?? []);
    return arns.map((arn) => ({ arn, name: arn.slice(arn.lastIndexOf('/') + 1) }));
  }

  protected inlineOf(action: string, kind: PrincipalKind, name: string): Promise<readonly string[]> {
    return this.pages(action, name, () => this.of(kind, name)?.inline ?? []);
  }

  /** @param find gives the state that changes, or undefined where it is gone */
  protected async change<State extends { changing: boolean; readonly unmodifiable?: boolean }>(
    action: string,
    target: string,
    find: () => State | undefined,
    carryOut: (state: State) => unknown,
  ): Promise<void> {
    const before = find();
    const collides = before?.changing === true;
    if (before !== undefined) {
      before.changing = true;
    }
    try {
      await this.log.begin(action, target);
      await turn();
      if (collides) {
        throw awsFailure(action, target, 'ConcurrentModificationException');
      }
      const state = find();
      if (state?.unmodifiable) {
        throw awsFailure(action, target, 'UnmodifiableEntityException');
      }
      if (state !== undefined) {
        carryOut(state);
      }
    } finally {
      if (before !== undefined && !collides) {
        before.changing = false;
      }
    }
  }

  protected changeOf(
    action: string,
    kind: PrincipalKind,
    name: string,
    carryOut: (state: PrincipalState) => unknown,
  ): Promise<void> {
    return this.change(action, name, () => this.of(kind, name), carryOut);
  }
}
