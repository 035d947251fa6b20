import { describe, expect, it } from '@jest/globals';
import { STAGES } from '#functions/core/model.ts';
import { turn } from '#test/fakes/call-log.ts';
import { awsFailure } from '#test/fakes/index.ts';
import { accountWithApp, addRepository, clean, plan } from './scene.ts';
import { accountWithThings, all, left, probe, ref, run } from './things.ts';

describe('execute', () => {
  it('goes stage by stage: no resource enters one before all have left the one before', async () => {
    const ended: string[] = [];
    const { worked, report } = await run({
      finding: all,
      work: async (stage, { logicalId }) => {
        // B always comes first, however busy the machine is.
        for (let turns = logicalId === 'A' ? 5 : 0; turns > 0; turns -= 1) await turn();
        ended.push(`${stage} ${logicalId}`);
        return {};
      },
    });
    expect(worked).toEqual(STAGES.flatMap((stage) => [`${stage} A`, `${stage} B`]));
    expect(ended).toEqual(STAGES.flatMap((stage) => [`${stage} B`, `${stage} A`]));
    expect(report).toMatchObject({ outcome: 'clean', leftovers: [] });
  });

  it.each([
    [
      'at once',
      () => {
        throw new TypeError('x is not a function');
      },
    ],
    ['later', () => Promise.reject(new TypeError('x is not a function'))],
  ])('goes on with the others when one throws %s', async (_when, fail) => {
    const { worked, report } = await run({
      finding: () => ({ stages: ['drain', 'verify'] }),
      work: (stage, { logicalId }) =>
        stage === 'drain' && logicalId === 'A'
          ? fail()
          : { removed: [{ resource: ref('B'), kind: 'thing', count: 1 }] },
    });
    expect(worked).toEqual(['drain A', 'drain B', 'verify A', 'verify B']);
    expect(report.removed).not.toEqual([]);
  });

  it('a step that threw leaves what was found, with who must act', async () => {
    const { report } = await run({
      work: (_stage, { logicalId, physicalId }) => {
        if (logicalId === 'A') throw awsFailure('test:Remove', physicalId, 'AccessDeniedException');
        throw new Error('no idea');
      },
    });
    expect(report).toMatchObject({ outcome: 'blocked', removed: [] });
    expect(report.leftovers).toEqual([
      {
        resource: ref('A'),
        what: 'up to 3 things',
        why: 'test:Remove on thing-a: AccessDeniedException: AccessDeniedException from the fake',
        remedy: 'An administrator must allow test:Remove to the role of the function; then delete the stack again.',
        blocks: true,
      },
      {
        resource: ref('B'),
        what: 'up to 3 things',
        why: 'no idea',
        remedy: 'Delete the stack again; if it fails again, remove this resource by hand.',
        blocks: true,
      },
    ]);
  });

  it('a failure that no right would mend does not send anybody to an administrator', async () => {
    const { report } = await run({
      work: (_stage, { physicalId }) => {
        throw awsFailure('test:Remove', physicalId, 'ThrottlingException');
      },
    });
    expect(report.leftovers[0]?.remedy).toMatch(/^Delete the stack again/);
  });

  it('a verification that throws leaves the resource in doubt, and doubt blocks', async () => {
    const { report } = await run({
      finding: () => ({ stages: ['drain', 'verify'] }),
      work: (stage) => {
        if (stage === 'verify') throw new Error('cannot list');
        return {};
      },
    });
    expect(report.outcome).toBe('blocked');
  });

  it.each(['quiesce', 'seal'] as const)('a failure to %s blocks nothing by itself', async (failing) => {
    const { report, worked } = await run({
      finding: () => ({ stages: [failing, 'drain'] }),
      work: (stage) => {
        if (stage === failing) throw new Error('no');
        return {};
      },
    });
    expect(worked).toContain('drain A');
    expect(report.outcome).toBe('clean');
    expect(report.leftovers).toHaveLength(2);
  });

  it('a failure on what never blocked a delete does not make the run blocked', async () => {
    const { report } = await run({
      finding: () => ({ blocks: false }),
      work: () => {
        throw new Error('no');
      },
    });
    expect(report.outcome).toBe('clean');
    expect(report.leftovers.map(({ blocks }) => blocks)).toEqual([false, false]);
  });

  it('verifying has the last word: what draining left and verifying no longer finds is not left', async () => {
    const stages = () => ({ stages: ['drain', 'verify'] as const });
    const emptied = await run({
      finding: stages,
      work: (stage, resource) => (stage === 'drain' ? { leftovers: [left(resource)] } : {}),
    });
    expect(emptied.report).toMatchObject({ outcome: 'clean', leftovers: [] });

    const still = await run({
      finding: stages,
      work: (stage, resource) => ({ leftovers: [left(resource, { why: `said by ${stage}` })] }),
    });
    expect(still.report.leftovers.map(({ why }) => why)).toEqual(['said by verify', 'said by verify']);

    const unsure = await run({
      finding: stages,
      work: (stage, resource) => {
        if (stage === 'verify') throw new Error('cannot list');
        return { leftovers: [left(resource)] };
      },
    });
    expect(unsure.report.outcome).toBe('blocked');
    expect(unsure.report.leftovers).toHaveLength(4);
  });

  it('keeps the log streams while something blocks, and says so', async () => {
    const { worked, report } = await run({
      finding: all,
      work: (stage, resource) =>
        stage === 'verify' && resource.logicalId === 'B' ? { leftovers: [left(resource)] } : {},
    });
    expect(worked.filter((step) => step.startsWith('logStreams'))).toEqual([]);
    expect(report.notes.map(({ code }) => code)).toEqual(['LOG_STREAMS_KEPT']);
    expect(report.outcome).toBe('blocked');
  });

  it('keeps the log streams while a refusal blocks, not for a leftover that does not', async () => {
    const refused = await run({
      finding: ({ logicalId }) =>
        logicalId === 'A'
          ? { refusal: { code: 'R', sentence: 's', remedy: 'r', stops: 'resource', blocks: true } }
          : { stages: ['logStreams'] },
    });
    expect(refused.worked).toEqual([]);
    expect(refused.report).toMatchObject({ outcome: 'blocked', notes: [{ code: 'LOG_STREAMS_KEPT' }] });

    const harmless = await run({
      finding: all,
      work: (_stage, resource) => ({ leftovers: [left(resource, { blocks: false })] }),
    });
    expect(harmless.worked).toContain('logStreams A');
    expect(harmless.report.outcome).toBe('clean');
  });

  it('the sums: one row for each resource and kind, none for nothing, none for failures', async () => {
    const { report } = await run({
      finding: ({ logicalId }) => ({ stages: logicalId === 'A' ? ['drain', 'verify'] : ['drain'] }),
      work: (stage, resource) => ({
        removed: [
          { resource, kind: 'thing', count: stage === 'drain' ? 3 : 1 },
          { resource, kind: 'other', count: 0 },
        ],
      }),
    });
    expect(report.removed).toEqual([
      { resource: ref('A'), kind: 'thing', count: 4 },
      { resource: ref('B'), kind: 'thing', count: 3 },
    ]);
  });

  it('counts the calls of this run alone, and its milliseconds from the first read on', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    await plan(account, 'app');
    const before = account.log.calls.length;
    account.log.onCall(({ action }) => {
      if (action === 'cloudformation:DescribeStacks') account.clock.advance(250);
    });
    const started = account.clock.now();
    const { report } = await clean(account, 'app');
    expect(Object.values(report.calls).reduce((sum, count) => sum + count, 0)).toBe(account.log.calls.length - before);
    expect(report.calls).toMatchObject({ 'cloudformation:DescribeStacks': 1, 'ecr:BatchDeleteImage': 1 });
    expect(report.milliseconds).toBe(account.clock.now() - started);
    expect(report.milliseconds).toBeGreaterThanOrEqual(250);
  });

  it('counts right where the port hands out its own, growing record', async () => {
    const account = accountWithThings('A');
    const growing: Record<string, number> = { 'test:Old': 5 };
    const probed = probe({
      work: () => {
        growing['test:Remove'] = 2;
        return {};
      },
    });
    const ports = { ...account.ports, callsMade: () => growing };
    const { report } = await clean({ ...account, ports }, 'app', { cleaners: [probed.definition] });
    expect(report.calls).toEqual({ 'test:Remove': 2 });
  });

  it('reports carry no declared property, even where a cleaner hands in the whole resource', async () => {
    const { report } = await run({
      work: (_stage, resource) => ({
        removed: [{ resource, kind: 'thing', count: 1 }],
        leftovers: [left(resource)],
        notes: [{ code: 'N', resource, sentence: 's' }],
      }),
    });
    expect(report.removed).toHaveLength(2);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it('shows the plan before the first step, and every step as it begins and ends', async () => {
    const told: string[] = [];
    await run(
      {
        work: (stage, { logicalId }) => {
          told.push(`work ${stage} ${logicalId}`);
          return {};
        },
      },
      {
        onPlan: (made) => told.push(`plan of ${made.steps.length}`),
        onStep: (event, step, result) =>
          told.push(`${event} ${step.resource.logicalId} ${result?.finished ?? ''}`.trim()),
      },
    );
    expect(told[0]).toBe('plan of 2');
    expect(told.slice(1).toSorted()).toEqual(
      ['started A', 'started B', 'work drain A', 'work drain B', 'completed A true', 'completed B true'].toSorted(),
    );
    expect(told.indexOf('started A')).toBeLessThan(told.indexOf('work drain A'));
    expect(told.indexOf('work drain A')).toBeLessThan(told.indexOf('completed A true'));
  });

  it('run twice: the second finds nothing to remove and says clean', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    expect((await clean(account, 'app')).report.removed).toMatchObject([{ kind: 'image', count: 5 }]);
    const { report } = await clean(account, 'app');
    expect(report).toMatchObject({ outcome: 'clean', removed: [], leftovers: [] });
  });
});
