import type { Language } from '../schemas/build-notice-config.ts';
import type { Fact, Notice, Piece, Tone } from '../schemas/notice.ts';
import type { StackOutcome, TargetPlan, TeardownRefusal, TeardownReport } from './model.ts';
import {
  causeLines,
  commandLines,
  nextLines,
  noteLines,
  refusalLines,
  remainingLine,
  removedLines,
} from './notice-lines.ts';
import { eventsLink, placeOf, section, text } from './notice-parts.ts';
import type { StackWords, Standing } from './notice-words.ts';
import { en } from './notice-words-en.ts';
import { ja } from './notice-words-ja.ts';
import { stackNameOf } from './stack-id.ts';

const WORDS = { en, ja } as const satisfies Record<Language, StackWords>;

const LOOKS = {
  begun: { tone: 'neutral', emoji: '🗑️' },
  deleted: { tone: 'good', emoji: '✅' },
  failed: { tone: 'bad', emoji: '❌' },
  stopped: { tone: 'warning', emoji: '⏹️' },
  refused: { tone: 'warning', emoji: '⛔' },
  nothing: { tone: 'good', emoji: '✅' },
} as const satisfies Record<Standing, { tone: Tone; emoji: string }>;

/** Stacks whose events a notice links to. */
const MOST_LINKS = 3;

/** A stack that is going to be deleted. */
export type GoingStack = Pick<TargetPlan, 'stackId' | 'stackName' | 'deletes'>;

/**
 * What people are told when a teardown begins. A teardown is told by the stacks that were asked for. Pure; the strings are raw.
 */
export function begunNotice(run: string, stacks: readonly GoingStack[], language: Language): Notice {
  const words = WORDS[language];
  const count = ({ deletes }: GoingStack) => Object.values(deletes).reduce((sum, each) => sum + each, 0);
  const lines = stacks.map((stack): readonly Piece[] => [
    text(`${stack.stackName} (${words.resources(count(stack))})`),
  ]);
  return {
    ...LOOKS.begun,
    subject: subjectOf(stacks, words),
    verdict: words.verdict.begun,
    sections: section(words.labels.going, lines, words.more),
    facts: [],
    links: [],
    footer: [words.updates, ...footer(run, stacks, words)],
  };
}

/**
 * What people are told when a teardown has ended or was refused: what went, what is in the way and who must act, what stays in
 * the account and why; commands last. AWS's words stand as they are. Pure; the strings are raw.
 */
export function endNotice(report: TeardownReport, language: Language): Notice {
  const words = WORDS[language];
  const { stacks, run, milliseconds, refusals, removedLogGroups } = report;
  const left = stacks.filter(({ outcome }) => outcome !== 'deleted');
  const deleted = stacks.filter(({ outcome }) => outcome === 'deleted');
  const standing = standingOf(report);
  const duration = words.time(Math.round(milliseconds / 1000));
  const list = (label: keyof StackWords['labels'], lines: readonly (readonly Piece[])[], large?: 'large') =>
    section(words.labels[label], lines, words.more, large);
  return {
    ...LOOKS[standing],
    subject: standing === 'refused' ? refusedSubject(refusals, words) : endedSubject(left, stacks, words),
    verdict: words.verdict[standing],
    sections: [
      ...list(
        'refused',
        refusals.flatMap((refusal) => refusalLines(refusal, words)),
        'large',
      ),
      ...list(
        'inTheWay',
        left.flatMap((stack) => causeLines(stack, left, words)),
        'large',
      ),
      ...list(
        'next',
        left.flatMap((stack) => nextLines(stack, left, words)),
      ),
      ...list('deleted', stacks.length > 1 ? deleted.map(({ stackName }) => [text(stackName)]) : []),
      ...list('removed', removedLines(stacks, words)),
      ...list(
        'remaining',
        report.remaining.map((each) => remainingLine(each, words)),
      ),
      ...list('notes', noteLines(report, left, words)),
      ...list('commands', commandLines(left, report.remaining, words)),
    ],
    facts: [
      ...(stacks.length > 1 ? [fact(words.facts.stacks, words.deletedOf(deleted.length, stacks.length))] : []),
      ...(removedLogGroups.length > 0 ? [fact(words.facts.logGroups, `${removedLogGroups.length}`)] : []),
      ...(standing === 'refused' ? [] : [fact(words.facts.duration, duration)]),
    ],
    links: left.slice(0, MOST_LINKS).flatMap(({ stackId, stackName }) => eventsLink(stackId, words.events(stackName))),
    footer: footer(run, stacks, words),
  };
}

/** Editing a message notifies nobody: what is said anew, beside the edited one, where somebody must act. */
export function alertOf(notice: Notice): Notice {
  return { ...notice, sections: notice.sections.slice(0, 2), facts: [], footer: [] };
}

function fact(label: string, value: string): Fact {
  return { label, pieces: [text(value)] };
}

function standingOf({ outcome, stacks }: TeardownReport): Standing {
  switch (outcome) {
    case 'planned':
    case 'refused':
      return 'refused';
    case 'deleted':
      return stacks.length === 0 ? 'nothing' : 'deleted';
    case 'failed':
      return stacks.every((stack) => stack.outcome === 'deleted' || stack.outcome === 'stopped') ? 'stopped' : 'failed';
    default:
      return outcome satisfies never;
  }
}

function subjectOf(stacks: readonly Pick<StackOutcome, 'stackName'>[], words: StackWords): string {
  const [first] = stacks;
  return first === undefined ? words.request : stacks.length === 1 ? first.stackName : words.stacks(stacks.length);
}

/** The stack that still stands where it is one; else how many of them do. */
function endedSubject(left: readonly StackOutcome[], all: readonly StackOutcome[], words: StackWords): string {
  return left.length > 1 && left.length < all.length
    ? words.someStacks(left.length, all.length)
    : subjectOf(left.length > 0 ? left : all, words);
}

function refusedSubject(refusals: readonly TeardownRefusal[], words: StackWords): string {
  const names = [...new Set(refusals.map(({ stack }) => stack))];
  const [only] = names;
  return names.length === 1 && only !== undefined ? stackNameOf(only) : words.request;
}

function footer(run: string, stacks: readonly Pick<StackOutcome, 'stackId'>[], words: StackWords): readonly string[] {
  const place = placeOf(stacks[0]?.stackId ?? '');
  return [words.run(run), ...(place === undefined ? [] : [place.region, place.account])];
}
