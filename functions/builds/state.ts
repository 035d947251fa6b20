import type { BuildStatus } from './build-state.ts';

/**
 * What is known of one build's message: one item of the table for each build. The rank gives order (what is told never
 * goes back), the claim gives a single teller, the place gives the message to edit.
 */
export interface BuildItem {
  readonly buildId: string;
  /** The rank of what was told last; 0 before anything was. */
  readonly rank: number;
  /** What was told last; absent before anything was. */
  readonly status?: string;
  /** Where the message stands; absent where there is none, or none that can be edited. */
  readonly place?: Place;
  /** Who is telling something right now. */
  readonly claim?: Claim;
}

/** A message that a bot can edit. */
export interface Place {
  readonly channel: string;
  readonly ts: string;
}

interface Claim {
  /** One invocation. */
  readonly owner: string;
  /** The rank of what is being told. */
  readonly rank: number;
  /** Milliseconds since 1970; afterwards the teller counts as dead. */
  readonly until: number;
}

/**
 * How far a status is along a build's life: what was told is only ever replaced by something of a higher rank. A word that
 * nobody knows, and an end that nobody heard of, give way to the true end.
 */
export function rankOf(status: BuildStatus): number {
  switch (status) {
    case 'IN_PROGRESS':
      return 1;
    case 'UNKNOWN':
    case 'LOST':
      return 2;
    case 'SUCCEEDED':
    case 'FAILED':
    case 'STOPPED':
    case 'TIMED_OUT':
    case 'FAULT':
      return 3;
    default:
      return status satisfies never;
  }
}

export type Decision =
  /** Nobody has told this, and nobody is telling anything: claim it, then tell it. */
  | { readonly kind: 'tell' }
  /** This, or something later, was told. */
  | { readonly kind: 'drop'; readonly reason: 'duplicate' | 'late' }
  /** Somebody is telling something; how that ends decides. Milliseconds since 1970. */
  | { readonly kind: 'wait'; readonly until: number };

/**
 * What to do about a status of a build. The store applies the same rule in one conditional write: `tell` is the condition
 * of the claim, and this function says what a claim that was refused means.
 *
 * @param item as it is stored; undefined where the build was never heard of
 */
export function decide(item: BuildItem | undefined, status: BuildStatus, now: number): Decision {
  const rank = rankOf(status);
  if (item === undefined) {
    return { kind: 'tell' };
  }
  if (item.rank >= rank) {
    return { kind: 'drop', reason: item.rank === rank ? 'duplicate' : 'late' };
  }
  if (item.claim === undefined || item.claim.until <= now) {
    return { kind: 'tell' };
  }
  // The one who tells something later either tells it or has it repeated by Lambda: this is old news in any case.
  return item.claim.rank > rank ? { kind: 'drop', reason: 'late' } : { kind: 'wait', until: item.claim.until };
}
