/** The commands of the checkout, called wrongly or asked how: one line and no stack, before anything is started. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts');
const TIMEOUT = 30_000;

function run(script: string, ...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(SCRIPTS, script), ...args], (_, stdout, stderr) => {
      resolve({ exit: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('a word that the command does not know: exit code 2, one line that names it', () => {
  it.each([
    ['demo.ts', ['--image', '3'], '--image'],
    ['demo.ts', ['now'], 'now'],
    ['demo.ts', ['--images', '0'], '--images 0'],
    ['demo.ts', ['--images', 'many'], '--images many'],
    ['bench.ts', ['--jsno'], '--jsno'],
    ['preview.ts', ['a.json', '--langage', 'ja'], '--langage'],
    ['test.ts', ['units'], 'units'],
    ['setup.mjs', ['--nodeonly'], '--nodeonly'],
    ['build-cli.mjs', ['--outfolder', 'x'], '--outfolder'],
    ['build-cli.mjs', ['--outdir'], '--outdir'],
    ['record.ts', ['--cast', 'x'], '--cast'],
  ])(
    '%s %j',
    async (script, args, word) => {
      const { exit, stdout, stderr } = await run(script, ...args);
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
      expect(stderr).toContain(word);
      expect(stderr).toMatch(/^[^\n]*usage: [^\n]+\n$/);
    },
    TIMEOUT,
  );
});

describe('--help: exit code 0, on stdout', () => {
  it.each(['demo.ts', 'bench.ts', 'preview.ts', 'setup.mjs', 'aws.ts', 'record.ts'])(
    '%s',
    async (script) => {
      const { exit, stdout, stderr } = await run(script, '--help');
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      expect(stdout).toMatch(/^usage: /);
    },
    TIMEOUT,
  );
});

it(
  'a page that cannot be written is one sentence',
  async () => {
    const event = join(SCRIPTS, '..', 'events', 'codebuild-failed.json');
    const { exit, stderr } = await run('preview.ts', event, '--html', join(SCRIPTS, 'nowhere', 'page.html'));
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^[^\n]+page\.html cannot be written: [^\n]+\.\n$/);
  },
  TIMEOUT,
);
