import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Finding, Refusal, StackTree, Stage } from '#functions/core/model.ts';
import { STAGES } from '#functions/core/model.ts';
import { makePlan, type PlanInput } from '#functions/core/plan.ts';
import { stackIdOf } from '#test/fakes/index.ts';
import { accountWithApp, addRepository, addRole, OPTIONS, plan, writes } from './scene.ts';
import { accountWithThings, finding, node, probe, ref, tree } from './things.ts';

const input = (more: Partial<PlanInput> = {}): PlanInput => ({
  tree: tree(node('app')),
  options: OPTIONS,
  findings: [],
  refusals: [],
  untouched: [],
  notes: [],
  ...more,
});

const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  code: 'WHY',
  sentence: 'It stands in the way.',
  remedy: 'Move it.',
  stops: 'resource',
  blocks: true,
  ...more,
});

const steps = (made: { steps: readonly { stage: Stage; resource: { logicalId: string } }[] }) =>
  made.steps.map(({ stage, resource }) => `${stage} ${resource.logicalId}`);

describe('makePlan', () => {
  it('puts the stages in order, whatever the order of the findings and of their stages', () => {
    const made = makePlan(
      input({
        findings: [
          finding('A', { stages: ['verify', 'seal', 'drain'] }),
          finding('B', { stages: ['logStreams'] }),
          finding('C', { stages: ['drain', 'quiesce'] }),
        ],
      }),
    );
    expect(steps(made)).toEqual(['quiesce C', 'seal A', 'drain A', 'drain C', 'verify A', 'logStreams B']);
  });

  it('a refusal that stops everything leaves no step, whoever raised it; what was found stays in the plan', () => {
    const findings = [finding('A'), finding('B')];
    expect(makePlan(input({ findings, refusals: [refusal({ stops: 'everything' })] })).steps).toEqual([]);
    const raised = makePlan(
      input({ findings: [finding('A', { refusal: refusal({ stops: 'everything' }) }), finding('B')] }),
    );
    expect(raised.steps).toEqual([]);
    expect(raised.findings).toHaveLength(2);
    expect(raised.refusals).toHaveLength(1);
  });

  it('a refusal that stops a resource leaves no step for that one', () => {
    const made = makePlan(input({ findings: [finding('A', { refusal: refusal() }), finding('B')] }));
    expect(steps(made)).toEqual(['drain B']);
  });

  it('nothing is done about what is gone', () => {
    expect(makePlan(input({ findings: [finding('A', { exists: false })] })).steps).toEqual([]);
  });

  it('lists each stack before what is nested in it, with its depth', () => {
    const under = (parent: string) => ({ parentId: stackIdOf(parent) });
    const made = makePlan(
      input({
        tree: tree(
          // An ARN above the root is not in the tree.
          node('root', under('above')),
          node('a', under('root')),
          node('b', under('root')),
          node('a1', under('a')),
          node('b1', under('b')),
        ),
      }),
    );
    expect(made.stacks.map(({ stackName, depth }) => `${depth} ${stackName}`)).toEqual([
      '0 root',
      '1 a',
      '2 a1',
      '1 b',
      '2 b1',
    ]);
  });

  it('ends where stacks name each other as parent', () => {
    const circle = tree(node('a', { parentId: stackIdOf('b') }), node('b', { parentId: stackIdOf('a') }));
    expect(makePlan(input({ tree: circle })).stacks).toHaveLength(2);
  });

  it('carries no declared property, even where a cleaner hands in the whole resource', async () => {
    const account = accountWithThings('A');
    const { definition } = probe({
      finding: (resource) => ({
        notes: [{ code: 'N', resource, sentence: 's' }],
        refusal: refusal({ resource }),
      }),
    });
    const made = await plan(account, 'app', { cleaners: [definition] });
    expect(made.findings).toHaveLength(1);
    expect(JSON.stringify(made)).not.toContain('hunter2');
  });

  const stage = fc.constantFrom(...STAGES);
  const anyRefusal: fc.Arbitrary<Refusal> = fc.record({
    code: fc.string(),
    sentence: fc.string(),
    remedy: fc.string(),
    stops: fc.constantFrom('everything', 'resource'),
    blocks: fc.boolean(),
  });
  const anyFinding = fc
    .record({
      logicalId: fc.string({ minLength: 1 }),
      exists: fc.boolean(),
      blocks: fc.boolean(),
      contents: fc.array(fc.record({ kind: fc.string(), count: fc.nat() })),
      stages: fc.uniqueArray(stage),
      refusal: fc.option(anyRefusal, { nil: undefined, freq: 4 }),
    })
    .map(({ logicalId, ...more }): Finding => finding(logicalId, more));
  const anyInput = fc
    .record({
      findings: fc.array(anyFinding, { maxLength: 8 }),
      refusals: fc.array(anyRefusal, { maxLength: 1 }),
      names: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 6 }),
    })
    .map(({ names, ...more }): PlanInput => {
      const stacks: StackTree['stacks'] = names.map((name, at) =>
        node(name, at === 0 ? {} : { parentId: stackIdOf(names[Math.floor(at / 2)] ?? '') }),
      );
      return input({ ...more, tree: { stacks } });
    });

  it('is pure data: the same input gives the same plan, and a plan survives JSON', () => {
    fc.assert(
      fc.property(anyInput, (given) => {
        const before = structuredClone(given);
        const made = makePlan(given);
        expect(makePlan(structuredClone(given))).toEqual(made);
        expect(JSON.parse(JSON.stringify(made))).toEqual(made);
        expect(given).toEqual(before);
      }),
    );
  });

  it('has a step exactly for what exists, is not refused, and is stopped by nothing', () => {
    fc.assert(
      fc.property(anyInput, (given) => {
        const made = makePlan(given);
        const stopped = made.refusals.some(({ stops }) => stops === 'everything');
        const wanted = stopped
          ? 0
          : given.findings
              .filter((each) => each.exists && !each.refusal)
              .reduce((sum, each) => sum + each.stages.length, 0);
        expect(made.steps).toHaveLength(wanted);
        const order = made.steps.map((step) => STAGES.indexOf(step.stage));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('planStack', () => {
  it('writes nothing, survives JSON and is the same when asked again', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    addRole(account, 'app', 'worker');
    const first = await plan(account, 'app');
    expect(first.steps.length).toBeGreaterThan(2);
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
    expect(await plan(account, 'app')).toEqual(first);
    expect(writes(account)).toEqual([]);
  });

  it('makes each cleaner once per run', async () => {
    const made = probe();
    await plan(accountWithThings('A', 'B', 'C'), 'app', { cleaners: [made.definition] });
    expect(made.made).toHaveLength(1);
  });

  it('the plan names what it would not touch', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'kept', { deletionPolicy: 'Retain' });
    const made = await plan(account, 'app');
    expect(made.untouched).toEqual([
      {
        resource: ref('Repokept', { type: 'AWS::ECR::Repository', physicalId: 'kept' }),
        code: 'RETAINED',
        sentence: 'Its DeletionPolicy is Retain.',
      },
    ]);
  });
});
