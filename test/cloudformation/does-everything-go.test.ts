import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { doesEverythingGo } from '#functions/cloudformation/does-everything-go.ts';
import { readLineage } from '#functions/cloudformation/lineage.ts';
import { fakeAccount, stackIdOf } from '#test/fakes/index.ts';

/** Every status that a stack can have. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html */
const STATUSES = [
  'CREATE_IN_PROGRESS',
  'CREATE_FAILED',
  'CREATE_COMPLETE',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'DELETE_COMPLETE',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'REVIEW_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_FAILED',
  'IMPORT_ROLLBACK_COMPLETE',
];
const without = (...statuses: readonly string[]) => STATUSES.filter((status) => !statuses.includes(status));

const OLD = '2026-01-01T00:00:00.000Z';
const UPDATE = '2026-06-01T12:00:00.000Z';
const NEW = '2026-06-01T12:00:05.000Z';

interface Stack {
  readonly status: string;
  readonly created?: string;
  readonly updated?: string;
}

/** The root first, the custom resource's own stack last. */
async function decide(...stacks: readonly Stack[]) {
  const { cloudFormation } = fakeAccount();
  stacks.forEach(({ status, created = OLD, updated }, depth) => {
    cloudFormation.addStack(`s${depth}`, {
      status,
      creationTime: created,
      ...(depth === 0 ? {} : { parent: `s${depth - 1}` }),
      ...(updated === undefined ? {} : { updateStartedAt: updated }),
    });
  });
  const lineage = await readLineage(cloudFormation, stackIdOf(`s${stacks.length - 1}`));
  if (!lineage) {
    throw new Error('the stack is there');
  }
  return doesEverythingGo(lineage);
}

const YES = { empty: true, cause: 'stack delete' };
const ROLLBACK = { empty: true, cause: 'rollback of a create' };
const NO = { empty: false };

describe('does everything go? A root stack', () => {
  it('is emptied when it is being deleted', async () => {
    expect(await decide({ status: 'DELETE_IN_PROGRESS' })).toMatchObject({ ...YES, code: 'STACK_DELETED' });
  });

  it('is emptied when its own create is rolled back; RetainExceptOnCreate goes too', async () => {
    expect(await decide({ status: 'ROLLBACK_IN_PROGRESS' })).toMatchObject({
      ...ROLLBACK,
      code: 'OWN_CREATE_ROLLED_BACK',
    });
  });

  it.each(without('DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'))('is left alone while it is %s', async (status) => {
    expect(await decide({ status })).toMatchObject({ ...NO, code: 'STACK_LIVES' });
  });
});

