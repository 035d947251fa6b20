import { describe, expect, it } from '@jest/globals';
import { noticeOf } from '#functions/builds/notice.ts';
import { LANGUAGES, type Language } from '#functions/schemas/build-notice-config.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { HOSTILE } from '#test/slack/hostile.ts';
import { payloadFaults } from '#test/slack/markup.ts';
import { buildOf, changed, eventFile, exported } from './fixture.ts';

const payload = (event: unknown, language: Language = 'en') => payloadOf(noticeOf(buildOf(event), { language }));

const STATES = [
  'in-progress',
  'succeeded',
  'failed',
  'stopped',
  'timed-out',
  'fault',
  'unknown-status',
  'minimal',
] as const;

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(STATES)('%s, the whole payload', (state) => {
    const made = payload(eventFile(state), language);
    expect(payloadFaults(made)).toEqual([]);
    expect(made).toMatchSnapshot();
  });

  it('every state has words of its own', () => {
    const headlines = STATES.filter((state) => state !== 'minimal').map(
      (state) => payload(eventFile(state), language).text.split('\n')[0],
    );
    expect(new Set(headlines).size).toBe(headlines.length);
  });

  it('hours, minutes and seconds', () => {
    const lasting = (time: string) =>
      payload(
        changed('minimal', { info: { 'build-start-time': '2026-11-09T00:00:00Z' }, envelope: { time } }),
        language,
      ).text;
    expect([
      lasting('2026-11-09T00:00:00Z'),
      lasting('2026-11-09T00:01:05Z'),
      lasting('2026-11-09T08:00:59Z'),
    ]).toMatchSnapshot();
  });
});

describe('odd builds, the whole payload', () => {
  it('one that tells nothing but that it ended', () => {
    const event = {
      source: 'aws.codebuild',
      'detail-type': 'CodeBuild Build State Change',
      detail: { 'build-status': 'FAILED' },
    };
    expect(payload(event)).toMatchSnapshot();
    expect(payload(event, 'ja')).toMatchSnapshot();
  });

  it('one where everything is long', () => {
    const long = (text: string) => text.repeat(2_000);
    const event = changed('failed', {
      detail: { 'project-name': long('p') },
      info: {
        ...exported({ BRANCH_NAME: long('b/'), COMMIT_SUBJECT: long('主題'), COMMIT_AUTHOR: long('a') }),
        'source-version': '3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b',
        initiator: long('i'),
        phases: [
          { 'phase-type': 'BUILD', 'phase-status': 'FAILED', 'phase-context': [`LONG_REASON: ${long('why ')}`] },
        ],
        logs: { 'group-name': long('g/'), 'stream-name': 's' },
      },
    });
    const made = payload(event);
    expect(payloadFaults(made)).toEqual([]);
    expect(made).toMatchSnapshot();
  });

  it('one where everything is hostile', () => {
    const [mention = '', user = '', foreign = '', , , pipes = '', marks = '', lines = '', colours = ''] = HOSTILE;
    const event = changed('failed', {
      detail: { 'build-status': mention, 'project-name': foreign },
      info: {
        ...exported({ BRANCH_NAME: user, COMMIT_SUBJECT: marks, COMMIT_AUTHOR: pipes, IMAGE_URI: foreign }),
        initiator: colours,
        phases: [{ 'phase-type': mention, 'phase-status': 'FAILED', 'phase-context': [`HOSTILE: ${lines}`] }],
        logs: { 'group-name': foreign, 'stream-name': mention },
      },
    });
    const made = payload(event);
    expect(payloadFaults(made)).toEqual([]);
    expect(made).toMatchSnapshot();
  });
});
