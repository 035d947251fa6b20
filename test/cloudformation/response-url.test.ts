import { describe, expect, it } from '@jest/globals';
import { homeOf, livesAt } from '#functions/cloudformation/arn.ts';
import { isResponseUrl } from '#functions/cloudformation/response-url.ts';

const home = (partition: string, region: string) =>
  homeOf(`arn:${partition}:lambda:${region}:123456789012:function:clean-exit-custom-resource`);
const TOKYO = home('aws', 'ap-northeast-1');
const BUCKET = 'cloudformation-custom-resource-response-apnortheast1';

describe('isResponseUrl', () => {
  it.each([
    ['aws', 'us-east-1', 'https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/a?b=c'],
    ['aws', 'ap-northeast-1', `https://${BUCKET}.s3.ap-northeast-1.amazonaws.com/a?b=c`],
    ['aws', 'ap-northeast-1', `https://${BUCKET}.s3-ap-northeast-1.amazonaws.com/a?b=c`],
    ['aws', 'eu-south-1', 'https://cloudformation-custom-resource-response-eusouth1.s3.eu-south-1.amazonaws.com/a'],
    [
      'aws-us-gov',
      'us-gov-west-1',
      'https://cloudformation-custom-resource-response-usgovwest1.s3.us-gov-west-1.amazonaws.com/a',
    ],
    [
      'aws-cn',
      'cn-north-1',
      'https://cloudformation-custom-resource-response-cnnorth1.s3.cn-north-1.amazonaws.com.cn/a',
    ],
  ])('believes CloudFormation in %s, %s', (partition, region, url) => {
    expect(isResponseUrl(url, home(partition, region), '')).toBe(true);
  });

  it.each([
    ['another host', 'https://example.com/a'],
    ['another Region', 'https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com/a'],
    [
      'the Region in its dashed spelling',
      'https://cloudformation-custom-resource-response-ap-northeast-1.s3.amazonaws.com/a',
    ],
    ['another bucket', 'https://mine.s3.ap-northeast-1.amazonaws.com/a'],
    ['the bucket as a path', `https://s3.ap-northeast-1.amazonaws.com/${BUCKET}/a`],
    ['a longer host', `https://${BUCKET}.s3.amazonaws.com.example.com/a`],
    ['a prefixed host', `https://evil-${BUCKET}.s3.amazonaws.com/a`],
    ['the host as a user', `https://${BUCKET}.s3.amazonaws.com@example.com/a`],
    ['a user before the host', `https://me@${BUCKET}.s3.amazonaws.com/a`],
    ['a password', `https://:pw@${BUCKET}.s3.amazonaws.com/a`],
    ['another port', `https://${BUCKET}.s3.amazonaws.com:8443/a`],
    ['an open line', `http://${BUCKET}.s3.amazonaws.com/a`],
    ["another partition's suffix", `https://${BUCKET}.s3.amazonaws.com.cn/a`],
    ['a file', 'file:///etc/passwd'],
    ['nothing', ''],
    ['the emulator, which is not switched on', 'http://127.0.0.1:4566/a'],
  ])('does not believe %s', (_, url) => {
    expect(isResponseUrl(url, TOKYO, '')).toBe(false);
  });

  it('believes the emulator where it is switched on, and no other host and port', () => {
    expect(isResponseUrl('http://127.0.0.1:4566/a', TOKYO, '127.0.0.1:4566')).toBe(true);
    expect(isResponseUrl('http://127.0.0.1:4567/a', TOKYO, '127.0.0.1:4566')).toBe(false);
    expect(isResponseUrl('http://localhost:4566/a', TOKYO, '127.0.0.1:4566')).toBe(false);
    expect(isResponseUrl(`https://${BUCKET}.s3.amazonaws.com/a`, TOKYO, '127.0.0.1:4566')).toBe(true);
  });

  it('knows no suffix for a partition that it does not know', () => {
    expect(isResponseUrl(`https://${BUCKET}.s3.undefined/a`, home('aws-new', 'ap-northeast-1'), '')).toBe(false);
  });
});

describe('homeOf', () => {
  it('leaves out version and alias', () => {
    expect(homeOf('arn:aws:lambda:eu-west-1:123456789012:function:f:live').functionArn).toBe(
      'arn:aws:lambda:eu-west-1:123456789012:function:f',
    );
  });

  it('takes nothing else for a function', () => {
    expect(() => homeOf('clean-exit')).toThrow('no function');
  });

  it.each([
    ['arn:aws:cloudformation:ap-northeast-1:123456789012:stack/a/b', true],
    ['arn:aws:cloudformation:ap-northeast-1:210987654321:stack/a/b', false],
    ['arn:aws:cloudformation:eu-west-1:123456789012:stack/a/b', false],
    ['arn:aws-cn:cloudformation:ap-northeast-1:123456789012:stack/a/b', false],
    ['arn:aws:s3:ap-northeast-1:123456789012:stack/a/b', false],
  ])('%s lives here: %s', (stackId, expected) => {
    expect(livesAt(stackId, TOKYO)).toBe(expected);
  });
});
