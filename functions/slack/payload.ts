import { assertNever } from '../errors.ts';
import type { Fact, Link, Notice, Piece, Section, Tone } from '../schemas/notice.ts';
import { bold, clip, code, link, mention, oneLine, plain } from './escape.ts';
import { lastLines, logBlocks } from './log-block.ts';

interface Markup {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** Keeps Slack from making links and mentions out of plain words. */
  readonly verbatim: true;
}
type SectionBlock =
  | { readonly type: 'section'; readonly text: Markup }
  | { readonly type: 'section'; readonly fields: Markup[] };
type Block = SectionBlock | { readonly type: 'context'; readonly elements: Markup[] };

/** What is sent to Slack, by an incoming webhook or by chat.postMessage. */
export interface SlackPayload {
  /** What push messages and screen readers get; says everything that matters without the blocks. */
  readonly text: string;
  readonly blocks: Block[];
  /** Only an attachment can have a colour bar. */
  readonly attachments: { readonly color: string; readonly blocks: Block[] }[];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/**
 * Slack's limits, in characters of the escaped text.
 * https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/reference/methods/chat.postMessage
 */
const LIMITS = {
  text: 4_000,
  section: 3_000,
  field: 2_000,
  fields: 10,
  context: 10,
  blocks: 50,
  all: 13_000,
} as const;

/** Code points kept of one piece of outside text. Escaping makes one character five at the most. */
const CLIP = { subject: 150, verdict: 100, piece: 250, sentence: 500, code: 500, label: 60, footer: 100 } as const;
/** Subject, verdict and what stands between them. */
const HEADLINE = CLIP.subject + CLIP.verdict + 2;
/** Lines of a log in the text alone: a phone shows few. */
const LOG_IN_TEXT = 3;
/** A longer address is left out, never cut. */
const LONGEST_URL = 1_500;

const COLOURS = { good: '#2eb67d', bad: '#e01e5a', warning: '#ecb22e', neutral: '#868686' } as const satisfies Record<
  Tone,
  string
>;

/** Turns a notice into Slack's payload. Pure; whatever the notice holds, the payload keeps Slack's limits. */
export function payloadOf(notice: Notice): SlackPayload {
  const headline = within([plain(notice.emoji, 4), bold(headlineOf(notice), HEADLINE)], ' ', LIMITS.section);
  const top = within([headline, line(notice.lead ?? [], LIMITS.field)], '\n', LIMITS.section);
  const head: Block[] = [{ type: 'section', text: markup(top) }];
  const foot = footer(notice.links, notice.footer);
  return {
    text: fallback(notice),
    blocks: head,
    attachments: [{ color: COLOURS[notice.tone], blocks: [...body(notice, [...head, ...foot]), ...foot] }],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Sections, then facts. A log gets the room that everything else leaves. */
function body(notice: Notice, others: readonly Block[]): Block[] {
  const logs = notice.sections.flatMap(({ log }) => log ?? []);
  const words = [...notice.sections.flatMap(section), ...facts(notice.facts)];
  const kept = fitting(words, others);
  if (logs.length === 0) {
    return kept;
  }
  const all = [...others, ...kept];
  const room = LIMITS.all - JSON.stringify(all).length;
  const log = logBlocks(logs, { room, blocks: LIMITS.blocks - all.length, each: LIMITS.section }).map(
    (text): Block => ({ type: 'section', text: markup(text) }),
  );
  // Where the log's own label stands: after the sections up to it. What did not fit any more was after it.
  const before = notice.sections.findIndex((one) => one.log !== undefined) + 1;
  const place = Math.min(kept.length, notice.sections.slice(0, before).flatMap(section).length);
  return [...kept.slice(0, place), ...log, ...kept.slice(place)];
}

/** Each is clipped for itself: a long name never pushes the verdict out. */
function headlineOf({ subject, verdict }: Notice): string {
  return `${clip(oneLine(subject), CLIP.subject)}: ${clip(oneLine(verdict), CLIP.verdict)}`;
}

function markup(text: string): Markup {
  return { type: 'mrkdwn', text, verbatim: true };
}

function facts(all: readonly Fact[]): Block[] {
  const fields = all.map(({ label, pieces }) =>
    within([bold(label, CLIP.label), line(pieces, LIMITS.field)], '\n', LIMITS.field),
  );
  return notEmpty(fields, LIMITS.fields, (kept) => ({ type: 'section', fields: kept }));
}

function section({ label, lines }: Section): Block[] {
  const parts = [bold(label, CLIP.label), ...lines.map((pieces) => line(pieces, LIMITS.section))];
  const text = within(parts, '\n', LIMITS.section);
  return text === '' ? [] : [{ type: 'section', text: markup(text) }];
}

function footer(links: readonly Link[], words: readonly string[]): Block[] {
  const elements = [
    ...links.filter(({ url }) => url.length <= LONGEST_URL).map(({ url, label }) => link(url, label, CLIP.label)),
    ...words.map((word) => plain(word, CLIP.footer)),
  ];
  return notEmpty(elements, LIMITS.context, (kept) => ({ type: 'context', elements: kept }));
}

/** Slack takes neither an empty text nor a block without any. */
function notEmpty(texts: readonly string[], limit: number, block: (texts: Markup[]) => Block): Block[] {
  const kept = texts.filter((text) => text !== '').slice(0, limit);
  return kept.length === 0 ? [] : [block(kept.map(markup))];
}

function line(pieces: readonly Piece[], limit: number): string {
  return within(pieces.map(piece), ' ', limit - 2 * CLIP.label);
}

function piece(part: Piece): string {
  switch (part.kind) {
    case 'text':
      return plain(part.text, CLIP.piece);
    case 'sentence':
      return plain(part.text, CLIP.sentence);
    case 'code':
      return code(part.text, CLIP.code);
    case 'mention':
      return mention(part.userId);
    case 'link':
      return part.url.length > LONGEST_URL ? plain(part.text, CLIP.piece) : link(part.url, part.text, CLIP.label);
    default:
      return assertNever(part);
  }
}

/** A line of the text; without the colon where only one of both is there. */
function labelled(label: string, text: string): string {
  return [plain(label, CLIP.label), text].filter((part) => part !== '').join(': ');
}

/** Says everything of the notice in lines without markup; what does not fit is left out line by line, from the end. */
function fallback(notice: Notice): string {
  const lines = [
    within([plain(notice.emoji, 4), plain(headlineOf(notice), HEADLINE)], ' ', LIMITS.section),
    words(notice.lead ?? []),
    ...notice.sections.flatMap(({ label, lines, log }) => {
      const said = lines.map(words).filter((text) => text !== '');
      const shown = lastLines(log ?? [], LOG_IN_TEXT).map((text) => plain(text, CLIP.piece));
      return [labelled(label, said.join(' · ')), ...shown];
    }),
    ...notice.facts.map(({ label, pieces }) => labelled(label, words(pieces))),
  ];
  return within(lines, '\n', LIMITS.text);
}

/** Pieces without markup but for a mention, which is a person's name to everybody who reads it. */
function words(pieces: readonly Piece[]): string {
  return pieces
    .map((part) => {
      switch (part.kind) {
        case 'code':
          return plain(part.text, CLIP.code);
        case 'text':
        case 'link':
          return plain(part.text, CLIP.piece);
        case 'sentence':
          return plain(part.text, CLIP.sentence);
        case 'mention':
          return mention(part.userId);
        default:
          return assertNever(part);
      }
    })
    .filter((text) => text !== '')
    .join(' ');
}

/** Joins what is not empty, as many from the front as fit whole. */
function within(parts: readonly string[], separator: string, limit: number): string {
  let joined = '';
  for (const part of parts.filter((text) => text !== '')) {
    const longer = joined === '' ? part : `${joined}${separator}${part}`;
    if (longer.length > limit) {
      return joined;
    }
    joined = longer;
  }
  return joined;
}

/** As many blocks from the front as Slack takes in one message beside those that are in it in any case. */
function fitting(blocks: readonly Block[], others: readonly Block[]): Block[] {
  const kept: Block[] = [];
  for (const block of blocks.slice(0, LIMITS.blocks - others.length)) {
    if (JSON.stringify([...others, ...kept, block]).length > LIMITS.all) {
      return kept;
    }
    kept.push(block);
  }
  return kept;
}
