import type { ResourceRef } from '../core/model.ts';
import { sentence } from '../core/report.ts';
import type { Piece } from '../schemas/notice.ts';
import { adviceOn, retainCommands } from './failures.ts';
import type { RefusalCode, Remaining, StackOutcome, TeardownRefusal, TeardownReport } from './model.ts';
import { code, command, long, text } from './notice-parts.ts';
import type { StackWords } from './notice-words.ts';
import { stackNameOf } from './stack-id.ts';

type Line = readonly Piece[];

/** Their remedy says more than words made before can say. */
const REMEDY_QUOTED: ReadonlySet<RefusalCode> = new Set(['CANNOT_BE_CLEANED', 'OWN_SERVICE']);

/** Worth telling about a stack that still stands; the other notes of a stack are for the report. */
const TOLD_NOTES = new Set(['NOT_RESTORED', 'NOT_PROTECTED_AGAIN', 'SHORTENED']);

export function refusalLines(refusal: TeardownRefusal, words: StackWords): readonly Line[] {
  const own = words.refusal(refusal.code, refusal.stack === undefined ? undefined : stackNameOf(refusal.stack));
  return own === undefined
    ? [long(refusal.sentence), [text('→'), ...long(refusal.remedy)]]
    : [
        long(own.sentence),
        [text('→'), ...long(own.remedy)],
        [
          text(words.quoted),
          ...long(REMEDY_QUOTED.has(refusal.code) ? `${refusal.sentence} ${refusal.remedy}` : refusal.sentence),
        ],
      ];
}

/** The name of a stack before what is said of it, where several are spoken of. */
function named(stackName: string, of: readonly StackOutcome[]): readonly Piece[] {
  return of.length > 1 ? [text(`${stackName}:`)] : [];
}

/** What keeps a stack from going, in AWS's words. */
export function causeLines(stack: StackOutcome, left: readonly StackOutcome[], words: StackWords): readonly Line[] {
  const { stackName, outcome, failures, leftovers, why } = stack;
  if (outcome === 'deleted') {
    return [];
  }
  const head: readonly Line[] =
    left.length > 1 || outcome === 'lives on' || outcome === 'refused'
      ? [[text(`${stackName}: ${words.outcome[outcome]}`)]]
      : [];
  if (failures.length === 0) {
    return [...head, ...(why === undefined ? [] : [[...quoted(words), ...long(why)]])];
  }
  return [
    ...head,
    ...failures.flatMap(({ resource, reason }) => [
      resourceLine(resource, stack, words),
      [text(words.awsSays), ...long(sentence(reason))],
    ]),
    ...leftovers
      .filter(({ blocks }) => blocks)
      .flatMap(({ resource, what, why: reason }) => [
        resourceLine(resource, stack, words),
        [...quoted(words), ...long(`${what}: ${sentence(reason)}`)],
      ]),
  ];
}

/** A nested stack appears as the place of a resource only. */
function resourceLine(
  { type, physicalId, logicalId, stackId, stackName }: ResourceRef,
  stack: StackOutcome,
  words: StackWords,
): Line {
  return [
    text(type),
    code(physicalId === '' ? logicalId : physicalId),
    ...(stackId === stack.stackId ? [] : [text(words.inStack(stackName))]),
  ];
}

function quoted({ quoted: lead }: StackWords): readonly Piece[] {
  return lead === '' ? [] : [text(lead)];
}

/** Who must do what. */
export function nextLines(stack: StackOutcome, left: readonly StackOutcome[], words: StackWords): readonly Line[] {
  const { outcome, failures, leftovers, remedy, stackName } = stack;
  if (outcome === 'deleted') {
    return [];
  }
  const name = named(stackName, left);
  const again: Line = [...name, text(words.again[outcome])];
  if (failures.length > 0) {
    const blocking = new Set(leftovers.filter(({ blocks }) => blocks).map((each) => each.remedy));
    return [
      ...adviceOn(failures).map((advice) => [...name, ...long(words.advice(advice))]),
      ...[...blocking].map((each) => [...name, ...quoted(words), ...long(each)]),
      again,
    ];
  }
  if (remedy === undefined) {
    return [again];
  }
  // English says it in the report's own words; another language in its own, and then quotes those.
  return words.quoted === '' ? [[...name, ...long(remedy)]] : [again, [...quoted(words), ...long(remedy)]];
}

/** What was taken out of the stacks before CloudFormation deleted them, in sums: where, is in the report. */
export function removedLines(stacks: readonly StackOutcome[], words: StackWords): readonly Line[] {
  const sums = new Map<string, number>();
  for (const { kind, count } of stacks.flatMap(({ removed }) => removed)) {
    sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  const items = [...sums].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => words.removed(count, kind));
  return items.length === 0 ? [] : [long(words.listed(items))];
}

export function remainingLine({ kind, what, why }: Remaining, words: StackWords): Line {
  const [type = '', ...rest] = what.split(' ');
  const own = words.remaining(kind);
  const reason =
    own === undefined
      ? long(sentence(why))
      : kind === 'retained'
        ? [text(own), ...quoted(words), ...long(sentence(why))]
        : [text(own)];
  return [text(type), code(rest.join(' ')), text('–'), ...reason];
}

export function noteLines(
  { notes }: TeardownReport,
  left: readonly StackOutcome[],
  words: StackWords,
): readonly Line[] {
  const told = [...notes, ...left.flatMap((stack) => stack.notes.filter(({ code: each }) => TOLD_NOTES.has(each)))];
  return told.map(({ code: each, sentence: says }) => {
    const own = words.note(each);
    return own === undefined ? [...quoted(words), ...long(says)] : [text(own), ...quoted(words), ...long(says)];
  });
}

/** Only commands that can be shown whole and exactly as they are: somebody will copy them. */
export function commandLines(
  left: readonly StackOutcome[],
  remaining: readonly Remaining[],
  words: StackWords,
): readonly Line[] {
  const block = (lead: string, commands: readonly string[]): readonly Line[] => {
    const shown = commands.map(command).filter((each) => each !== undefined);
    return shown.length === 0 ? [] : [[text(lead)], ...shown.map((each) => [each])];
  };
  return [
    ...block(
      words.retain,
      left.flatMap(({ failures }) => retainCommands(failures)).flatMap((each) => each.split(' && ')),
    ),
    ...block(
      words.remove,
      remaining.map((each) => each.command),
    ),
  ];
}
