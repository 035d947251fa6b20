import { describe, expect, it } from '@jest/globals';
import { execute } from '#functions/core/execute.ts';
import type { Plan, StackResource, Step } from '#functions/core/model.ts';
import { makePlan } from '#functions/core/plan.ts';
import { accountWithApp, addRepository, clean, NO_SERVICE, OPTIONS } from './scene.ts';
import { finding, node, probe, ref, tree } from './things.ts';

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
      {
        tree: tree(now),
        options: OPTIONS,
        service: { roleArns: [] },
        remaining: () => 1000,
        progress: () => undefined,
      },
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

  it('a refusal that stops everything stops it, whatever steps the plan still names', async () => {
    const refusal = { code: 'R', sentence: 's', remedy: 'r', stops: 'everything', blocks: true } as const;
    const made = { ...old, refusals: [refusal] };
    const { worked, report } = await carryOut(made, node('app', { resources: [thing('A')] }));
    expect(worked).toEqual([]);
    expect(report.outcome).toBe('refused');
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

describe('a stack that is gone, or lives again, before the run is at its end', () => {
  const withBuild = (milliseconds: number) => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    account.cloudFormation.addResource('app', {
      logicalId: 'Project',
      type: 'AWS::CodeBuild::Project',
      physicalId: 'job',
    });
    account.codeBuild.addProject('job', { builds: [milliseconds] });
    return account;
  };

  it.each(['DELETE_COMPLETE', 'DELETE_FAILED', 'CREATE_COMPLETE'])(
    'is left alone from then on (%s): its names may be those of another one by now',
    async (status) => {
      const account = withBuild(60_000);
      const { report } = await clean(account, 'app', {
        onStep: (event, { stage }) => {
          if (event === 'completed' && stage === 'quiesce') {
            account.cloudFormation.setStatus('app', status);
          }
        },
      });
      expect(account.ecr.digests('images')).toHaveLength(5);
      expect(account.ecr.policyNow('images')).toBeUndefined();
      expect(report.notes.map(({ code }) => code)).toContain('STACK_CHANGED');
    },
  );

  it('goes on where that cannot be asked', async () => {
    const account = withBuild(60_000);
    account.log.fail({ action: 'cloudformation:DescribeStacks', after: 1, times: 9, errorName: 'Throttling' });
    const { report } = await clean(account, 'app');
    expect(report.outcome).toBe('clean');
    expect(account.ecr.digests('images')).toEqual([]);
  });

  it('is looked at again only where time has passed, and goes on where nothing has changed', async () => {
    const quick = withBuild(1_000);
    await clean(quick, 'app');
    const slow = withBuild(60_000);
    await clean(slow, 'app');
    expect([quick, slow].map(({ ecr }) => ecr.digests('images'))).toEqual([[], []]);
    expect([quick, slow].map(({ log }) => log.count('cloudformation:DescribeStacks'))).toEqual([1, 2]);
  });
});
