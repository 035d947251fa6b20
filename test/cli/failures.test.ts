import { describe, expect, it } from '@jest/globals';
import { AwsFailure, BadRequest, Refused } from '#functions/errors.ts';
import { Interrupted, NotConsented, WrongUsage } from '../../cli/errors.ts';
import { failureOf, redacted } from '../../cli/failures.ts';
import { play } from './stage.ts';

const aws = (errorName: string, message = 'in AWS words', action = 'cloudformation:DescribeStacks') =>
  new AwsFailure({ action, resource: 'xxxx-build', errorName }, message);

describe('what AWS says becomes one sentence with the fix, and exit code 4', () => {
  it.each([
    ['CredentialsProviderError', /^No AWS credentials were found: sign in again .* --profile\.$/],
    ['TokenProviderError', /^The AWS session has ended: sign in again/],
    ['ExpiredToken', /^The AWS credentials have expired: sign in again/],
    ['ExpiredTokenException', /^The AWS credentials have expired/],
    ['InvalidClientTokenId', /^AWS does not accept these credentials: sign in again/],
    ['UnrecognizedClientException', /^AWS does not accept these credentials/],
    ['SignatureDoesNotMatch', /^AWS does not accept these credentials/],
    ['RequestTimeTooSkewed', /^The clock of this machine is wrong/],
    ['OptInRequired', /^The account may not use cloudformation in this Region: enable the Region/],
    ['ThrottlingException', /^AWS holds calls of this account back .* wait a minute, then give the same command again/],
    ['Throttling', /^AWS holds calls of this account back/],
    ['TimeoutError', /^AWS did not answer in time \(cloudformation:DescribeStacks\): check the network/],
    ['ENOTFOUND', /^AWS cannot be reached \(ENOTFOUND\): check the network, and that the Region is one of AWS's\.$/],
    ['ECONNREFUSED', /^AWS cannot be reached/],
    [
      'AccessDeniedException',
      /^These credentials may not do cloudformation:DescribeStacks on xxxx-build: ask an administrator to allow it, or .* --profile\.$/,
    ],
    ['SomethingElse', /^cloudformation:DescribeStacks on xxxx-build: SomethingElse: in AWS words$/],
  ])('%s', (errorName, words) => {
    const { exit, sentence } = failureOf(aws(errorName));
    expect(exit).toBe(4);
    expect(sentence).toMatch(words);
    expect(sentence).not.toContain('\n');
  });

  it('a Region that is none', () => {
    const words = 'Region not accepted: region="eu west" is not a valid hostname component.';
    expect(failureOf(aws('Error', words)).sentence).toBe(
      '"eu west" is not a Region: give one with --region, such as eu-west-1.',
    );
  });

  it('no Region', () => {
    expect(failureOf(aws('Error', 'Region is missing'))).toEqual({
      exit: 4,
      sentence: 'No Region is set: give one with --region, or set AWS_REGION.',
    });
  });
});

describe('who must act decides about the exit code', () => {
  it.each([
    [new WrongUsage('Wrong.'), 2],
    [new BadRequest('X', 'Wrong.'), 2],
    [new NotConsented('No.'), 3],
    [new Refused('X', 'No.'), 3],
    [new Interrupted('x'), 130],
    [new TypeError('x is not a function'), 1],
    ['a text', 1],
  ])('%p', (thrown, exit) => {
    expect(failureOf(thrown).exit).toBe(exit);
  });
});

describe('nothing that opens anything is printed', () => {
  it.each([
    'AKIAIOSFODNN7EXAMPLE',
    'ASIAIOSFODNN7EXAMPLE',
    'https://cloudformation-custom-resource.s3.amazonaws.com/x?X-Amz-Signature=abc',
    'https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIA&Signature=abc',
    'https://hooks.slack.com/services/T0/B0/secret',
    'xoxb-123-secret',
  ])('%s', async (secret) => {
    expect(redacted(`before ${secret} after`)).not.toContain(secret);
    expect(redacted(`before ${secret} after`)).toMatch(/^before .* after$/);
    const identity = async () => {
      throw aws('Odd', `something with ${secret}`);
    };
    const { stderr, stdout } = await play(['plan', 'a', '--verbose'], { kit: { identity } });
    expect(stderr + stdout).not.toContain(secret);
  });
});

describe('a stack trace', () => {
  const identity = async () => {
    throw aws('ExpiredToken');
  };

  it('is not shown', async () => {
    const { exit, stderr } = await play(['plan', 'a'], { kit: { identity } });
    expect(exit).toBe(4);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stderr.split('\n').at(-1)).toMatch(/^clean-exit: The AWS credentials have expired/);
  });

  it('is shown with --verbose', async () => {
    const { stderr } = await play(['plan', 'a', '--verbose'], { kit: { identity } });
    expect(stderr).toMatch(/\n\s+at /);
  });
});
