/**
 * Teardowns of any account, with whatever AWS answers and whatever happens meanwhile, killed at any call and begun again: only
 * what was asked for is touched, in order; every stack has one end and the report is true; and it comes to an end.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AwsFailure } from '#functions/errors.ts';
import { TeardownRequest } from '#functions/schemas/teardown-request.ts';
import type { TeardownReport } from '#functions/teardown/model.ts';
import { planTeardown } from '#functions/teardown/plan.ts';
import { runTeardown } from '#functions/teardown/run.ts';
import { Traveller } from '#functions/teardown/travel.ts';
import { letHappen } from './meanwhile.ts';
import { depsOf, stackIdOf, statusOf } from './running.ts';
import { DELETE_ROLE } from './stepping.ts';
import { build, rightsIn, type Scene, type World, worlds } from './worlds.ts';

class Killed extends Error {}

const READ = /^\w+:(Describe|List|Get|BatchGet)/;
const callsIn = (calls: Readonly<Record<string, number>>) =>
  Object.values(calls).reduce((sum, count) => sum + count, 0);
const MOST_STEPS_OF_A_STACK = 60;

/** Watches the calls of a run; throws in the run where one is not allowed, and again in the test. */
function watch({ where, mayTouch, order }: Scene): () => void {
  const wrong: string[] = [];
  where.account.log.onCall(({ action, target }) => {
    if (READ.test(action)) return;
    if (!mayTouch.has(target)) wrong.push(`${action} on ${target}`);
    if (action !== 'cloudformation:DeleteStack') return;
    for (const [first, next] of order) {
      if (stackIdOf(next) === target && statusOf(where, first) !== 'DELETE_COMPLETE') {
        wrong.push(`${next} is deleted while ${first} is ${statusOf(where, first)}`);
      }
    }
  });
  return () => expect(wrong).toEqual([]);
}

/** One request, as somebody makes it; undefined where it could not even be planned. */
async function run(scene: Scene, world: World, name: string): Promise<TeardownReport | undefined> {
  const { where, asked } = scene;
  const { log, clock } = where.account;
  const before = log.calls.length;
  const startedAt = clock.now();
  const deps = depsOf(where, { rights: rightsIn(world) });
  const write = () => log.calls.slice(before).filter(({ action }) => !READ.test(action));
  try {
    const request = TeardownRequest.parse({ stacks: asked, mode: 'execute', options: world.consents });
    const plan = await planTeardown(deps, request, () => 900_000);
    expect(write()).toEqual([]);
    const report = await runTeardown(deps, plan, {
      run: name,
      startedAt,
      onJourney: (journey) => {
        expect(journey.steps).toBeLessThan(MOST_STEPS_OF_A_STACK);
        travels(journey);
      },
    });
    expect(report.stacks.map(({ stackId }) => stackId).toSorted()).toEqual(
      plan.refusals.length > 0 ? [] : plan.waves.flat().toSorted(),
    );
    if (plan.refusals.length > 0) expect(write()).toEqual([]);
    expect(callsIn(report.calls)).toBe(log.calls.length - before);
    return report;
  } catch (thrown) {
    if (!(thrown instanceof AwsFailure) && !(thrown instanceof Killed)) throw thrown;
    expect(write()).toEqual([]);
    return undefined;
  }
}

/** What a step gives is what the next one gets, through JSON and the schema of the state machine. */
function travels(journey: Parameters<NonNullable<Parameters<typeof runTeardown>[2]['onJourney']>>[0]): void {
  // A person's own rights never travel.
  const deletesAs = journey.deletesAs.kind === 'caller' ? ({ kind: 'nobody' } as const) : journey.deletesAs;
  const sent = JSON.parse(JSON.stringify({ journey: { ...journey, deletesAs }, bytes: 1_000 }));
  expect(Traveller.parse(sent)).toStrictEqual(sent);
}

/** CloudFormation takes the stack's role where it is given none, and the caller's rights where the stack has none either. */
function neverOwnRights({ rights }: World, { where }: Scene): void {
  for (const { stack, roleArn } of where.stackDeletion.begun) {
    const own = where.account.cloudFormation.peek(stack).facts.roleArn;
    if (own !== undefined) expect([stack, roleArn]).toEqual([stack, undefined]);
    else expect([stack, roleArn]).toEqual([stack, rights === 'person' ? undefined : DELETE_ROLE]);
    expect([stack, own ?? rights]).not.toEqual([stack, 'service without a role']);
  }
}

