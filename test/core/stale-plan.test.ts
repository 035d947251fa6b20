import { describe, expect, it } from '@jest/globals';
import { execute } from '#functions/core/execute.ts';
import type { Plan, StackResource, Step } from '#functions/core/model.ts';
import { makePlan } from '#functions/core/plan.ts';
import { accountWithApp, NO_SERVICE, OPTIONS } from './scene.ts';
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
