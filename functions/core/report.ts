import type { Leftover, Refusal, Report } from './model.ts';

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8: AWS counts bytes, JavaScript counts UTF-16 units. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

const ELLIPSIS = '…';

/**
 * Cuts a text to a number of UTF-8 bytes, at a code point, with an ellipsis where something was cut (and where there is
 * room for one).
 */
export function clipBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) {
    return text;
  }
  const ending = byteLength(ELLIPSIS) <= maxBytes ? ELLIPSIS : '';
  let room = maxBytes - byteLength(ending);
  let clipped = '';
  for (const point of text) {
    room -= byteLength(point);
    if (room < 0) {
      break;
    }
    clipped += point;
  }
  return clipped + ending;
}

/**
 * What stands in the way and who must act, in whole sentences, for CloudFormation's Reason. Empty where nothing does.
 *
 * @param maxBytes room in UTF-8 bytes; what does not fit is counted at the end, and of the first there is always a part
 */
export function reasonOf(report: Report, maxBytes: number): string {
  const sentences = [
    ...report.refusals.filter(({ blocks, stops }) => blocks || stops === 'everything').map(refusalSentence),
    ...report.leftovers.filter(({ blocks }) => blocks).map(leftoverSentence),
  ].filter((words) => words !== '');
  const whole = sentences.join(' ');
  if (byteLength(whole) <= maxBytes) {
    return whole;
  }
  for (let kept = sentences.length - 1; kept > 0; kept -= 1) {
    const text = `${sentences.slice(0, kept).join(' ')}${rest(sentences.length - kept)}`;
    if (byteLength(text) <= maxBytes) {
      return text;
    }
  }
  const more = sentences.length > 1 ? rest(sentences.length - 1) : '';
  const room = maxBytes - byteLength(more);
  // Where even the count would leave no room for a sentence, the sentence matters more.
  return room > byteLength(more) ? clipBytes(sentences[0] ?? '', room) + more : clipBytes(sentences[0] ?? '', maxBytes);
}

function rest(count: number): string {
  return ` (${count.toLocaleString('en-US')} more in the log.)`;
}

function refusalSentence(refusal: Refusal): string {
  const subject = refusal.resource ? `${refusal.resource.logicalId} (${refusal.resource.physicalId}): ` : '';
  return oneLine(`${subject}${refusal.sentence} ${refusal.remedy}`);
}

function leftoverSentence({ resource, what, why, remedy }: Leftover): string {
  return oneLine(`${resource.logicalId} (${resource.physicalId}): ${what} left: ${sentence(why)} ${remedy}`);
}

/** Ends with one full stop: AWS's messages come with and without. */
export function sentence(text: string): string {
  return /[.!?…]\s*$/.test(text) ? text.trimEnd() : `${text.trimEnd()}.`;
}

/** AWS's words may hold line breaks, and names that others chose may hold anything: one line, no control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** `1 image`, `3 images`, `3 or more images`, `2 managed policies`, `2 access keys`, `2 branches`. */
export function counted(count: number, kind: string, orMore = false): string {
  const one = count === 1 && !orMore;
  return `${count.toLocaleString('en-US')}${orMore ? ' or more' : ''} ${one ? kind : plural(kind)}`;
}

function plural(kind: string): string {
  if (/[^aeiou]y$/.test(kind)) {
    return `${kind.slice(0, -1)}ies`;
  }
  return /(s|x|ch|sh)$/.test(kind) ? `${kind}es` : `${kind}s`;
}
