import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Environment, EXAMPLE, type Outcome, Sandbox } from './sandbox.ts';

const REGISTRY = '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com';
const IMAGE = `${REGISTRY}/xxxx:latest`;
const UNREACHABLE = 'dial tcp: lookup 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com: no such host';
const RUN = `docker run --rm --env-file=prod.env ${IMAGE}`;

let sandbox: Sandbox;
let folder: string;

beforeEach(() => {
  sandbox = new Sandbox();
  folder = sandbox.path('job');
  mkdirSync(folder);
  copyFileSync(join(EXAMPLE, 'cron/run-latest.sh'), join(folder, 'run-latest.sh'));
  configure("IMAGE_REPO_NAME='xxxx'", "AWS_ACCOUNT_ID='123456789012'");
  writeFileSync(join(folder, 'prod.env'), 'INPUT=data/sales.csv\n');
});
afterEach(() => sandbox.remove());

function configure(...lines: readonly string[]): void {
  writeFileSync(join(folder, 'job.conf'), `${lines.join('\n')}\n`);
}

/** Cron starts in the home directory, not in the folder of the job. */
function runLatest(extra: Environment = {}, args: readonly string[] = []): Outcome {
  return sandbox.run(join(folder, 'run-latest.sh'), args, extra, sandbox.folder);
}

it('logs in, pulls and runs, and says nothing of its own', () => {
  expect(runLatest()).toEqual({ status: 0, stdout: `running ${IMAGE}\n`, stderr: '' });
  expect(sandbox.calls().toSorted()).toEqual([
    'aws ecr get-login-password --region ap-northeast-1',
    `docker login --username AWS --password-stdin ${REGISTRY}`,
    `docker pull ${IMAGE}`,
    RUN,
  ]);
  expect(readFileSync(sandbox.path('password'), 'utf8')).toBe('secret-password\n');
});

it('the example of the configuration runs as it stands', () => {
  copyFileSync(join(EXAMPLE, 'cron/job.conf.example'), join(folder, 'job.conf'));
  expect(runLatest().status).toBe(0);
  expect(sandbox.called('docker run')).toEqual([RUN]);
});

it('takes Region, tag, files and keys from the configuration', () => {
  const elsewhere = sandbox.path('elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'other.env'), '');
  writeFileSync(
    join(elsewhere, 'my.conf'),
    'IMAGE_REPO_NAME=yyyy AWS_ACCOUNT_ID=210987654321 AWS_REGION=eu-west-1 IMAGE_TAG=v1.2 ENV_FILE=other.env LOCK_FILE=my.lock\nAWS_CONFIG_FILE=aws-config AWS_SHARED_CREDENTIALS_FILE=keys\n',
  );
  writeFileSync(
    sandbox.path('bin', 'aws'),
    '#!/bin/sh\necho "aws $* $AWS_CONFIG_FILE $AWS_SHARED_CREDENTIALS_FILE" >> "$SANDBOX/calls"\necho p\n',
    { mode: 0o755 },
  );
  expect(runLatest({}, [join(elsewhere, 'my.conf')]).status).toBe(0);
  expect(sandbox.called('aws')).toEqual(['aws ecr get-login-password --region eu-west-1 aws-config keys']);
  expect(sandbox.called('docker run')).toEqual([
    'docker run --rm --env-file=other.env 210987654321.dkr.ecr.eu-west-1.amazonaws.com/yyyy:v1.2',
  ]);
  expect(existsSync(join(elsewhere, 'my.lock'))).toBe(true);
});

it('passes the status of the job on, and says that it was the job', () => {
  const { status, stderr } = runLatest({ JOB_STATUS: '3' });
  expect(status).toBe(3);
  expect(stderr).toContain(`the job in ${IMAGE} failed with status 3`);
});

describe('when the registry cannot be reached', () => {
  it.each([
    ['at the pull', { FAIL_docker_pull: UNREACHABLE }],
    ['at the login', { FAIL_docker_login: `Error response from daemon: Get "https://${REGISTRY}/v2/": i/o timeout` }],
    ['for the password', { FAIL_aws_login: 'Could not connect to the endpoint URL: "https://api.ecr..."' }],
    ['for a reason nobody has seen before', { FAIL_docker_pull: '???' }],
  ])('%s: runs the last good image and says so', (_where, fault) => {
    sandbox.haveImage(IMAGE);
    const { status, stdout, stderr } = runLatest(fault);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `running ${IMAGE}\n` });
    expect(stderr).toContain('running the last good image instead');
    expect(stderr).toContain(Object.values(fault)[0]);
    expect(sandbox.called('docker run')).toEqual([RUN]);
  });

  it('stops when there is no image from before', () => {
    const { status, stderr } = runLatest({ FAIL_docker_pull: UNREACHABLE });
    expect(status).toBe(69);
    expect(stderr).toContain(`this machine has no ${IMAGE} from before`);
    expect(sandbox.called('docker run')).toEqual([]);
  });

  it('waits no longer than it is told', () => {
    configure("IMAGE_REPO_NAME='xxxx'", "AWS_ACCOUNT_ID='123456789012'", 'LOGIN_TIMEOUT=0.2');
    writeFileSync(sandbox.path('bin', 'aws'), '#!/bin/sh\nexec sleep 15\n', { mode: 0o755 });
    sandbox.haveImage(IMAGE);
    const before = Date.now();
    expect(runLatest().status).toBe(0);
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(sandbox.called('docker run')).toEqual([RUN]);
  }, 20_000);
});

