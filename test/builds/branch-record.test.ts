import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type BuildEntry,
  entryOf,
  historyBefore,
  NO_RECORD,
  newerThan,
  parseRecord,
  withEntry,
} from '#functions/builds/branch-record.ts';
import { standingOf } from '#functions/builds/history.ts';
import { buildOf } from './fixture.ts';
import { eventOf } from './flow-world.ts';

const entry = (number: number, status: BuildEntry['status'] = 'SUCCEEDED'): BuildEntry => ({
  buildId: `xxxx:${number}`,
  number,
  startedAt: number * 1_000,
  status,
  ...(status === 'IN_PROGRESS'
    ? {}
    : { endedAt: new Date(number * 1_000 + 500).toISOString(), durationSeconds: number }),
});
const recordOf = (...entries: readonly BuildEntry[]) => entries.reduce(withEntry, NO_RECORD);

describe('the record of a branch', () => {
  it('is the same in whatever order up to a dozen builds are heard of, each any number of times', () => {
    const status = fc.constantFrom<BuildEntry['status']>('SUCCEEDED', 'FAILED', 'STOPPED', 'FAULT', 'IN_PROGRESS');
    const heard = fc
      .array(status, { minLength: 1, maxLength: 12 })
      .map((statuses) => statuses.flatMap((each, index) => [entry(index, 'IN_PROGRESS'), entry(index, each)]))
      .chain((all) =>
        fc.record({
          all: fc.constant(all),
          shuffled: fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
        }),
      );
    fc.assert(
      fc.property(heard, ({ all, shuffled }) => {
        expect(recordOf(...shuffled)).toEqual(recordOf(...all));
      }),
    );
  });

  it('survives being stored, and what cannot be read counts as nothing known', () => {
    const record = recordOf(entry(1, 'FAILED'), entry(2, 'IN_PROGRESS'));
    expect(parseRecord(JSON.stringify(record))).toEqual(record);
    expect([parseRecord('{'), parseRecord('{"recent":[]}')]).toEqual([NO_RECORD, NO_RECORD]);
  });

  it('stays small, and sums up what it drops', () => {
    const many = Array.from({ length: 200 }, (_, index) => entry(index + 1, 'FAILED'));
    const record = recordOf(entry(0), ...many);
    expect(JSON.stringify(record).length).toBeLessThan(4_000);
    expect(historyBefore(record, entry(500))).toMatchObject({ lastVerdict: 'bad', failedInARow: 200 });
  });

  it('tells of a build what came before it, and not what ended before it', () => {
    const record = recordOf(entry(1), entry(3, 'FAILED'), entry(2, 'FAILED'));
    const standings = [1, 2, 3, 4].map(
      (number) => standingOf('FAILED', historyBefore(record, entry(number, 'FAILED'))).kind,
    );
    expect(standings).toEqual(['none', 'broke', 'stillFailing', 'stillFailing']);
    expect(standingOf('SUCCEEDED', historyBefore(record, entry(4)))).toMatchObject({ kind: 'fixed', after: 2 });
  });

  it('knows the newest build that began later', () => {
    const record = recordOf(entry(1), entry(3, 'IN_PROGRESS'), entry(2));
    expect([newerThan(record, entry(1))?.number, newerThan(record, entry(3))]).toEqual([3, undefined]);
  });

  it('orders builds of the same second by their number', () => {
    const [one, two] = [entry(9), { ...entry(10), startedAt: 9_000 }];
    expect(newerThan(recordOf(two, one), one)?.number).toBe(10);
    expect(newerThan(recordOf(two, one), two)).toBeUndefined();
  });
});

describe('a build as an entry', () => {
  it('has its own times', () => {
    expect(entryOf(buildOf(eventOf({ number: 4, status: 'FAILED' })), 0)).toEqual({
      buildId: expect.stringMatching(/^xxxx:/),
      number: 4,
      startedAt: Date.parse('2026-11-09T04:04:00Z'),
      status: 'FAILED',
      endedAt: '2026-11-09T04:04:30.000Z',
      durationSeconds: 30,
    });
  });

  it('has the time of now where the event tells none, and is none without an ID', () => {
    const {
      startedAt: _,
      endedAt: __,
      durationSeconds: ___,
      ...build
    } = buildOf(eventOf({ number: 4, status: 'FAILED' }));
    expect(entryOf(build, 5_000)).toMatchObject({ startedAt: 5_000, endedAt: '1970-01-01T00:00:05.000Z' });
    expect(entryOf({ ...build, place: {} }, 5_000)).toBeUndefined();
  });
});
