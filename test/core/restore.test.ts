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

    account.cloudFormation.setStatus('app', 'UPDATE_IN_PROGRESS').setStatus('child', 'CREATE_COMPLETE');
    const notes = await restoreStack(depsOf(account), stackIdOf('app'));
    expect(notes.map(({ code }) => code)).toEqual(['SEAL_LIFTED', 'SEAL_LIFTED']);
    expect(account.ecr.policyNow('images')).toBeUndefined();
    expect(account.ecr.policyNow('shared')).toBe(policy);
  });

  it.each(['DELETE_IN_PROGRESS', 'DELETE_FAILED', 'ROLLBACK_IN_PROGRESS'])(
    'leaves the seals of a stack that goes, and of all below it (%s)',
    async (status) => {
      const account = accountWithApp();
      account.cloudFormation.addStack('child', { parent: 'app' }).addStack('grandchild', { parent: 'child' });
      for (const [stack, name] of [
        ['app', 'stays'],
        ['child', 'goes'],
        ['grandchild', 'goesalong'],
      ] as const) {
        addRepository(account, stack, name);
      }
      await clean(account, 'app');
      account.cloudFormation
        .setStatus('app', 'UPDATE_ROLLBACK_IN_PROGRESS')
        .setStatus('child', status)
        .setStatus('grandchild', 'CREATE_COMPLETE');
      await restoreStack(depsOf(account), stackIdOf('app'));
      expect(account.ecr.policyNow('stays')).toBeUndefined();
      expect(account.ecr.policyNow('goes')).toContain('Deny');
      expect(account.ecr.policyNow('goesalong')).toContain('Deny');
    },
  );

  it('leaves the seal of a repository that the stack never came to own', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'taken');
    await clean(account, 'app');
    account.cloudFormation.addStack('second', { status: 'CREATE_IN_PROGRESS' }).addResource('second', {
      logicalId: 'Repository',
      type: 'AWS::ECR::Repository',
      physicalId: 'taken',
      status: 'CREATE_FAILED',
    });
    await restoreStack(depsOf(account), stackIdOf('second'));
    expect(account.ecr.policyNow('taken')).toContain('Deny');
  });

  it('leaves the seal of a repository that another stack has made anew under the same name', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'moved');
    account.cloudFormation.addStack('newer', { status: 'DELETE_IN_PROGRESS' });
    addRepository(account, 'newer', 'moved', {}, { 'aws:cloudformation:stack-id': stackIdOf('newer') });
    await clean(account, 'newer');
    const seal = account.ecr.policyNow('moved');
    expect(seal).toContain('Deny');

    account.cloudFormation.setStatus('app', 'UPDATE_IN_PROGRESS');
    const notes = await restoreStack(depsOf(account), stackIdOf('app'));
    expect(notes.map(({ code }) => code)).toEqual(['SEAL_OF_ANOTHER_STACK']);
    expect(account.ecr.policyNow('moved')).toBe(seal);
  });

  it('writes nothing where there is nothing to take back', async () => {
    const account = accountWithApp();
    account.cloudFormation.setStatus('app', 'UPDATE_IN_PROGRESS');
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
    account.cloudFormation.setStatus('app', 'UPDATE_IN_PROGRESS');
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
    account.cloudFormation.setStatus('app', 'UPDATE_IN_PROGRESS');
    expect(await restoreStack(depsOf(account, { cleaners: [probe().definition] }), stackIdOf('app'))).toEqual([]);
    expect(await restoreStack(depsOf(account, { cleaners: [] }), stackIdOf('app'))).toEqual([]);
  });

  it('refuses a stack that there is not', async () => {
    await expect(restoreStack(depsOf(accountWithApp()), 'nobody')).rejects.toThrow(Refused);
  });
});
