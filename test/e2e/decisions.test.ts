/**
 * "Does everything go?", cell by cell, with what CloudFormation really does. Two cells have no history here that leads to
 * them, and are shown in test/cloudformation/does-everything-go.test.ts alone: a nested stack older than the update whose
 * rollback deletes it, and a parent that CloudFormation does not know.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Gate } from './support/gate.ts';
import { inAccount } from './support/scene.ts';
import { cleanExit, impossible, nested, type Resources, repository, withCleanExit } from './support/templates.ts';

const scene = inAccount();
let gate: Gate;

beforeAll(async () => {
  gate = await Gate.start();
  await scene().stacks.create('gate', Gate.service);
});

afterAll(async () => {
  await gate?.stop();
  expect(gate?.failures).toEqual([]);
});

/** A gate that fills the repository while the stack is being created, and then lets the creation fail. */
const failsWithImagesIn = (name: string, dependsOn: readonly string[]) =>
  gate.at(name, dependsOn, async (requestType) => {
    if (requestType === 'Create') {
      await scene().seed(name);
      return 'FAILED';
    }
    return 'SUCCESS';
  });

const pipeline = (name: string): Resources => withCleanExit({ Repository: repository(name) });

describe('the stack goes', () => {
  test('a root stack is deleted', async () => {
    const { stacks, log, seed } = scene();
    const { id } = await stacks.create('root', pipeline('root'));
    await seed('root');
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(await log.decision(id)).toMatchObject({ empty: true, code: 'STACK_DELETED' });
  });

  test('nested stacks go with their root, two levels down', async () => {
    const { stacks, log, seed } = scene();
    const leaf = await stacks.upload(pipeline('leaf'));
    const middle = await stacks.upload({ Leaf: nested(leaf) });
    const { id } = await stacks.create('tree', { Middle: nested(middle) });
    await seed('leaf');
    const leafId = await stacks.physicalId(await stacks.physicalId(id, 'Middle'), 'Leaf');
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(await log.decision(leafId)).toMatchObject({ empty: true, code: 'STACK_DELETED' });
  });

  test('one custom resource in the root empties what is nested below it', async () => {
    const { stacks, seed } = scene();
    const child = await stacks.upload({ Repository: repository('below') });
    const { id } = await stacks.create('above', withCleanExit({ Child: nested(child) }));
    await seed('below');
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('the creation of its own stack is rolled back', async () => {
    const { stacks, log, images } = scene();
    const failed = await stacks.create('undone', {
      ...pipeline('undone'),
      Last: failsWithImagesIn('undone', ['CleanExit']),
    });
    expect(failed.status).toBe('ROLLBACK_COMPLETE');
    expect(await log.decision(failed.id)).toMatchObject({ empty: true, code: 'OWN_CREATE_ROLLED_BACK' });
    expect(await images('undone')).toBe(0);
    expect(await stacks.delete(failed.id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('the creation of its root is rolled back, after the nested stack was complete', async () => {
    const { stacks, log, images } = scene();
    const child = await stacks.upload(pipeline('early'));
    const id = await stacks.begin('early-root', {
      Child: nested(child),
      Last: failsWithImagesIn('early', ['Child']),
    });
    expect(await stacks.settled(id)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    const childId = await stacks.physicalId(id, 'Child');
    expect(await log.decision(childId)).toMatchObject({ empty: true, code: 'CREATE_ROLLED_BACK' });
    expect(await images('early')).toBe(0);
  });

  test('the creation of its root is rolled back, because the nested stack itself failed', async () => {
    const { stacks, log, images } = scene();
    const child = await stacks.upload({
      ...pipeline('inner'),
      Last: failsWithImagesIn('inner', ['CleanExit']),
    });
    const { id, status } = await stacks.create('inner-root', { Child: nested(child) });
    expect(status).toBe('ROLLBACK_COMPLETE');
    const childId = await stacks.physicalId(id, 'Child');
    expect(await log.decision(childId)).toMatchObject({ empty: true, code: 'CREATE_ROLLED_BACK' });
    expect(await images('inner')).toBe(0);
  });

  test('the update that had created the nested stack is rolled back', async () => {
    const { stacks, log, images } = scene();
    const { id } = await stacks.create('updated', { Repository: repository('stays') });
    const child = await stacks.upload(pipeline('added'));
    const after = await stacks.update('updated', {
      Repository: repository('stays'),
      Child: nested(child),
      Last: failsWithImagesIn('added', ['Child']),
    });
    expect(after.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const childId = await stacks.physicalId(id, 'Child');
    expect(await log.decision(childId)).toMatchObject({ empty: true, code: 'UPDATE_ROLLED_BACK' });
    expect(await images('added')).toBe(0);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('a create that failed and was kept is deleted', async () => {
    const { stacks, log, seed } = scene();
    const failed = await stacks.create(
      'kept-half',
      { ...pipeline('kept-half'), Last: impossible(['CleanExit']) },
      { DisableRollback: true },
    );
    expect(failed.status).toBe('CREATE_FAILED');
    await seed('kept-half');
    expect(await stacks.delete(failed.id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(await log.decision(failed.id)).toMatchObject({ empty: true, code: 'STACK_DELETED' });
  });
});

describe('the stack lives: nothing is touched, and the log says why', () => {
  test('the custom resource is taken out of the template', async () => {
    const { stacks, log, seed, images } = scene();
    const { id } = await stacks.create('living', pipeline('living'));
    await seed('living');
    const after = await stacks.update('living', { Repository: repository('living') });
    expect(after.status).toBe('UPDATE_COMPLETE');
    const why = expect.stringContaining('living is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    expect(await log.decision(id)).toEqual({ empty: false, code: 'STACK_LIVES', why });
    expect(await images('living')).toBe(4);
  });

  test('the custom resource is replaced by one of another name', async () => {
    const { stacks, log, seed, images } = scene();
    const { id } = await stacks.create('renamed', pipeline('renamed'));
    await seed('renamed');
    const after = await stacks.update('renamed', {
      Repository: repository('renamed'),
      OtherName: cleanExit(['Repository']),
    });
    expect(after.status).toBe('UPDATE_COMPLETE');
    expect(await log.decision(id)).toMatchObject({ empty: false, code: 'STACK_LIVES' });
    expect(await images('renamed')).toBe(4);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('the update that had added the custom resource is rolled back', async () => {
    const { stacks, log, seed, images } = scene();
    const { id } = await stacks.create('attempt', { Repository: repository('attempt') });
    await seed('attempt');
    const after = await stacks.update('attempt', { ...pipeline('attempt'), Last: impossible(['CleanExit']) });
    expect(after.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await log.decision(id)).toMatchObject({ empty: false, code: 'STACK_LIVES' });
    expect(await images('attempt')).toBe(4);
  });

  test('an update of the root removes the nested stack', async () => {
    const { stacks, log, seed, images } = scene();
    const child = await stacks.upload(pipeline('removed'));
    const { id } = await stacks.create('shrinking', { Child: nested(child), Other: repository('other') });
    const childId = await stacks.physicalId(id, 'Child');
    await seed('removed');
    await stacks.update('shrinking', { Other: repository('other') });
    const why = expect.stringContaining('update of shrinking');
    expect(await log.decision(childId)).toEqual({ empty: false, code: 'REMOVED_BY_UPDATE', why });
    expect(await images('removed')).toBe(4);
  });

  test('only the nested stack is deleted, its root lives', async () => {
    const { stacks, log, seed, images } = scene();
    const child = await stacks.upload(pipeline('alone'));
    const { id } = await stacks.create('alone-root', { Child: nested(child) });
    const childId = await stacks.physicalId(id, 'Child');
    await seed('alone');
    expect(await stacks.delete(childId)).toMatchObject({ status: 'DELETE_FAILED' });
    const why = expect.stringContaining('alone-root is CREATE_COMPLETE');
    expect(await log.decision(childId)).toEqual({ empty: false, code: 'PARENT_LIVES', why });
    expect(await images('alone')).toBe(4);
  });
});
