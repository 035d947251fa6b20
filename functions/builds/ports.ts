import type { Notice } from '../schemas/notice.ts';
import type { FullRoute } from './routes.ts';
import type { BuildItem, Place } from './state.ts';

export type { BuildItem, Place };

/** A build whose end was not told, with what it takes to tell that nobody ever heard of its end. */
export interface OpenBuild {
  /** `PROJECT:UUID` */
  readonly buildId: string;
  readonly arn: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly number?: number | undefined;
  /** As routes know it, see `branchOf`. */
  readonly branch?: string | undefined;
}

/**
 * What the notices remember. Every write names what must hold for it, and the store carries both out in one step.
 * Milliseconds since 1970 everywhere.
 */
export interface NoticeStore {
  /**
   * Makes the caller the only one who tells something of a build until `until`.
   *
   * @returns the item as it is now; `claimed` false where `decide` would not say `tell`
   */
  claim(
    build: OpenBuild,
    claim: { readonly owner: string; readonly rank: number; readonly now: number; readonly until: number },
  ): Promise<{ readonly claimed: boolean; readonly item: BuildItem }>;

  /** Gives a claim back, so that the next attempt need not wait for its end. Without the claim it does nothing. */
  release(buildId: string, owner: string): Promise<void>;

  /** Remembers where the message stands before all is told. Without the claim it does nothing. */
  keepPlace(buildId: string, owner: string, place: Place): Promise<void>;

  /** The record of a branch as it was committed, with its version; undefined where there is none. */
  branch(key: string): Promise<{ readonly record: string; readonly version: number } | undefined>;

  /**
   * In one step: what was told stands in the build's item, the claim is gone, and the branch has its new record.
   *
   * @returns `claimLost` where somebody else has taken the claim over, `branchChanged` where the record is another version
   *   by now, `throttled` where the same may work a moment later; nothing was written then
   */
  commit(told: {
    readonly buildId: string;
    readonly owner: string;
    readonly status: string;
    readonly rank: number;
    /** True where nothing more is to come: the build is not looked for any more. */
    readonly closed: boolean;
    readonly place: Place | undefined;
    /** The branch's new record, and the version that it was made from; 0 where there was none. */
    readonly branch: { readonly key: string; readonly record: string; readonly version: number };
    readonly now: number;
  }): Promise<'committed' | 'claimLost' | 'branchChanged' | 'throttled'>;

  /** Builds that were heard of before `before` and whose end was not told. */
  open(before: number): AsyncIterable<readonly OpenBuild[]>;

  /** The last good routes document; undefined where there never was one. */
  lastRoutes(): Promise<string | undefined>;
  /** Keeps a good routes document. */
  keepRoutes(text: string, hash: string): Promise<void>;
  /** True for the first who asks about a wrong document: this one tells the operator. */
  firstToReport(hash: string): Promise<boolean>;
  /** The operator could not be told after all. */
  notReported(hash: string): Promise<void>;
}

/** One place in Slack, as a route names it. See `functions/slack/transport.ts`. */
export interface Messenger {
  /** True where messages can be edited and answered. */
  readonly edits: boolean;
  post(notice: Notice, where?: { readonly thread?: Place; readonly broadcast?: boolean }): Promise<Place | undefined>;
  update(place: Place, notice: Notice): Promise<Place | undefined>;
  userByEmail(email: string): Promise<string | undefined>;
}

/** Opens the place that a route names. `budgetMs`: what the next message may take, asked anew for each. */
export type OpenMessenger = (route: FullRoute, budgetMs: () => number) => Messenger;
