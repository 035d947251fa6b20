import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildMask, maskSecrets } from '#functions/builds/secrets.ts';
import { BuildStateChange } from '#functions/schemas/build-event.ts';
import { anyText } from '#test/slack/hostile.ts';
import { changed } from './fixture.ts';

/** Secrets are put together here: a scanner of repositories must not take this file for a leak. */
const letters = (pattern: RegExp) => fc.stringMatching(pattern);
const joined = (...parts: string[]) => parts.join('');

/** Shapes that are known by themselves, wherever they stand. */
const TOKENS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'AWS access key': letters(/^[A-Z0-9]{16}$/).chain((rest) => fc.constantFrom(`AKIA${rest}`, `ASIA${rest}`)),
  'AWS session token': letters(/^[A-Za-z0-9+/]{120}$/).map((rest) => joined('IQoJb3Jp', 'Z2luX2Vj', rest)),
  'GitHub token': fc
    .tuple(fc.constantFrom('p', 'o', 'u', 's', 'r'), letters(/^[A-Za-z0-9]{36}$/))
    .map(([kind, rest]) => joined('gh', kind, '_', rest)),
  'GitHub fine-grained token': letters(/^[A-Za-z0-9]{22}_[A-Za-z0-9]{59}$/).map((rest) =>
    joined('github', '_pat_', rest),
  ),
  'Slack token': fc
    .tuple(fc.constantFrom('b', 'p', 'a', 'o', 's', 'e'), letters(/^[0-9]{11}-[0-9]{12}-[A-Za-z0-9]{24}$/))
    .map(([kind, rest]) => joined('xox', kind, '-', rest)),
  'Slack app token': letters(/^1-A[A-Z0-9]{10}-[0-9]{13}-[a-f0-9]{64}$/).map((rest) => joined('xapp', '-', rest)),
  'Slack webhook': letters(/^T[A-Z0-9]{8}\/B[A-Z0-9]{8}\/[A-Za-z0-9]{24}$/).map((rest) =>
    joined('https://hooks.slack', '.com/services/', rest),
  ),
  JWT: letters(/^[A-Za-z0-9_-]{20}\.[A-Za-z0-9_-]{40}\.[A-Za-z0-9_-]{43}$/).map((rest) => joined('ey', 'J', rest)),
  'npm token': letters(/^[A-Za-z0-9]{36}$/).map((rest) => joined('npm', '_', rest)),
  'PyPI token': letters(/^[A-Za-z0-9_-]{60}$/).map((rest) => joined('pypi', '-', rest)),
  'GitLab token': letters(/^[A-Za-z0-9_-]{20}$/).map((rest) => joined('glpat', '-', rest)),
  'Docker Hub token': letters(/^[A-Za-z0-9_-]{27}$/).map((rest) => joined('dckr', '_pat_', rest)),
};

/** The part that must not be left: of a webhook the path, of a token all after its prefix. */
const tail = (secret: string) => secret.slice(-12);

