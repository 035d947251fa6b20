import type { Colours } from '../terminal.ts';

type Paint = (colours: Colours) => (text: string) => string;

/**
 * The words that an entry of a plan or report begins with, and their colour. Blanks fill them up to a column; the same words
 * at the begin of a line that only goes on have one.
 */
const LABELS: readonly (readonly [label: RegExp, paint: Paint])[] = [
  [/^ *(removes|removed)(?= {2})/, ({ green }) => green],
  [/^ *(cannot|failed|left|because)(?= {2})/, ({ red }) => red],
  [/^ *(remedy {2}|keeps {2}|consent {2}|note {2}|switches off )/, ({ yellow }) => yellow],
  [/^ *(goes along|with it|deletes as|deletes|gone)(?= {2})/, ({ dim }) => dim],
];

/** Lines that are painted whole. */
const LINES: readonly (readonly [line: RegExp, paint: Paint])[] = [
  [/^Refused$|^failed:|: (not deleted|lives on, |refused, |stopped before)/, ({ red }) => red],
  [/^refused:/, ({ red }) => red],
  [/^deleted:|: deleted( after \d+ attempts)?$/, ({ green }) => green],
  [/^Still in the account$/, ({ yellow }) => yellow],
  [/^(Wave \d|In no wave)/, ({ bold }) => bold],
  [/^ +aws /, ({ cyan }) => cyan],
];

/** A line of a plan or a report with its colours; the same line where there are none. */
export function painted(line: string, colours: Colours): string {
  const whole = LINES.find(([pattern]) => pattern.test(line));
  if (whole) {
    return whole[1](colours)(line);
  }
  for (const [pattern, paint] of LABELS) {
    const label = pattern.exec(line)?.[0];
    if (label !== undefined) {
      return paint(colours)(label) + line.slice(label.length);
    }
  }
  return line;
}
