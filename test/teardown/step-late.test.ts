import { describe, expect, it } from '@jest/globals';
import type { TeardownDeps } from '#functions/teardown/dependencies.ts';
import { tokenOf } from '#functions/teardown/journey.ts';
import { MOST_STEPS, takeStep } from '#functions/teardown/step.ts';
import { addPipeline, depsOf, type Place, place, statusOf } from './running.ts';
import { begun, changed, isAt, until } from './stepping.ts';

const policyOf = ({ account }: Place) => account.ecr.policy('xxxx');

describe('answers that come late', () => {
  /** The events of the delete stay behind for some looks after it has ended. */
  function lateEvents(where: Place, looks: number): TeardownDeps {
    const deps = depsOf(where);
    let seen = 0;
    return changed(deps, {
      operation: async (stackId, token) => {
        const now = await deps.ports.stackDeletion.operation(stackId, token);
        seen += now?.status === 'DELETE_FAILED' ? 1 : 0;
        return seen > looks ? now : { status: 'DELETE_IN_PROGRESS' };
      },
    });
  }

  it('do not make a long delete one that never began', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.stubborn.set('xxxx-build', 'The group is stubborn.');
    const deps = lateEvents(where, 2);
    let journey = await until(deps, await begun(where, 'xxxx-build'), isAt('watch'));
    // CloudFormation is at it for hours, as far as the looks tell.
    const status = { ...where.account.cloudFormation.peek('xxxx-build').facts, status: 'DELETE_IN_PROGRESS' };
    const busy = changed(deps, {}, { stack: async () => status });
    for (let look = 0; look < 100; look += 1) {
      journey = await takeStep(busy, journey, () => 900_000);
    }
    expect(journey).toMatchObject({ phase: 'watch', wait: 60, looks: 0 });
    where.account.clock.advance(60_000);
    const end = await until(deps, journey);
    expect(end).toMatchObject({ outcome: 'failed', failures: [{ resource: { logicalId: 'Logs' } }] });
  });

  it('do not make a failed delete one that was cancelled', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.stubborn.set('xxxx-build', 'The group is stubborn.');
    const deps = depsOf(where);
    const before = where.account.cloudFormation.peek('xxxx-build').facts;
    // The description shows DELETE_IN_PROGRESS, then for a while what was before the delete.
    const late = changed(
      deps,
      {},
      {
        stack: async (nameOrId) => {
          const now = await deps.ports.cloudFormation.stack(nameOrId);
          return now?.status === 'DELETE_FAILED' ? before : now;
        },
      },
    );
    const end = await until(late, await begun(where, 'xxxx-build'));
    expect(end).toMatchObject({ outcome: 'failed', failures: [{ resource: { logicalId: 'Logs' } }] });
  });

  it('are waited for so long, and then the stack lives on', async () => {
    const where = addPipeline(place(), 'xxxx');
    const deaf = changed(depsOf(where), { deleteStack: async () => {} });
    const start = where.account.clock.now();
    const end = await until(deaf, await begun(where, 'xxxx-build'));
    expect(end).toMatchObject({ outcome: 'lives on', attempt: 1 });
    expect(where.account.clock.now() - start).toBeGreaterThan(60_000);
    expect(await policyOf(where)).toBeUndefined();
  });
});

describe('a step made twice', () => {
  /** The delete is taken, and the process ends before it hears so. */
  const lost = (where: Place): TeardownDeps => {
    const deps = depsOf(where);
    return changed(deps, {
      deleteStack: async (request) => {
        await deps.ports.stackDeletion.deleteStack(request);
        throw new Error('killed');
      },
    });
  };

  it('asks for one delete', async () => {
    const where = addPipeline(place(), 'xxxx');
    const asking = await until(depsOf(where), await begun(where, 'xxxx-build'), isAt('delete'));
    await expect(takeStep(lost(where), asking, () => 900_000)).rejects.toThrow('killed');
    expect(await until(depsOf(where), asking)).toMatchObject({ outcome: 'deleted' });
    expect(where.stackDeletion.begun).toHaveLength(1);
  });

  it('asks for a new one where the lost one has failed meanwhile', async () => {
    const where = addPipeline(place(), 'xxxx');
    where.stubborn.set('xxxx-build', 'The group is stubborn.');
    const asking = await until(depsOf(where), await begun(where, 'xxxx-build'), isAt('delete'));
    await expect(takeStep(lost(where), asking, () => 900_000)).rejects.toThrow('killed');
    const watching = await takeStep(depsOf(where), asking, () => 900_000);
    expect(watching.phase).toBe('watch');
    where.account.clock.advance(60_000);
    await where.account.cloudFormation.stack('xxxx-build');
    expect(statusOf(where, 'xxxx-build')).toBe('DELETE_FAILED');
    where.stubborn.clear();
    expect(await until(depsOf(where), watching)).toMatchObject({ outcome: 'deleted' });
    expect(where.stackDeletion.begun).toHaveLength(2);
  });

  it('has a token of the whole ARN, of a length that CloudFormation takes', () => {
    const token = (stackId: string, steps = 3) => tokenOf({ run: 'r'.repeat(80), steps, stackId });
    const one = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/a/51af3dc0-da77-11e4-872e-1234567abcdb';
    const other = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/b/62b04ed1-da77-11e4-983f-1234567abcdb';
    expect(token(one)).not.toBe(token(other));
    expect(token(one)).not.toBe(token(one, 4));
    expect(token(one)).toBe(token(one));
    expect(token(one, MOST_STEPS)).toMatch(/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/);
  });
});
