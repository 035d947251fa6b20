/**
 * A teardown that is killed at any call, and the same request made again: the stacks are gone, nothing was removed twice, and
 * the second report is true. Killed means what a time-out of Lambda means: the call may or may not have been carried out,
 * and nothing of this run is done any more.
 */
import { describe, expect, it } from '@jest/globals';
import { addImporter, addPipeline, type Place, place, statusOf, teardownIn } from './running.ts';

const STACKS = ['xxxx-build', 'xxxx-deploy-user'];

function world(): Place {
  const where = addImporter(addPipeline(place(), 'xxxx'), 'xxxx');
  where.account.codeBuild.addProject('xxxx', { builds: [2_000] });
  return where;
}

/** Calls of a run that nobody disturbs. */
async function callsOfWholeRun(): Promise<number> {
  const where = world();
  await teardownIn(where, STACKS);
  return where.account.log.calls.length;
}

class Killed extends Error {}

/** Runs until a call, at which the process ends: no call of this run succeeds any more, and nobody hears its result. */
async function killedAt(where: Place, at: number): Promise<void> {
  let dead = true;
  const end = new Promise<void>((resolve) => {
    where.account.log.onCall((_call, nth) => {
      if (dead && nth >= at) {
        resolve();
        throw new Killed(`killed at call ${nth}`);
      }
    });
  });
  const run = teardownIn(where, STACKS, {}, 'first').catch((thrown: unknown) => {
    if (!(thrown instanceof Killed)) throw thrown;
  });
  await Promise.race([run, end]);
  await run;
  dead = false;
}

const total = await callsOfWholeRun();

describe('killed and begun again', () => {
  it('has enough calls to be killed at', () => {
    expect(total).toBeGreaterThan(40);
  });

  it.each(Array.from({ length: total }, (_, at) => at + 1))('at call %i', async (at) => {
    const where = world();
    await killedAt(where, at);
    const report = await teardownIn(where, STACKS, {}, 'second');
    expect(report).toMatchObject({ outcome: 'deleted' });
    expect(report.stacks.map(({ outcome }) => outcome)).toEqual(report.stacks.map(() => 'deleted'));
    expect(STACKS.map((name) => statusOf(where, name))).toEqual(['DELETE_COMPLETE', 'DELETE_COMPLETE']);
    expect(where.account.ecr.digests('xxxx')).toEqual([]);
    // A stack whose delete had begun is not asked for a second time.
    const begun = where.stackDeletion.begun.map(({ stack }) => stack);
    expect(begun.toSorted()).toEqual(STACKS.toSorted());
    expect(begun.indexOf('xxxx-deploy-user')).toBeLessThan(begun.indexOf('xxxx-build'));
  });
});
