import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLEANERS } from '#functions/cleaners/index.ts';
import { LANGUAGES, type Language } from '#functions/schemas/build-notice-config.ts';
import { payloadOf, type SlackPayload } from '#functions/slack/payload.ts';
import type { RefusalCode, TeardownReport } from '#functions/teardown/model.ts';
import { alertOf, begunNotice, endNotice } from '#functions/teardown/notice.ts';
import { ja } from '#functions/teardown/notice-words-ja.ts';
import { RefusalOnTheWay } from '#functions/teardown/travel.ts';
import { anyText, HOSTILE } from '#test/slack/hostile.ts';
import { payloadFaults } from '#test/slack/markup.ts';
import { begun, refusal, report, reportOf, resource, stack, stackIdOf } from './telling.ts';

const ended = (made: TeardownReport, language: Language = 'en') => payloadOf(endNotice(made, language));
const CODES: readonly RefusalCode[] = RefusalOnTheWay.shape.code.options;

const FULL = resource('xxxx-build-Ecr', 'AWS::ECR::Repository', 'xxxx');
const REPORTS = {
  deleted: reportOf('deleted'),
  failed: reportOf('failed'),
  refused: reportOf('refused'),
  'deleted, one stack': report('deleted', {
    stacks: [stack('xxxx-build', { removed: [{ resource: FULL, kind: 'image', count: 1_208 }] })],
    removedLogGroups: ['/aws/lambda/a', '/aws/lambda/b'],
  }),
  'deleted before': report('deleted'),
  'failed, cleaning was kept from it': report('failed', {
    stacks: [
      stack('xxxx-build', {
        outcome: 'failed',
        attempts: 2,
        failures: [{ resource: FULL, reason: 'The repository cannot be deleted because it still contains images' }],
        leftovers: [
          {
            resource: FULL,
            what: '3 images',
            why: 'AccessDeniedException: not authorized to perform ecr:BatchDeleteImage',
            remedy: 'An administrator must allow ecr:BatchDeleteImage.',
            blocks: true,
          },
          { resource: FULL, what: '1 report', why: 'no matter', remedy: 'nothing', blocks: false },
        ],
        notes: [
          { code: 'NOT_RESTORED', sentence: 'The seal of xxxx stays: access denied.' },
          { code: 'LOG_STREAMS_KEPT', sentence: 'Only the report tells this.' },
        ],
      }),
    ],
  }),
  'failed, each in its own way': report('failed', {
    stacks: [
      stack('a', { outcome: 'failed', why: 'CloudFormation did not take the delete: no.', remedy: 'Mend it.' }),
      stack('b', {
        outcome: 'lives on',
        why: 'CloudFormation cancelled the delete: Export x is used by c.',
        remedy: 'Take the import out.',
      }),
      stack('c', { outcome: 'refused', why: 'Another operation has begun on c.' }),
      stack('d', { outcome: 'stopped' }),
      stack('e'),
    ],
    notes: [{ code: 'REMAINS_UNKNOWN', sentence: 'What the stacks leave could not be looked up: throttled.' }],
  }),
  stopped: report('failed', {
    stacks: [stack('a'), stack('b', { outcome: 'stopped', why: 'The run was stopped.', remedy: 'Ask again.' })],
  }),
  'refused, the request itself': report('refused', { refusals: [refusal('CYCLE', { stack: undefined })] }),
} as const satisfies Record<string, TeardownReport>;

