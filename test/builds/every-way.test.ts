/** Every end of a build by every transport in every language: all that Slack is sent from its beginning to its end. */
import { expect, it } from '@jest/globals';
import { LANGUAGES } from '#functions/schemas/build-notice-config.ts';
import type { Step } from '#scripts/lib/conversation-folder.ts';
import { play, TRANSPORTS } from '#scripts/lib/conversation-play.ts';
import { payloadFaults } from '#test/slack/markup.ts';
import { changed, type Json } from './fixture.ts';

const ENDS = ['succeeded', 'failed', 'stopped', 'timed-out', 'fault', 'unknown-status', 'lost'] as const;
const ARN = 'arn:aws:codebuild:ap-northeast-1:123456789012:build/xxxx:0f9c7c4e-6c1b-4f3e-9a53-2b1f8f0b7d11';
/** Later than any of the events: nobody told the end. */
const MUCH_LATER = Date.parse('2026-11-09T06:00:00Z');

const LOG = ['Collecting modelkit==9.9', 'ERROR: No matching distribution found for modelkit==9.9', 'exit status 1'];
const AUTHOR = { COMMIT_AUTHOR: 'Hanako', COMMIT_AUTHOR_EMAIL: 'hanako@example.com', BRANCH_NAME: 'main' };

const step = (file: string, more: Partial<Step>): Step => ({
  file,
  json: undefined,
  watchAt: undefined,
  log: undefined,
  image: undefined,
  builds: [],
  ...more,
});

function event(name: string, detail: Json = {}): Json {
  const exported = Object.entries(AUTHOR).map(([key, value]) => ({ name: key, value }));
  const info = { 'source-version': 'main', 'exported-environment-variables': exported };
  return changed(name, { envelope: { resources: [ARN] }, detail: { 'build-id': ARN, ...detail }, info });
}

it.each(
  ENDS.flatMap((end) =>
    TRANSPORTS.flatMap((transport) => LANGUAGES.map((language) => [end, transport, language] as const)),
  ),
)('%s, by %s, in %s', async (end, transport, language) => {
  const ending = end === 'lost' ? step('watch', { watchAt: MUCH_LATER }) : step(end, { json: event(end), log: LOG });
  const story = {
    name: end,
    mention: 'author' as const,
    people: { 'hanako@example.com': { id: 'U0HANAKO0', name: 'Hanako' } },
    steps: [step('begin', { json: event('in-progress') }), ending],
  };
  const sent = (await play(story, language, transport)).steps.flatMap((each) => each.sent);
  expect(sent.flatMap(({ payload }) => payloadFaults(payload, undefined, ['U0HANAKO0']))).toEqual([]);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent).toMatchSnapshot();
});
