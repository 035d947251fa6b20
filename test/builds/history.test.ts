import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BuildStatus } from '#functions/builds/build-state.ts';
import {
  advanceHistory,
  type BuildHistory,
  NO_HISTORY,
  standingOf,
  usualSeconds,
  verdictOf,
} from '#functions/builds/history.ts';

const at = (hour: number) => `2026-11-09T${String(hour).padStart(2, '0')}:00:00.000Z`;
/** The record after builds that ended one an hour. */
function recordOf(...statuses: BuildStatus[]): BuildHistory {
  return statuses.reduce((history, status, hour) => advanceHistory(history, { status, endedAt: at(hour) }), NO_HISTORY);
}

describe('how a build stands to those before it', () => {
  it.each<readonly [string, BuildHistory | undefined, BuildStatus, unknown]>([
    ['nothing is known', undefined, 'FAILED', { kind: 'none' }],
    ['the first of a branch', NO_HISTORY, 'FAILED', { kind: 'none' }],
    ['good after good', recordOf('SUCCEEDED'), 'SUCCEEDED', { kind: 'stillFine' }],
    ['bad after good', recordOf('SUCCEEDED'), 'FAILED', { kind: 'broke' }],
    ['timed out after good', recordOf('SUCCEEDED'), 'TIMED_OUT', { kind: 'broke' }],
    [
      'the third in a row',
      recordOf('SUCCEEDED', 'FAILED', 'FAULT'),
      'FAILED',
      { kind: 'stillFailing', nth: 3, since: at(1) },
    ],
    [
      'good after two bad',
      recordOf('SUCCEEDED', 'FAILED', 'FAILED'),
      'SUCCEEDED',
      { kind: 'fixed', after: 2, since: at(1) },
    ],
    [
      'a stop in between counts for nothing',
      recordOf('FAILED', 'STOPPED', 'LOST'),
      'SUCCEEDED',
      { kind: 'fixed', after: 1, since: at(0) },
    ],
    ['a stop says nothing', recordOf('FAILED'), 'STOPPED', { kind: 'none' }],
    ['neither does a build that runs', recordOf('FAILED'), 'IN_PROGRESS', { kind: 'none' }],
  ])('%s', (_, before, status, standing) => {
    expect(standingOf(status, before)).toEqual(standing);
  });

  it('does not break on a record that lacks what it should have', () => {
    expect(standingOf('FAILED', { lastVerdict: 'bad', failedInARow: 0, durations: [] })).toEqual({
      kind: 'stillFailing',
      nth: 2,
    });
    expect(standingOf('SUCCEEDED', { lastVerdict: 'bad', failedInARow: 0, durations: [] })).toEqual({
      kind: 'fixed',
      after: 1,
    });
  });
});

const status = fc.constantFrom<BuildStatus>(
  'SUCCEEDED',
  'FAILED',
  'STOPPED',
  'TIMED_OUT',
  'FAULT',
  'UNKNOWN',
  'LOST',
  'IN_PROGRESS',
);

it('after any builds: the count of failures is that since the last good one, and the record stays small', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(status, fc.nat({ max: 10_000 })), { maxLength: 60 }), (builds) => {
      const record = builds.reduce(
        (history, [each, durationSeconds], index) =>
          advanceHistory(history, { status: each, endedAt: new Date(index * 60_000).toISOString(), durationSeconds }),
        NO_HISTORY,
      );
      const counting = builds.map(([each]) => verdictOf(each)).filter((verdict) => verdict !== undefined);
      const bad = counting.length - 1 - counting.lastIndexOf('good');
      expect(record.failedInARow).toBe(bad);
      expect(record.lastVerdict).toBe(counting.at(-1));
      expect(record.failingSince === undefined).toBe(bad === 0);
      expect(record.durations.length).toBeLessThanOrEqual(11);
      expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    }),
  );
});

describe('what is usual', () => {
  it.each([
    [[], undefined],
    [[60, 61], undefined],
    [[200, 60, 70], 70],
    [[60, 70, 80, 1_000], 75],
    [[60, 71, 60, 72], 66],
  ])('of %j is %p', (durations, usual) => {
    expect(usualSeconds({ failedInARow: 0, durations })).toBe(usual);
  });

  it('is of the last good builds alone', () => {
    const builds = [...Array.from({ length: 20 }, () => 10), ...Array.from({ length: 11 }, () => 99)];
    const record = builds.reduce(
      (history, durationSeconds) => advanceHistory(history, { status: 'SUCCEEDED', endedAt: at(1), durationSeconds }),
      NO_HISTORY,
    );
    const failed = advanceHistory(record, { status: 'FAILED', endedAt: at(2), durationSeconds: 1 });
    expect(usualSeconds(failed)).toBe(99);
  });
});
