import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Something that appeared on the terminal: seconds since the begin, and the text with its control sequences. */
export type Output = readonly [seconds: number, text: string];

/** A recording in asciinema's format. https://docs.asciinema.org/manual/asciicast/v2/ */
export interface Cast {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  readonly outputs: readonly Output[];
}

/** One command of a recording. */
export interface Scene {
  /** As it is shown after the prompt. */
  readonly shown: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What is typed, once the command has written something. */
  readonly answers?: readonly (readonly [written: string, typed: string])[];
  /** How it must end. */
  readonly exit: number;
}

/** A person types about ten keys a second, and reads for a while what a command has shown. */
const KEY_SECONDS = 0.07;
const READ_SECONDS = 2.5;
const PROMPT = '\u001B[32m$\u001B[0m ';
/** Each command begins on an empty screen. */
const CLEAR = '\u001B[2J\u001B[H';

/**
 * Runs commands one after the other in a pseudo-terminal, as a person would at a prompt.
 *
 * @throws Error where a command ends otherwise than it must
 */
export async function record(title: string, columns: number, rows: number, scenes: readonly Scene[]): Promise<Cast> {
  const outputs: Output[] = [];
  let now = 0;
  for (const scene of scenes) {
    outputs.push([now, CLEAR + PROMPT]);
    now += 1;
    for (const key of scene.shown) {
      outputs.push([now, key]);
      now += KEY_SECONDS;
    }
    outputs.push([now + 0.3, '\r\n']);
    now += 0.3;
    const { lines, exit } = await inTerminal(scene, columns, rows);
    if (exit !== scene.exit) {
      throw new Error(
        `${scene.shown} ended with ${exit} instead of ${scene.exit}: ${lines.map(([, text]) => text).join('')}`,
      );
    }
    outputs.push(...lines.map(([seconds, text]): Output => [now + seconds, text]));
    now += lines.at(-1)?.[0] ?? 0;
    outputs.push([now + 0.1, PROMPT]);
    now += READ_SECONDS;
  }
  return { columns, rows, title, outputs: [...outputs, [now, '']] };
}

/** Runs one command in a pseudo-terminal, and types the answers. */
export async function inTerminal(
  { command, env, answers = [] }: Scene,
  columns: number,
  rows: number,
): Promise<{ lines: readonly Output[]; exit: number | null }> {
  const script = join(import.meta.dirname, 'in_terminal.py');
  const child = spawn('python3', [script, String(columns), String(rows), JSON.stringify(answers), ...command], {
    env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines: Output[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line));
  }
  return { lines, exit: await ended };
}

/** The text of a `.cast` file. */
export function castText({ columns, rows, title, outputs }: Cast): string {
  const head = { version: 2, width: columns, height: rows, title, env: { TERM: 'xterm-256color' } };
  const lines = outputs.map(([seconds, text]) => JSON.stringify([Number(seconds.toFixed(3)), 'o', text]));
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`;
}
