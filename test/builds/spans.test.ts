import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { roughly } from '#functions/builds/spans.ts';
import { WORDS } from '#functions/builds/words-by-language.ts';

const { en, ja } = WORDS;

it.each([
  [0, '0 s', '0秒'],
  [59, '59 s', '59秒'],
  [94, '1 min 34 s', '1分34秒'],
  [3_600, '1 h 0 min', '1時間0分'],
  [30_059, '8 h 20 min', '8時間20分'],
])('%d seconds, exactly', (seconds, english, japanese) => {
  expect([en.time(seconds), ja.time(seconds)]).toEqual([english, japanese]);
});

it.each([
  [0, '1 s', '1秒'],
  [44, '44 s', '44秒'],
  [118, '2 min', '2分'],
  [154, '2 min 30 s', '2分30秒'],
  [601, '10 min', '10分'],
  [3_595, '1 h', '1時間'],
  [18_240, '5 h 4 min', '5時間4分'],
  [86_399, '1 d', '1日'],
  [180_000, '2 d 2 h', '2日2時間'],
])('%d seconds, roughly', (seconds, english, japanese) => {
  expect([en.about(seconds), ja.about(seconds)]).toEqual([english, japanese]);
});

it('roughly is near the truth, in two units at the most', () => {
  const lengths = { day: 86_400, hour: 3_600, minute: 60, second: 1 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => {
      const counts = roughly(seconds);
      const said = counts.reduce((sum, [count, unit]) => sum + count * lengths[unit], 0);
      expect(counts.length).toBeLessThanOrEqual(2);
      expect(counts.every(([count]) => count > 0)).toBe(true);
      expect(Math.abs(said - seconds)).toBeLessThanOrEqual(Math.max(5, seconds * 0.1));
    }),
  );
});

describe('how a branch stands', () => {
  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [21, '21st'],
    [111, '111th'],
  ])('%d is the %s', (nth, word) => {
    expect(en.standing.stillFailing({ kind: 'stillFailing', nth }, 'main')).toBe(`${word} failure in a row`);
  });

  it('also where the branch has no name', () => {
    expect(
      [en, ja].map((words) => [
        words.standing.broke({ kind: 'broke' }, ''),
        words.standing.fixed({ kind: 'fixed', after: 1 }, ''),
      ]),
    ).toEqual([
      ['the branch broke, the last build was fine', 'the branch is fixed'],
      ['前回のビルドは成功', '復旧'],
    ]);
  });
});
