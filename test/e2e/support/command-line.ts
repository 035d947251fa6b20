import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ClientSettings } from '#scripts/lib/local-account.ts';

/** What `npm run build` makes, and what a user runs. */
const BUNDLE = join(import.meta.dirname, '..', '..', '..', 'dist', 'clean-exit.mjs');

export interface Ran {
  /** undefined where a signal ended it. */
  readonly exit: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  /** Who calls, and where; nobody where absent. */
  readonly as?: ClientSettings | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process once it runs, e.g. to interrupt it. */
  readonly onStart?: (child: ChildProcess, stderr: () => string) => void | Promise<void>;
}

/**
 * Runs the bundled command line in a process of its own: no terminal, no configuration of whoever runs the tests, and AWS
 * where the settings say.
 */
export async function cleanExit(words: readonly string[], { as, env = {}, onStart }: RunSettings = {}): Promise<Ran> {
  const home = await mkdtemp(join(tmpdir(), 'clean-exit-home-'));
  try {
    const child = spawn(process.execPath, [BUNDLE, ...words], {
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        // Credentials come from the environment below or from nowhere.
        AWS_EC2_METADATA_DISABLED: 'true',
        ...(as === undefined ? {} : environmentOf(as)),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const [stdout, exit] = await Promise.all([
      text(child.stdout).catch(() => ''),
      new Promise<number | undefined>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => resolve(code ?? undefined));
      }),
      onStart?.(child, () => said),
    ]);
    return { exit, stdout, stderr: said };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function environmentOf({ endpoint, region, credentials }: ClientSettings): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
  };
}
