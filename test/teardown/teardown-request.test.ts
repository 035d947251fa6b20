import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MOST_STACKS, parseTeardownRequest, TeardownOptions } from '#functions/schemas/teardown-request.ts';
import { stackIdOf } from './planning.ts';

const faultsOf = (input: unknown): readonly string[] => {
  const result = parseTeardownRequest(input);
  return 'faults' in result ? result.faults : [];
};
const withOptions = (options: unknown) => ({ stacks: ['app'], options });

describe('parseTeardownRequest', () => {
  it('a list of stacks is enough: it is a plan, and nothing is consented to', () => {
    expect(parseTeardownRequest({ stacks: ['app', stackIdOf('other')] })).toEqual({
      request: {
        stacks: ['app', stackIdOf('other')],
        mode: 'plan',
        options: {
          disableTerminationProtection: false,
          disableLogGroupDeletionProtection: false,
          removeRolesFromInstanceProfiles: false,
          detachPoliciesFromOthers: false,
          removePermissionsBoundaries: false,
          deleteOrphanedLogGroups: false,
          emptyBuckets: true,
        },
      },
    });
  });

  it('keeps what is asked for', () => {
    const options = {
      ...TeardownOptions.parse({}),
      roleArn: 'arn:aws-cn:iam::123456789012:role/a/b',
      emptyBuckets: false,
    };
    const request = { stacks: ['app'], mode: 'execute', options };
    expect(parseTeardownRequest(request)).toEqual({ request });
  });

  it.each([
    ['nothing', undefined, 'the request must be an object'],
    ['a list', ['app'], 'the request must be an object'],
    ['no stacks', {}, 'stacks must be a list of stack names or ARNs'],
    ['one name alone', { stacks: 'app' }, 'stacks must be a list of stack names or ARNs'],
    ['an empty list', { stacks: [] }, 'stacks must name at least one stack'],
    ['too many', { stacks: Array(MOST_STACKS + 1).fill('a') }, `stacks must name ${MOST_STACKS} stacks at the most`],
    ['a pattern', { stacks: ['app', 'dev-*'] }, 'stacks.1 must be one stack, not a pattern: write every name out'],
    ['a number', { stacks: [7] }, 'stacks.0 must be the name or the ARN of a stack'],
    [
      'no ARN of a stack',
      { stacks: ['arn:aws:s3:::b'] },
      'stacks.0 must be the name of a stack (letters, digits, hyphens, a letter first) or its ARN',
    ],
    ['a mode', { stacks: ['app'], mode: 'EXECUTE' }, 'mode must be plan or execute'],
    ['options that are none', withOptions(null), 'options must be an object'],
    ['a role', withOptions({ roleArn: 'delete' }), 'options.roleArn must be the ARN of an IAM role'],
    ['a word for true', withOptions({ emptyBuckets: 'true' }), 'options.emptyBuckets must be true or false'],
    ['an unknown key', { stacks: ['app'], stack: 'b' }, 'stack is unknown; known are stacks, mode, options'],
  ])('%s is one fault, with the field and the fix', (_what, input, fault) => {
    expect(faultsOf(input)).toEqual([fault]);
  });

  it('names an unknown option, and those that are known', () => {
    const [fault, ...more] = faultsOf(withOptions({ DisableLogGroupDeletionProtection: true }));
    expect(more).toEqual([]);
    expect(fault).toMatch(/^options\.DisableLogGroupDeletionProtection is unknown; known are roleArn, .*emptyBuckets$/);
    for (const option of Object.keys(TeardownOptions.shape)) {
      expect(fault).toContain(option);
    }
  });

  it('names every fault, not the first alone', () => {
    const input = { stacks: ['a*', ''], mode: 1, one: 1, two: 2, options: { roleArn: 1, three: 3 } };
    expect(faultsOf(input).map((fault) => fault.split(' ')[0])).toEqual(
      expect.arrayContaining(['stacks.0', 'stacks.1', 'mode', 'one', 'two', 'options.roleArn', 'options.three']),
    );
    expect(faultsOf(input)).toHaveLength(7);
  });

  it('anything is a request or has a fault; never a value in it', () => {
    const secret = 'hunter2';
    fc.assert(
      fc.property(fc.anything(), fc.jsonValue(), (any, json) => {
        for (const input of [
          any,
          json,
          { stacks: any },
          withOptions(json),
          { stacks: [secret, `${secret}!`], mode: secret },
        ]) {
          const result = parseTeardownRequest(input);
          if ('faults' in result) {
            expect(result.faults.length).toBeGreaterThan(0);
            expect(result.faults.join()).not.toContain(secret);
          } else {
            expect(result.request.stacks.length).toBeGreaterThan(0);
          }
        }
      }),
    );
  });
});