/** Is what the report says of each stack so? */
function isTrue(report: TeardownReport, { where, repositories }: Scene, quiet: boolean): void {
  expect(report.outcome === 'deleted').toBe(
    report.refusals.length === 0 && report.stacks.every(({ outcome }) => outcome === 'deleted'),
  );
  for (const { stackName, outcome, why, remedy, removed } of report.stacks) {
    const status = statusOf(where, stackName);
    // A run that could not watch any more does not know the end.
    expect([stackName, outcome === 'deleted' || outcome === 'stopped']).toEqual([
      stackName,
      status === 'DELETE_COMPLETE' || outcome === 'stopped',
    ]);
    if (outcome === 'deleted') {
      expect([why, remedy]).toEqual([undefined, undefined]);
    } else {
      expect(why).toMatch(/\S/);
      expect(remedy).toMatch(/\S/);
    }
    if (outcome === 'refused') expect(removed).toEqual([]);
    // A stack that lives on takes pushes again.
    if (quiet && !/^(DELETE|ROLLBACK)_/.test(status)) {
      for (const { name } of repositories.filter(({ stack }) => stack.root === stackName)) {
        expect([stackName, outcome, where.account.ecr.policyNow(name)]).toEqual([stackName, outcome, undefined]);
      }
    }
  }
}

/** Termination protection is off only where the stack goes. */
function isGuardedStill({ trees }: World, { where }: Scene): void {
  for (const [at, { guarded }] of trees.entries()) {
    const { status, terminationProtected } = where.account.cloudFormation.peek(`t${at}`).facts;
    if (guarded && !status.startsWith('DELETE_')) expect([`t${at}`, terminationProtected]).toEqual([`t${at}`, true]);
  }
}

const imagesIn = ({ where, repositories }: Scene) =>
  repositories.reduce((sum, { name }) => sum + where.account.ecr.digests(name).length, 0);
const imagesRemoved = (reports: readonly (TeardownReport | undefined)[]) =>
  reports
    .flatMap((report) => report?.stacks ?? [])
    .flatMap(({ removed }) => removed)
    .reduce((sum, { kind, count }) => sum + (kind === 'image' ? count : 0), 0);

describe('any teardown', () => {
  it('touches what it may, in order, ends, and says what is so', async () => {
    const seen = { deleted: 0, failed: 0, refused: 0, killed: 0, 'lives on': 0, again: 0 };
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const scene = build(world);
        fc.pre(scene.asked.length > 0);
        const { where, repositories, pushed } = scene;
        const { log, ecr } = where.account;
        const allIsWell = watch(scene);
        for (const fault of world.faults) log.fail(fault);
        const end = letHappen(world, scene);
        let dead = world.killedAt !== undefined;
        let killed = false;
        log.onCall((_call, nth) => {
          if (dead && world.killedAt !== undefined && nth >= world.killedAt) {
            killed = true;
            throw new Killed(`killed at call ${nth}`);
          }
        });
        const quiet = world.faults.length === 0;
        const first = await run(scene, world, 'first').catch((thrown: unknown) => {
          if (killed) return undefined;
          throw thrown;
        });
        dead = false;
        allIsWell();
        if (first && !killed) {
          isTrue(first, scene, quiet);
          if (quiet) isGuardedStill(world, scene);
        }
        for (const stack of first?.stacks ?? []) {
          seen[stack.outcome === 'stopped' ? 'failed' : stack.outcome] += 1;
        }
        seen.killed += killed ? 1 : 0;

        end();
        log.heal();
        const second = await run(scene, world, 'second');
        allIsWell();
        expect(second).toBeDefined();
        if (second) isTrue(second, scene, true);
        neverOwnRights(world, scene);
        seen.again += second?.outcome === 'deleted' && (first?.outcome !== 'deleted' || killed) ? 1 : 0;

        // What must not be touched is as it was, and what went was counted once.
        for (const { name, touchable } of repositories) {
          if (!touchable) expect([name, ecr.digests(name).length]).toEqual([name, pushed.get(name)]);
        }
        const gone = [...pushed.values()].reduce((sum, count) => sum + count, 0) - imagesIn(scene);
        if (killed) expect(imagesRemoved([second])).toBeLessThanOrEqual(gone);
        else expect(imagesRemoved([first, second])).toBe(gone);

        // A third time there is nothing to do where the second has done it all, or may do nothing.
        if (second?.outcome !== 'failed') {
          const before = log.calls.length;
          const third = await run(scene, world, 'third');
          expect(third?.stacks).toEqual([]);
          expect(log.calls.slice(before).filter(({ action }) => !READ.test(action))).toEqual([]);
        }
      }),
      { numRuns: Number(process.env['WORLDS'] ?? 300) },
    );
    // The worlds are of every kind.
    expect(Object.entries(seen).filter(([, count]) => count === 0)).toEqual([]);
  }, 120_000);
});
