import type { Colours } from '../terminal.ts';

type Paint = (colours: Colours) => (text: string) => string;

/** The words that an entry of a plan or report begins with, and their colour. */
const LABELS: readonly (readonly [label: RegExp, paint: Paint])[] = [
  [/^ *(removes|removed)\b/, ({ green }) => green],
  [/^ *(cannot|failed|left|because)\b/, ({ red }) => red],
  [/^ *(remedy|keeps|consent|switches off|note)\b/, ({ yellow }) => yellow],
  [/^ *(goes along|with it|deletes as|deletes|gone)\b/, ({ dim }) => dim],
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