describe.each(LANGUAGES)('in %s', (language) => {
  it('begun, the whole payload', () => {
    const { run, stacks } = begun();
    const made = payloadOf(begunNotice(run, stacks, language));
    expect(payloadFaults(made)).toEqual([]);
    expect(made).toMatchSnapshot();
  });

  it.each(Object.entries(REPORTS))('%s, the whole payload', (_, made) => {
    const payload = ended(made, language);
    expect(payloadFaults(payload)).toEqual([]);
    expect(payload).toMatchSnapshot();
  });

  it('every outcome has a headline of its own', () => {
    const { run, stacks } = begun();
    const texts = [
      payloadOf(begunNotice(run, stacks, language)),
      ...['deleted', 'failed', 'refused', 'stopped', 'deleted before'].map((name) =>
        ended(Reflect.get(REPORTS, name), language),
      ),
    ].map(({ text }) => text.split('\n')[0]);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('hours, minutes and seconds', () => {
    const lasting = (seconds: number) =>
      ended(report('deleted', { stacks: [stack('x')], milliseconds: seconds * 1000 }), language).text;
    expect([lasting(0), lasting(65), lasting(28_859)]).toMatchSnapshot();
  });
});

describe('in Japanese', () => {
  it.each(CODES)('%s has a sentence of its own, and the original', (code) => {
    const { text } = ended(report('refused', { refusals: [refusal(code)] }), 'ja');
    const [, why = ''] = text.split('\n');
    expect(why).toMatch(/^受け付けられない理由: [^・]*[\u3040-\u30ff].*。 · → .*[\u3040-\u30ff].* · 原文: What/);
    expect(why).toContain(`What ${code} means.`);
  });

  it('a remedy that only the original names is quoted with it', () => {
    const quote = (code: RefusalCode) => ended(report('refused', { refusals: [refusal(code)] }), 'ja').text;
    expect(quote('CANNOT_BE_CLEANED')).toContain('What helps against CANNOT_BE_CLEANED.');
    expect(quote('OWN_SERVICE')).toContain('What helps against OWN_SERVICE.');
    expect(quote('IMPORTED')).not.toContain('What helps');
  });

  it('every cleaner’s words are known', () => {
    expect(CLEANERS.length).toBeGreaterThan(5);
    for (const kind of KINDS) {
      expect({ kind, said: ja.removed(3, kind) }).toEqual({ kind, said: expect.not.stringContaining(`${kind} 3`) });
    }
    expect(ja.removed(3, 'odd thing')).toBe('odd thing 3 件');
  });

  it('AWS’s words stand as they are', () => {
    const { text } = ended(reportOf('failed'), 'ja');
    expect(text).toContain('AWS のメッセージ: Resource handler returned message: "User: arn:aws:sts::123456789012');
    expect(text).toContain('HandlerErrorCode: AccessDenied)');
  });
});

/** Everything that a cleaner says it removed. */
const KINDS = [
  ...[
    'image',
    'object version',
    'delete marker',
    'multipart upload',
    'report',
    'log stream',
    'webhook',
    'running build',
  ],
  ...['managed policy', 'inline policy', 'policy version', 'attachment', 'permissions boundary', 'instance profile'],
  ...[
    'member',
    'group membership',
    'access key',
    'login profile',
    'MFA device',
    'virtual MFA device',
    'resource policy',
  ],
  ...['SSH public key', 'signing certificate', 'service-specific credential'],
];

describe('a teardown is told by the stacks that were asked for', () => {
  it('a nested stack appears only as the place of a resource that failed', () => {
    const { text } = ended(reportOf('failed'));
    expect(text.split('\n')[0]).toBe('❌ xxxx-build: could not be deleted');
    expect(text).toContain(
      'AWS::SNS::Topic arn:aws:sns:ap-northeast-1:123456789012:xxxx-build-done (in the nested stack xxxx-build-Job-',
    );
    expect(JSON.stringify(ended(reportOf('deleted')))).not.toContain('xxxx-build-');
  });

  it('what stands comes before what went, and commands last', () => {
    expect(labels(ended(reportOf('failed')))).toEqual([
      'What is in the way',
      'Who must do what',
      'Deleted',
      'Contents removed',
      'Commands for engineers',
    ]);
  });
});

it('counts what was removed from all stacks together, the most first', () => {
  const removed = (count: number) => [{ resource: FULL, kind: 'image', count }];
  const webhook = { resource: FULL, kind: 'webhook', count: 1 };
  const { text } = ended(
    report('deleted', {
      stacks: [stack('a', { removed: [webhook, ...removed(2)] }), stack('b', { removed: removed(3) })],
    }),
  );
  expect(text).toContain('Contents removed: 5 images and 1 webhook\n');
});

it('a resource that never got an identifier is named by its logical id', () => {
  const failures = [{ resource: resource('x', 'Custom::Thing', ''), reason: 'No.' }];
  const { text } = ended(report('failed', { stacks: [stack('x', { outcome: 'failed', failures })] }));
  expect(text).toContain('Custom::Thing Thing · AWS says: No.');
});

describe('commands', () => {
  const remains = (command: string) =>
    report('deleted', {
      stacks: [stack('x')],
      remaining: [{ kind: 'log group', what: 'AWS::Logs::LogGroup g', stackName: 'x', why: 'It stays.', command }],
    });

  it('stand in the message exactly as they are to be typed', () => {
    const command = 'aws logs delete-log-group --log-group-name /aws/lambda/x';
    expect(JSON.stringify(ended(remains(command)))).toContain(`\`${command}\``);
  });

  it.each([
    ['too long', `aws logs delete-log-group --log-group-name ${'g'.repeat(600)}`],
    ['with a backtick', 'aws x `id`'],
    ['of two lines', 'aws x\nrm -rf /'],
    ['with two spaces in a name', "aws x 'a  b'"],
    ['with a character that cannot be seen', 'aws x \u202eevil'],
  ])('%s are left to the report', (_, command) => {
    const payload = ended(remains(command));
    expect(labels(payload)).toEqual(['Still in the account']);
    expect(JSON.stringify(payload)).not.toContain('aws ');
  });
});

describe('limits', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `team-a-stack-with-a-long-name-${index}`);
  const failing = (name: string) =>
    stack(name, {
      outcome: 'failed',
      failures: [{ resource: resource(name, 'AWS::SNS::Topic', `${name}-topic`), reason: 'why '.repeat(400) }],
    });

  it('of fifty failed stacks it counts those that have no room', () => {
    const payload = ended(report('failed', { stacks: many(50).map(failing) }));
    expect(payloadFaults(payload)).toEqual([]);
    const { text } = payload;
    expect(text).toMatch(/^❌ 50 stacks: could not be deleted\n/);
    expect(text).toMatch(/and \d+ more, in the report of the run/);
    expect(labels(payload)).toContain('Commands for engineers');
  });

  it('all parts stay where all are long', () => {
    const names = many(50);
    const payload = ended(
      report('failed', {
        stacks: names.map((name, index) => (index % 2 === 0 ? failing(name) : stack(name))),
        remaining: names.map((name) => ({
          kind: 'log group',
          what: `AWS::Logs::LogGroup /aws/lambda/${name}`,
          stackName: name,
          why: 'It holds the log, and belongs to no stack.',
          command: `aws logs delete-log-group --log-group-name /aws/lambda/${name}`,
        })),
        notes: names.map((name) => ({ code: 'LOG_GROUP_LEFT', sentence: `${name} could not be deleted.` })),
      }),
    );
    expect(labels(payload)).toEqual([
      'What is in the way',
      'Who must do what',
      'Deleted',
      'Still in the account',
      'Notes',
      'Commands for engineers',
    ]);
  });

  it('the first line is shown even where it has no room', () => {
    const failures = [{ resource: resource('x', 'Custom::Thing', 'i'.repeat(5_000)), reason: 'No.' }];
    const { text } = ended(report('failed', { stacks: [stack('x', { outcome: 'failed', failures })] }));
    expect(text).toContain('What is in the way: Custom::Thing iiii');
    expect(text).toContain('and 1 more, in the report of the run');
  });

  it('AWS’s words are shown up to a length, cut between words', () => {
    const { text } = ended(report('failed', { stacks: [failing('x')] }));
    const [, says = ''] = /AWS says: ((?:why )+…)/.exec(text) ?? [];
    expect(says.length).toBeGreaterThan(800);
    expect(says.length).toBeLessThan(910);
  });
});

