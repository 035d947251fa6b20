import Table from 'cli-table3';
import type { Finding, Note, ResourceRef, Untouched } from '#functions/core/model.ts';
import { counted, oneLine } from '#functions/core/report.ts';
import type { TargetPlan, TeardownPlan } from '#functions/teardown/model.ts';
import { teardownPlanLines } from '#functions/teardown/print.ts';
import { deletesAsWords } from '#functions/teardown/wording.ts';
import type { Colours, Terminal } from '../terminal.ts';
import { contentWords } from './board.ts';
import { painted } from './lines.ts';
import { wrapTo } from './wrap.ts';

/** A plan: as a table where a person looks, in plain lines elsewhere. */
export function showPlan(terminal: Terminal, where: 'stdout' | 'stderr', plan: TeardownPlan): void {
  const out = where === 'stdout';
  const write = out ? terminal.out : terminal.err;
  const colours = out ? terminal.outColours : terminal.errColours;
  const looked = out ? terminal.outIsTerminal : terminal.errIsTerminal;
  if (looked && plan.stacks.length > 0) {
    write(planTable(plan, terminal.columns, colours));
    for (const line of linesBesideTable(teardownPlanLines(plan))) {
      write(painted(line, colours));
    }
    return;
  }
  for (const line of teardownPlanLines(plan)) {
    write(painted(line, colours));
  }
}

/** What a table has no room for: consents, refusals and the sentence that counts. */
function linesBesideTable(lines: readonly string[]): readonly string[] {
  const begin = lines.findIndex((line) => /^(Wave 1$|In no wave\b|Deleted before$)/.test(line));
  const end = lines.findIndex(
    (line) => line === 'Refused' || /^(no stack to delete|\d+ stacks? in \d+ waves?)\b/.test(line),
  );
  return [...lines.slice(0, Math.max(begin, 0)), ...lines.slice(end)];
}

/** Narrower columns would break words. */
const NARROWEST = 12;
/** Borders and padding of four columns. */
const FRAME = 13;
/** Of one column. */
const PADDING = 2;

/** The plan, wave by wave. */
export function planTable(plan: TeardownPlan, columns: number, colours: Colours): string {
  const rows = plan.stacks
    .toSorted((one, other) => waveOf(plan, one) - waveOf(plan, other))
    .flatMap((target) => rowsOf(plan, target));
  const widths = widthsOf(
    columns,
    rows.map((row) => row.cells),
  );
  const table = new Table({
    head: ['wave', 'stack and resources', 'in it', 'what happens'].map((word) => colours.bold(word)),
    colWidths: [...widths],
    // Colours of our own, and only where they are wanted.
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const { cells, paint } of rows) {
    table.push(cells.map((cell, at) => (cell === '' ? '' : paint(colours)(wrapTo(cell, (widths[at] ?? 0) - PADDING)))));
  }
  return table.toString();
}

interface Row {
  readonly cells: readonly string[];
  readonly paint: (colours: Colours) => (text: string) => string;
}

function waveOf({ waves }: TeardownPlan, { stackId }: TargetPlan): number {
  const at = waves.findIndex((wave) => wave.includes(stackId));
  return at < 0 ? waves.length : at;
}

function rowsOf(plan: TeardownPlan, target: TargetPlan): readonly Row[] {
  const wave = plan.waves.some((each) => each.includes(target.stackId)) ? String(waveOf(plan, target) + 1) : '–';
  const nested = target.plan.stacks.length - 1;
  const resources = Object.values(target.deletes).reduce((sum, count) => sum + count, 0);
  const gone = target.status === 'DELETE_COMPLETE';
  return [
    {
      cells: [
        wave,
        `${target.stackName} (${target.status})`,
        [resources > 0 ? counted(resources, 'resource') : '', nested > 0 ? counted(nested, 'nested stack') : '']
          .filter((words) => words !== '')
          .join(', '),
        gone ? 'deleted before' : `deleted as ${deletesAsWords(target.deletesAs)}`,
      ],
      paint: ({ bold }) => bold,
    },
    ...(target.unprotect
      ? [{ cells: ['', '', 'termination protection', 'switched off'], paint: ({ yellow }: Colours) => yellow }]
      : []),
    ...target.plan.findings.map(findingRow),
    ...target.plan.untouched.map(untouchedRow),
    ...[...target.notes, ...target.plan.notes].map(noteRow),
  ];
}

/** No spaces to break a line at. */
const INDENT = '\u00a0\u00a0';

function indented({ type, physicalId }: ResourceRef): string {
  return `${INDENT}${type} ${physicalId}`;
}

function findingRow(finding: Finding): Row {
  const { resource, contents, exists, refusal, stages } = finding;
  const cells = (what: string): readonly string[] => ['', indented(resource), contentWords(contents), what];
  if (!exists) {
    return { cells: cells('gone already'), paint: ({ dim }) => dim };
  }
  if (refusal) {
    const blocks = refusal.blocks || refusal.stops === 'everything';
    return {
      cells: cells(oneLine(`${refusal.sentence} ${refusal.remedy}`)),
      paint: ({ red, yellow }) => (blocks ? red : yellow),
    };
  }
  if (stages.length > 0) {
    return {
      cells: cells(contents.length > 0 ? 'emptied, then deleted' : 'made quiet, then deleted'),
      paint: ({ cyan }) => cyan,
    };
  }
  return { cells: cells(contents.length > 0 ? 'deleted with what is in it' : 'deleted'), paint: ({ reset }) => reset };
}

function untouchedRow({ resource, sentence }: Untouched): Row {
  return {
    cells: ['', indented(resource), '', oneLine(`left alone: ${sentence}`)],
    paint: ({ yellow }) => yellow,
  };
}

function noteRow({ resource, sentence }: Note): Row {
  const about = resource ? indented(resource) : '';
  return { cells: ['', about, '', oneLine(`note: ${sentence}`)], paint: ({ yellow }) => yellow };
}

/** As wide as the words, and no wider than the terminal: what happens gives way first. */
function widthsOf(columns: number, rows: readonly (readonly string[])[]): readonly number[] {
  const wide = (at: number, least: number): number => Math.max(least, ...rows.map((row) => (row[at] ?? '').length));
  const room = Math.max(columns - FRAME - 4, 3 * NARROWEST);
  const name = Math.min(wide(1, 19), Math.max(Math.floor(room * 0.45), NARROWEST));
  const inside = Math.min(wide(2, 5), Math.max(Math.floor(room * 0.25), NARROWEST));
  const happens = Math.min(wide(3, 12), Math.max(room - name - inside, NARROWEST));
  return [6, name + 2, inside + 2, happens + 2];
}
