import type { Colours } from '../terminal.ts';
import type { Row } from './meaning.ts';

const COLUMNS = [
  ['route', 'route'],
  ['project', 'project'],
  ['branch', 'branch'],
  ['transport', 'transport'],
  ['to', 'channel or webhook'],
  ['mode', 'mode'],
  ['language', 'language'],
  ['besides', 'besides'],
] as const satisfies readonly (readonly [keyof Row, string])[];

/** The routes in columns, one line for each, a line of headings before them. */
export function tableLines(rows: readonly Row[], { bold }: Pick<Colours, 'bold'>): readonly string[] {
  const widths = COLUMNS.map(([key, head]) => Math.max(head.length, ...rows.map((row) => row[key].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [bold(line(COLUMNS.map(([, head]) => head))), ...rows.map((row) => line(COLUMNS.map(([key]) => row[key])))];
}

/** A route on one line, without its place in the list: for what comes and what goes. */
export function rowWords({ route, project, branch, transport, to, mode, language, besides }: Row): string {
  const way = [`mode ${mode}`, `language ${language}`, besides].filter((words) => words !== '').join(', ');
  const which = route === 'default' ? 'every other build' : `project ${project}, branch ${branch}`;
  return `${which}: ${transport}, ${to}, ${way}`;
}
