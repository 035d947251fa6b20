import type { Fact, Link, Piece, Section } from '../schemas/notice.ts';
import type { BuildState } from './build-state.ts';
import { type BuildHistory, standingOf, usualSeconds } from './history.ts';
import { megabytes, pullCommand, tagOf } from './image.ts';
import type { LogTail } from './log-tail.ts';
import { parseBuildTime, secondsBetween } from './times.ts';
import type { BuildWords } from './words.ts';

/** Short facts of a build: what was built, how long it took, who started it. */
export function factsOf(build: BuildState, history: BuildHistory | undefined, words: BuildWords): Fact[] {
  const { ref, starter } = build;
  return [
    ...(ref === undefined
      ? []
      : [{ label: words.ref[ref.kind], pieces: [text(ref.kind === 'pullRequest' ? `#${ref.name}` : ref.name)] }]),
    ...commitFact(build, words),
    ...durationFact(build, history, words),
    ...standingFact(build, history, words),
    ...(starter === undefined
      ? []
      : [{ label: words.startedBy, pieces: [text(words.starter[starter.kind](starter.name ?? ''))] }]),
  ];
}

function commitFact({ commit, links }: BuildState, words: BuildWords): Fact[] {
  const { sha, subject, author } = commit ?? {};
  const short = sha?.slice(0, 7);
  const pieces = [
    ...(short === undefined ? [] : [links.commit === undefined ? code(short) : linked(short, links.commit)]),
    ...(subject === undefined ? [] : [text(subject)]),
    ...(author === undefined ? [] : [text(words.aside(words.by(author)))]),
  ];
  return pieces.length === 0 ? [] : [{ label: words.commit, pieces }];
}

/** How long it took, beside what is usual; of a build that runs, what is usual alone. */
function durationFact(
  { status, durationSeconds }: BuildState,
  history: BuildHistory | undefined,
  words: BuildWords,
): Fact[] {
  const usual = history === undefined ? undefined : usualSeconds(history);
  const time = usual === undefined ? undefined : words.about(usual);
  if (status === 'IN_PROGRESS') {
    return time === undefined ? [] : [{ label: words.usual, pieces: [text(time)] }];
  }
  return durationSeconds === undefined
    ? []
    : [{ label: words.duration, pieces: [text(words.took(words.time(durationSeconds), time))] }];
}

/** For how long, and how many builds, the branch has been or was broken. */
function standingFact({ status, endedAt }: BuildState, history: BuildHistory | undefined, words: BuildWords): Fact[] {
  const standing = standingOf(status, history);
  if (standing.kind !== 'stillFailing' && standing.kind !== 'fixed') {
    return [];
  }
  const seconds = secondsBetween(parseBuildTime(standing.since), parseBuildTime(endedAt));
  const count = standing.kind === 'fixed' ? standing.after : standing.nth;
  return [
    {
      label: standing.kind === 'fixed' ? words.wasFailingFor : words.failingFor,
      pieces: [text(words.lasting(seconds === undefined ? undefined : words.about(seconds), count))],
    },
  ];
}

export function supersededSection(by: { readonly number?: number } | undefined, words: BuildWords): Section[] {
  return by === undefined
    ? []
    : [{ label: words.superseded.label, lines: [[sentence(words.superseded.line(by.number))]] }];
}

/** The phase that broke, CodeBuild's own reason, the command. */
export function whereItBroke({ status, failure }: BuildState, tail: LogTail | undefined, words: BuildWords): Section[] {
  if (status === 'IN_PROGRESS' || status === 'SUCCEEDED' || failure === undefined) {
    return [];
  }
  const { phase, code: errorCode, reason } = failure;
  const command = failure.command ?? (tail?.kind === 'tail' ? tail.command : undefined);
  const meaning = words.phases.get(phase ?? '');
  const why = [errorCode, reason].filter((part) => part !== undefined).join(': ');
  const lines = [
    phase === undefined ? [] : [code(phase), ...(meaning === undefined ? [] : [text(words.aside(meaning))])],
    why === '' ? [] : [text(why)],
    command === undefined ? [] : [text(`${words.command}:`), code(command)],
  ].filter((line) => line.length > 0);
  return [{ label: words.brokeIn[status], lines }];
}

/** The image to copy. Only a build that succeeded offers one. */
export function imageSection({ status, image, endedAt }: BuildState, words: BuildWords): Section[] {
  if (status !== 'SUCCEEDED' || image === undefined) {
    return [];
  }
  const tag = tagOf(image);
  const { digest, sizeBytes, pushedAt } = image;
  const age = secondsBetween(parseBuildTime(pushedAt), parseBuildTime(endedAt));
  const small = [
    ...(sizeBytes === undefined ? [] : [words.size(megabytes(sizeBytes))]),
    // A push of this very build needs no words.
    ...(age === undefined || age < AN_OLD_IMAGE ? [] : [words.pushedBefore(words.about(age))]),
  ];
  return [
    {
      label: words.image,
      lines: [
        [code(pullCommand(image) ?? image.uri)],
        ...(tag === undefined ? [] : [[text(`${words.tag}:`), code(tag)]]),
        ...(digest === undefined ? [] : [[text(`${words.digest}:`), code(digest)]]),
        ...(small.length === 0 ? [] : [[text(small.join(', '))]]),
      ],
    },
  ];
}

/** Seconds: longer than any push takes after which its build goes on. */
const AN_OLD_IMAGE = 15 * 60;

export function text(value: string): Piece {
  return { kind: 'text', text: value };
}

export function sentence(value: string): Piece {
  return { kind: 'sentence', text: value };
}

function code(value: string): Piece {
  return { kind: 'code', text: value };
}

function linked(value: string, url: string): Piece {
  return { kind: 'link', text: value, url };
}

export function linkTo(url: string | undefined, label: string): Link[] {
  return url === undefined ? [] : [{ label, url }];
}
