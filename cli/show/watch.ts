import { oneLine } from '#functions/core/report.ts';
import type { TeardownPlan } from '#functions/teardown/model.ts';
import type { Colours, LiveArea, Terminal } from '../terminal.ts';
import {
  afterSign,
  type Board,
  boardOf,
  changesBetween,
  contentWords,
  type ResourceRow,
  removedWords,
  type Sign,
  type StackRow,
} from './board.ts';

/** Shows a teardown while it goes. */
export interface Watch {
  sign(sign: Sign): void;
  /** Says something that stays, e.g. that Ctrl-C was seen. */
  say(words: string): void;
  /** What was seen so far. */
  board(): Board;
  end(): void;
}

/** So often live lines are drawn, in milliseconds. */
const REDRAW_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Live lines on a terminal, one line for each change elsewhere; all of it on stderr. */
export async function watchOf(terminal: Terminal, plan: TeardownPlan): Promise<Watch> {
  return terminal.errIsTerminal ? liveWatch(terminal, plan, await terminal.live()) : plainWatch(terminal, plan);
}

function plainWatch(terminal: Terminal, plan: TeardownPlan): Watch {
  let board = boardOf(plan);
  return {
    sign: (sign) => {
      const next = afterSign(board, sign);
      for (const line of changesBetween(board, next)) {
        terminal.err(line);
      }
      board = next;
    },
    say: (words) => terminal.err(words),
    board: () => board,
    end: () => {},
  };
}

function liveWatch(terminal: Terminal, plan: TeardownPlan, area: LiveArea): Watch {
  let board = boardOf(plan);
  let frame = 0;
  const said: string[] = [];
  const draw = (): void => {
    const lines = boardLines(board, terminal, FRAMES[frame % FRAMES.length] ?? '');
    area.draw([...lines, ...said.map((words) => terminal.errColours.yellow(words))].join('\n'));
  };
  const ticker = setInterval(() => {
    frame += 1;
    draw();
  }, REDRAW_MS);
  draw();
  return {
    sign: (sign) => {
      board = afterSign(board, sign);
    },
    say: (words) => {
      said.push(words);
      draw();
    },
    board: () => board,
    end: () => {
      clearInterval(ticker);
      draw();
      area.end();
    },
  };
}

/** Lines that the words below the board, and the prompt, may need. */
const SPARE_ROWS = 5;

/** The board as it stands on a terminal; where it does not fit, what is at rest is left out. */
export function boardLines(
  board: Board,
  terminal: Pick<Terminal, 'columns' | 'rows' | 'errColours'>,
  frame: string,
): readonly string[] {
  const all = linesOf(board, terminal, frame, () => true);
  const room = Math.max(terminal.rows - SPARE_ROWS, board.stacks.length);
  if (all.length <= room) {
    return all;
  }
  const busy = linesOf(board, terminal, frame, (row) => row.working !== undefined || row.left.length > 0);
  const shown = busy.slice(0, room - 1);
  return [...shown, terminal.errColours.dim(`  … ${all.length - shown.length} more`)];
}

function linesOf(
  board: Board,
  { columns, errColours }: Pick<Terminal, 'columns' | 'errColours'>,
  frame: string,
  wanted: (row: ResourceRow) => boolean,
): readonly string[] {
  return board.stacks.flatMap((stack) => [
    `${markOf(stack, frame, errColours)} ${errColours.bold(stack.stackName)}  ${stackWords(stack, errColours)}`,
    ...stack.resources.filter(wanted).map((row) => rowLine(row, columns, errColours)),
  ]);
}

function markOf({ outcome, doing }: StackRow, frame: string, colours: Colours): string {
  if (outcome === undefined) {
    return doing === 'waiting' ? colours.dim('·') : colours.cyan(frame);
  }
  return outcome === 'deleted' ? colours.green('✔') : colours.red('✖');
}

function stackWords({ outcome, doing }: StackRow, colours: Colours): string {
  if (outcome === undefined) {
    return colours.dim(doing);
  }
  return outcome === 'deleted' ? colours.green(doing) : colours.red(doing);
}

function rowLine({ resource, found, removed, left, working }: ResourceRow, columns: number, colours: Colours): string {
  const inside = contentWords(found);
  const gone = removedWords(removed);
  const parts = [
    inside === '' ? '' : `found ${inside}`,
    gone === '' ? '' : `removed ${gone}`,
    left.length > 0 ? `left ${left.join('; ')}` : '',
    working ? `${STAGE_VERBS[working.stage]}${doneOf(working)}` : '',
  ].filter((part) => part !== '');
  const name = `${resource.type} ${resource.physicalId}`;
  const text = clip(oneLine(`${name}: ${parts.join(' · ') || 'nothing in it'}`), columns - 5);
  const rest = text.slice(name.length);
  const paint = left.length > 0 ? colours.red : working ? colours.cyan : gone === '' ? colours.dim : colours.green;
  return `    ${text.slice(0, name.length)}${paint(rest)}`;
}

const STAGE_VERBS = {
  quiesce: 'quieting',
  seal: 'sealing',
  drain: 'draining',
  verify: 'verifying',
  logStreams: 'removing log streams',
} as const;

function doneOf({ done, total }: { readonly done?: number; readonly total?: number }): string {
  return done === undefined
    ? ''
    : ` ${done.toLocaleString('en-US')}${total === undefined ? '' : ` of ${total.toLocaleString('en-US')}`}`;
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(length - 1, 1))}…`;
}
