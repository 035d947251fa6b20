import { oneLine } from '../core/report.ts';

/** Columns of a terminal that nobody has widened, and of a page that prints it. */
export const COLUMNS = 100;

/** Width of the word at the begin of an entry, with the space after it. */
const LABEL = 12;

/**
 * Words under a hanging indent. A word longer than the line, mostly an ARN, stands as it is: it can still be copied.
 *
 * @param text words; or pieces that are not broken, as long as a line has room for them
 */
export function wrapped(prefix: string, text: string | readonly string[]): readonly string[] {
  const indent = ' '.repeat(prefix.length);
  const lines: string[] = [];
  let line = prefix;
  let isEmpty = true;
  for (const word of typeof text === 'string' ? oneLine(text).split(' ') : text.map(oneLine)) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}

/** `    removes     AWS::ECR::Repository xxxx: 208 images` */
export function entry(label: string, text: string | readonly string[], depth = 2): readonly string[] {
  return wrapped('  '.repeat(depth) + label.padEnd(LABEL), text);
}

/** A line to be copied: never broken. */
export function command(text: string, depth = 2): string {
  return '  '.repeat(depth) + oneLine(text);
}

/** Parts of a page with an empty line between them; a part without lines is none. */
export function parted(...parts: readonly (readonly string[])[]): readonly string[] {
  return parts.filter((part) => part.length > 0).flatMap((part, at) => (at === 0 ? part : ['', ...part]));
}
