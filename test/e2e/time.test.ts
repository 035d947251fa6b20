/** Work that takes longer than one invocation, longer than CloudFormation waits, or longer than its invocation lives. */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { until } from '#scripts/lib/local-account.ts';
import { withSettings } from './support/by-hand.ts';
import { inAccount } from './support/scene.ts';
import { repository, withCleanExit } from './support/templates.ts';
import { writesOf } from './support/writes.ts';

const scene = inAccount();

/** Every BatchDeleteImage takes so long. */
const slowDeletes = (delayMs: number) =>
  scene().account.emulator.setFaults([{ service: 'ecr', operation: 'BatchDeleteImage', delayMs }]);

afterEach(async () => {
  await scene().account.emulator.setFaults([]);
});

/** The statuses of all answers that the function gave about a stack: one for the create, then one for each delete. */
const answersAbout = async (id: string) =>
  (await scene().log.about(id)).filter(({ code }) => code === 'ANSWER_SENT').map(({ fields }) => fields['status']);

test('more images than one invocation can remove are handed on, and CloudFormation gets one answer', async () => {
  const { stacks, log, lambda, seed, images } = scene();
  const { id } = await stacks.create('large', withCleanExit({ Repository: repository('large') }));
  await seed('large', 5000);
  await slowDeletes(1000);
  // Three seconds for each invocation: Lambda's limit less what is kept for handing over.
  const settings = { environment: { HANDOVER_SECONDS: '890' }, timeout: 893 };
  const deleted = await withSettings(lambda, settings, () => stacks.delete(id));
  expect(deleted).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(await images('large')).toBe(0);
  await log.find(id, 'REQUEST_COMPLETED', ({ hop }) => Number(hop) > 0);
  const handovers = (await log.about(id)).filter(({ code }) => code === 'HANDED_OVER').map(({ fields }) => fields);
  expect(handovers.length).toBeGreaterThanOrEqual(2);
  // Each knows what those before it did.
  const removed = handovers.map((fields) => Number(JSON.stringify(fields['removed']).match(/\d+/)));
  expect(removed).toEqual(removed.toSorted((one, other) => one - other));
  expect(removed[0]).toBeGreaterThan(0);
  expect(removed.at(-1)).toBeLessThanOrEqual(5000);
  expect(await answersAbout(id)).toEqual(['SUCCESS', 'SUCCESS']);
});

test('a short ServiceTimeout is answered honestly before it is over, and the next delete goes on', async () => {
  const { account, stacks, seed, images } = scene();
  const template = withCleanExit({ Repository: repository('hurried') }, { ServiceTimeout: 6 });
  const { id } = await stacks.create('hurried', template);
  await seed('hurried', 3000);
  await slowDeletes(1000);
  expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
  const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
  expect(reason).toMatch(/time .*nearly over/);
  expect(reason).toMatch(/Removed so far: [\d,]+ images.*Left: .*hurried.*: [\d,]+ images/);
  const left = await images('hurried');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(3000);
  await account.emulator.setFaults([]);
  expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
});

test('an invocation that is killed in the middle is finished by the next one', async () => {
  const { account, stacks, seed } = scene();
  const { id } = await stacks.create('killed', withCleanExit({ Repository: repository('killed') }));
  await seed('killed', 1000);
  await slowDeletes(1000);
  const { next } = await account.emulator.calls();
  const deleting = stacks.delete(id);
  await until(async () => {
    const { calls } = await account.emulator.calls(next);
    return writesOf(calls).some(({ operation }) => operation === 'BatchDeleteImage');
  }, 'images are being deleted');
  const killed = workers();
  for (const pid of killed) {
    process.kill(pid, 'SIGKILL');
  }
  expect(killed).not.toEqual([]);
  expect(await deleting).toMatchObject({ status: 'DELETE_COMPLETE' });
  await until(async () => (await answersAbout(id)).length === 2, 'the answer is in the log');
  expect(await answersAbout(id)).toEqual(['SUCCESS', 'SUCCESS']);
});

/** Process ids of the function's workers in this emulator, which runs their code in its own folder. */
function workers(): readonly number[] {
  const folder = `${dirname(scene().account.emulator.logFile)}/`;
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const own = lines.filter((line) => line.includes(folder) && line.includes('clean-exit-custom-resource'));
  return own.map((line) => Number.parseInt(line, 10));
}
