import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Leftover, Refusal, Report } from '#functions/core/model.ts';
import { byteLength, clipBytes, counted, reasonOf } from '#functions/core/report.ts';
import { ref } from './things.ts';

const EMPTY: Report = {
  version: 1,
  outcome: 'blocked',
  removed: [],
  leftovers: [],
  refusals: [],
  untouched: [],
  notes: [],
  calls: {},
  milliseconds: 0,
};

const leftover = (more: Partial<Leftover> = {}): Leftover => ({
  resource: ref('Repo', { physicalId: 'images' }),
  what: '3 images',
  why: 'KmsError: the key is disabled',
  remedy: 'Enable the key, then delete the stack again.',
  blocks: true,
  ...more,
});

const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  code: 'EXPORT_IMPORTED',
  sentence: 'Export x is imported by y.',
  remedy: 'Delete y first.',
  stops: 'everything',
  blocks: true,
  ...more,
});

/** Any text, with surrogate pairs and lone surrogates, line breaks and combining marks. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('a', 'é', '日', '🚀', '\ud83d', '\n', '. '), { maxLength: 60 })
    .map((parts) => parts.join('')),
);

describe('clipBytes', () => {
  it('never gives more than maxBytes, whole code points, and the text itself where it fits', () => {
    fc.assert(
      fc.property(text, fc.nat(80), (whole, maxBytes) => {
        const clipped = clipBytes(whole, maxBytes);
        expect(byteLength(clipped)).toBeLessThanOrEqual(maxBytes);
        const kept = clipped === whole ? clipped : clipped.replace(/…$/, '');
        const points = [...whole];
        expect([...kept]).toEqual(points.slice(0, [...kept].length));
        expect(clipped === whole).toBe(byteLength(whole) <= maxBytes || (whole === '' && clipped === ''));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'ab…'],
    ['日本語', 8, '日…'],
    ['🚀🚀', 7, '🚀…'],
    ['🚀🚀', 6, '…'],
    ['abcdef', 2, 'ab'],
    ['日本', 2, ''],
    ['abc', 0, ''],
    ['', 0, ''],
  ])('%s in %i bytes is %s', (whole, maxBytes, clipped) => {
    expect(clipBytes(whole, maxBytes)).toBe(clipped);
  });
});

describe('reasonOf', () => {
  it('names what stands in the way and who must act, refusals first', () => {
    expect(reasonOf({ ...EMPTY, refusals: [refusal()], leftovers: [leftover()] }, 1000)).toBe(
      'Export x is imported by y. Delete y first. ' +
        'Repo (images): 3 images left: KmsError: the key is disabled. Enable the key, then delete the stack again.',
    );
  });

  it('says nothing of what does not block', () => {
    const report = {
      ...EMPTY,
      refusals: [refusal({ stops: 'resource', blocks: false })],
      leftovers: [leftover({ blocks: false })],
    };
    expect(reasonOf(report, 1000)).toBe('');
    expect(reasonOf(EMPTY, 1000)).toBe('');
  });

  it('says why nothing was begun, even where the reason itself blocks no delete', () => {
    expect(reasonOf({ ...EMPTY, refusals: [refusal({ blocks: false })] }, 1000)).toContain('Delete y first.');
  });

  it('counts nothing where a single sentence is cut, and an empty sentence is none', () => {
    const alone = reasonOf({ ...EMPTY, leftovers: [leftover()] }, 60);
    expect(alone).toBe('Repo (images): 3 images left: KmsError: the key is disabl…');
    const empty = refusal({ sentence: '', remedy: '' });
    expect(reasonOf({ ...EMPTY, refusals: [empty], leftovers: [leftover()] }, 60)).toBe(alone);
  });

  it('ends sentences once and keeps to one line', () => {
    const reason = reasonOf({ ...EMPTY, leftovers: [leftover({ why: 'Denied.\nRequest id: \u0007x.\n' })] }, 1000);
    expect(reason).toBe(
      'Repo (images): 3 images left: Denied. Request id: x. Enable the key, then delete the stack again.',
    );
  });

  it('counts what does not fit', () => {
    const report = { ...EMPTY, leftovers: Array.from({ length: 5 }, () => leftover()) };
    const one = reasonOf({ ...EMPTY, leftovers: [leftover()] }, 1000);
    const suffix = (count: number) => ` (${count} more in the log.)`;
    expect(reasonOf(report, byteLength(one) * 5 + 4)).toBe(Array.from({ length: 5 }, () => one).join(' '));
    expect(reasonOf(report, byteLength(one) * 5 + 3)).toBe(Array.from({ length: 4 }, () => one).join(' ') + suffix(1));
    expect(reasonOf(report, byteLength(one) + suffix(4).length)).toBe(one + suffix(4));
    expect(reasonOf(report, byteLength(one) + suffix(4).length - 1)).toBe(
      clipBytes(one, byteLength(one) - 1) + suffix(4),
    );
  });

  it('keeps the last sentence where it just fits', () => {
    const reason = reasonOf({ ...EMPTY, leftovers: [leftover()] }, 1000);
    expect(reasonOf({ ...EMPTY, leftovers: [leftover()] }, byteLength(reason))).toBe(reason);
  });

  const anyReport = fc
    .record({
      leftovers: fc.array(fc.record({ why: text, what: text, remedy: text, blocks: fc.boolean() }), { maxLength: 6 }),
      refusals: fc.array(fc.record({ sentence: text, remedy: text, blocks: fc.boolean() }), { maxLength: 3 }),
    })
    .map(
      ({ leftovers, refusals }): Report => ({
        ...EMPTY,
        leftovers: leftovers.map(leftover),
        refusals: refusals.map(refusal),
      }),
    );

  it('never gives more than maxBytes, and at least a part of the first sentence where something blocks', () => {
    fc.assert(
      fc.property(anyReport, fc.integer({ min: 8, max: 400 }), (report, maxBytes) => {
        const reason = reasonOf(report, maxBytes);
        expect(byteLength(reason)).toBeLessThanOrEqual(maxBytes);
        const whole = reasonOf(report, 1_000_000);
        expect(reason === '').toBe(whole === '');
        expect([...reason][0]).toBe([...whole][0]);
      }),
      { numRuns: 500 },
    );
  });

  it('a count that is given is right', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 60, max: 3000 }), (number, maxBytes) => {
        const leftovers = Array.from({ length: number }, (_, at) => leftover({ what: `#${at}#` }));
        const reason = reasonOf({ ...EMPTY, leftovers }, maxBytes);
        const named = reason.match(/#\d+#/g)?.length ?? 0;
        const rest = Number(/\((\d+) more/.exec(reason)?.[1] ?? 0);
        expect(named + rest).toBe(number);
      }),
    );
  });
});

describe('counted', () => {
  it.each([
    [1, 'image', false, '1 image'],
    [0, 'image', false, '0 images'],
    [3, 'managed policy', false, '3 managed policies'],
    [2, 'access key', false, '2 access keys'],
    [2, 'branch', false, '2 branches'],
    [1, 'image', true, '1 or more images'],
    [1_234_567, 'log stream', false, '1,234,567 log streams'],
  ])('%i %s (or more: %s) is %s', (count, kind, orMore, words) => {
    expect(counted(count, kind, orMore)).toBe(words);
  });
});
