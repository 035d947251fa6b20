import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Build, buildspec, runBuild } from './codebuild.ts';
import { DIGEST, type Environment, Sandbox } from './sandbox.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const REGISTRY = '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com';
const PUSH_TO_MAIN = {
  CODEBUILD_WEBHOOK_TRIGGER: 'branch/main',
  CODEBUILD_WEBHOOK_HEAD_REF: 'refs/heads/main',
  CODEBUILD_SOURCE_VERSION: COMMIT,
  CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT,
};

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

function build(environment: Environment = PUSH_TO_MAIN): Build {
  return runBuild(sandbox, environment);
}

it('exports exactly the names that the notices read', () => {
  expect(buildspec().env['exported-variables']).toEqual([
    'COMMIT_SHA',
    'BRANCH_NAME',
    'COMMIT_AUTHOR',
    'COMMIT_AUTHOR_EMAIL',
    'COMMIT_SUBJECT',
    'IMAGE_URI',
    'IMAGE_TAG',
    'IMAGE_DIGEST',
  ]);
});

describe('a push to main', () => {
  it('logs in, builds, tags and pushes latest', () => {
    const { succeeded, log } = build();
    expect({ succeeded, log }).toEqual({
      succeeded: true,
      log: expect.stringContaining(`Pushed ${REGISTRY}/xxxx:latest`),
    });
    expect(sandbox.called('aws')).toEqual(['aws ecr get-login-password --region ap-northeast-1']);
    expect(sandbox.called('docker')).toEqual([
      `docker login --username AWS --password-stdin ${REGISTRY}`,
      `docker build --pull --label org.opencontainers.image.revision=${COMMIT} --tag xxxx:build .`,
      `docker tag xxxx:build ${REGISTRY}/xxxx:latest`,
      `docker push ${REGISTRY}/xxxx:latest`,
      `docker image inspect --format {{range .RepoDigests}}{{println .}}{{end}} ${REGISTRY}/xxxx:latest`,
    ]);
  });

  it('exports who changed what and where the image is, whatever people write into their commits', () => {
    expect(build().exported).toEqual({
      COMMIT_SHA: COMMIT,
      BRANCH_NAME: 'main',
      COMMIT_AUTHOR: `O'Brien "花子" $HOME`,
      COMMIT_AUTHOR_EMAIL: 'hanako@example.com',
      COMMIT_SUBJECT: 'Fix $(the) totals; "again" && more',
      IMAGE_URI: `${REGISTRY}/xxxx:latest`,
      IMAGE_TAG: 'latest',
      IMAGE_DIGEST: `sha256:${DIGEST}`,
    });
  });

  it('keeps the password of the registry out of the log and of all arguments', () => {
    const { log } = build();
    expect(log).not.toContain('secret-password');
    expect(sandbox.calls().join('\n')).not.toContain('secret-password');
  });
});

it.each([
  ['branch/master', 'latest', 'master'],
  ['tag/v1.2', 'v1.2', 'v1.2'],
  ['tag/dev', 'dev', 'dev'],
  ['branch/feature/x', 'feature-x', 'feature/x'],
  ['branch/feature/main', 'feature-main', 'feature/main'],
])('%s is pushed as %s', (trigger, tag, branch) => {
  const { exported } = build({ ...PUSH_TO_MAIN, CODEBUILD_WEBHOOK_TRIGGER: trigger });
  expect(sandbox.called('docker push')).toEqual([`docker push ${REGISTRY}/xxxx:${tag}`]);
  expect(exported).toMatchObject({ IMAGE_TAG: tag, IMAGE_URI: `${REGISTRY}/xxxx:${tag}`, BRANCH_NAME: branch });
});

it.each([
  ['feature/y', 'feature-y'],
  ['', 'commit-0123456789ab'],
])('started by hand with the source version "%s", it is pushed as %s', (version, tag) => {
  build({ CODEBUILD_SOURCE_VERSION: version, CODEBUILD_RESOLVED_SOURCE_VERSION: COMMIT });
  expect(sandbox.called('docker push')).toEqual([`docker push ${REGISTRY}/xxxx:${tag}`]);
});

it('does not need git metadata', () => {
  const { succeeded, exported } = build({ ...PUSH_TO_MAIN, FAIL_git: 'fatal: not a git repository' });
  expect(succeeded).toBe(true);
  expect(exported).toMatchObject({
    COMMIT_SHA: COMMIT,
    COMMIT_AUTHOR: '',
    COMMIT_AUTHOR_EMAIL: '',
    COMMIT_SUBJECT: '',
  });
});

it('does not fail a push that is done because Docker tells no digest', () => {
  const { succeeded, exported, log } = build({ ...PUSH_TO_MAIN, NO_DIGEST: 'yes' });
  expect({ succeeded, digest: exported['IMAGE_DIGEST'] }).toEqual({ succeeded: true, digest: '' });
  expect(log).toContain('Docker tells no digest');
});

describe('when something fails', () => {
  const nothingPushed = { IMAGE_URI: '', IMAGE_DIGEST: '' };

  it.each([
    ['aws gives no password', { FAIL_aws_login: 'AccessDeniedException' }, ['pre_build'], 'AccessDeniedException'],
    ['the login', { FAIL_docker_login: 'Error: 400 Bad Request' }, ['pre_build'], '400 Bad Request'],
    [
      'docker build',
      { FAIL_docker_build: 'exit code 1: pip' },
      ['pre_build', 'build', 'post_build'],
      'exit code 1: pip',
    ],
    ['docker tag', { FAIL_docker_tag: 'invalid reference' }, ['pre_build', 'build', 'post_build'], 'invalid reference'],
    ['docker push', { FAIL_docker_push: 'denied: no' }, ['pre_build', 'build', 'post_build'], 'denied: no'],
  ])('%s: the build fails, shows why, and offers no image', (what, fault, phases, message) => {
    const result = build({ ...PUSH_TO_MAIN, ...fault });
    expect(result.succeeded).toBe(false);
    expect(result.phases.map(({ name }) => name)).toEqual(phases);
    expect(result.log).toContain(message);
    expect(result.exported).toMatchObject(nothingPushed);
    expect(sandbox.called('docker push')).toHaveLength(what === 'docker push' ? 1 : 0);
  });

  it('says after a failed build why nothing is pushed', () => {
    expect(build({ ...PUSH_TO_MAIN, FAIL_docker_build: 'exit code 1' }).log).toContain('so nothing is pushed');
  });

  it('still tells who changed what', () => {
    const { exported } = build({ ...PUSH_TO_MAIN, FAIL_docker_build: 'exit code 1' });
    expect(exported).toMatchObject({
      COMMIT_SHA: COMMIT,
      BRANCH_NAME: 'main',
      COMMIT_AUTHOR_EMAIL: 'hanako@example.com',
    });
  });

  it('stops before the login when neither branch nor commit is known', () => {
    const { phases, log } = build({ FAIL_git: 'fatal: not a git repository' });
    expect(phases).toEqual([{ name: 'pre_build', succeeded: false }]);
    expect(log).toContain('Start the build with a branch');
    expect(sandbox.called('docker')).toEqual([]);
  });
});
