import { CleanExitError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Notice } from '../schemas/notice.ts';
import type { BuildState } from './build-state.ts';
import type { Enrichment } from './enrich.ts';
import type { BuildHistory } from './history.ts';
import type { LoadedRoutes } from './load-routes.ts';
import type { LogTail } from './log-tail.ts';
import type { NoticeStore, OpenMessenger, Place } from './ports.ts';
import type { FullRoute, OwnParameters } from './routes.ts';
import type { BuildMask } from './secrets.ts';

/** What a notice may say beyond the build itself. */
export interface About {
  /** As it stood before this build. */
  readonly history: BuildHistory;
  /** A newer build of the same branch. */
  readonly supersededBy?: { readonly number?: number };
  readonly logTail?: LogTail;
  /** Slack's ID of a person to mention. */
  readonly mention?: string;
  /** True where the end of the log follows as an answer. */
  readonly answered?: boolean;
}

/** The words of the notices; pure. */
export interface Wording {
  notice(build: BuildState, about: About, language: FullRoute['language']): Notice;
  /** The answer to a failed build's message: the end of its log. */
  answer(build: BuildState, about: About, language: FullRoute['language']): Notice;
  /** To the operator, about a wrong routes document. */
  wrongRoutes(faults: readonly string[], language: FullRoute['language']): Notice;
}

export interface AnnounceDependencies {
  readonly own: OwnParameters;
  readonly store: NoticeStore;
  readonly routes: () => Promise<LoadedRoutes>;
  readonly open: OpenMessenger;
  readonly enrichment: Enrichment;
  readonly wording: Wording;
  readonly log: Log;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** A name for this invocation that no other one has. */
  readonly owner: () => string;
}

/** A build in a state that people may not know yet. */
export interface News {
  readonly build: BuildState;
  readonly mask: BuildMask;
}

export type Outcome =
  | { readonly kind: 'told'; readonly place: Place | undefined; readonly answered: boolean }
  | { readonly kind: 'silent'; readonly reason: string };

/** Somebody else is telling something of the same build; Lambda repeats the invocation, and then it is decided. */
export class NoticeBusy extends CleanExitError {
  readonly whoActs = 'retry';

  constructor(buildId: string) {
    super('NOTICE_BUSY', `another invocation is telling something of ${buildId} at this moment`);
  }
}

/** Kept back from the time of the invocation for what comes after the message. */
export const RESERVE_MS = 6_000;
