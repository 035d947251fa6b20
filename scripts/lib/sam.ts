import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Lines of a failed command's output that its error carries. */
const TAIL_LINES = 25;

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Everything the command prints is added to this file. */
  readonly logFile: string;
}

/**
 * Runs the SAM CLI of the checkout, from the checkout, with Node 24 and esbuild of the checkout on PATH.
 *
 * @throws SamFailure with the command and the end of its output where it fails
 */
export async function sam(args: readonly string[], { env, logFile }: CommandOptions): Promise<void> {
  const command = join(ROOT, '.venv', 'sam', 'bin', 'sam');
  const path = [join(ROOT, 'node_modules', '.bin'), join(ROOT, '.venv', 'sam', 'bin'), process.env['PATH']].join(':');
  const child = spawn(command, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      SAM_CLI_TELEMETRY: '0',
      // What the SAM CLI remembers stays in the checkout, not in the home directory.
      __SAM_CLI_APP_DIR: join(ROOT, '.clean-exit', 'sam'),
      PYTHONWARNINGS: 'ignore',
      ...env,
      PATH: path,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await appendFile(logFile, `$ sam ${args.join(' ')}\n${output}\n`);
  if (code !== 0) {
    const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    throw new SamFailure(`sam ${args.join(' ')} failed (exit code ${code}):\n${tail}`);
  }
}

/** A command of the SAM CLI that failed, with the end of what it said. */
export class SamFailure extends Error {}

/** Parameters as the SAM CLI takes them. */
export function overrides(parameters: Readonly<Record<string, string>>): readonly string[] {
  const pairs = Object.entries(parameters).map(([name, value]) => `ParameterKey=${name},ParameterValue=${value}`);
  return pairs.length > 0 ? ['--parameter-overrides', ...pairs] : [];
}
