import { describe, expect, it } from '@jest/globals';
import { execute } from '#functions/core/execute.ts';
import type { Leftover, Plan, StackResource, Step } from '#functions/core/model.ts';
import { STAGES } from '#functions/core/model.ts';
import { makePlan } from '#functions/core/plan.ts';
import { awsFailure } from '#test/fakes/index.ts';
import {
  accountWithApp,
  accountWithThings,
  addRepository,
  clean,
  finding,
  NO_SERVICE,
  node,
  OPTIONS,
  type ProbeScript,
  plan,
  probe,
  type RunChanges,
  ref,
  tree,
  writes,
} from './scene.ts';

const all = () => ({ stages: STAGES });
const left = (resource: StackResource, more: Partial<Leftover> = {}): Leftover => ({
  resource,
  what: '1 thing',
  why: 'it is stuck',
  remedy: 'Pull.',
  blocks: true,
  ...more,
});

/** Cleans `app` with things A and B by a scripted cleaner. */
async function run(script: ProbeScript, changes: RunChanges = {}) {
  const account = accountWithThings('A', 'B');
  const probed = probe(script);
  const { plan: made, report } = await clean(account, 'app', { cleaners: [probed.definition], ...changes });
  return { account, plan: made, report, worked: probed.worked };
}

describe('execute', () => {
  it('goes stage by stage: no resource enters one before all have left the one before', async () => {
    const ended: string[] = [];
    const { worked, report } = await run({
      finding: all,
      work: async (stage, { logicalId }) => {
        await new Promise((resolve) => setTimeout(resolve, logicalId === 'A' ? 3 : 0));
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

describe('a plan older than the tree', () => {
  const thing = (logicalId: string, more: Partial<StackResource> = {}): StackResource => ({
    ...ref(logicalId),
    status: 'CREATE_COMPLETE',
    deletionPolicy: 'Delete',
    declared: {},
    ...more,
  });
  const old: Plan = makePlan({
    tree: tree(node('app')),
    options: OPTIONS,
    findings: [finding('A')],
    refusals: [],
    untouched: [],
    notes: [],
  });

  async function carryOut(made: Plan, now: ReturnType<typeof node>, service = NO_SERVICE) {
    const account = accountWithApp();
    const probed = probe();
    const cleaner = probed.definition.create(account.ports);
    const report = await execute(
      { ports: account.ports, cleanerOf: (type) => (type === 'Test::A::Thing' ? cleaner : undefined), service },
      JSON.parse(JSON.stringify(made)),
      { tree: tree(now), options: OPTIONS, remaining: () => 1000, progress: () => undefined },
      { at: account.clock.now(), calls: {} },
    );
    return { codes: report.notes.map(({ code }) => code), worked: probed.worked, report };
  }

  it('is carried out where nothing has changed', async () => {
    expect(await carryOut(old, node('app', { resources: [thing('A')] }))).toMatchObject({
      codes: [],
      worked: ['drain A'],
    });
  });

  it.each([
    ['gone', node('app'), 'NOT_IN_TREE'],
    ['replaced', node('app', { resources: [thing('A', { physicalId: 'thing-new' })] }), 'NOT_IN_TREE'],
    ['of another type', node('app', { resources: [thing('A', { type: 'Test::A::Other' })] }), 'NOT_IN_TREE'],
    ['in another stack', node('other', { resources: [thing('A', { stackId: 'arn:other' })] }), 'NOT_IN_TREE'],
    ['retained by now', node('app', { resources: [thing('A', { deletionPolicy: 'Retain' })] }), 'RETAINED'],
    ['in a retained stack by now', node('app', { retained: true, resources: [thing('A')] }), 'STACK_RETAINED'],
  ])('does not touch what is %s', async (_what, now, code) => {
    const { codes, worked, report } = await carryOut(old, now);
    expect(worked).toEqual([]);
    expect(codes).toEqual([code]);
    expect(report.outcome).toBe('clean');
  });

  it('one note for each resource, not for each step', async () => {
    const step: Step = { stage: 'verify', resource: ref('A') };
    expect((await carryOut({ ...old, steps: [...old.steps, step] }, node('app'))).codes).toEqual(['NOT_IN_TREE']);
  });

  it('does not touch what nothing here cleans', async () => {
    const other = ref('A', { type: 'Test::A::Other' });
    const made = { ...old, steps: [{ stage: 'drain' as const, resource: other }] };
    const now = node('app', { resources: [thing('A', { type: 'Test::A::Other' })] });
    expect(await carryOut(made, now)).toMatchObject({ worked: [], codes: ['NO_CLEANER'] });
  });
});
