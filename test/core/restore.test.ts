import { describe, expect, it } from '@jest/globals';
import { restoreStack } from '#functions/core/clean.ts';
import { Refused } from '#functions/errors.ts';
import { stackIdOf } from '#test/fakes/index.ts';
import { accountWithApp, addRepository, clean, depsOf, writes } from './scene.ts';
import { accountWithThings, probe, ref } from './things.ts';

describe('restoreStack', () => {
  it('lifts the seal that an abandoned teardown left, and leaves the rest of the policy', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    account.cloudFormation.addStack('child', { parent: 'app' });
    addRepository(account, 'child', 'shared');
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: 'Ours', Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }],
    });
    await account.ecr.setPolicy('shared', policy);
    await clean(account, 'app');
    expect(account.ecr.policyNow('images')).toContain('Deny');
    expect(account.ecr.policyNow('shared')).toContain('Deny');

    const notes = await restoreStack(depsOf(account), stackIdOf('app'));
    expect(notes.map(({ code }) => code)).toEqual(['SEAL_LIFTED', 'SEAL_LIFTED']);
    expect(account.ecr.policyNow('images')).toBeUndefined();
    expect(account.ecr.policyNow('shared')).toBe(policy);
  });

  it('writes nothing where there is nothing to take back', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    expect(await restoreStack(depsOf(account), stackIdOf('app'))).toEqual([]);
    expect(writes(account)).toEqual([]);
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('no');
      },
    ],
    ['later', () => Promise.reject(new Error('no'))],
  ])('a restore that fails %s is a note; the others go on', async (_when, fail) => {
    const account = accountWithThings('A', 'B');
    const { definition } = probe({
      restore: (resource) =>
        resource.logicalId === 'A' ? fail() : Promise.resolve([{ code: 'RESTORED', resource, sentence: 'Back.' }]),
    });
    expect(await restoreStack(depsOf(account, { cleaners: [definition] }), stackIdOf('app'))).toEqual([
      { code: 'NOT_RESTORED', resource: ref('A'), sentence: 'no' },
      { code: 'RESTORED', resource: ref('B'), sentence: 'Back.' },
    ]);
  });

  it('a cleaner that takes nothing back, and a resource that nothing cleans, are no fault', async () => {
    const account = accountWithThings('A');
    expect(await restoreStack(depsOf(account, { cleaners: [probe().definition] }), stackIdOf('app'))).toEqual([]);
    expect(await restoreStack(depsOf(account, { cleaners: [] }), stackIdOf('app'))).toEqual([]);
  });

  it('refuses a stack that there is not', async () => {
    await expect(restoreStack(depsOf(accountWithApp()), 'nobody')).rejects.toThrow(Refused);
  });
});
