import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { megabytes, pullCommand, tagOf, withFacts } from '#functions/builds/image.ts';
import { anyText } from '#test/slack/hostile.ts';

const URI = '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/team/xxxx:latest';
const DIGEST = `sha256:${'9b'.repeat(32)}`;

describe('the line to copy', () => {
  it.each([URI, 'xxxx', 'localhost:5000/xxxx:v1.2', `public.ecr.aws/team/xxxx@${DIGEST}`, `xxxx:v1_2-rc.1@${DIGEST}`])(
    'is there for %s',
    (uri) => {
      expect(pullCommand({ uri })).toBe(`docker pull ${uri}`);
    },
  );

  it.each(['', '-v', 'x; rm -rf /', 'x`id`', 'x$(id)', 'x\ny', 'x y', "x'y", 'x|y', '--help'])(
    'is not for %j',
    (uri) => {
      expect(pullCommand({ uri })).toBeUndefined();
    },
  );

  it('never holds anything that a shell takes for more than a word', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(pullCommand({ uri: `xxxx${text}` }) ?? '').not.toMatch(/[^\w ./:@-]/);
      }),
    );
  });
});

it.each([
  [URI, 'latest'],
  ['xxxx', 'latest'],
  ['localhost:5000/xxxx', 'latest'],
  ['localhost:5000/xxxx:v1', 'v1'],
  [`xxxx@${DIGEST}`, undefined],
  [`xxxx:v1@${DIGEST}`, 'v1'],
  ['', undefined],
])('the tag of %s is %s', (uri, tag) => {
  expect(tagOf({ uri })).toBe(tag);
});

describe('what the registry says', () => {
  const facts = { digest: DIGEST, sizeBytes: 98_400_000, pushedAt: '2026-11-09T04:15:50.000Z' };

  it('is added', () => {
    expect(withFacts({ uri: URI }, facts)).toEqual({ uri: URI, ...facts });
    expect(withFacts({ uri: URI, digest: DIGEST }, { digest: DIGEST })).toEqual({ uri: URI, digest: DIGEST });
    expect(withFacts({ uri: URI }, undefined)).toEqual({ uri: URI });
  });

  it('is of another image where the tag has moved on', () => {
    const own = { uri: URI, digest: `sha256:${'0a'.repeat(32)}` };
    expect(withFacts(own, facts)).toEqual(own);
  });
});

it.each([
  [98_400_000, '98'],
  [1_240_400_000, '1,240'],
  [400_000, '0.4'],
  [9_960_000, '10'],
])('%d bytes are %s megabytes', (bytes, words) => {
  expect(megabytes(bytes)).toBe(words);
});
