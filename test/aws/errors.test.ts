import { describe, expect, it } from '@jest/globals';
import { awsFailure, call, callUnlessGone, errorNameOf } from '#functions/aws/errors.ts';
import { AwsFailure, Bug } from '#functions/errors.ts';
import { sdkError } from './sdk.ts';

const failing = (thrown: unknown) => async () => {
  throw thrown;
};

describe('errorNameOf', () => {
  it.each([
    ['the name', sdkError('ThrottlingException'), 'ThrottlingException'],
    ['the code of a network error', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'ENOTFOUND'],
    [
      'the code of several network errors in one',
      Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [
      'the name where there is a code too',
      Object.assign(sdkError('TimeoutError'), { code: 'ECONNRESET' }),
      'TimeoutError',
    ],
    ['Error where that is all', new Error('?'), 'Error'],
    ['UnknownError for what is no error', 'text', 'UnknownError'],
  ])('is %s', (_, thrown, name) => {
    expect(errorNameOf(thrown)).toBe(name);
  });
});

describe('call', () => {
  it('hands the answer on', async () => {
    expect(await call('ecr:DescribeImages', 'xxxx', async () => 7)).toBe(7);
  });

  it('wraps an SDK error with action, resource, name, status and cause', async () => {
    const cause = sdkError('ThrottlingException', { status: 429, message: 'Rate exceeded' });
    const failed = call('ecr:DescribeImages', 'xxxx', failing(cause));
    await expect(failed).rejects.toBeInstanceOf(AwsFailure);
    await expect(failed).rejects.toMatchObject({
      message: 'ecr:DescribeImages on xxxx: ThrottlingException: Rate exceeded',
      context: { action: 'ecr:DescribeImages', resource: 'xxxx', errorName: 'ThrottlingException', status: 429 },
      cause,
    });
  });

  it('says so where no answer came', async () => {
    const cause = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    await expect(call('iam:GetRole', 'r', failing(cause))).rejects.toMatchObject({
      message: 'iam:GetRole on r: ECONNREFUSED: no answer',
      context: { errorName: 'ECONNREFUSED', status: undefined },
    });
  });

  it('says the status where the answer says nothing', async () => {
    const cause = sdkError('UnknownError', { status: 502, message: 'UnknownError' });
    await expect(call('iam:GetRole', 'r', failing(cause))).rejects.toMatchObject({
      message: 'iam:GetRole on r: UnknownError: HTTP 502 without a message',
    });
  });

  it('wraps once', () => {
    const inner = awsFailure('iam:GetRole', 'inner', sdkError('AccessDenied'));
    const bug = new Bug('ours');
    expect(awsFailure('iam:GetRole', 'outer', inner)).toBe(inner);
    expect(awsFailure('iam:GetRole', 'outer', bug)).toBe(bug);
  });
});

describe('callUnlessGone', () => {
  it('is undefined on a name of the list', async () => {
    expect(await callUnlessGone('iam:GetRole', 'r', ['A', 'B'], failing(sdkError('B')))).toBeUndefined();
  });

  it.each([
    ['another name', sdkError('C')],
    ['the name in the message only', sdkError('C', { message: 'A: not found' })],
    ['a 404 without a name', sdkError('UnknownError', { status: 404 })],
  ])('fails on %s', async (_, thrown) => {
    await expect(callUnlessGone('iam:GetRole', 'r', ['A'], failing(thrown))).rejects.toBeInstanceOf(AwsFailure);
  });
});
