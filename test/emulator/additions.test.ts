import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Scenario } from '#test/emulator/scenario.ts';

const ROOT = join(import.meta.dirname, '../..');

function launch(...flags: string[]) {
  const env = { PATH: process.env.PATH ?? '', CLEAN_EXIT_EMULATOR_OFF: process.env.CLEAN_EXIT_EMULATOR_OFF ?? '' };
  return (off = '') =>
    spawnSync(join(ROOT, '.venv/emulator/bin/python'), [join(ROOT, 'emulator/launch.py'), ...flags], {
      encoding: 'utf8',
      env: { ...env, CLEAN_EXIT_EMULATOR_OFF: off },
    });
}

const additions = launch('--list')()
  .stdout.trim()
  .split('\n')
  .map((line) => {
    const [name = '', summary = '', documentation = ''] = line.split('\t');
    return { name, summary, documentation };
  });

async function scenarios(): Promise<Scenario[]> {
  const directory = join(import.meta.dirname, 'scenarios');
  const modules: object[] = await Promise.all(readdirSync(directory).map((file) => import(join(directory, file))));
  return modules.flatMap((module) => Object.values(module).filter(Array.isArray)).flat();
}

describe('the additions', () => {
  test('are all in the README, with what they do and where AWS says so', () => {
    const readme = readFileSync(join(ROOT, 'emulator/README.md'), 'utf8');
    const table = readme.split('\n').filter((line) => line.startsWith('| [`'));
    expect(table).toEqual(
      additions.map(({ name, summary, documentation }) => `| [\`${name}\`](${documentation}) | ${summary} |`),
    );
  });

  test('all have a scenario, and every scenario has an addition', async () => {
    const used = new Set((await scenarios()).map((scenario) => scenario.addition));
    used.delete(null);
    expect([...used].sort()).toEqual(additions.map((addition) => addition.name).sort());
  });

  test('that do not exist cannot be switched off', () => {
    const refused = launch()('call-log,nonsense');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('CLEAN_EXIT_EMULATOR_OFF names nonsense, which is no addition; the additions are');
  });

  test('are refused when a function that they replace has another source than was read', () => {
    const hashes = join(mkdtempSync(join(tmpdir(), 'hashes-')), 'hashes.json');
    const recorded = JSON.parse(readFileSync(join(ROOT, 'emulator/hashes.json'), 'utf8'));
    const changed = 'ministack.services.cloudformation.stacks._add_event';
    recorded.functions[changed] = '0'.repeat(64);
    writeFileSync(hashes, JSON.stringify(recorded));
    const check = `import additions, pathlib, seam; seam.HASHES = pathlib.Path(${JSON.stringify(hashes)})
seam.require_recorded_source(additions.ALL)`;
    const refused = spawnSync(join(ROOT, '.venv/emulator/bin/python'), ['-c', check], {
      encoding: 'utf8',
      cwd: join(ROOT, 'emulator'),
    });
    rmSync(join(hashes, '..'), { recursive: true });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain(`SourceChanged: ${changed} is not the function that was replaced`);
    expect(refused.stderr).toContain('launch.py --record-hashes');
  });
});
