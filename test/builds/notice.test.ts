import { describe, expect, it } from '@jest/globals';
import type { BuildState } from '#functions/builds/build-state.ts';
import type { BuildHistory } from '#functions/builds/history.ts';
import { type LogTail, tailOf } from '#functions/builds/log-tail.ts';
import { logNoticeOf, type NoticeContext, noticeOf } from '#functions/builds/notice.ts';
import { maskSecrets } from '#functions/builds/secrets.ts';
import { LANGUAGES, type Language } from '#functions/schemas/build-notice-config.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { HOSTILE } from '#test/slack/hostile.ts';
import { payloadFaults } from '#test/slack/markup.ts';
import { buildOf, changed, eventFile, exported } from './fixture.ts';

const PERSON = 'U012ABCDEF';
const GITHUB_AND_AWS = undefined;
const checked = (payload: unknown) => {
  expect(payloadFaults(payload, GITHUB_AND_AWS, [PERSON])).toEqual([]);
  return payload;
};
const payload = (event: unknown, language: Language = 'en', more: Omit<NoticeContext, 'language'> = {}) =>
  payloadOf(noticeOf(buildOf(event), { language, ...more }));

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

const FINE: BuildHistory = { lastVerdict: 'good', failedInARow: 0, durations: [120, 118, 131] };
const BAD: BuildHistory = {
  lastVerdict: 'bad',
  failedInARow: 2,
  failingSince: '2026-11-08T23:10:00.000Z',
  durations: [120, 118, 131, 200],
};
const AT = '[Container] 2026/11/09 04:13:00.123456';
const TAIL: LogTail = tailOf(
  [
    `${AT} Entering phase BUILD`,
    `${AT} Running command docker build --tag "$IMAGE_URI" .`,
    ...Array.from({ length: 50 }, (_, i) => `#9 ${i}.0 Collecting package-${i} <fast> & \`good\``),
    '#9 51.2 ERROR: No matching distribution found for pandsa==2.2.0',
    'Dockerfile:7',
    '   7 | >>> RUN pip install --no-cache-dir -r requirements.txt',
    '--------------------',
    'ERROR: failed to solve: process "/bin/sh -c pip install" did not complete successfully: exit code: 1',
    `${AT} Phase complete: BUILD State: FAILED`,
  ],
  maskSecrets,
);
const lost = (): BuildState => ({ ...buildOf(eventFile('minimal')), status: 'LOST', rawStatus: '' });

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(STATES)('%s, the whole payload', (state) => {
    expect(checked(payload(eventFile(state), language))).toMatchSnapshot();
  });

  it.each(STATES)('%s of a branch that was broken, with all that may be known', (state) => {
    const context = { language, history: BAD, logTail: TAIL, supersededBy: { number: 99 }, mention: PERSON } as const;
    expect(checked(payload(eventFile(state), language, context))).toMatchSnapshot();
  });

  it('one that broke, over a webhook: everything in one message, with a mention', () => {
    expect(
      checked(payload(eventFile('failed'), language, { history: FINE, logTail: TAIL, mention: PERSON })),
    ).toMatchSnapshot();
  });

  it('one that broke, over a bot: the message and its answer', () => {
    const build = buildOf(eventFile('failed'));
    const context = { language, history: FINE, logTail: TAIL } as const;
    expect(checked(payloadOf(noticeOf(build, { ...context, answered: true })))).toMatchSnapshot();
    expect(checked(payloadOf(logNoticeOf(build, { ...context, mention: PERSON })))).toMatchSnapshot();
  });

  it('one whose end was never heard', () => {
    expect(checked(payloadOf(noticeOf(lost(), { language })))).toMatchSnapshot();
  });

  it('a good one, with everything about its image', () => {
    const build = buildOf(eventFile('succeeded'));
    const image = { uri: 'x', ...build.image, sizeBytes: 98_400_000, pushedAt: '2026-11-07T04:15:50.000Z' };
    expect(checked(payloadOf(noticeOf({ ...build, image }, { language, history: FINE })))).toMatchSnapshot();
  });

  it.each(['gone', 'empty', 'denied', 'slow', 'failed'] as const)('an answer without a log says why: %s', (why) => {
    const build = buildOf(eventFile('failed'));
    const made = payloadOf(logNoticeOf(build, { language, logTail: { kind: 'absent', why } }));
    expect(checked(made)).toMatchObject({
      attachments: [{ blocks: expect.arrayContaining([expect.objectContaining({ type: 'context' })]) }],
    });
    const words = JSON.stringify(made.attachments[0]?.blocks.at(-1));
    expect(words).toMatch(language === 'ja' ? /ログ.*(です|ます|ません|でした|います)"/ : /log/);
  });

  it('every state has words of its own', () => {
    const headlines = STATES.filter((state) => state !== 'minimal').map(
      (state) => payload(eventFile(state), language).text.split('\n')[0],
    );
    headlines.push(payloadOf(noticeOf(lost(), { language })).text.split('\n')[0]);
    expect(new Set(headlines).size).toBe(headlines.length);
  });
});