describe('what is known by its shape', () => {
  it.each(Object.keys(TOKENS))('%s never survives, whatever stands around it', (name) => {
    const token = TOKENS[name] ?? fc.constant('');
    fc.assert(
      fc.property(anyText(), token, anyText(), (before, secret, after) => {
        expect(maskSecrets(`${before}${secret}${after}`).replace(before, '')).not.toContain(tail(secret));
      }),
    );
  });

  it('a private key, whole, without its beginning, without its end', () => {
    const body = Array.from({ length: 6 }, (_, i) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj${i}AgEAAoIBAQC7`);
    const [begin, end] = [joined('-----BEGIN ', 'RSA PRIVATE KEY-----'), joined('-----END ', 'RSA PRIVATE KEY-----')];
    for (const lines of [
      [begin, ...body, end],
      [...body, end],
      [begin, ...body],
    ]) {
      const masked = maskSecrets(['before', ...lines, ''].join('\n'));
      expect(masked).toContain('before');
      expect(masked).not.toContain('MIIE');
    }
  });

  it('a secret access key by itself, which is no commit and no path', () => {
    const key = joined('wJalrXUtnFEMI', '/K7MDENG/bPxRfiCY', 'EXAMPLEKEY');
    expect(key).toHaveLength(40);
    expect(maskSecrets(`got ${key}, ok`)).toBe('got ***, ok');
  });
});

/** A password that no shape gives away; quotes and spaces end an unquoted value. */
const password = fc
  .stringMatching(/^[A-Za-z0-9!#%^*+.,;~_-]{8,24}$/)
  .filter((text) => !/^[A-Z_][A-Z0-9_]*$/.test(text));
const surroundings = fc.constantFrom('', 'x ', 'log: ', '#9 1.2 ', 'a,b ', '\n', '日本 ', '[Container] ', '{"a":1} ');

describe('what its surroundings give away', () => {
  it.each<readonly [string, (secret: string) => string]>([
    ['an assignment', (secret) => `DB_PASSWORD=${secret}`],
    ['an exported one', (secret) => `export GITHUB_TOKEN="${secret}"`],
    ['one with spaces', (secret) => `aws_secret_access_key = ${secret}`],
    ['a session token', (secret) => `AWS_SESSION_TOKEN=${secret}`],
    ['one in single quotes', (secret) => `password='${secret} and more'`],
    ['YAML', (secret) => `  token: ${secret}`],
    ['JSON', (secret) => `{"apiKey":"${secret}","user":"x"}`],
    ['without a space', (secret) => `token:${secret}`],
    ['an option', (secret) => `deploy --password ${secret} --user x`],
    ['an option with =', (secret) => `deploy --client-secret=${secret}`],
    ['docker login', (secret) => `docker login -u AWS -p ${secret} registry.example.com`],
    ['docker login, no space', (secret) => `docker login --username AWS -p${secret} registry.example.com`],
    ['curl', (secret) => `curl -s -u robot:${secret} https://example.com/`],
    ['an npm token', (secret) => `//registry.npmjs.org/:_authToken=${secret}`],
    ['a header', (secret) => `Authorization: Basic ${secret}`],
    ['a query', (secret) => `GET /x?access_token=${secret}`],
    ['Docker’s config', (secret) => `"registry.example.com": {"auth": "${secret}"}`],
  ])('%s', (_, line) => {
    fc.assert(
      fc.property(surroundings, password, surroundings, (before, secret, after) => {
        expect(maskSecrets(`${before}${line(secret)} ${after}`)).not.toContain(secret);
      }),
    );
  });

  const inAddress = fc
    .stringMatching(/^[A-Za-z0-9!$&()*+,;=._~%@/-]{8,24}$/)
    .filter((text) => !/^\d{1,5}\//.test(text));

  it.each<readonly [string, (secret: string) => string]>([
    ['of a database', (secret) => `postgres://app:${secret}@db.example.com:5432/prod`],
    ['of a Git repository', (secret) => `https://robot:${secret}@github.com/a/b.git`],
    ['without a user', (secret) => `redis://:${secret}@cache:6379`],
    ['of a pip index', (secret) => `Looking in indexes: https://pip:${secret}@pypi.example.com/simple`],
  ])('the password in the address %s', (_, line) => {
    fc.assert(
      fc.property(surroundings, inAddress, (before, secret) => {
        expect(maskSecrets(`${before}${line(secret)} done`)).not.toContain(secret);
      }),
    );
  });

  it('a user alone, which may be a token', () => {
    expect(maskSecrets('https://0123456789abcdef@github.com/a/b')).toBe('https://***@github.com/a/b');
  });
});

it('leaves ordinary text alone', () => {
  const ordinary = [
    'latest: digest: sha256:9b2cf535f27731c974343645a3985328a2f6a1f6f1b3f9e1f6f9f0c1d2e3f4a5 size: 1786',
    'HEAD is now at 3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b Read the new price list',
    'Pushed 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/token-service:latest',
    'Pushed 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/secret:latest',
    'arn:aws:codebuild:ap-northeast-1:123456789012:build/xxxx:0c5d1f3e-7a44-4d0b-9b7e-5f1f0f6d2b11',
    'not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:xxxx/db-AbCdEf',
    'Phase context status code: Secrets Manager Error Message: AccessDeniedException: no',
    'Collecting tokenizers==0.21.0',
    'Collecting SecretStorage==3.3.3',
    'no basic auth credentials',
    'denied: Your authorization token has expired. Reauthenticate and try again.',
    'docker login --username AWS --password-stdin 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com',
    'https://registry.npmjs.org/@babel/core and http://localhost:8080/@scope/x',
    'psql --password "$DB_PASSWORD"',
    'curl --fail https://example.com/',
    '売上集計のバッチに 10 月分を追加',
    '=========== 2 failed, 31 passed in 4.21s ===========',
    '/codebuild/output/src568487777/src/github.com/example-data/xxxx/buildspec.yml',
  ];
  for (const line of ordinary) {
    expect(maskSecrets(line)).toBe(line);
  }
});

it('is quick also with long and odd text', () => {
  for (const text of [
    'a'.repeat(200_000),
    '-----BEGIN '.repeat(5_000),
    'https://'.repeat(10_000),
    'password'.repeat(10_000),
    'docker login '.repeat(5_000),
  ]) {
    const started = performance.now();
    maskSecrets(text);
    expect(performance.now() - started).toBeLessThan(1_500);
  }
});

describe("a build's own mask", () => {
  const maskOf = (variables: readonly { name: string; value: string }[]) =>
    buildMask(
      BuildStateChange.parse(changed('failed', { info: { environment: { 'environment-variables': variables } } })),
    );

  it('takes every value out, however it is written', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9$&<>*`"\\ /+=]{6,30}$/).map((text) => `${text}~Q`),
        anyText(),
        (value, around) => {
          const mask = maskOf([{ name: 'X', value }]);
          const trimmed = value.trim();
          for (const written of [
            trimmed,
            encodeURIComponent(trimmed),
            JSON.stringify(trimmed).slice(1, -1),
            Buffer.from(trimmed).toString('base64'),
          ]) {
            expect(mask(`${around}\n${written} ${around}`)).not.toContain(written);
          }
        },
      ),
    );
  });

  it('each line of a value with several, and a value that is part of another', () => {
    const mask = maskOf([
      { name: 'A', value: 'first line of it\nsecond line of it' },
      { name: 'B', value: 'hunter2' },
      { name: 'C', value: 'hunter2-and-more' },
    ]);
    expect(mask('second line of it, hunter2-and-more, hunter2!')).toBe('***, ***, ***!');
  });

  it('a long value also where its end is cut off', () => {
    const value = Array.from({ length: 50 }, (_, i) => `part-${i}-of-a-long-value`).join('/');
    const mask = maskOf([{ name: 'X', value }]);
    for (const length of [150, 333, 800]) {
      expect(mask(value.slice(0, length)).replaceAll('***', '').length).toBeLessThan(40);
    }
  });

  it('leaves what CodeBuild sets itself about a push', () => {
    const mask = maskOf([{ name: 'CODEBUILD_WEBHOOK_HEAD_REF', value: 'refs/heads/feature/a' }]);
    expect(mask('no such ref: refs/heads/feature/a')).toBe('no such ref: refs/heads/feature/a');
  });

  it('leaves short and common values, and what the notice names anyway', () => {
    const mask = maskOf([
      { name: 'A', value: 'true' },
      { name: 'B', value: 'production' },
      { name: 'AWS_ACCOUNT_ID', value: '123456789012' },
      { name: 'EMPTY', value: '' },
    ]);
    const text = 'true production 123456789012 xxxx';
    expect(mask(text)).toBe(text);
  });
});
