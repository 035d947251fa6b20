import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { payloadFaults } from '#test/slack/markup.ts';
import { eventFile } from './fixture.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/preview.ts', import.meta.url));
const EVENTS = fileURLToPath(new URL('../../events/', import.meta.url));

// Each case starts a process.
jest.setTimeout(30_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clean-exit-preview-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as people do, where no browser is. */
function preview(args: readonly string[], browser = join(folder, 'no-browser')): Promise<Outcome> {
  const env = { ...process.env, CHROMIUM_PATH: browser };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [SCRIPT, ...args], { env }, (_, stdout, stderr) => {
      resolve({ exit: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

async function previewOf(content: string, ...args: string[]): Promise<Outcome> {
  const file = join(folder, `${crypto.randomUUID()}.json`);
  await writeFile(file, content);
  return preview([file, ...args]);
}

const oneSentence = /^[^\n]+\.\n$/;

it('prints the payload and nothing else', async () => {
  const { exit, stdout, stderr } = await preview([join(EVENTS, 'codebuild-failed.json')]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  const payload: unknown = JSON.parse(stdout);
  expect(payloadFaults(payload)).toEqual([]);
  expect(payload).toMatchObject({ text: expect.stringContaining('xxxx #8: build failed') });
});

it('in Japanese, as text, as a page', async () => {
  const page = join(folder, 'page.html');
  const args = ['--language', 'ja', '--text', '--html', page];
  const { exit, stdout } = await preview([join(EVENTS, 'codebuild-failed.json'), ...args]);
  expect(exit).toBe(0);
  expect(stdout).toContain('❌ xxxx #8: ビルドが失敗しました\n');
  expect(stdout).not.toContain('\u001b');
  expect(await readFile(page, 'utf8')).toContain('ビルドが失敗しました');
});

it('says so where there is no browser for a picture', async () => {
  const { exit, stderr } = await preview([join(EVENTS, 'codebuild-failed.json'), '--png', join(folder, 'none.png')]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: expect.stringMatching(/No picture: .*CHROMIUM_PATH/) });
});

it('says so where the browser does not start', async () => {
  const broken = join(folder, 'broken-browser');
  await writeFile(broken, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const args = [join(EVENTS, 'codebuild-failed.json'), '--png', join(folder, 'none.png')];
  const { exit, stderr } = await preview(args, broken);
  expect({ exit, stderr }).toEqual({
    exit: 0,
    stderr: expect.stringMatching(/^No picture: .* does not start; [^\n]+\n$/),
  });
});

it('null and the reason for an event that gives no notice', async () => {
  const phaseChange = await preview([join(EVENTS, 'codebuild-phase-change.json')]);
  expect(phaseChange).toEqual({ exit: 0, stdout: 'null\n', stderr: expect.stringMatching(/Phase Change/) });
  const other = await previewOf(JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created', detail: {} }));
  expect(other).toEqual({ exit: 0, stdout: 'null\n', stderr: expect.stringMatching(oneSentence) });
});

describe('a teardown', () => {
  const told = (name: string) => join(EVENTS, `teardown-${name}.json`);

  it.each([
    ['begun', '2 stacks: deletion has begun'],
    ['deleted', '2 stacks: deleted'],
    ['failed', 'xxxx-build: could not be deleted'],
    ['refused', 'xxxx-build: deletion refused, nothing was removed'],
  ])('as the state machine tells it: %s', async (name, headline) => {
    const { exit, stdout, stderr } = await preview([told(name)]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const payload: unknown = JSON.parse(stdout);
    expect(payloadFaults(payload)).toEqual([]);
    expect(payload).toMatchObject({ text: expect.stringContaining(headline) });
  });

  it('from its report alone, in Japanese', async () => {
    const { report } = JSON.parse(await readFile(told('failed'), 'utf8')).told;
    const { exit, stdout } = await previewOf(JSON.stringify(report), '--language', 'ja', '--text');
    expect([exit, stdout.split('\n')[0]]).toEqual([0, '❌ xxxx-build: 削除できませんでした']);
  });

  it.each([
    ['that cannot be read', { stacks: 'none' }, /stacks/],
    ['of a plan', { outcome: 'planned' }, /the report of a plan/],
  ])('exit code 2 for a report %s', async (_, change, words) => {
    const { report } = JSON.parse(await readFile(told('failed'), 'utf8')).told;
    const outcome = await previewOf(JSON.stringify({ ...report, ...change }));
    expect(outcome).toEqual({ exit: 2, stdout: '', stderr: expect.stringMatching(oneSentence) });
    expect(outcome.stderr).toMatch(words);
  });
});

describe('exit code 2 and one sentence', () => {
  const event = eventFile('failed');
  it.each([
    ['no JSON', 'build failed'],
    ['no event', '{}'],
    ['a list', JSON.stringify([event])],
    ['an SNS wrapper', JSON.stringify({ Type: 'Notification', Message: JSON.stringify(event) })],
    ['SQS records', JSON.stringify({ Records: [{ body: JSON.stringify(event) }] })],
    ['a notification rule', JSON.stringify({ ...event, notificationRuleArn: 'arn' })],
  ])('for %s', async (_, content) => {
    expect(await previewOf(content)).toEqual({ exit: 2, stdout: '', stderr: expect.stringMatching(oneSentence) });
  });

  it.each([
    ['no file', []],
    ['two files', ['a.json', 'b.json']],
    ['a file that is not there', ['nowhere.json']],
    ['an unknown option', ['a.json', '--colour']],
    ['an unknown language', ['a.json', '--language', 'fr']],
  ])('for %s', async (_, args) => {
    const { exit, stdout, stderr } = await preview(args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(stderr).not.toMatch(/\bat .*\.ts:/);
  });
});
