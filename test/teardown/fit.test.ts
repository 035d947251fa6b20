import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { TeardownOptions } from '#functions/schemas/teardown-request.ts';
import { bytesFor, bytesOf, sharesOf, shortened, shortReport, tooMuch } from '#functions/teardown/fit.ts';
import type { Journey, TargetPlan, TeardownReport } from '#functions/teardown/model.ts';

const LIMIT = 262_144;
const words = (maxLength: number) => fc.string({ unit: 'grapheme', maxLength });
const ref = fc.record({
  stackId: words(200),
  stackName: words(128),
  logicalId: words(64),
  type: words(64),
  physicalId: words(300),
});
const journeys: fc.Arbitrary<Journey> = fc
  .record({
    removed: fc.array(fc.record({ resource: ref, kind: words(20), count: fc.nat() }), { maxLength: 40 }),
    leftovers: fc.array(
      fc.record({ resource: ref, what: words(50), why: words(500), remedy: words(500), blocks: fc.boolean() }),
      { maxLength: 40 },
    ),
    notes: fc.array(fc.record({ code: words(20), sentence: words(500) }), { maxLength: 40 }),
    failures: fc.array(fc.record({ resource: ref, reason: words(1000) }), { maxLength: 40 }),
    why: words(6_000),
    remedy: words(6_000),
  })
  .map(
    (lists): Journey => ({
      stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/xxxx-build/1',
      stackName: 'xxxx-build',
      deletesAs: { kind: 'delete role', roleArn: 'arn:aws:iam::123456789012:role/clean-exit-delete' },
      options: TeardownOptions.parse({}),
      holdsRoleOf: [],
      steps: 9,
      unprotected: false,
      run: 'run-1',
      phase: 'done',
      wait: 0,
      attempt: 3,
      looks: 2,
      outcome: 'failed',
      calls: { 'ecr:DescribeImages': 4 },
      ...lists,
    }),
  );

const targets = (stacks: number, findings: number): readonly Pick<TargetPlan, 'plan'>[] =>
  Array.from({ length: stacks }, () => ({
    plan: { findings: Array.from({ length: findings }) } as unknown as TargetPlan['plan'],
  }));

describe('a journey that grows', () => {
  it('keeps what the next step needs, says what is missing, and passes its share only by what every journey has', () => {
    void fc.assert(
      fc.property(journeys, fc.integer({ min: 3_300, max: 20_000 }), (journey, bytes) => {
        const short = shortened(journey, bytes);
        const { removed, leftovers, notes, failures, why, remedy, ...rest } = short;
        expect(rest).toEqual(Object.fromEntries(Object.entries(journey).filter(([name]) => Object.hasOwn(rest, name))));
        // Words may take more than a byte for each character.
        expect(bytesOf(short)).toBeLessThanOrEqual(
          bytesOf(journey) > bytes
            ? Math.max(bytes, bytesOf({ ...short, removed: [], leftovers: [], notes: [], failures: [] }) + 250)
            : bytes,
        );
        const left = [journey, short].map(
          (each) => each.removed.length + each.leftovers.length + each.failures.length + each.notes.length,
        );
        if ((left[1] ?? 0) < (left[0] ?? 0)) expect(short.notes.at(-1)?.code).toBe('SHORTENED');
        else expect(short.notes).toEqual(journey.notes);
      }),
      { numRuns: 60 },
    );
  });

  it('is left as it is where it fits', () => {
    void fc.assert(
      fc.property(journeys, (journey) => {
        expect(shortened(journey, bytesOf(journey))).toBe(journey);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what the state machine can carry', () => {
  it.each([
    [50, 1],
    [36, 4],
    [1, 200],
  ])('%d stacks with %d findings each', (stacks, findings) => {
    expect(tooMuch({ stacks: targets(stacks, findings) as readonly TargetPlan[] })).toEqual([]);
    const sum = targets(stacks, findings).reduce((total, target) => total + bytesFor(target), 0);
    expect(sum).toBeLessThan(LIMIT);
  });

  it.each([
    [1, 1],
    [7, 3],
    [36, 4],
  ])(
    '%d stacks with %d findings each share all of the room: a long report of a short request is whole',
    (stacks, findings) => {
      const named = targets(stacks, findings).map((target, number) => ({ ...target, stackId: `stack-${number}` }));
      const shares = [...sharesOf({ stacks: named }).values()];
      const sum = shares.reduce((total, share) => total + share, 0);
      expect(shares).toHaveLength(stacks);
      expect(sum).toBeLessThan(LIMIT);
      expect(sum).toBeGreaterThan(200_000);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(bytesFor({ plan: named[0]?.plan as TargetPlan['plan'] }));
    },
  );

  it.each([
    [50, 3],
    [1, 300],
  ])('not %d stacks with %d findings each', (stacks, findings) => {
    const [refusal] = tooMuch({ stacks: targets(stacks, findings) as readonly TargetPlan[] });
    expect(refusal).toMatchObject({ code: 'TOO_MUCH' });
    expect(refusal?.sentence).toContain(`${stacks} stacks with ${stacks * findings} resources`);
  });
});

describe('a report', () => {
  const report = (count: number): TeardownReport => ({
    version: 1,
    outcome: 'deleted',
    run: 'run-1',
    refusals: [],
    stacks: [],
    remaining: Array.from({ length: count }, (_, number) => ({
      kind: 'log group',
      what: `AWS::Logs::LogGroup /aws/lambda/function-${number}`,
      stackName: 'xxxx-build',
      why: 'It holds the log of a function, and belongs to no stack.',
      command: `aws logs delete-log-group --log-group-name /aws/lambda/function-${number}`,
    })),
    removedLogGroups: [],
    notes: [],
    calls: {},
    milliseconds: 1,
  });

  it('that is too long for the state machine says how much it leaves out', () => {
    const short = shortReport(report(4_000));
    expect(bytesOf(short)).toBeLessThan(LIMIT);
    const left = 4_000 - short.remaining.length;
    expect(left).toBeGreaterThan(0);
    expect(short.notes).toEqual([
      { code: 'SHORTENED', sentence: expect.stringContaining(`${left} more things remain`) },
    ]);
  });

  it('that fits is left as it is', () => {
    const whole = report(100);
    expect(shortReport(whole)).toBe(whole);
  });
});
