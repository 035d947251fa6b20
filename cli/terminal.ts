import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Lines that are drawn again and again in one place. */
export interface LiveArea {
  draw(text: string): void;
  /** Leaves what was drawn last, and gives the cursor back. */
  end(): void;
}

/** Where the command line speaks and listens. stdout carries the result, stderr everything else. */
export interface Terminal {
  /** The result, a line break is added. */
  out(text: string): void;
  /** Progress, questions and errors, a line break is added. */
  err(text: string): void;
  /** Does a person look at stdout, at stderr? Then tables and live lines; plain lines otherwise. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Can a person be asked? */
  readonly interactive: boolean;
  /** Width and height of what a person sees, in characters. */
  readonly columns: number;
  readonly rows: number;
  readonly outColours: Colours;
  readonly errColours: Colours;
  /** Only where stderr is a terminal. */
  live(): Promise<LiveArea>;
  /** Only where stderr is a terminal: turns until it is stopped, and leaves nothing. */
  spinner(title: string): Promise<{ stop(): void }>;
  /**
   * Asks one question.
   *
   * @returns what was typed; undefined where the input ended
   * @throws Interrupted on Ctrl-C
   */
  ask(question: string): Promise<string | undefined>;
}

/** What of a process the terminal is made from. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where nobody tells the width. */
const USUAL_COLUMNS = 100;
const USUAL_ROWS = 24;

export function terminalOf({ stdin, stdout, stderr, env }: Streams): Terminal {
  // A dumb terminal knows no cursor; https://no-color.org: present and not empty.
  const dumb = env['TERM'] === 'dumb';
  const colourless = (env['NO_COLOR'] ?? '') !== '' || dumb;
  const outIsTerminal = stdout.isTTY === true && !dumb;
  const errIsTerminal = stderr.isTTY === true && !dumb;
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    outIsTerminal,
    errIsTerminal,
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    get columns() {
      return stdout.columns || stderr.columns || USUAL_COLUMNS;
    },
    get rows() {
      return stderr.rows || USUAL_ROWS;
    },
    outColours: picocolors.createColors(outIsTerminal && !colourless),
    errColours: picocolors.createColors(errIsTerminal && !colourless),
    async live() {
      const { createLogUpdate } = await import('log-update');
      const area = createLogUpdate(stderr);
      return { draw: (text) => area(text), end: () => area.done() };
    },
    async spinner(title) {
      const { default: ora } = await import('ora');
      const spinner = ora({
        text: title,
        stream: stderr,
        discardStdin: false,
        color: colourless ? false : 'cyan',
      }).start();
      return { stop: () => void spinner.stop() };
    },
    async ask(question) {
      const { ask } = await import('./ask.ts');
      return ask(question, { input: stdin, output: stderr, colour: !colourless });
    },
  };
}
