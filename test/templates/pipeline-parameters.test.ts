import { describe, expect, it } from '@jest/globals';
import { at, isObject, type Json, listed, section, templateOf } from './cloudformation.ts';

const main = templateOf('pipeline/main.yaml');
const deployUser = templateOf('pipeline/deploy-user.yaml');

function pattern(template: Json, parameter: string): RegExp {
  return new RegExp(String(at(template, 'Parameters', parameter, 'AllowedPattern')));
}

describe('which combinations of GitHub access are refused', () => {
  type Values = Readonly<Record<string, string>>;
  const connection =
    'arn:aws:codeconnections:ap-northeast-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef';
  const secret = 'arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:github-AbCdEf';

  function holds(rule: Json, values: Values): boolean {
    if (isObject(rule) && 'Fn::Not' in rule) {
      return !holds(at(rule, 'Fn::Not', 0), values);
    }
    const [one, other] = [at(rule, 'Fn::Equals', 0), at(rule, 'Fn::Equals', 1)].map((side) =>
      isObject(side) ? values[String(at(side, 'Ref'))] : side,
    );
    return one === other;
  }

  /** The sentences that CloudFormation would refuse with. */
  function refusals(values: Values): string[] {
    return section(main, 'Rules')
      .filter(([, rule]) => holds(at(rule, 'RuleCondition'), values))
      .flatMap(([, rule]) => listed(at(rule, 'Assertions')))
      .filter((assertion) => !holds(at(assertion, 'Assert'), values))
      .map((assertion) => String(at(assertion, 'AssertDescription')));
  }

  it.each([
    ['CONNECTION', connection, '', []],
    ['SECRET', '', secret, []],
    ['ACCOUNT', '', '', []],
    ['CONNECTION', '', '', [/set ConnectionArn/]],
    ['CONNECTION', connection, secret, [/leave GitHubTokenSecretArn empty/]],
    ['CONNECTION', '', secret, [/set ConnectionArn/, /leave GitHubTokenSecretArn empty/]],
    ['SECRET', '', '', [/set GitHubTokenSecretArn/]],
    ['SECRET', connection, secret, [/leave ConnectionArn empty/]],
    ['SECRET', connection, '', [/set GitHubTokenSecretArn/, /leave ConnectionArn empty/]],
    ['ACCOUNT', connection, '', [/leave ConnectionArn empty/]],
    ['ACCOUNT', '', secret, [/leave GitHubTokenSecretArn empty/]],
    ['ACCOUNT', connection, secret, [/leave ConnectionArn empty/, /leave GitHubTokenSecretArn empty/]],
  ])('%s, connection "%s", secret "%s"', (GitHubAccess, ConnectionArn, GitHubTokenSecretArn, sentences) => {
    const refused = refusals({ GitHubAccess, ConnectionArn, GitHubTokenSecretArn });
    expect(refused).toEqual(sentences.map((sentence) => expect.stringMatching(sentence)));
    for (const sentence of refused) {
      expect(sentence).toMatch(new RegExp(`^GitHubAccess is ${GitHubAccess}: `));
    }
  });

  it.each([
    [connection, true],
    [connection.replace('codeconnections', 'codestar-connections'), true],
    ['', true],
    [secret, false],
    ['01234567-89ab-cdef-0123-456789abcdef', false],
  ])('ConnectionArn "%s": %s', (arn, accepted) => {
    expect(pattern(main, 'ConnectionArn').test(arn)).toBe(accepted);
  });

  it.each([
    [secret, true],
    ['', true],
    ['ghp_0123456789', false],
  ])('GitHubTokenSecretArn "%s": %s', (arn, accepted) => {
    expect(pattern(main, 'GitHubTokenSecretArn').test(arn)).toBe(accepted);
  });
});

