import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Environment, EXAMPLE, Sandbox } from './sandbox.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
/** https://docs.docker.com/reference/cli/docker/image/tag/ */
const VALID_TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = new Sandbox();
});
afterAll(() => sandbox.remove());

function imageTag(environment: Environment, args: readonly string[] = [], shell = 'sh'): string {
  const { status, stdout, stderr } = sandbox.run(shell, ['ci/image-tag.sh', ...args], environment);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.trimEnd();
}

function pushed(trigger: string): string {
  return imageTag({ CODEBUILD_WEBHOOK_TRIGGER: trigger, CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT });
}

function startedByHand(version: string, extra: Environment = {}): string {
  return imageTag({ CODEBUILD_SOURCE_VERSION: version, CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT, ...extra });
}

describe('after a push', () => {
  it.each([
    ['branch/main', 'latest'],
    ['branch/master', 'latest'],
    ['tag/v1.2', 'v1.2'],
    ['tag/v1.2.3', 'v1.2.3'],
    ['tag/dev', 'dev'],
    ['branch/feature/x', 'feature-x'],
    ['branch/develop', 'develop'],
    ['branch/fix-typo', 'fix-typo'],
    ['branch/fix/typo-2', 'fix-typo-2'],
    ['branch/Feature/X', 'Feature-X'],
    ['branch/a/b/c.d_e', 'a-b-c.d_e'],
    ['branch/feature/main', 'feature-main'],
    ['branch/feature/latest', 'feature-latest'],
    ['pr/12', 'pr-12'],
  ])('%s gives %s', (trigger, tag) => {
    expect(pushed(trigger)).toBe(tag);
  });

  it.each(['branch/latest', 'branch/Latest', 'tag/latest', 'tag/main', 'tag/master', 'branch/main/', 'branch/Main'])(
    '%s never gives latest',
    (trigger) => {
      expect(pushed(trigger).toLowerCase()).not.toBe('latest');
    },
  );

  it.each([
    ['a name with hyphens and a hash that it could be', 'branch/latest', 'branch/latest--84188212'],
    ['a branch and a git tag', 'branch/v1.2', 'tag/v1.2'],
    ['a branch and the git tag dev', 'branch/dev', 'tag/dev'],
    ['a branch and another git tag', 'branch/release', 'tag/release'],
    ['a branch and a git tag with a prefix', 'branch/tag/release', 'tag/release'],
    ['two names in other scripts', 'branch/機能/追加', 'branch/機能/削除'],
    ['two long names', `branch/${'a'.repeat(200)}`, `branch/${'a'.repeat(201)}`],
    ['a branch and a pull request', 'branch/pr/12', 'pr/12'],
  ])('keeps apart %s', (_why, one, other) => {
    expect(pushed(one)).not.toBe(pushed(other));
  });

  it('keeps a branch apart from a git tag that is called like its image tag', () => {
    const tagOfBranch = pushed('branch/v1-x');
    expect(pushed(`tag/${tagOfBranch}`)).not.toBe(tagOfBranch);
  });

  it('keeps a branch apart from the image tag of a commit', () => {
    expect(pushed(`branch/commit/${COMMIT.slice(0, 12)}`)).not.toBe(startedByHand(''));
  });

  it.each([
    'branch/-x',
    'branch/.x',
    'tag/-x',
    'branch/機能',
    'branch/#1',
    `branch/${'x'.repeat(129)}`,
    `tag/v${'1'.repeat(128)}`,
  ])('%s gives a tag that Docker allows', (trigger) => {
    expect(pushed(trigger)).toMatch(VALID_TAG);
  });

  it('keeps the 128 characters that Docker allows', () => {
    expect(pushed(`branch/${'x'.repeat(128)}`)).toBe('x'.repeat(128));
  });

  it('reads the head reference when CodeBuild gives no trigger', () => {
    expect(imageTag({ CODEBUILD_WEBHOOK_TRIGGER: '', CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/main' })).toBe('latest');
    expect(imageTag({ CODEBUILD_WEBHOOK_HEAD_REF: 'refs/tags/v1.2' })).toBe('v1.2');
    expect(imageTag({ CODEBUILD_WEBHOOK_TRIGGER: 'surprise', CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/a/b' })).toBe(
      'a-b',
    );
  });

  it('gives valid tags only, and never one tag to two names but for slashes', () => {
    const piece = fc.oneof(
      fc.stringMatching(/^[a-z-]{1,6}$/),
      fc.constantFrom(
        'v1',
        '2',
        'dev',
        'latest',
        'main',
        'master',
        'tag',
        'commit',
        'pr',
        '機能',
        '.x',
        'x--1f0c5a5b',
        '_',
        'A',
      ),
    );
    const name = fc
      .array(piece, { minLength: 1, maxLength: 3 })
      .chain((parts) => fc.constantFrom('/', '-', '.', '').map((glue) => parts.join(glue)));
    const trigger = fc.tuple(fc.constantFrom('branch', 'tag'), name).map((parts) => parts.join('/'));
    const loop =
      'while IFS= read -r trigger; do CODEBUILD_WEBHOOK_TRIGGER=$trigger sh ci/image-tag.sh; done <<< "$NAMES"';
    fc.assert(
      fc.property(fc.uniqueArray(trigger, { minLength: 25, maxLength: 25 }), (triggers) => {
        const { stdout } = sandbox.run('bash', ['-c', loop], { NAMES: triggers.join('\n') });
        const tags = stdout.trimEnd().split('\n');
        expect(tags).toHaveLength(triggers.length);
        const owners = new Map<string, string>();
        for (const [index, one] of triggers.entries()) {
          const tag = tags[index] ?? '';
          expect(tag).toMatch(VALID_TAG);
          const name = one.replace(/^branch\//, '').replaceAll('/', '-');
          const branch = name === 'master' ? 'main' : name;
          const owner = one.startsWith('branch/') ? `branch/${branch}` : one;
          expect(tag === 'latest').toBe(owner === 'branch/main');
          expect(owners.get(tag) ?? owner).toBe(owner);
          owners.set(tag, owner);
        }
      }),
      { numRuns: 8 },
    );
  }, 30_000);
});

describe('started by hand', () => {
  it.each([
    ['a branch', 'feature/x', 'feature-x'],
    ['the main branch', 'main', 'latest'],
    ['a full branch name', 'refs/heads/feature/x', 'feature-x'],
    ['a full tag name', 'refs/tags/v1.2', 'v1.2'],
    ['nothing', '', 'commit-0123456789ab'],
    ['this commit', COMMIT, 'commit-0123456789ab'],
    ['the beginning of this commit', COMMIT.slice(0, 8), 'commit-0123456789ab'],
    ['one commit of main, maybe an old one', `refs/heads/main^{${COMMIT}}`, 'commit-0123456789ab'],
    ['a pull request', 'pr/7', 'pr-7'],
    ['something that is no git repository', 'arn:aws:s3:::bucket/source.zip', 'commit-0123456789ab'],
  ])('with %s', (_what, version, tag) => {
    expect(startedByHand(version)).toBe(tag);
  });

  it('with a branch whose name could be a commit, but is not this one', () => {
    expect(startedByHand('deadbeef')).toBe('deadbeef');
  });

  it('believes that v1.2 is the git tag only when git says so', () => {
    expect(startedByHand('v1.2', { GIT_TAGS: 'v1.1 v1.2' })).toBe('v1.2');
    expect(startedByHand('v1.2', { GIT_TAGS: 'v1.1 v1.20' })).not.toBe('v1.2');
    expect(startedByHand('v1.2', { FAIL_git: 'not a git repository' })).not.toBe('v1.2');
  });

  it('asks git for the commit when CodeBuild does not tell it', () => {
    expect(imageTag({})).toBe('commit-0123456789ab');
  });

  it('writes the commit in lower case', () => {
    expect(imageTag({ CODEBUILD_RESOLVED_SOURCE_VERSION: 'ABCDEF0123456789' })).toBe('commit-abcdef012345');
  });

  it('says what to do when nothing is known', () => {
    const { status, stdout, stderr } = sandbox.run('sh', ['ci/image-tag.sh'], { FAIL_git: 'not a git repository' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/Start the build with a branch/);
  });
});

it.each([
  ['branch/feature/x', '', 'feature/x'],
  ['tag/v1.2', '', 'v1.2'],
  ['pr/12', '', 'pr/12'],
  ['', 'refs/heads/main', 'main'],
  ['', `refs/heads/main^{${COMMIT}}`, 'main'],
  ['', COMMIT, ''],
])('--ref names what is built (%s, %s)', (trigger, version, ref) => {
  const environment = { CODEBUILD_WEBHOOK_TRIGGER: trigger, CODEBUILD_SOURCE_VERSION: version };
  expect(imageTag(environment, ['--ref'])).toBe(ref);
});

it.each(['sh', 'bash'])('runs the same under %s', (shell) => {
  expect(imageTag({ CODEBUILD_WEBHOOK_TRIGGER: 'branch/latest' }, [], shell)).toBe('latest--84188212');
});

it.each(['README.md', 'README.ja.md', 'ci/image-tag.sh'])('%s gives a true example of the digits', (file) => {
  const examples = readFileSync(join(EXAMPLE, file), 'utf8').match(/[a-z-]+--[0-9a-f]{8}/g) ?? [];
  expect(examples).toContain(pushed('branch/latest'));
  expect(examples.filter((tag) => tag !== pushed(`branch/${tag.slice(0, -10)}`))).toEqual([]);
});
