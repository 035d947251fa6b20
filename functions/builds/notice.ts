import { assertNever } from '../errors.ts';
import type { Language } from '../schemas/build-notice-config.ts';
import type { Fact, Link, Notice, Piece, Section, Tone } from '../schemas/notice.ts';
import type { BuildState, BuildStatus } from './build-state.ts';
import type { BuildFailure } from './failure.ts';
import { type BuildWords, WORDS } from './words.ts';

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

/** What people are told about a finished build, in their language. Pure; the strings are raw. */
export function noticeOf(build: BuildState, language: Language): Notice {
  const words = WORDS[language];
  const { place, number, status, rawStatus, links } = build;
  return {
    ...LOOKS[status],
    subject: `${place.project ?? words.unnamedProject}${number === undefined ? '' : ` #${number}`}`,
    verdict: words.verdict[status](rawStatus),
    facts: factsOf(build, words),
    sections: sectionsOf(build, words),
    links: [
      ...linkTo(links.log, words.links.log),
      ...linkTo(links.build, words.links.build),
      ...linkTo(links.image, words.links.image),
    ],
    footer: [...(build.withoutLog ? [words.noLog] : []), rawStatus, place.region ?? ''],
  };
}

function factsOf({ ref, commit, durationSeconds, starter, links }: BuildState, words: BuildWords): Fact[] {
  const facts: Fact[] = [];
  if (ref !== undefined) {
    facts.push({ label: words.ref[ref.kind], pieces: [text(ref.kind === 'pullRequest' ? `#${ref.name}` : ref.name)] });
  }
  if (commit !== undefined) {
    const { sha, subject, author } = commit;
    const short = sha?.slice(0, 7);
    facts.push({
      label: words.commit,
      pieces: [
        ...(short === undefined ? [] : [links.commit === undefined ? code(short) : linked(short, links.commit)]),
        ...(subject === undefined ? [] : [text(subject)]),
        ...(author === undefined ? [] : [text(`(${words.by(author)})`)]),
      ],
    });
  }
  if (durationSeconds !== undefined) {
    facts.push({ label: words.duration, pieces: [text(words.time(durationSeconds))] });
  }
  if (starter !== undefined) {
    facts.push({ label: words.startedBy, pieces: [text(words.starter[starter.kind](starter.name ?? ''))] });
  }
  return facts;
}

function sectionsOf(build: BuildState, words: BuildWords): Section[] {
  const sections: Section[] = [];
  switch (build.status) {
    case 'IN_PROGRESS':
    case 'SUCCEEDED':
      break;
    case 'FAILED':
    case 'STOPPED':
    case 'TIMED_OUT':
    case 'FAULT':
    case 'LOST':
    case 'UNKNOWN':
      if (build.failure !== undefined) {
        sections.push({ label: words.brokeIn[build.status], lines: failureLines(build.failure, words) });
      }
      break;
    default:
      assertNever(build.status);
  }
  if (build.image !== undefined) {
    const { uri, digest } = build.image;
    sections.push({ label: words.image, lines: [[code(uri)], ...(digest === undefined ? [] : [[code(digest)]])] });
  }
  return sections;
}

function failureLines({ phase, code: errorCode, reason, command }: BuildFailure, words: BuildWords): Piece[][] {
  const meaning = words.phases.get(phase ?? '');
  const where = phase === undefined ? [] : [code(phase), ...(meaning === undefined ? [] : [text(`(${meaning})`)])];
  const why = [errorCode, reason].filter((part) => part !== undefined).join(': ');
  return [
    where,
    why === '' ? [] : [text(why)],
    command === undefined ? [] : [text(`${words.command}:`), code(command)],
  ].filter((line) => line.length > 0);
}

function text(value: string): Piece {
  return { kind: 'text', text: value };
}

function code(value: string): Piece {
  return { kind: 'code', text: value };
}

function linked(value: string, url: string): Piece {
  return { kind: 'link', text: value, url };
}

function linkTo(url: string | undefined, label: string): Link[] {
  return url === undefined ? [] : [{ label, url }];
}
