import type { FakeImage } from './ecr.ts';

/** Pushes to come: `count` images each time the repository's `afterCall`-th call, and every `every`-th after it, begins. */
export interface LatePushes {
  readonly afterCall: number;
  readonly count: number;
  readonly every?: number | undefined;
  readonly times?: number | undefined;
  /** With an index over them each time; it names an image that was there before, too, as a rebuilt multi-platform image does. */
  readonly withIndex?: boolean | undefined;
}

/** What of a repository's state pushes depend on, and change. */
export interface Pushable {
  readonly images: Map<string, FakeImage>;
  /** The digests among them that name others. */
  readonly indexes: Set<string>;
  policy: string | undefined;
  /** The call from which the policy counts. */
  policyFrom: number;
  calls: number;
  pushes: LatePushes[];
  pushed: number;
}

/** Late pushes, unless a policy denies them. */
export function arrive(state: Pushable): void {
  for (const { afterCall, count, every, times = 1, withIndex = false } of state.pushes) {
    const since = state.calls - afterCall;
    const due = every === undefined ? since === 0 : since >= 0 && since % every === 0 && since / every < times;
    if (!due || (state.calls > state.policyFrom && deniesPushes(state.policy))) {
      continue;
    }
    const [before] = state.images.keys();
    const pushed = Array.from({ length: count }, () => push(state, []));
    if (withIndex) {
      push(state, before === undefined ? pushed : [...pushed, before]);
    }
  }
}

/** An image, or an index where it names others; its digest. */
function push(state: Pushable, children: readonly string[]): string {
  state.pushed += 1;
  const digest = `sha256:late-${state.pushed}`;
  const isIndex = children.length > 0;
  state.images.set(digest, { digest, isIndex, children, archived: false });
  if (isIndex) {
    state.indexes.add(digest);
  }
  return digest;
}

/** Does a statement of the policy deny pushes to everybody? */
function deniesPushes(policy: string | undefined): boolean {
  const document: unknown = policy === undefined ? {} : JSON.parse(policy);
  const statements = typeof document === 'object' && document !== null && 'Statement' in document && document.Statement;
  return (
    Array.isArray(statements) &&
    statements.some(
      ({ Effect, Principal, Action }) => Effect === 'Deny' && Principal === '*' && Action.includes('ecr:PutImage'),
    )
  );
}
