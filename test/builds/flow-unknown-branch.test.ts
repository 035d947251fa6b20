/** CodeBuild tells the branch of a push at the end alone, and of a build that died early never: nothing is claimed of such a branch. */
import { describe, expect, it } from '@jest/globals';
import { parseRecord } from '#functions/builds/branch-record.ts';
import { BOT, eventOf, World } from './flow-world.ts';

const SHA = '3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b';
const on = (branch: string) => ({ version: SHA, exports: { BRANCH_NAME: branch } });
/** It broke off before the buildspec could tell anything. */
const EARLY = { version: SHA };

async function build(world: World, number: number, status: string, more: object): Promise<void> {
  await world.invoke(eventOf({ number, status: 'IN_PROGRESS', version: SHA }));
  await world.invoke(eventOf({ number, status, ...more }));
}

/** Notices say how the branch stands, too. */
function withStanding(): { world: World; standings: string[] } {
  const world = new World(BOT);
  const standings: string[] = [];
  const dependencies = world.dependencies.bind(world);
  world.dependencies = (death) => {
    const all = dependencies(death);
    const notice: typeof all.wording.notice = (of, about, language) => {
      standings.push(`#${of.number} ${of.status}: ${about.history.failedInARow}`);
      return all.wording.notice(of, about, language);
    };
    return { ...all, wording: { ...all.wording, notice } };
  };
  return { world, standings };
}

describe('a build whose branch nobody knows', () => {
  it('is superseded by none: a newer one may be of any branch', async () => {
    const world = new World(BOT);
    await world.invoke(eventOf({ number: 1, status: 'IN_PROGRESS', ...EARLY }));
    await build(world, 2, 'SUCCEEDED', on('other'));
    await world.invoke(eventOf({ number: 1, status: 'FAILED', ...EARLY }));
    expect(world.texts()).toEqual(['#1 FAILED', '#2 SUCCEEDED']);
    expect(world.answers).toMatchObject([{ broadcast: true }]);
  });

  it('is not said to fail again where builds in between ended under their branch', async () => {
    const { world, standings } = withStanding();
    await build(world, 1, 'FAILED', EARLY);
    await build(world, 2, 'SUCCEEDED', on('main'));
    await build(world, 3, 'FAILED', EARLY);
    expect(standings.filter((line) => line.includes('FAILED'))).toEqual(['#1 FAILED: 0', '#3 FAILED: 0']);
  });

  it('has a history in a project whose builds never tell a branch', async () => {
    const { world, standings } = withStanding();
    await build(world, 1, 'FAILED', EARLY);
    await build(world, 2, 'FAILED', EARLY);
    expect(standings.at(-1)).toBe('#2 FAILED: 1');
    expect(parseRecord(world.store.branches.get('xxxx#')?.record ?? '').recent).toHaveLength(2);
  });
});