describe('when the registry refuses', () => {
  it.each([
    [
      'wrong keys',
      {
        FAIL_aws_login:
          'An error occurred (UnrecognizedClientException) when calling the GetAuthorizationToken operation: The security token included in the request is invalid.',
      },
    ],
    [
      'no keys',
      { FAIL_aws_login: 'Unable to locate credentials. You can configure credentials by running "aws configure".' },
    ],
    [
      'no right to log in',
      { FAIL_aws_login: 'An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation' },
    ],
    [
      'no right to pull',
      {
        FAIL_docker_pull:
          'denied: User: arn:aws:iam::123456789012:user/xxxx_deploy is not authorized to perform: ecr:BatchGetImage',
      },
    ],
    [
      'a project that is gone',
      { FAIL_docker_pull: 'repository xxxx not found: name unknown: The repository with name xxxx does not exist' },
    ],
    [
      'no image of this tag',
      { FAIL_docker_pull: `manifest for ${IMAGE} not found: manifest unknown: Requested image not found` },
    ],
  ])('%s: runs nothing, not even an old image', (_why, fault) => {
    sandbox.haveImage(IMAGE);
    const { status, stderr } = runLatest(fault);
    expect(status).toBe(77);
    expect(stderr).toContain(Object.values(fault)[0]);
    expect(stderr).toContain('check the AWS keys of this machine');
    expect(sandbox.called('docker run')).toEqual([]);
  });
});

it.each([
  [
    'the Docker daemon is down',
    {
      FAIL_docker_login:
        'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    },
  ],
  [
    'docker is forbidden',
    { FAIL_docker_pull: 'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock' },
  ],
])('says that this machine is at fault when %s', (_what, fault) => {
  sandbox.haveImage(IMAGE);
  const { status, stderr } = runLatest(fault);
  expect(status).toBe(70);
  expect(stderr).toContain('docker or aws does not work on this machine');
});

it('says that this machine is at fault when the AWS CLI is not there', () => {
  rmSync(sandbox.path('bin', 'aws'));
  // Without the usual folders no other aws can be found; the tools that the script needs are linked one by one.
  const tools = ['bash', 'env', 'basename', 'dirname', 'flock', 'timeout', 'tr', 'cat', 'sleep'];
  expect(
    sandbox.run('bash', [
      '-c',
      `for tool in ${tools.join(' ')}; do ln -s "$(command -v $tool)" "$SANDBOX/bin/$tool"; done`,
    ]).status,
  ).toBe(0);
  const { status, stderr } = runLatest({ PATH: sandbox.path('bin') });
  expect(status).toBe(70);
  expect(stderr).toContain('aws');
});

describe('two runs at a time', () => {
  it('the second does nothing while the first is running, and the third runs again', async () => {
    writeFileSync(sandbox.path('hold'), '');
    const first = spawn(join(folder, 'run-latest.sh'), { env: { ...sandbox.environment() }, cwd: sandbox.folder });
    const ended = once(first, 'exit');
    await Promise.race([started(), ended]);
    const second = runLatest();
    expect(second.status).toBe(75);
    expect(second.stderr).toContain('the run before is still running');
    writeFileSync(sandbox.path('release'), '');
    expect(await ended).toEqual([0, null]);
    expect(sandbox.called('docker run')).toHaveLength(1);
    expect(sandbox.called('docker pull')).toHaveLength(1);
    expect(runLatest().status).toBe(0);
    expect(sandbox.called('docker run')).toHaveLength(2);
  }, 20_000);

  async function started(): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!existsSync(sandbox.path('started')) && Date.now() < deadline) {
      await wait(10);
    }
  }

  it('jobs of two folders do not wait for each other', () => {
    const other = sandbox.path('other');
    mkdirSync(other);
    for (const file of ['run-latest.sh', 'job.conf', 'prod.env']) {
      copyFileSync(join(folder, file), join(other, file));
    }
    const inside = `exec 8>"${join(folder, 'run-latest.lock')}"; flock 8; "${join(other, 'run-latest.sh')}"`;
    expect(sandbox.run('bash', ['-c', inside]).status).toBe(0);
  });
});

describe('a wrong configuration ends before anything is called', () => {
  it.each([
    [
      'no configuration',
      () => rmSync(join(folder, 'job.conf')),
      /cannot read the configuration .*copy job\.conf\.example/,
    ],
    ['no project', () => configure("AWS_ACCOUNT_ID='123456789012'"), /IMAGE_REPO_NAME is missing/],
    ['no account', () => configure("IMAGE_REPO_NAME='xxxx'"), /AWS_ACCOUNT_ID .*12 digits/],
    [
      'a bad account',
      () => configure("IMAGE_REPO_NAME='xxxx'", "AWS_ACCOUNT_ID='12-34'"),
      /AWS_ACCOUNT_ID .*12 digits/,
    ],
    ['no settings', () => rmSync(join(folder, 'prod.env')), /cannot read ENV_FILE prod\.env/],
    [
      'a bad lock',
      () => configure("IMAGE_REPO_NAME='xxxx'", "AWS_ACCOUNT_ID='123456789012'", 'LOCK_FILE=no/such/folder'),
      /cannot write LOCK_FILE/,
    ],
  ])('%s', (_what, spoil, message) => {
    spoil();
    const { status, stderr } = runLatest();
    expect(status).toBe(64);
    expect(stderr).toMatch(message);
    expect(sandbox.calls()).toEqual([]);
  });
});
