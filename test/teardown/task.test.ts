import { beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { LogCode, LogFields } from '#functions/log.ts';
import { type Planned, runOf, runTask, type TaskDeps } from '#functions/teardown/task.ts';
import { addImporter, addPipeline, depsOf, type Place, place } from './running.ts';

const DELETE_ROLE = 'arn:aws:iam::123456789012:role/clean-exit-delete';
const LONG = () => 300_000;
const LONG_NAME = 'a'.repeat(100);
let where: Place;
let lines: { readonly code: LogCode; readonly fields: LogFields | undefined }[];

beforeEach(() => {
  where = place();
  where.account.iam.addRole('clean-exit-delete');
  lines = [];
});

function deps(): TaskDeps {
  const keep = (code: LogCode, fields?: LogFields) => void lines.push({ code, fields });
  const log = { info: keep, warn: keep, error: keep, remember: () => {} };
  const rights = { kind: 'service' as const, deleteRoleArn: DELETE_ROLE };
  return { ...depsOf(where, { rights }), log, openMessenger: () => 'nobody wants to know' };
}

/** As the state machine does it: what goes in and comes out is JSON. */
async function task(input: unknown): Promise<Record<string, unknown>> {
  const answer = await runTask(deps(), JSON.parse(JSON.stringify(input)), LONG);
  return JSON.parse(JSON.stringify(answer));
}

const plan = async (request: unknown, run = 'run-1') => {
  const planned: unknown = await task({ task: 'plan', request, run });
  return planned as Planned;
};

/** Takes every stack to its end, and reports, as the state machine does. */
async function carryOut(request: unknown): Promise<Record<string, unknown>> {
  const { waves, mode, refusals, startedAt, calls, run } = await plan(request);
  const ended: unknown[][] = [];
  for (const wave of waves) {
    const arrived: unknown[] = [];
    for (let traveller of wave) {
      while (traveller.journey.phase !== 'done') {
        const next: unknown = await task({ task: 'step', ...traveller });
        traveller = next as typeof traveller;
        await where.account.clock.sleep(1000 * traveller.journey.wait);
      }
      arrived.push(traveller);
    }
    ended.push(arrived);
  }
  return task({ task: 'report', run, mode, refusals, startedAt, calls, waves: ended });
}

describe('plan', () => {
  it('hands on no journey where only a plan was asked for, but the whole plan', async () => {
    addPipeline(where, 'xxxx');
    const planned = await plan({ stacks: ['xxxx-build'] });
    expect(planned).toMatchObject({ run: 'run-1', mode: 'plan', begins: false, waves: [], refusals: [] });
    expect(planned.plan?.stacks).toMatchObject([{ stackName: 'xxxx-build' }]);
    expect(lines.map(({ code }) => code)).toEqual(['TEARDOWN_PLANNING', 'PLAN']);
  });

  it('begins wave by wave where it is to be carried out', async () => {
    addImporter(addPipeline(where, 'xxxx'), 'xxxx');
    const { begins, waves } = await plan({ stacks: ['xxxx-build', 'xxxx-deploy-user'], mode: 'execute' });
    expect(begins).toBe(true);
    expect(waves.map((wave) => wave.map(({ journey }) => journey.stackName))).toEqual([
      ['xxxx-deploy-user'],
      ['xxxx-build'],
    ]);
  });

  it('begins nothing where something is refused', async () => {
    addImporter(addPipeline(where, 'xxxx'), 'xxxx');
    const { begins, waves, refusals } = await plan({ stacks: ['xxxx-build'], mode: 'execute' });
    expect({ begins, waves, codes: refusals.map(({ code }) => code) }).toEqual({
      begins: false,
      waves: [],
      codes: ['IMPORTED'],
    });
    expect(lines.at(-1)).toEqual({ code: 'TEARDOWN_REFUSED', fields: { run: 'run-1', refusals: ['IMPORTED'] } });
  });

  it('refuses more than the state machine could carry, and then hands on no plan that is too long itself', async () => {
    for (let number = 0; number < 45; number += 1) {
      addPipeline(where, `${LONG_NAME}-${number}`);
    }
    const stacks = Array.from({ length: 45 }, (_, number) => `${LONG_NAME}-${number}-build`);
    const planned = await plan({ stacks, mode: 'execute' });
    expect(planned.begins).toBe(false);
    expect(planned.refusals).toMatchObject([{ code: 'TOO_MUCH', remedy: expect.stringContaining('fewer stacks') }]);
    expect(JSON.stringify(planned).length).toBeLessThan(256 * 1024);
    expect(planned.plan).toBeUndefined();
    // The log has it.
    expect(lines.find(({ code }) => code === 'PLAN')?.fields).toMatchObject({ plan: { stacks: { length: 45 } } });
  });

  it.each([
    ['no request', undefined, ['the request']],
    [
      'every fault',
      { stacks: ['a*', 7], mode: 'now', options: { force: true } },
      ['stacks.0', 'stacks.1', 'mode', 'options.force'],
    ],
  ])('names in one error: %s', async (_, request, fields) => {
    const failing = task({ task: 'plan', request, run: 'run-1' });
    await expect(failing).rejects.toMatchObject({ name: 'REQUEST_INVALID', code: 'REQUEST_INVALID' });
    await failing.catch(({ message }: Error) => {
      for (const field of fields) expect(message).toContain(`${field} `);
    });
  });
});

describe('a teardown through the state machine', () => {
  it('is reported with what was removed, and every call is counted once', async () => {
    addImporter(addPipeline(where, 'xxxx', 7), 'xxxx');
    const before = where.account.log.calls.length;
    const report = await carryOut({ stacks: ['xxxx-build', 'xxxx-deploy-user'], mode: 'execute' });
    expect(report).toMatchObject({
      outcome: 'deleted',
      run: 'run-1',
      stacks: [{ stackName: 'xxxx-deploy-user' }, { stackName: 'xxxx-build', outcome: 'deleted', attempts: 1 }],
    });
    expect(JSON.stringify(report)).toContain('"kind":"image","count":7');
    expect(where.account.log.calls.length).toBeGreaterThan(before);
    const codes = lines.map(({ code }) => code);
    expect(codes.at(-1)).toBe('REPORT');
    expect(codes.filter((code) => code === 'TEARDOWN_STEP_STARTED').length).toBe(
      codes.filter((code) => code === 'TEARDOWN_STEP_COMPLETED').length,
    );
  });

  it.each([
    [
      'by Lambda',
      { Error: 'BUG', Cause: '{"errorType":"BUG","errorMessage":"the \\"thing\\" is \\u00e9mpty","trace":[]}' },
      'the "thing" is émpty',
    ],
    [
      'by Lambda, and cut',
      { Error: 'BUG', Cause: '{"errorType":"BUG","errorMessage":"so long that it was c' },
      'so long that it was c',
    ],
    ['by Lambda, and cut in an escape', { Error: 'BUG', Cause: '{"errorMessage":"cut here\\' }, 'cut here'],
    [
      'by Step Functions',
      { Error: 'States.Timeout', Cause: 'The task took too long.' },
      'States.Timeout: The task took too long',
    ],
    ['without a cause', { Error: 'States.TaskFailed' }, 'States.TaskFailed'],
  ])('a step that could not be made is the end of its stack: told %s', async (_, error, words) => {
    addPipeline(where, 'xxxx');
    const { waves, ...planned } = await plan({ stacks: ['xxxx-build'], mode: 'execute' });
    const arrived = waves.map((wave) => wave.map((traveller) => ({ ...traveller, error })));
    const report = await task({ task: 'report', ...planned, waves: arrived });
    expect(report).toMatchObject({
      outcome: 'failed',
      stacks: [{ outcome: 'failed', why: `The step 'clean' could not be made: ${words}.` }],
    });
  });

  it('a journey to which somebody has added the right of a person is not taken on', async () => {
    addPipeline(where, 'xxxx');
    const { waves } = await plan({ stacks: ['xxxx-build'], mode: 'execute' });
    const [traveller] = waves.flat();
    const deletesAs = { kind: 'caller', arn: 'arn:aws:iam::123456789012:user/somebody' };
    const forged = { task: 'step', ...traveller, journey: { ...traveller?.journey, deletesAs } };
    await expect(task(forged)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it.each([[undefined], [{}], [{ task: 'delete' }], [{ task: 'step' }], ['plan']])('%j is no task', async (input) => {
    await expect(runTask(deps(), input, LONG)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});

describe('the name of a run', () => {
  it('is made of any execution name, fits into a token, and is another one for another name', () => {
    const execution = fc.string({ minLength: 1, maxLength: 80 });
    const distinct = fc.property(execution, execution, (one, other) => {
      expect(runOf(one)).toMatch(/^[A-Za-z0-9][A-Za-z0-9-]*$/);
      expect(`clean-exit-${runOf(one)}-3`.length).toBeLessThanOrEqual(128);
      expect(runOf(one) === runOf(other)).toBe(one === other);
    });
    void fc.assert(distinct);
  });

  it('stays what it is where it can', () => {
    expect(runOf('b29f2d3a-0001')).toBe('b29f2d3a-0001');
  });
});
