/** A routes document from a file into force: by the bundled command line, and by the deployed service that reads it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cleanExit } from './support/command-line.ts';
import { BY_BOT, inNoticeAccount, ROUTES_PARAMETER } from './support/notices.ts';

/** The stand-in has no channel of this name: what is told at all is told by a route. */
const notices = inNoticeAccount(['reports'], { ...BY_BOT, SlackChannel: 'C0ELSEWHERE', SlackWebhookParameter: '' });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clean-exit-routes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function routes(verb: 'check' | 'set', document: object, ...words: readonly string[]) {
  const file = join(folder, 'routes.json');
  await writeFile(file, JSON.stringify(document));
  return cleanExit(['routes', verb, file, ...words], { as: notices().account.root });
}

const toOthers = (mode: string) => ({
  version: 1,
  routes: [{ project: 'rep*', transport: 'bot', channel: 'C0BUILDS', mode }],
});

test('routes set: the service tells the next build where the document says, and the doctor finds it well', async () => {
  const first = await routes('set', toOthers('all'), '--yes');
  expect(first).toMatchObject({
    exit: 0,
    stdout: `${ROUTES_PARAMETER} has the document as version 1. The service reads it within five minutes.\n`,
  });
  await notices().startAfresh();
  const told = await notices().build('reports', 'SUCCEEDED');
  await notices().told(told);
  const about = notices().account.slack.messages.filter(({ message }) => message.text?.includes(`${told.subject}:`));
  expect(about).toMatchObject([{ channel: 'C0BUILDS' }]);

  const second = await routes('set', toOthers('off'), '--yes', '--json');
  expect(JSON.parse(second.stdout)).toMatchObject({
    outcome: 'set',
    parameterVersion: 2,
    removed: ['project rep*, branch *: bot, C0BUILDS, mode all, language en'],
    added: ['project rep*, branch *: bot, C0BUILDS, mode off, language en'],
  });
  await notices().startAfresh();
  const muted = await notices().build('reports');
  await notices().lines('NOTICE_SKIPPED', { build: muted, count: 2 });
  expect(notices().messagesAbout(muted)).toEqual([]);

  const doctor = await cleanExit(['doctor'], { as: notices().account.root });
  expect(doctor.stdout).toMatch(/^ok {6}Slack {8}\/clean-exit\/slack-token can be read/m);
  expect(doctor.stdout).toMatch(/^ok {6}Routes {7}\/clean-exit\/routes has 1 route/m);
});

test('Systems Manager does not answer: the last good routes are in force, and the notice is not held up', async () => {
  await routes('set', toOthers('all'), '--yes');
  await notices().startAfresh();
  await notices().told(await notices().build('reports', 'SUCCEEDED'));
  await notices().startAfresh();
  await notices().account.emulator.setFaults([
    { service: 'ssm', operation: 'GetParameter', delayMs: 60_000, times: 1 },
  ]);
  const began = Date.now();
  const build = await notices().build('reports', 'SUCCEEDED');
  await notices().told(build);
  expect(Date.now() - began).toBeLessThan(40_000);
  const about = notices().account.slack.messages.filter(({ message }) => message.text?.includes(`${build.subject}:`));
  expect(about).toMatchObject([{ channel: 'C0BUILDS' }]);
  expect((await notices().lines('ROUTES_WRONG'))[0]?.fields['faults']).toEqual([
    expect.stringContaining('the document: cannot be read: ssm:GetParameter'),
  ]);
  await notices().account.emulator.setFaults([]);
});

test('a wrong document is told by its fields, and what is in force stays', async () => {
  const { next } = await notices().account.emulator.calls();
  const wrong = { version: 1, routes: [{ transport: 'bot', channel: '#general' }] };
  for (const verb of ['check', 'set'] as const) {
    const { exit, stdout, stderr } = await routes(verb, wrong, ...(verb === 'set' ? ['--yes'] : []));
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('  routes[0].channel: must be the ID of a channel such as C0123456789');
  }
  expect((await notices().account.emulator.calls(next)).calls).toEqual([]);
});
