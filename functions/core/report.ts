import type { Leftover, Refusal, Report } from './model.ts';

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8: AWS counts bytes, JavaScript counts UTF-16 units. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Cuts a text to a number of UTF-8 bytes, at a code point, with an ellipsis where something was cut. */
export function clipBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) {
    return text;
  }
  const ellipsis = '…';
  let room = maxBytes - byteLength(ellipsis);
  let clipped = '';
  for (const point of text) {
    room -= byteLength(point);
    if (room < 0) {
      break;
    }
    clipped += point;
  }
  return clipped + ellipsis;
}

/**
 * What stands in the way and who must act, in whole sentences, for CloudFormation's Reason.
 *
 * @param maxBytes room in UTF-8 bytes; sentences that do not fit are counted at the end
 */
export function reasonOf(report: Report, maxBytes: number): string {
  const sentences = [
    ...report.refusals.filter((refusal) => refusal.blocks).map(refusalSentence),
    ...report.leftovers.filter((leftover) => leftover.blocks).map(leftoverSentence),
  ];
  // Room for the count of what did not fit.
  const room = maxBytes - 32;
  let text = '';
  for (const [index, sentence] of sentences.entries()) {
    const longer = text ? `${text} ${sentence}` : sentence;
    if (byteLength(longer) > room) {
      const rest = sentences.length - index;
      return text ? `${text} (${rest} more in the log.)` : clipBytes(sentence, maxBytes);
    }
    text = longer;
  }
  return text;
}

function refusalSentence(refusal: Refusal): string {
  const subject = refusal.resource ? `${refusal.resource.logicalId} (${refusal.resource.physicalId}): ` : '';
  return `${subject}${refusal.sentence} ${refusal.remedy}`;
}

function leftoverSentence({ resource, what, why, remedy }: Leftover): string {
  return `${resource.logicalId} (${resource.physicalId}): ${what} left: ${why}. ${remedy}`;
}

/** `1 image`, `3 images`, `3 or more images`, `2 managed policies`. */
export function counted(count: number, kind: string, orMore = false): string {
  const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return `${count.toLocaleString('en-US')}${orMore ? ' or more' : ''} ${count === 1 && !orMore ? kind : plural}`;
}
