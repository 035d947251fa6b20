import xterm from '@xterm/headless';
import type { Cast } from './cast.ts';

/** What a terminal shows from a moment on: for each row its runs of equal looks. */
interface Frame {
  readonly seconds: number;
  readonly rows: readonly string[];
}

/** Seconds that the last frame stays before the picture begins anew. */
const LAST_SECONDS = 6;
/** Changes that follow each other faster are one frame: nobody sees them, and each costs bytes. */
const SHORTEST_SECONDS = 0.12;

const CELL = { width: 8.4, height: 18 };
const MARGIN = 14;
const BACKGROUND = '#0d1117';
const FOREGROUND = '#e6edf3';
/** The eight colours of a terminal, and their bright ones. */
const PALETTE = [
  ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
  ...['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'],
];

/**
 * A recording as one animated SVG: a film strip of frames that is moved by a CSS animation, so that it also plays inside an
 * `<img>`. Rows that stand in several frames are there once. Whoever prefers no motion sees the last frame.
 */
export async function svgOf(cast: Cast): Promise<string> {
  const frames = await framesOf(cast);
  const width = Math.ceil(cast.columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(cast.rows * CELL.height + 2 * MARGIN);
  const total = (frames.at(-1)?.seconds ?? 0) + LAST_SECONDS;
  const ids = new Map<string, string>();
  const strip = frames.map(({ rows }, at) => {
    const uses = rows.flatMap((row, line) => (row === '' ? [] : [use(row, line, ids)]));
    return `<g transform="translate(${at * width} 0)">${uses.join('')}</g>`;
  });
  const symbols = [...ids].map(([row, id]) => `<g id="${id}">${row}</g>`);
  const steps = frames.map(
    ({ seconds }, at) => `${((seconds / total) * 100).toFixed(3)}%{transform:translateX(${-at * width}px)}`,
  );
  const last = `transform:translateX(${-(frames.length - 1) * width}px)`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(cast.title)}</title>`,
    '<style>',
    `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${FOREGROUND};white-space:pre}`,
    `.b{font-weight:bold}.d{opacity:.6}${PALETTE.map((colour, at) => `.c${at}{fill:${colour}}`).join('')}`,
    `#film{${last};animation:film ${total.toFixed(2)}s steps(1,end) infinite}`,
    `@keyframes film{${steps.join('')}100%{${last}}}`,
    '@media (prefers-reduced-motion:reduce){#film{animation:none}}',
    '</style>',
    `<defs>${symbols.join('')}</defs>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<svg width="${width}" height="${height}"><g id="film">${strip.join('')}</g></svg>`,
    '</svg>\n',
  ].join('\n');
}

function use(row: string, line: number, ids: Map<string, string>): string {
  const id = ids.get(row) ?? `r${ids.size}`;
  ids.set(row, id);
  return `<use href="#${id}" y="${(MARGIN + line * CELL.height).toFixed(0)}"/>`;
}

/** Plays the recording in a terminal and looks at it whenever it has changed. */
async function framesOf({ columns, rows, outputs }: Cast): Promise<readonly Frame[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  const frames: Frame[] = [];
  for (const [at, [seconds, text]] of outputs.entries()) {
    await new Promise<void>((resolve) => terminal.write(text, resolve));
    const next = outputs[at + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    if (next - seconds < SHORTEST_SECONDS && seconds - (frames.at(-1)?.seconds ?? 0) < SHORTEST_SECONDS) {
      continue;
    }
    const shown = Array.from({ length: rows }, (_, line) => rowOf(terminal, line, columns));
    const before = frames.at(-1);
    if (before === undefined || shown.some((row, line) => row !== before.rows[line])) {
      frames.push({ seconds, rows: shown });
    }
  }
  return frames;
}

/** One row as SVG text, run by run; empty where nothing stands in it. */
function rowOf(terminal: InstanceType<typeof xterm.Terminal>, line: number, columns: number): string {
  const row = terminal.buffer.active.getLine(terminal.buffer.active.baseY + line);
  const runs: { start: number; style: string; text: string }[] = [];
  for (let column = 0; row !== undefined && column < columns; column += 1) {
    const cell = row.getCell(column);
    const text = cell?.getChars() || ' ';
    const style = [
      cell?.isBold() ? 'b' : '',
      cell?.isDim() ? 'd' : '',
      cell?.isFgPalette() && cell.getFgColor() < PALETTE.length ? `c${cell.getFgColor()}` : '',
    ]
      .filter((name) => name !== '')
      .join(' ');
    const run = runs.at(-1);
    if (run && run.style === style) {
      run.text += text;
    } else {
      runs.push({ start: column, style, text });
    }
  }
  return runs
    .map((run) => ({ ...run, text: run.text.trimEnd() }))
    .filter(({ text }) => text !== '')
    .map(({ start, style, text }) => {
      // Leading blanks become a place, and a length: fonts of other widths must not move the columns.
      const blanks = text.length - text.trimStart().length;
      const words = text.slice(blanks);
      const x = (MARGIN + (start + blanks) * CELL.width).toFixed(1);
      const length = ([...words].length * CELL.width).toFixed(1);
      const looks = style === '' ? '' : ` class="${style}"`;
      return `<text x="${x}" y="13" textLength="${length}"${looks}>${escaped(words)}</text>`;
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