describe('why and what next', () => {
  it('is told from the log where the event says little', () => {
    expect(payload(eventFile('failed'), 'en', { logTail: TAIL }).text).toContain(
      'pip could not find the Python package pandsa==2.2.0.',
    );
  });

  it('says plainly that a cause is not known, and shows the reason', () => {
    const { text } = payload(eventFile('failed'));
    expect(text).toContain('not one that this notice knows');
    expect(text).toContain('COMMAND_EXECUTION_ERROR: exit status 1');
    expect(text).not.toContain('last lines of the log');
    const logTail = tailOf(['error: wrong total'], maskSecrets);
    expect(payload(eventFile('failed'), 'en', { logTail }).text).toContain(
      'Read the reason and the last lines of the log.',
    );
  });

  it('claims nothing of a state that may be no failure', () => {
    expect(payload(eventFile('unknown-status')).text).not.toContain('What happened');
  });

  it('names who stopped a build where that is known', () => {
    expect(payload(eventFile('stopped'), 'en', { stoppedBy: 'taro' }).text).toContain('taro stopped this build.');
    expect(payload(eventFile('stopped'), 'ja', { stoppedBy: 'taro' }).text).toContain(
      'taro さんがこのビルドを中止しました。',
    );
  });
});

describe('the log', () => {
  it.each(['in-progress', 'succeeded'])('is not shown of a build that did not break: %s', (state) => {
    expect(JSON.stringify(payload(eventFile(state), 'en', { logTail: TAIL }))).not.toContain('Collecting');
  });

  it('stands short beside an answer, whole without one, and its end is never cut', () => {
    const fences = (made: unknown) => JSON.stringify(made).match(/Collecting/g)?.length ?? 0;
    const short = payload(eventFile('failed'), 'en', { logTail: TAIL, answered: true });
    const whole = payload(eventFile('failed'), 'en', { logTail: TAIL });
    expect([fences(short), fences(whole)]).toEqual([7, 36]);
    // What BuildKit shows of the Dockerfile would push the error out of the short one, and out of the text.
    expect(JSON.stringify(short)).not.toContain('Dockerfile:7');
    expect(JSON.stringify(whole.attachments)).toContain('Dockerfile:7');
    expect(whole.text).toMatch(
      /\n#9 51\.2 ERROR: No matching distribution found for pandsa==2\.2\.0\nERROR: failed to solve/,
    );
    for (const made of [short, whole]) {
      expect(JSON.stringify(made.attachments)).toContain('exit code: 1```');
    }
  });

  it('loses its first lines where the message would be too long, and nothing else goes', () => {
    const step = Array.from({ length: 40 }, (_, i) => `${i} ${'<&>'.repeat(65)}`);
    const tail: LogTail = { kind: 'tail', lines: step, step, more: true };
    const made = payload(eventFile('failed'), 'en', { logTail: tail });
    checked(made);
    const json = JSON.stringify(made.attachments);
    expect(json).toContain('39 &lt;');
    expect(json).not.toContain('`0 &lt;');
    expect(json).toContain('*Started by*');
    expect(json).toContain('|Build log>');
  });
});

describe('a mention', () => {
  it('stands beside the headline, where Slack notifies', () => {
    const made = payload(eventFile('failed'), 'en', { mention: PERSON });
    expect(made.blocks[0]).toMatchObject({ text: { text: expect.stringContaining(`<@${PERSON}>`) } });
    expect(made.text.split('\n')[1]).toContain(`<@${PERSON}>`);
  });

  it.each(['in-progress', 'succeeded', 'stopped', 'unknown-status'])(
    'is never made for a build that did not fail: %s',
    (state) => {
      expect(JSON.stringify(payload(eventFile(state), 'en', { mention: PERSON }))).not.toContain('<@');
    },
  );

  it.each(['<!channel>', '!channel', 'U1> <!here', 'here', '', 'hanako'])(
    'is not made of what is no ID: %j',
    (mention) => {
      expect(payloadFaults(payload(eventFile('failed'), 'en', { mention }))).toEqual([]);
    },
  );
});

describe('the image', () => {
  it.each(STATES.filter((state) => state !== 'succeeded' && state !== 'minimal'))('is not offered: %s', (state) => {
    const info = exported({ IMAGE_URI: 'xxxx:latest', IMAGE_DIGEST: `sha256:${'9b'.repeat(32)}` });
    expect(JSON.stringify(payload(changed(state, { info })))).not.toMatch(/docker pull|sha256/);
  });

  it('is not offered by a build that failed, whoever says that there is one', () => {
    const image = { uri: '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/xxxx:latest' };
    const made = payloadOf(noticeOf({ ...buildOf(eventFile('failed')), image }, { language: 'en' }));
    expect(JSON.stringify(made)).not.toContain('docker pull');
  });

  it('is shown without a command where its name must not be put into a shell', () => {
    const made = JSON.stringify(payload(changed('succeeded', { info: exported({ IMAGE_URI: 'x; rm -rf /' }) })));
    expect(made).not.toContain('docker pull');
    expect(made).toContain('x; rm -rf /');
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
    expect(checked(payload(event, 'en', { history: FINE, logTail: TAIL }))).toMatchSnapshot();
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
    const made = payload(event, 'en', { logTail: tailOf(HOSTILE, maskSecrets), stoppedBy: user });
    expect(payloadFaults(made)).toEqual([]);
    expect(made).toMatchSnapshot();
  });
});
