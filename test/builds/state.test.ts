import { describe, expect, it } from '@jest/globals';
import { type BuildItem, decide, rankOf } from '#functions/builds/state.ts';

const NOW = 1_000;
const item = (rank: number, claim?: BuildItem['claim']): BuildItem => ({
  buildId: 'xxxx:1',
  rank,
  ...(claim === undefined ? {} : { claim }),
});
const held = (rank: number, until = NOW + 1) => ({ owner: 'other', rank, until });

describe('what to do about a status', () => {
  it.each([
    ['nothing was heard of the build', undefined, 'FAILED', { kind: 'tell' }],
    ['nothing was told', item(0), 'IN_PROGRESS', { kind: 'tell' }],
    ['its beginning was told', item(1), 'SUCCEEDED', { kind: 'tell' }],
    ['an end that nobody heard was told', item(2), 'SUCCEEDED', { kind: 'tell' }],
    ['the same was told', item(3), 'FAILED', { kind: 'drop', reason: 'duplicate' }],
    ['another end was told', item(3), 'SUCCEEDED', { kind: 'drop', reason: 'duplicate' }],
    ['the end was told', item(3), 'IN_PROGRESS', { kind: 'drop', reason: 'late' }],
    ['the end was told', item(3), 'LOST', { kind: 'drop', reason: 'late' }],
    ['its beginning is being told', item(0, held(1)), 'FAILED', { kind: 'wait', until: NOW + 1 }],
    ['the same is being told', item(1, held(3)), 'FAILED', { kind: 'wait', until: NOW + 1 }],
    ['the end is being told', item(0, held(3)), 'IN_PROGRESS', { kind: 'drop', reason: 'late' }],
    ['whoever told it is dead', item(0, held(3, NOW)), 'FAILED', { kind: 'tell' }],
  ] as const)('%s', (_, stored, status, expected) => {
    expect(decide(stored, status, NOW)).toEqual(expected);
  });

  it('every end outranks the beginning, and only a true end is the last word', () => {
    const ends = (['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT', 'FAULT'] as const).map(rankOf);
    expect([new Set(ends).size, Math.max(...ends) > rankOf('UNKNOWN'), rankOf('LOST') > rankOf('IN_PROGRESS')]).toEqual(
      [1, true, true],
    );
  });
});
