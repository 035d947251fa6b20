import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Environment, EXAMPLE, type Outcome, Sandbox } from './sandbox.ts';

// The job runs in its container; here the Python of this machine stands in for it, where there is one.
const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim();
const withPython = python ? describe : describe.skip;

const SALES = { INPUT: 'data/sales.csv', GROUP_BY: 'store', SUM: 'amount' };

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = new Sandbox();
});
afterAll(() => sandbox.remove());

function runJob(settings: Environment): Outcome {
  return sandbox.run(python, ['job/summary.py'], { PYTHONDONTWRITEBYTECODE: '1', ...settings });
}

function table(content: string): string {
  const file = sandbox.path('table.csv');
  writeFileSync(file, content);
  return file;
}

withPython('the job', () => {
  it('adds up the example, the largest group first', () => {
    expect(runJob(SALES)).toEqual({
      status: 0,
      stdout: 'store,amount\nShibuya,49950\nUmeda,22300\nSapporo,9450\n',
      stderr: '',
    });
  });

  it('runs with the example of its settings', () => {
    const lines = readFileSync(join(EXAMPLE, 'cron/prod.env.example'), 'utf8').split('\n');
    const settings = lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    expect(runJob(Object.fromEntries(settings)).status).toBe(0);
  });

  it('shows as many groups as it is told', () => {
    expect(runJob({ ...SALES, TOP: '1' }).stdout).toBe('store,amount\nShibuya,49950\n');
  });

  it('adds decimals exactly, and reads names with commas and a byte order mark', () => {
    const INPUT = table('\uFEFFstore,amount\n"A, B",0.1\n"A, B",0.2\n');
    expect(runJob({ ...SALES, INPUT }).stdout).toBe('store,amount\n"A, B",0.3\n');
  });

  it.each([
    ['every missing setting at once', {}, /INPUT is missing.*GROUP_BY is missing.*SUM is missing/s],
    ['a bad number', { ...SALES, TOP: 'ten' }, /TOP is 'ten': use a whole number/],
    ['an address without encryption', { ...SALES, INPUT: 'http://example.com/a.csv' }, /INPUT is an http address/],
    [
      'a result that would go out in the clear',
      { ...SALES, RESULT_URL: 'http://example.com' },
      /RESULT_URL is not an https/,
    ],
    ['a column that is not there', { ...SALES, SUM: 'price' }, /no column price; it has date, store, amount/],
  ])('names %s', (_what, settings, message) => {
    const { status, stderr } = runJob(settings);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.each([
    ['no table', () => 'data/none.csv', /cannot read INPUT data\/none\.csv/],
    [
      'something that is no number',
      () => table('store,amount\nA,1\nB,many\n'),
      /line 3: amount is 'many', which is not a number/,
    ],
    ['a row that is too short', () => table('store,amount\nA\n'), /line 2: amount is None/],
  ])('says what is wrong with its input: %s', (_what, input, message) => {
    const { status, stderr } = runJob({ ...SALES, INPUT: input() });
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });
});

it('the image gets what the Dockerfile copies, and nothing else', () => {
  const dockerfile = readFileSync(join(EXAMPLE, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (\S+) /gm)].map(([, source]) => `!${source}`);
  const kept = readFileSync(join(EXAMPLE, '.dockerignore'), 'utf8').split('\n');
  expect(kept).toContain('*');
  expect(kept.filter((line) => line.startsWith('!'))).toEqual(copied);
  expect(dockerfile).toMatch(/^FROM \S+:\d+\.\d+\.\d+\S*$/m);
});
