import { oneLine } from '../core/report.ts';
import type { Link, Piece, Section } from '../schemas/notice.ts';

type Line = readonly Piece[];

/**
 * Code points that a message shows of one piece of text, and of one piece of code (functions/slack/payload.ts). A longer text
 * is made of several pieces here; a longer command is not shown, because half a command is worse than none.
 */
const PIECE = 250;
const CODE = 500;
/** Code points of AWS's words in one place: their begin says what is wrong. */
const QUOTE = 900;
/**
 * Code points of a section, well below what Slack shows of it, and of all together: what is left out is counted here, and no
 * section pushes a later one out.
 */
const SECTION = 1_500;
const LARGE_SECTION = 2_400;

export function text(value: string): Piece {
  return { kind: 'text', text: value };
}

export function code(value: string): Piece {
  return { kind: 'code', text: value };
}

/** A text of any length in pieces that are shown whole, broken between words. */
export function long(value: string): Line {
  const pieces: string[] = [];
  let piece = '';
  let left = QUOTE;
  for (const word of oneLine(value).split(' ')) {
    const length = lengthOf(word);
    left -= length + 1;
    if (left < 0) {
      pieces.push(piece === '' ? word : `${piece} …`);
      return pieces.map(text);
    }
    if (piece !== '' && lengthOf(piece) + 1 + length > PIECE) {
      pieces.push(piece);
      piece = word;
    } else {
      piece = piece === '' ? word : `${piece} ${word}`;
    }
  }
  return [...pieces, piece].filter((each) => each !== '').map(text);
}

/** A command as something to copy; undefined where a message could not show it exactly as it is. */
export function command(value: string): Piece | undefined {
  const exact = lengthOf(value) <= CODE && value === oneLine(value) && !/[`\p{Cf}\p{Cs}]/u.test(value);
  return exact ? code(value) : undefined;
}

/**
 * A section of as many lines as it has room for, and of the first in any case.
 *
 * @param more the line that stands for those that have no room
 * @param large for what matters most
 * @returns none where there are no lines
 */
export function section(
  label: string,
  lines: readonly Line[],
  more: (count: number) => string,
  large?: 'large',
): readonly Section[] {
  const full = lines.filter((line) => line.length > 0);
  const kept: Line[] = [];
  let room = large ? LARGE_SECTION : SECTION;
  for (const line of full) {
    room -= line.reduce((sum, piece) => sum + lengthOf(piece.kind === 'mention' ? piece.userId : piece.text) + 3, 0);
    if (room < 0 && kept.length > 0) {
      kept.push([text(more(full.length - kept.length))]);
      break;
    }
    kept.push(line);
  }
  return kept.length === 0 ? [] : [{ label, lines: kept }];
}

/** Console hosts by partition. Elsewhere no link is better than a wrong one. */
const CONSOLE = new Map([
  ['aws', 'console.aws.amazon.com'],
  ['aws-cn', 'console.amazonaws.cn'],
  ['aws-us-gov', 'console.amazonaws-us-gov.com'],
]);
const STACK_ARN = /^arn:([a-z-]+):cloudformation:([a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}):(\d{12}):stack\/[\w-]+\/[\w-]+$/;

/** Account and Region in the ARN of a stack; undefined where it is none. */
export function placeOf(stackId: string): { readonly account: string; readonly region: string } | undefined {
  const [, , region, account] = STACK_ARN.exec(stackId) ?? [];
  return region === undefined || account === undefined ? undefined : { account, region };
}

/** The events of a stack in the CloudFormation console; also of one that is deleted. */
export function eventsLink(stackId: string, label: string): readonly Link[] {
  const [, partition = '', region] = STACK_ARN.exec(stackId) ?? [];
  const host = CONSOLE.get(partition);
  if (host === undefined) {
    return [];
  }
  const query = `region=${region}#/stacks/events?stackId=${encodeURIComponent(stackId)}`;
  return [{ label, url: `https://${region}.${host}/cloudformation/home?${query}` }];
}

function lengthOf(value: string): number {
  return [...value].length;
}