describe('does everything go? A nested stack', () => {
  it.each(STATUSES)('is emptied when its own create is rolled back, while the root is %s', async (status) => {
    expect(await decide({ status }, { status: 'ROLLBACK_IN_PROGRESS' })).toMatchObject(ROLLBACK);
  });

  it.each(without('DELETE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'))(
    'is left alone while it is %s, although the root is being deleted',
    async (status) => {
      expect(await decide({ status: 'DELETE_IN_PROGRESS' }, { status })).toMatchObject({ ...NO, code: 'STACK_LIVES' });
    },
  );

  it('is emptied when the root is being deleted', async () => {
    const code = 'STACK_DELETED';
    expect(await decide({ status: 'DELETE_IN_PROGRESS' }, { status: 'DELETE_IN_PROGRESS' })).toMatchObject({
      ...YES,
      code,
    });
  });

  it('is emptied when the create of the root is rolled back', async () => {
    expect(await decide({ status: 'ROLLBACK_IN_PROGRESS' }, { status: 'DELETE_IN_PROGRESS' })).toMatchObject({
      ...YES,
      code: 'CREATE_ROLLED_BACK',
    });
  });

  it.each(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'])(
    'is left alone when the root is %s: an update removes or replaces it',
    async (status) => {
      const nested = { status: 'DELETE_IN_PROGRESS', created: NEW };
      expect(await decide({ status, updated: UPDATE }, nested)).toMatchObject({ ...NO, code: 'REMOVED_BY_UPDATE' });
    },
  );

  describe.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'])(
    'while the root is %s',
    (status) => {
      it.each([
        ['was created by that update', UPDATE, NEW, { ...YES, code: 'UPDATE_ROLLED_BACK' }],
        ['was created as it began', UPDATE, UPDATE, { ...YES, code: 'UPDATE_ROLLED_BACK' }],
        ['is older', UPDATE, OLD, { ...NO, code: 'OLDER_THAN_UPDATE' }],
        ['cannot be compared', undefined, NEW, { ...NO, code: 'OLDER_THAN_UPDATE' }],
        ['has a creation time that nobody can read', UPDATE, 'soon', { ...NO, code: 'OLDER_THAN_UPDATE' }],
      ])('a nested stack that %s is decided', async (_, updated, created, expected) => {
        const root = { status, ...(updated === undefined ? {} : { updated }) };
        expect(await decide(root, { status: 'DELETE_IN_PROGRESS', created })).toMatchObject(expected);
      });

      it('every stack on the way up must be that young', async () => {
        const own = { status: 'DELETE_IN_PROGRESS', created: NEW };
        const root = { status, updated: UPDATE };
        expect(await decide(root, { status: 'DELETE_IN_PROGRESS', created: NEW }, own)).toMatchObject(YES);
        expect(await decide(root, { status: 'DELETE_IN_PROGRESS', created: OLD }, own)).toMatchObject(NO);
      });
    },
  );

  it.each(
    without(
      'DELETE_IN_PROGRESS',
      'ROLLBACK_IN_PROGRESS',
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    ),
  )('is left alone when the root is %s: nobody knows who deletes it', async (status) => {
    const nested = { status: 'DELETE_IN_PROGRESS', created: NEW };
    expect(await decide({ status, updated: UPDATE }, nested)).toMatchObject({ ...NO, code: 'PARENT_LIVES' });
  });

  it('is judged by the nearest stack that is not being deleted itself', async () => {
    const going = { status: 'DELETE_IN_PROGRESS', created: NEW };
    expect(await decide({ status: 'UPDATE_IN_PROGRESS' }, { status: 'ROLLBACK_IN_PROGRESS' }, going)).toMatchObject(
      YES,
    );
    expect(await decide({ status: 'UPDATE_IN_PROGRESS' }, going, going)).toMatchObject(NO);
    expect(await decide({ status: 'DELETE_IN_PROGRESS' }, going, going)).toMatchObject(YES);
  });

  it('is left alone when CloudFormation does not know its parent', () => {
    const own = { stackId: 'id', stackName: 'nested', status: 'DELETE_IN_PROGRESS', creationTime: OLD };
    expect(doesEverythingGo({ own, ancestors: [], complete: false })).toMatchObject({ ...NO, code: 'PARENT_UNKNOWN' });
  });

  it('is never emptied while any stack on the way up is updated, is stable or has failed', async () => {
    const status = fc.constantFrom(...STATUSES);
    await fc.assert(
      fc.asyncProperty(fc.array(status, { minLength: 1, maxLength: 4 }), async (above) => {
        const { empty } = await decide(...above.map((each) => ({ status: each })), {
          status: 'DELETE_IN_PROGRESS',
          created: NEW,
        });
        const actor = above.findLast((each) => each !== 'DELETE_IN_PROGRESS');
        expect(empty).toBe(actor === undefined || actor === 'ROLLBACK_IN_PROGRESS');
      }),
    );
  });
});

describe('readLineage', () => {
  it('knows nothing of a stack that CloudFormation does not know', async () => {
    expect(await readLineage(fakeAccount().cloudFormation, stackIdOf('nobody'))).toBeUndefined();
  });

  it('asks for events only where an update is rolled back', async () => {
    const { cloudFormation, log } = fakeAccount();
    cloudFormation.addStack('root', { status: 'UPDATE_IN_PROGRESS' }).addStack('nested', { parent: 'root' });
    await readLineage(cloudFormation, stackIdOf('nested'));
    expect(log.counts()).toEqual({ 'cloudformation:DescribeStacks': 2 });
  });

  it('has an end even where parents go round in a circle', async () => {
    const { cloudFormation } = fakeAccount();
    cloudFormation.addStack('root').addStack('nested', { parent: 'root' });
    const circular = {
      ...cloudFormation,
      stack: async (id: string) => {
        const facts = await cloudFormation.stack(id);
        return facts?.stackName === 'root' ? { ...facts, parentId: stackIdOf('nested') } : facts;
      },
      updateStartedAt: async () => undefined,
      madeAt: async () => undefined,
      resources: async () => [],
      template: async () => '',
      importers: async () => [],
    };
    expect((await readLineage(circular, stackIdOf('nested')))?.ancestors).toHaveLength(1);
  });
});
