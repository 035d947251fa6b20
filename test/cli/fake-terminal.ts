import picocolors from 'picocolors';
import type { Terminal } from '../../cli/terminal.ts';

export interface TerminalScript {
  /** Does a person look at stdout and stderr, and can answer? */
  readonly watched?: boolean;
  /** What is typed, question by question: a text, `end` of the input, or a Ctrl-C. */
  readonly types?: readonly (string | undefined | Error)[];
  readonly columns?: number;
  readonly rows?: number;
}

/** Keeps what is written, and answers from a script; a question that the script does not know fails the test. */
export class FakeTerminal implements Terminal {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly questions: string[] = [];
  /** What the live area showed, drawing by drawing. */
  readonly drawn: string[] = [];
  readonly spun: string[] = [];
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly outColours = picocolors.createColors(false);
  readonly errColours = picocolors.createColors(false);
  readonly #answers: (string | undefined | Error)[];

  constructor({ watched = false, types = [], columns = 120, rows = 40 }: TerminalScript = {}) {
    this.outIsTerminal = watched;
    this.errIsTerminal = watched;
    this.interactive = watched;
    this.columns = columns;
    this.rows = rows;
    this.#answers = [...types];
  }

  out = (text: string): void => {
    this.stdout.push(...text.split('\n'));
  };

  err = (text: string): void => {
    this.stderr.push(...text.split('\n'));
  };

  async live() {
    return { draw: (text: string) => void this.drawn.push(text), end: () => {} };
  }

  async spinner(title: string) {
    this.spun.push(title);
    return { stop: () => {} };
  }

  async ask(question: string): Promise<string | undefined> {
    this.questions.push(question);
    if (this.#answers.length === 0) {
      throw new Error(`nobody answers: ${question}`);
    }
    const answer = this.#answers.shift();
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  }
}
