import type { Language } from '../schemas/build-notice-config.ts';
import type { Notice, Piece, Section, Tone } from '../schemas/notice.ts';
import type { BuildState, BuildStatus } from './build-state.ts';
import { causeOf, type ToldCause, tellCause } from './causes/index.ts';
import { type BuildHistory, standingOf, verdictOf } from './history.ts';
import type { LogTail } from './log-tail.ts';
import { withoutExcerpts } from './log-text.ts';
import { factsOf, imageSection, linkTo, sentence, supersededSection, text, whereItBroke } from './notice-parts.ts';
import type { BuildWords } from './words.ts';
import { WORDS } from './words-by-language.ts';

/** What a notice may say beyond the build itself. */
export interface NoticeContext {
  readonly language: Language;
  /** As it stood before this build. */
  readonly history?: BuildHistory;
  /** A newer build of the same branch. */
  readonly supersededBy?: { readonly number?: number };
  /** The end of the failing step, or why there is none. */
  readonly logTail?: LogTail;
  /** Slack's ID of a person to mention, as the transport resolved it. */
  readonly mention?: string;
  /** Who stopped the build, where somebody has found out. */
  readonly stoppedBy?: string;
  /** True where `logNoticeOf` follows as an answer: then the notice shows only the very end of the log. */
  readonly answered?: boolean;
}

const LOOKS = {
  IN_PROGRESS: { tone: 'neutral', emoji: '🔨' },
  SUCCEEDED: { tone: 'good', emoji: '✅' },
  FAILED: { tone: 'bad', emoji: '❌' },
  STOPPED: { tone: 'neutral', emoji: '⏹️' },
  TIMED_OUT: { tone: 'bad', emoji: '⏰' },
  FAULT: { tone: 'bad', emoji: '💥' },
  LOST: { tone: 'warning', emoji: '🔇' },
  UNKNOWN: { tone: 'warning', emoji: '❓' },
} as const satisfies Record<BuildStatus, { tone: Tone; emoji: string }>;

/** Lines of the log beside the verdict where all of them follow as an answer. */
const BESIDE_ANSWER = 8;
/** A branch's name in the headline, in code points: the verdict must stay readable. */
const BRANCH_IN_HEADLINE = 40;

/** What people are told about a build, in their language. Pure; the strings are raw. */
export function noticeOf(build: BuildState, context: NoticeContext): Notice {
  const words = WORDS[context.language];
  const { rawStatus, links, place } = build;
  const tail = context.logTail;
  return {
    ...headOf(build, context, words),
    facts: factsOf(build, context.history, words),
    sections: [
      ...supersededSection(context.supersededBy, words),
      ...whySections(build, context, words),
      ...whereItBroke(build, tail, words),
      ...logSection(build, tail, words, context.answered === true ? BESIDE_ANSWER : undefined),
      ...imageSection(build, words),
    ],
    links: [
      ...linkTo(links.log, words.links.log),
      ...linkTo(links.build, words.links.build),
      ...linkTo(links.image, words.links.image),
    ],
    footer: [...absenceOf(build, tail, words), rawStatus, place.region ?? ''],
  };
}

/** The answer to a failed build's notice: the end of its log. It may be shown in the channel alone, and then reads alone. */
export function logNoticeOf(build: BuildState, context: NoticeContext): Notice {
  const words = WORDS[context.language];
  const [why] = whySections(build, context, words);
  const tail = context.logTail;
  return {
    ...headOf(build, context, words),
    facts: [],
    sections: [
      ...(why === undefined ? [] : [why]),
      ...(tail?.kind === 'tail' ? whereItBroke(build, tail, words) : []),
      ...logSection(build, tail, words),
    ],
    links: linkTo(build.links.log, words.links.log),
    footer: absenceOf(build, tail, words),
  };
}

type Head = Pick<Notice, 'tone' | 'emoji' | 'subject' | 'verdict' | 'lead'>;

function headOf(build: BuildState, { history, mention }: NoticeContext, words: BuildWords): Head {
  const { place, number, status } = build;
  const lead: readonly Piece[] =
    mention === undefined ? [] : [{ kind: 'mention', userId: mention }, text(words.addressed)];
  return {
    ...LOOKS[status],
    subject: `${place.project ?? words.unnamedProject}${number === undefined ? '' : ` #${number}`}`,
    verdict: verdictWords(build, history, words),
    ...(lead.length === 0 || verdictOf(status) !== 'bad' ? {} : { lead }),
  };
}

/** The state, and what became of the branch by it. */
function verdictWords(
  { status, rawStatus, ref }: BuildState,
  history: BuildHistory | undefined,
  words: BuildWords,
): string {
  const verdict = words.verdict[status](rawStatus);
  const standing = standingOf(status, history);
  const name =
    ref?.kind === 'branch' || ref?.kind === 'ref' ? ref.name.slice(0, BRANCH_IN_HEADLINE).toWellFormed() : '';
  switch (standing.kind) {
    case 'none':
    case 'stillFine':
      return verdict;
    case 'broke':
      return words.with(verdict, words.standing.broke(standing, name));
    case 'stillFailing':
      return words.with(verdict, words.standing.stillFailing(standing, name));
    case 'fixed':
      return words.with(verdict, words.standing.fixed(standing, name));
    default:
      return standing satisfies never;
  }
}

/** What happened, and what to do now. */
function whySections(build: BuildState, { logTail, stoppedBy, language }: NoticeContext, words: BuildWords): Section[] {
  const { status, failure, ref } = build;
  if (status === 'IN_PROGRESS' || status === 'SUCCEEDED') {
    return [];
  }
  if (status === 'LOST') {
    return whySection(words.lost, words);
  }
  const found = causeOf({
    status,
    ...failure,
    log: logTail?.kind === 'tail' ? logTail.step : [],
    ref: ref?.name,
    stoppedBy,
  });
  const told = found && tellCause(found, language);
  if (told !== undefined) {
    return whySection(told, words);
  }
  // A state of CodeBuild that this code does not know may be no failure at all.
  const { what, next } = words.unknownCause;
  return status === 'UNKNOWN' ? [] : whySection({ what, next: next(logTail?.kind === 'tail') }, words);
}

function whySection(told: Pick<ToldCause, 'what' | 'next'> & Partial<ToldCause>, words: BuildWords): Section[] {
  return [
    { label: words.why, lines: [[sentence(told.what)]] },
    {
      label: words.next,
      lines: [[sentence(told.next)], ...(told.who === undefined ? [] : [[text(words.who[told.who])]])],
    },
  ];
}

function logSection(
  { status }: BuildState,
  tail: LogTail | undefined,
  words: BuildWords,
  limit = Number.POSITIVE_INFINITY,
): Section[] {
  const told = status !== 'IN_PROGRESS' && status !== 'SUCCEEDED' && tail?.kind === 'tail';
  return told ? [{ label: words.log, lines: [], log: shownOf(tail.lines, limit) }] : [];
}

/** The end of the log; where not all of it is shown, what tells least is left out first. */
function shownOf(lines: readonly string[], limit: number): readonly string[] {
  return lines.length > limit ? withoutExcerpts(lines).slice(-limit) : lines;
}

/** Why there are no lines of the log, in small print. */
function absenceOf({ withoutLog }: BuildState, tail: LogTail | undefined, words: BuildWords): string[] {
  if (tail?.kind === 'absent' && tail.why !== 'none') {
    return [words.noTail[tail.why]];
  }
  return withoutLog ? [words.noLog] : [];
}