describe('ProjectName', () => {
  it.each(['xxxx', 'sales-report', 'a1', '2026-plan'])('accepts %s', (name) => {
    expect(pattern(main, 'ProjectName').test(name)).toBe(true);
  });

  it.each(['Sales', 'a_b', 'a.b', 'a/b', '-a', 'a-', 'a--b', 'a b', '売上'])('refuses %s', (name) => {
    expect(pattern(main, 'ProjectName').test(name)).toBe(false);
  });

  it('leaves room for every name that is made of it', () => {
    const longest = 'x'.repeat(Number(at(main, 'Parameters', 'ProjectName', 'MaxLength')));
    expect(`${longest}-codebuild`.length).toBe(64); // IAM role
    expect(`${longest}_deploy`.length).toBeLessThanOrEqual(64); // IAM user
    expect(`${longest}-build`.length).toBeLessThanOrEqual(128); // stack
  });
});

it.each([
  ['https://github.com/owner/repository', true],
  ['https://github.com/owner/repo.sitory_1.git', true],
  ['git@github.com:owner/repository.git', false],
  ['https://github.com/owner', false],
  ['https://github.com.evil.example/owner/repository', false],
])('GitHubRepositoryUrl %s: %s', (url, accepted) => {
  expect(pattern(main, 'GitHubRepositoryUrl').test(url)).toBe(accepted);
});

describe('WebhookHeadRefPattern', () => {
  const pushes = new RegExp(String(at(main, 'Parameters', 'WebhookHeadRefPattern', 'Default')));

  it.each(['heads/main', 'heads/master', 'tags/v1.2', 'tags/v1.2.3', 'tags/v10.20', 'tags/dev'])(
    'builds a push to refs/%s',
    (ref) => {
      expect(pushes.test(`refs/${ref}`)).toBe(true);
    },
  );

  it.each([
    'heads/feature/main',
    'heads/mainline',
    'heads/dev',
    'heads/v1.2',
    'tags/main',
    'tags/v1',
    'tags/v1.2-rc1',
    'tags/devil',
    'pull/1/head',
  ])('does not build a push to refs/%s', (ref) => {
    expect(pushes.test(`refs/${ref}`)).toBe(false);
  });

  it.each([
    ['^refs/heads/main$', true],
    ['^refs/(heads|tags)/.*$', true],
    ['refs/heads/main', false],
    ['^refs/heads/main', false],
    ['main$', false],
    ['', false],
  ])('the pattern "%s" itself is accepted: %s', (value, accepted) => {
    expect(pattern(main, 'WebhookHeadRefPattern').test(value)).toBe(accepted);
  });

  it('accepts its own default', () => {
    expect(pattern(main, 'WebhookHeadRefPattern').test(pushes.source.replaceAll('\\/', '/'))).toBe(true);
  });
});

describe('who else, and what else, the deploy user is for', () => {
  const places = section(deployUser, 'Parameters').filter(([name]) => name.startsWith('FurtherProject'));

  it('has nine places for further projects, all optional', () => {
    expect(places.map(([name]) => name)).toEqual(Array.from({ length: 9 }, (_, index) => `FurtherProject${index + 1}`));
    expect(new Set(places.map(([, place]) => place['Default']))).toEqual(new Set(['']));
  });

  it.each(['', 'yyyy', 'sales-report'])('a place accepts "%s"', (name) => {
    expect(places.map(([place]) => pattern(deployUser, place).test(name))).toEqual(places.map(() => true));
  });

  it.each(['yyyy,zzzz', 'YYYY', ' ', 'yyyy-'])('a place refuses "%s"', (name) => {
    expect(places.map(([place]) => pattern(deployUser, place).test(name))).toEqual(places.map(() => false));
  });

  it.each([
    ['', true],
    ['hanako', true],
    ['hanako,taro.y@example.com', true],
    ['hanako, taro', false],
    ['hanako,', false],
  ])('FurtherMembers "%s": %s', (members, accepted) => {
    expect(pattern(deployUser, 'FurtherMembers').test(members)).toBe(accepted);
  });
});