it('what is said anew is what is in the way and who must act, and no more', () => {
  const payload = payloadOf(alertOf(endNotice(reportOf('failed'), 'en')));
  expect(labels(payload)).toEqual(['What is in the way', 'Who must do what']);
  expect(payload.text.split('\n')[0]).toBe('❌ xxxx-build: could not be deleted');
});

describe('outside text', () => {
  const outcome = fc.constantFrom('deleted', 'failed', 'refused', 'lives on', 'stopped');
  const anyRef = fc
    .tuple(anyText(), anyText(), anyText(), anyText())
    .map(([stackName, logicalId, type, physicalId]) => ({
      ...{ stackId: stackIdOf('nested'), stackName, logicalId, type, physicalId },
    }));
  const maybe = fc.option(anyText(), { nil: undefined });
  const anyNotes = fc.array(fc.record({ code: fc.constantFrom('NOT_RESTORED', 'X'), sentence: anyText() }), {
    maxLength: 3,
  });
  const anyStack = fc.record({
    stackId: fc.oneof(anyText(), fc.constant(stackIdOf('xxxx'))),
    stackName: anyText(),
    removed: fc.array(fc.record({ resource: anyRef, kind: anyText(), count: fc.nat() }), { maxLength: 3 }),
    leftovers: fc.array(
      fc.record({ resource: anyRef, what: anyText(), why: anyText(), remedy: anyText(), blocks: fc.boolean() }),
      { maxLength: 3 },
    ),
    notes: anyNotes,
    failures: fc.array(fc.record({ resource: anyRef, reason: anyText() }), { maxLength: 4 }),
    why: maybe,
    remedy: maybe,
    outcome,
    attempts: fc.nat(3),
  });
  const anyReport: fc.Arbitrary<TeardownReport> = fc.record({
    version: fc.constant(1 as const),
    outcome: fc.constantFrom('refused', 'deleted', 'failed'),
    run: anyText(),
    refusals: fc.array(
      fc.record({ code: fc.constantFrom(...CODES), stack: maybe, sentence: anyText(), remedy: anyText() }),
      { maxLength: 5 },
    ),
    stacks: fc.array(anyStack, { maxLength: 6 }),
    remaining: fc.array(
      fc.record({
        kind: fc.constantFrom('retained', 'skipped', 'log group', 'replicated images'),
        what: anyText(),
        stackName: anyText(),
        why: anyText(),
        command: anyText(),
      }),
      { maxLength: 5 },
    ),
    removedLogGroups: fc.array(anyText(), { maxLength: 3 }),
    notes: anyNotes,
    calls: fc.constant({}),
    milliseconds: fc.nat(),
  });

  it('makes no mention, no link and nothing too long, whatever a report holds', () => {
    fc.assert(
      fc.property(anyReport, fc.constantFrom(...LANGUAGES), (made, language) => {
        const notice = endNotice(made, language);
        expect(payloadFaults(payloadOf(notice))).toEqual([]);
        expect(payloadFaults(payloadOf(alertOf(notice)))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('nor whatever stacks are called when it begins', () => {
    const going = fc.record({
      stackId: anyText(),
      stackName: anyText(),
      deletes: fc.dictionary(anyText(), fc.nat()),
    });
    fc.assert(
      fc.property(
        anyText(),
        fc.array(going, { maxLength: 60 }),
        fc.constantFrom(...LANGUAGES),
        (run, stacks, language) => {
          expect(payloadFaults(payloadOf(begunNotice(run, stacks, language)))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is shown as it is where it is harmless', () => {
    const [mention = '', , foreign = ''] = HOSTILE;
    const payload = ended(
      report('failed', {
        stacks: [
          stack('x', {
            outcome: 'failed',
            failures: [{ resource: resource('x', 'Custom::Thing', 'id'), reason: `${mention} ${foreign} *no* _no_` }],
          }),
        ],
      }),
    );
    expect(payload.text).toContain('&lt;!channel&gt;');
    expect(payload.text).toContain('&lt;https://evil.example/|the build log&gt;');
  });
});

/** Labels of the sections in the order in which they are shown; facts have none. */
function labels({ attachments }: SlackPayload): readonly string[] {
  return attachments
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.type === 'section' && 'text' in block ? [block.text.text.split('\n')[0] ?? ''] : []))
    .map((label) => label.replaceAll('*', ''));
}
