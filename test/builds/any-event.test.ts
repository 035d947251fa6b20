import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import { tailOf } from '#functions/builds/log-tail.ts';
import { logNoticeOf, noticeOf } from '#functions/builds/notice.ts';
import { BadRequest } from '#functions/errors.ts';
import { LANGUAGES } from '#functions/schemas/build-notice-config.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { anyText } from '#test/slack/hostile.ts';
import { payloadFaults } from '#test/slack/markup.ts';

/** A field as documented, of hostile content, of another type, or absent. */
function field<T>(documented: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 4, arbitrary: documented },
    { weight: 3, arbitrary: anyText() },
    { weight: 1, arbitrary: fc.anything({ maxDepth: 2 }) },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
  );
}

const text = field(anyText());
const uuid = '8745a7a9-c340-456a-9166-edf953571be1';
const arn = field(
  fc
    .tuple(fc.constantFrom('aws', 'aws-cn', 'aws-us-gov', 'aws-iso'), anyText())
    .map(([partition, project]) => `arn:${partition}:codebuild:eu-west-1:123456789012:build/${project}:${uuid}`),
);
const time = field(fc.constantFrom('Nov 9, 2026 4:12:29 AM', 'Nov 9, 2026 11:12:29 PM', '2026-11-09T04:12:29Z'));
const sha = fc.constant('3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b');
const names = [
  'COMMIT_SHA',
  'BRANCH_NAME',
  'COMMIT_AUTHOR',
  'COMMIT_SUBJECT',
  'IMAGE_URI',
  'IMAGE_TAG',
  'IMAGE_DIGEST',
  'CODEBUILD_WEBHOOK_TRIGGER',
  'CODEBUILD_WEBHOOK_HEAD_REF',
];
const variables = (values: fc.Arbitrary<unknown>) =>
  field(fc.array(fc.record({ name: fc.constantFrom(...names), value: values }), { maxLength: 9 }));
const status = fc.constantFrom('SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT', 'FAULT', 'IN_PROGRESS', 'NEW_WORD');
const phases = field(
  fc.array(
    fc.record({
      'phase-type': text,
      'phase-status': field(status),
      'phase-context': field(fc.array(anyText(), { maxLength: 3 })),
      'start-time': time,
      'end-time': time,
    }),
    { maxLength: 5 },
  ),
);

/** Plain variables are filled by the test, so that what must not be seen is known. */
const anyEvent = (plain: fc.Arbitrary<unknown>) =>
  fc.record({
    source: fc.constant('aws.codebuild'),
    'detail-type': fc.constant('CodeBuild Build State Change'),
    account: field(fc.constant('123456789012')),
    region: field(fc.constantFrom('ap-northeast-1', 'cn-north-1', 'us-gov-west-1')),
    time,
    resources: field(fc.array(arn)),
    detail: fc.record({
      'build-status': field(status),
      'project-name': text,
      'build-id': arn,
      'current-phase': text,
      'current-phase-context': text,
      'additional-information': field(
        fc.record({
          'build-complete': field(fc.boolean()),
          'build-number': field(fc.double()),
          'build-start-time': time,
          initiator: text,
          'source-version': field(
            fc.oneof(
              sha,
              anyText().map((name) => `refs/heads/${name}`),
            ),
          ),
          source: field(fc.record({ type: text, location: field(fc.constant('https://github.com/a/b.git')) })),
          logs: field(fc.record({ 'group-name': text, 'stream-name': text })),
          phases,
          environment: fc.record({ 'environment-variables': plain }),
          'exported-environment-variables': variables(text),
        }),
      ),
    }),
  });

it('whatever an event holds: a payload that Slack takes and that says nothing of its own, or a reason', () => {
  fc.assert(
    fc.property(anyEvent(variables(text)), fc.constantFrom(...LANGUAGES), (event, language) => {
      const read = readBuildEvent(event);
      if (read.kind === 'none') {
        expect(read.reason).toMatch(/\.$/);
        return;
      }
      expect(payloadFaults(payloadOf(noticeOf(read.build, { language })))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

const history = fc.record(
  {
    lastVerdict: fc.constantFrom('good' as const, 'bad' as const),
    failedInARow: fc.nat(),
    failingSince: anyText(),
    durations: fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 11 }),
  },
  { requiredKeys: ['failedInARow', 'durations'] },
);

it('whatever the log, the history and the rest hold: the same of the notice and of its answer', () => {
  const person = 'U012ABCDEF';
  fc.assert(
    fc.property(
      anyEvent(variables(text)),
      fc.record({ language: fc.constantFrom(...LANGUAGES), history, stoppedBy: anyText(), answered: fc.boolean() }),
      fc.array(anyText(), { maxLength: 60 }),
      (event, context, messages) => {
        const read = readBuildEvent(event);
        if (read.kind === 'none') {
          return;
        }
        const full = { ...context, logTail: tailOf(messages, read.mask), mention: person, supersededBy: { number: 9 } };
        for (const notice of [noticeOf(read.build, full), logNoticeOf(read.build, full)]) {
          expect(payloadFaults(payloadOf(notice), undefined, [person])).toEqual([]);
        }
      },
    ),
    { numRuns: 150 },
  );
});

it('whatever arrives at all: a reading or one sentence', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.anything(), fc.object({ key: fc.constantFrom('source', 'detail-type', 'detail') })),
      (input) => {
        try {
          expect(['none', 'started', 'finished']).toContain(readBuildEvent(input).kind);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(BadRequest);
        }
      },
    ),
  );
});

it('values of plaintext variables are in no payload, also where CodeBuild repeats them', () => {
  const planted = fc.stringMatching(/^PLANTED-[a-zA-Z0-9$&<>*`]{4,12}$/);
  const event = planted.chain((value) => {
    const plain = fc.constant([
      { name: 'PASSWORD', type: 'PLAINTEXT', value },
      { name: 'IMAGE_URI', value },
      { name: 'BRANCH_NAME', value },
    ]);
    return fc.tuple(fc.constant(value), anyEvent(plain), fc.constantFrom('FAILED', 'STOPPED', 'NEW_WORD'));
  });
  fc.assert(
    fc.property(event, ([value, made, word]) => {
      const { detail } = made;
      const repeated = {
        ...made,
        detail: {
          ...detail,
          'build-status': word,
          'additional-information': {
            environment: { 'environment-variables': [{ name: 'PASSWORD', value }] },
            phases: [
              {
                'phase-type': 'BUILD',
                'phase-status': 'FAILED',
                'phase-context': [`SOME_ERROR: login ${value} failed`],
              },
            ],
          },
        },
      };
      for (const candidate of [made, repeated]) {
        const read = readBuildEvent(candidate);
        if (read.kind === 'none') {
          continue;
        }
        // Only an event that tells its variables can hide them in a log.
        const log =
          candidate === made
            ? []
            : [`E: Unable to locate package ${value}`, `\u001b[31m${value}\u001b[0m\r`, `export X=${value}`];
        const context = { language: 'en', logTail: tailOf(log, read.mask) } as const;
        const payloads = [noticeOf(read.build, context), logNoticeOf(read.build, context)].map(payloadOf);
        expect(JSON.stringify([read.build, payloads])).not.toContain('PLANTED');
      }
    }),
    { numRuns: 100 },
  );
});
