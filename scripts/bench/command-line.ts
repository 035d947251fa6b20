/** Size of the bundled command line, and how long it takes to say something. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../lib/sam.ts';
import { median } from './median.ts';

const RUNS = 11;

/** What `clean-exit --help` may take, in milliseconds, Node's own start included. */
export const HELP_GOAL_MS = 150;

export interface CommandLineResult {
  /** What every command reads. */
  readonly entryBytes: number;
  /** With everything that any command reads. */
  readonly bytes: number;
  /** Medians, in milliseconds, from the start of the process to its end. */
  readonly helpMs: number;
  /** Of a Node that does nothing, on the same machine at the same time. */
  readonly nodeMs: number;
}

export async function measureCommandLine(): Promise<CommandLineResult> {
  const folder = await mkdtemp(join(tmpdir(), 'clean-exit-cli-'));
  try {
    run([join(ROOT, 'scripts', 'build-cli.mjs'), '--outdir', folder]);
    const entry = join(folder, 'clean-exit.mjs');
    const chunks = await readdir(join(folder, 'chunks'));
    const sizes = await Promise.all(chunks.map(async (name) => (await stat(join(folder, 'chunks', name))).size));
    const entryBytes = (await stat(entry)).size;
    const times = { help: [] as number[], node: [] as number[] };
    for (let round = 0; round <= RUNS; round += 1) {
      const pair = { help: run([entry, '--help']), node: run(['--eval', '0']) };
      // The first round fills the file cache.
      if (round > 0) {
        times.help.push(pair.help);
        times.node.push(pair.node);
      }
    }
    const bytes = sizes.reduce((sum, size) => sum + size, entryBytes);
    return { entryBytes, bytes, helpMs: median(times.help), nodeMs: median(times.node) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns how long it took, in milliseconds */
function run(words: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`node ${words.join(' ')} failed: ${stderr}`);
  }
  return performance.now() - started;
}
