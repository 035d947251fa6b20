import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NoticeStore, OpenBuild } from '#functions/builds/ports.ts';

const NOW = Date.parse('2026-11-09T04:00:00Z');
const PLACE = { channel: 'C0BUILDS', ts: '1.000001' };

async function allOf(pages: AsyncIterable<readonly OpenBuild[]>): Promise<readonly OpenBuild[]> {
  const all: OpenBuild[] = [];
  for await (const page of pages) {
    all.push(...page);
  }
  return all;
}

/** What every notice store does: the one over DynamoDB, and the fake that the flow is tested on. */
export function noticeStoreContract(make: () => NoticeStore | Promise<NoticeStore>): void {
  let store: NoticeStore;
  let next = 0;
  /** Of this test alone: a store over a table outlives it. */
  let build: OpenBuild;
  const claim = (owner: string, rank: number, { now = NOW, seconds = 60 } = {}) =>
    store.claim(build, { owner, rank, now, until: now + seconds * 1_000 });
  const told = (owner: string, rank: number, more: object = {}) => ({
    buildId: build.buildId,
    owner,
    status: rank === 1 ? 'IN_PROGRESS' : 'FAILED',
    rank,
    closed: rank > 1,
    place: undefined,
    branch: { key: build.buildId, record: '{}', version: 0 },
    now: NOW,
    ...more,
  });
  const openNow = async () => (await allOf(store.open(NOW + 1))).find(({ buildId }) => buildId === build.buildId);

  beforeEach(async () => {
    store = await make();
    const buildId = `xxxx:${Date.now()}-${++next}`;
    build = {
      buildId,
      arn: `arn:aws:codebuild:r:a:build/${buildId}`,
      startedAt: NOW - 1_000,
      number: 7,
      branch: 'main',
    };
  });

  describe('a claim', () => {
    it('of a build that was never heard of is given, and the build is open from then on', async () => {
      expect(await claim('one', 1)).toEqual({
        claimed: true,
        item: { buildId: build.buildId, rank: 0, claim: { owner: 'one', rank: 1, until: NOW + 60_000 } },
      });
      expect(await openNow()).toEqual(build);
      expect((await allOf(store.open(NOW))).filter(({ buildId }) => buildId === build.buildId)).toEqual([]);
    });

    it('is not given twice while it lasts, whatever the rank, and says who has it', async () => {
      await claim('one', 1);
      expect(await claim('two', 3)).toMatchObject({
        claimed: false,
        item: { rank: 0, claim: { owner: 'one', rank: 1 } },
      });
    });

    it('that is repeated by its owner meets itself', async () => {
      await claim('one', 3);
      expect(await claim('one', 3)).toMatchObject({ claimed: true, item: { rank: 0 } });
    });

    it('is taken over when it has run out, and the first owner may not commit any more', async () => {
      await claim('one', 3);
      expect(await claim('two', 3, { now: NOW + 60_000 })).toMatchObject({ claimed: true });
      expect(await store.commit(told('one', 3))).toBe('claimLost');
      expect(await store.commit(told('two', 3))).toBe('committed');
    });

    it('is free again when it was released, by its owner alone', async () => {
      await claim('one', 3);
      await store.release(build.buildId, 'two');
      expect(await claim('two', 3)).toMatchObject({ claimed: false });
      await store.release(build.buildId, 'one');
      expect(await claim('two', 3)).toMatchObject({ claimed: true });
    });

    it('of what was told, or of something earlier, is not given', async () => {
      await claim('one', 3);
      await store.commit(told('one', 3));
      for (const rank of [1, 2, 3]) {
        expect(await claim('two', rank)).toEqual({
          claimed: false,
          item: { buildId: build.buildId, rank: 3, status: 'FAILED' },
        });
      }
    });
  });

  describe('what was told', () => {
    it('stands in the build with its place, and an end closes the build', async () => {
      await claim('one', 1);
      await store.commit(told('one', 1, { place: PLACE }));
      expect(await openNow()).toEqual(build);
      expect(await claim('two', 3)).toMatchObject({
        claimed: true,
        item: { rank: 1, status: 'IN_PROGRESS', place: PLACE },
      });
      await store.commit(told('two', 3, { branch: { key: build.buildId, record: '{"a":1}', version: 1 } }));
      expect(await openNow()).toBeUndefined();
      expect(await claim('three', 3)).toMatchObject({ item: { rank: 3 } });
      expect((await claim('three', 3)).item).not.toHaveProperty('place');
    });

    it('leaves an end open that nobody heard, when the true one comes after all', async () => {
      await claim('one', 2);
      await store.commit(told('one', 2));
      expect(await openNow()).toBeUndefined();
      await claim('two', 3);
      expect(await openNow()).toEqual(build);
    });

    it('is written with the branch or not at all', async () => {
      expect(await store.branch(build.buildId)).toBeUndefined();
      await claim('one', 3);
      expect(await store.commit(told('one', 3))).toBe('committed');
      expect(await store.branch(build.buildId)).toEqual({ record: '{}', version: 1 });
      const other = { ...build, buildId: `${build.buildId}-b` };
      await store.claim(other, { owner: 'two', rank: 3, now: NOW, until: NOW + 1_000 });
      const late = { ...told('two', 3), buildId: other.buildId };
      expect(await store.commit(late)).toBe('branchChanged');
      expect(await store.claim(other, { owner: 'three', rank: 3, now: NOW + 2_000, until: NOW + 3_000 })).toMatchObject(
        {
          claimed: true,
          item: { rank: 0 },
        },
      );
      expect(await store.branch(build.buildId)).toEqual({ record: '{}', version: 1 });
    });

    it('may be half of it: the place is kept for a repetition, by the owner alone', async () => {
      await claim('one', 3);
      await store.keepPlace(build.buildId, 'two', { ...PLACE, ts: '2' });
      await store.keepPlace(build.buildId, 'one', PLACE);
      await store.release(build.buildId, 'one');
      expect(await claim('two', 3)).toMatchObject({ item: { rank: 0, place: PLACE } });
    });
  });

  it('keeps the last good routes, and lets one alone report a wrong document', async () => {
    await store.keepRoutes('{"good":1}', 'g1');
    await store.keepRoutes('{"good":1}', 'g1');
    expect(await store.lastRoutes()).toBe('{"good":1}');
    expect([await store.firstToReport('w1'), await store.firstToReport('w1'), await store.firstToReport('w2')]).toEqual(
      [true, false, true],
    );
    await store.notReported('w2');
    expect([await store.firstToReport('w2'), await store.lastRoutes()]).toEqual([true, '{"good":1}']);
    await store.keepRoutes('{"good":1}', 'g1');
    expect(await store.firstToReport('w2')).toBe(true);
  });
}
