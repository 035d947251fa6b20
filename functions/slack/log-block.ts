import { logLine } from './escape.ts';

/** Code points kept of a line. */
const WIDTH = 200;
const FENCE = '```';
/** What a block costs beside its text, in JSON. */
const BLOCK = 120;

/** Rules and frames, and the piece of a Dockerfile that is shown around the line that failed. */
const SAYS_NOTHING = /^[^\p{L}\p{N}]*$|^ *\d+ \||^\S*[Dd]ockerfile\S*:\d+$/u;

/** The last lines that say something. */
export function lastLines(lines: readonly string[], count: number): string[] {
  return lines.filter((line) => !SAYS_NOTHING.test(line)).slice(-count);
}

/**
 * Lines of a log as fenced texts, as many from the end as there is room for.
 *
 * @param room characters of JSON that all of them may take
 * @param blocks how many texts there may be
 * @param each characters that one text may have
 */
export function logBlocks(
  lines: readonly string[],
  { room, blocks, each }: { readonly room: number; readonly blocks: number; readonly each: number },
): string[] {
  const texts: string[] = [];
  let left = room;
  let current: string[] = [];
  const fenced = (inner: readonly string[]) => `${FENCE}${inner.join('\n')}${FENCE}`;
  for (const line of lines.map((text) => logLine(text, WIDTH)).reverse()) {
    const longer = fenced([line, ...current]);
    const opens = current.length === 0 || longer.length > each;
    const cost = JSON.stringify(line).length + 2 + (opens ? BLOCK : 0);
    if (cost > left || (opens && texts.length + (current.length === 0 ? 0 : 1) >= blocks)) {
      break;
    }
    left -= cost;
    if (opens && current.length > 0) {
      texts.unshift(fenced(current));
      current = [];
    }
    current.unshift(line);
  }
  return current.some((line) => line !== '') ? [fenced(current), ...texts] : texts;
}
