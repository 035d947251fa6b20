import { describe, expect, it } from '@jest/globals';
import { accountWithApp, addRepository, clean, writes } from './scene.ts';
import { accountWithThings, all, left, probe, ref, run } from './things.ts';

describe('execute, when the time is up', () => {
  it('starts nothing once the time is up; names what was not reached, once for each resource', async () => {
    let time = 1;
    const { worked, report } = await run(
      {
        finding: all,
        work: (stage, { logicalId }) => {
          if (stage === 'seal' && logicalId === 'B') time = 0;
          return {};
        },
      },
      { remaining: () => time },
    );
    expect(worked).toEqual(['quiesce A', 'quiesce B', 'seal A', 'seal B']);
    expect(report.outcome).toBe('unfinished');
    expect(report.leftovers).toEqual(
      ['A', 'B'].map((logicalId) => ({
        resource: ref(logicalId),
        what: 'up to 3 things',
        why: 'the time ran out before stage drain was done',
        remedy: 'Delete the stack again: the work goes on where it stopped.',
        blocks: true,
      })),
    );
  });

  it('before a step: the ones that are waiting are not begun', async () => {
    let time = 1;
    const account = accountWithThings('A', 'B', 'C', 'D', 'E', 'F');
    const probed = probe({
      work: () => {
        time = 0;
        return {};
      },
    });
    const { report } = await clean(account, 'app', { cleaners: [probed.definition], remaining: () => time });
    expect(probed.worked).toEqual(['drain A']);
    expect(report.leftovers.map(({ resource }) => resource.logicalId)).toEqual(['B', 'C', 'D', 'E', 'F']);
  });

  it('a step that did not finish ends the run after its stage; what it removed counts', async () => {
    const { worked, report } = await run({
      finding: all,
      work: (stage, resource) => ({
        finished: stage !== 'drain' || resource.logicalId === 'B',
        removed: stage === 'drain' ? [{ resource, kind: 'thing', count: 2 }] : [],
      }),
    });
    expect(worked.at(-1)).toBe('drain B');
    expect(report.outcome).toBe('unfinished');
    expect(report.removed.map(({ count }) => count)).toEqual([2, 2]);
    expect(report.leftovers.map(({ resource, why }) => [resource.logicalId, why])).toEqual([
      ['A', 'the time ran out before stage drain was done'],
      ['B', 'the time ran out before stage verify was done'],
    ]);
  });

  it('what draining left stays left where verifying did not come to its end', async () => {
    const { report } = await run({
      finding: () => ({ stages: ['drain', 'verify'] }),
      work: (stage, resource) =>
        stage === 'drain' ? { leftovers: [left(resource, { why: 'said by drain' })] } : { finished: false },
    });
    expect(report).toMatchObject({
      outcome: 'unfinished',
      leftovers: [{ why: 'said by drain' }, { why: 'said by drain' }],
    });
  });

  it('a leftover that blocks nothing does not hide what was not reached; log streams need no sentence', async () => {
    const { report } = await run({
      finding: ({ logicalId }) => ({ stages: logicalId === 'A' ? ['seal', 'drain'] : ['logStreams'] }),
      work: (_stage, resource) => ({ leftovers: [left(resource, { blocks: false })], finished: false }),
    });
    expect(report.leftovers.map(({ resource, why, blocks }) => [resource.logicalId, why, blocks])).toEqual([
      ['A', 'it is stuck', false],
      ['A', 'the time ran out before stage seal was done', true],
    ]);
  });

  it('what never blocked a delete does not block it for want of time either', async () => {
    const { report } = await run({ finding: () => ({ blocks: false }), work: () => ({ finished: false }) });
    expect(report.leftovers.map(({ blocks }) => blocks)).toEqual([false, false]);
  });

  it('log streams that the time did not suffice for are a note: CloudFormation removes them', async () => {
    const { report } = await run({
      finding: all,
      work: (stage, { logicalId }) => ({ finished: stage !== 'logStreams' || logicalId === 'A' }),
    });
    expect(report).toMatchObject({
      outcome: 'clean',
      leftovers: [],
      notes: [{ code: 'LOG_STREAMS_LEFT', resource: ref('B') }],
    });
  });

  it('out of time while looking: nothing is begun, and that is not a refusal', async () => {
    const { worked, report, account } = await run({}, { remaining: () => 0 });
    expect(worked).toEqual([]);
    expect(writes(account)).toEqual([]);
    expect(report).toMatchObject({ outcome: 'unfinished', refusals: [{ code: 'OUT_OF_TIME' }] });
    expect(report.refusals[0]?.sentence).toContain('0 of 2 resources');
  });

  it('run again after the time was up: it goes on where it stopped', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    account.ecr.fill('images', 400, 'more');
    let time = 1;
    account.log.onCall(({ action }) => {
      if (action === 'ecr:BatchDeleteImage') time = 0;
    });
    const first = await clean(account, 'app', { remaining: () => time });
    expect(first.report.outcome).toBe('unfinished');
    const rest = account.ecr.digests('images').length;
    expect(rest).toBeLessThan(405);
    const second = await clean(account, 'app');
    expect(second.report).toMatchObject({ outcome: 'clean', removed: [{ count: rest }] });
    expect(account.ecr.digests('images')).toEqual([]);
  });
});
