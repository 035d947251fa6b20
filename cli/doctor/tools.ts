import { execFile } from 'node:child_process';
import type { Check, Verdict } from './check.ts';

/** The oldest Node that the command line and the build run on. */
const OLDEST_NODE = 20;

/** A tool that hangs tells nothing. */
const PATIENCE_MS = 10_000;

export function nodeCheck(version: string): Check {
  const good = Number(version.split('.')[0]) >= OLDEST_NODE;
  return {
    title: 'Node.js',
    look: async () =>
      good
        ? { state: 'ok', words: version }
        : {
            state: 'problem',
            words: `${version} is too old`,
            remedy: `Install Node.js ${OLDEST_NODE} or later from https://nodejs.org.`,
          },
  };
}

/**
 * A program that the README's commands take; the command line itself takes none.
 *
 * @param env where it is looked for (`PATH`)
 */
export function toolCheck(
  title: string,
  command: string,
  what: string,
  env: Readonly<Record<string, string | undefined>>,
): Check {
  return {
    title,
    look: () =>
      new Promise<Verdict>((resolve) => {
        execFile(command, ['--version'], { env, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
          const words = `${stdout}${stderr}`.split('\n')[0]?.trim() ?? '';
          if (error && 'code' in error && error.code === 'ENOENT') {
            resolve({ state: 'note', words: `not on PATH; ${what}` });
          } else if (error) {
            resolve({
              state: 'problem',
              words: `does not run: ${words || error.message.split('\n')[0]}`,
              remedy: `Install it again; ${what}.`,
            });
          } else {
            resolve({ state: 'ok', words });
          }
        });
      }),
  };
}
