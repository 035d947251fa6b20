import { describe, expect, it } from '@jest/globals';
import { buildOf, changed, eventFile, exported } from './fixture.ts';

const SHA = '3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b';
const DIGEST = 'sha256:9b2cf535f27731c974343645a3985328a2f6a1f6f1b3f9e1f6f9f0c1d2e3f4a5';

describe('place', () => {
  it('comes from the ARN, with the project and the ID that it holds', () => {
    expect(buildOf(eventFile('minimal')).place).toEqual({
      partition: 'aws',
      region: 'ap-northeast-1',
      account: '123456789012',
      project: 'xxxx',
      buildId: 'xxxx:8745a7a9-c340-456a-9166-edf953571be1',
      uuid: '8745a7a9-c340-456a-9166-edf953571be1',
    });
  });

  it('falls back to the resource where the detail has no build-id', () => {
    const event = changed('minimal', { detail: { 'build-id': null, 'project-name': undefined } });
    expect(buildOf(event).place).toMatchObject({ project: 'xxxx', uuid: '8745a7a9-c340-456a-9166-edf953571be1' });
  });

  it('is empty rather than wrong where nothing is told', () => {
    const detail = { 'build-id': null, 'project-name': null };
    const event = changed('minimal', { detail, envelope: { resources: null, region: null, account: 7 } });
    expect(buildOf(event)).toMatchObject({ place: { partition: 'aws' }, links: {} });
  });
});

describe('ref and commit', () => {
  const noVariables = exported({});
  const refOf = (info: Record<string, unknown>) => buildOf(changed('succeeded', { info })).ref;

  it.each([
    ['branch/feature/x', { kind: 'branch', name: 'feature/x' }],
    ['tag/v1.2', { kind: 'tag', name: 'v1.2' }],
    ['pr/12', { kind: 'pullRequest', name: '12' }],
  ])('an exported webhook trigger %s tells the kind', (trigger, ref) => {
    expect(refOf(exported({ CODEBUILD_WEBHOOK_TRIGGER: trigger, BRANCH_NAME: 'other' }))).toEqual(ref);
  });

  it.each([
    ['refs/heads/main', { kind: 'branch', name: 'main' }],
    [`refs/heads/main^{${SHA}}`, { kind: 'branch', name: 'main' }],
    ['refs/tags/v1.2', { kind: 'tag', name: 'v1.2' }],
    ['pr/42', { kind: 'pullRequest', name: '42' }],
    [`refs/pull/42/head^{${SHA}}`, { kind: 'pullRequest', name: '42' }],
    ['v1.2', { kind: 'ref', name: 'v1.2' }],
    [SHA, undefined],
    ['arn:aws:s3:::codepipeline-bucket/key', undefined],
  ])('source version %s', (version, ref) => {
    expect(refOf({ ...noVariables, 'source-version': version })).toEqual(ref);
  });

  it.each([
    [{ BRANCH_NAME: 'main' }, 'branch'],
    [{ BRANCH_NAME: 'release', IMAGE_TAG: 'latest' }, 'branch'],
    [{ BRANCH_NAME: 'v1.2', IMAGE_TAG: 'v1.2' }, 'ref'],
  ])('%j is not called a branch where it may be a tag', (variables, kind) => {
    expect(refOf(exported(variables))).toEqual({ kind, name: variables.BRANCH_NAME });
  });

  it('reads the webhook variables of the build itself, and no other plaintext variable', () => {
    const info = {
      ...noVariables,
      'source-version': undefined,
      environment: {
        'environment-variables': [
          { name: 'CODEBUILD_WEBHOOK_HEAD_REF', value: 'refs/heads/dev' },
          { name: 'COMMIT_SHA', value: SHA },
          { name: 'IMAGE_URI', value: 'planted' },
        ],
      },
    };
    const build = buildOf(changed('succeeded', { info }));
    expect(build).toMatchObject({ ref: { kind: 'branch', name: 'dev' } });
    expect(build).not.toHaveProperty('commit');
    expect(build).not.toHaveProperty('image');
  });

  it('takes no empty value for one', () => {
    const empty = exported({ COMMIT_SHA: '', COMMIT_AUTHOR: ' ', COMMIT_SUBJECT: '', BRANCH_NAME: '' });
    const build = buildOf(changed('succeeded', { info: { ...empty, 'source-version': '' } }));
    expect(build).not.toHaveProperty('commit');
    expect(build).not.toHaveProperty('ref');
  });

  it('takes the commit from the source version where nothing was exported', () => {
    const build = buildOf(changed('failed', { info: { ...noVariables, 'source-version': SHA } }));
    expect(build.commit).toEqual({ sha: SHA });
    expect(build.links.commit).toBe(`https://github.com/example-data/xxxx/commit/${SHA}`);
  });

  it.each([
    'https://github.com.evil.example/a/b',
    'https://github.example.com/a/b',
    'https://user@github.com/a/b',
    'https://github.com/a/b/../../c',
    'codecommit://xxxx',
  ])('makes no commit link from %s', (location) => {
    const build = buildOf(changed('succeeded', { info: { source: { type: 'GITHUB', location } } }));
    expect(build.links).not.toHaveProperty('commit');
  });
});

describe('who started it', () => {
  const starterOf = (initiator: unknown, variables: { name: string; value?: string }[] = []) =>
    buildOf(changed('succeeded', { info: { initiator, environment: { 'environment-variables': variables } } })).starter;

  it.each([
    ['GitHub-Hookshot/1a2b3c4', { kind: 'push' }],
    ['codepipeline/xxxx-release', { kind: 'pipeline', name: 'xxxx-release' }],
    ['rule/nightly', { kind: 'schedule', name: 'nightly' }],
    ['AWSReservedSSO_Admin_0123/hanako@example.com', { kind: 'person', name: 'hanako@example.com' }],
    ['root', { kind: 'person', name: 'root' }],
    ['', undefined],
    [null, undefined],
  ])('%s', (initiator, starter) => {
    expect(starterOf(initiator)).toEqual(starter);
  });

  it('knows a retry by its empty webhook variables', () => {
    expect(starterOf('hanako', [{ name: 'CODEBUILD_WEBHOOK_TRIGGER', value: '' }])).toEqual({
      kind: 'retry',
      name: 'hanako',
    });
    expect(starterOf('hanako', [{ name: 'CODEBUILD_WEBHOOK_TRIGGER', value: 'branch/main' }])?.kind).toBe('person');
  });
});

describe('duration', () => {
  const durationOf = (info: Record<string, unknown>, envelope = {}) =>
    buildOf(changed('succeeded', { info, envelope })).durationSeconds;

  it('runs from the start to the COMPLETED phase', () => {
    expect(durationOf({})).toBe(229);
  });

  it('reads dates without a zone as UTC, past noon and midnight, whatever the space before PM', () => {
    const phases = [{ 'phase-type': 'COMPLETED', 'start-time': 'Nov 10, 2026 12:00:01\u202fAM' }];
    expect(durationOf({ 'build-start-time': 'Nov 9, 2026 11:59:59 PM', phases })).toBe(2);
    const noon = [{ 'phase-type': 'COMPLETED', 'start-time': 'Nov 9, 2026 12:00:00 PM' }];
    expect(durationOf({ 'build-start-time': '2026-11-09T11:59:00', phases: noon })).toBe(60);
  });

  it("uses the event's own time where phases are missing", () => {
    expect(durationOf({ phases: null }, { time: '2026-11-09T04:12:39Z' })).toBe(10);
  });

  it.each([
    ['no start', { 'build-start-time': 'yesterday', phases: [] }],
    ['an end before the start', { 'build-start-time': 'Nov 9, 2027 4:12:29 AM' }],
    ['a month that is none', { 'build-start-time': 'Foo 9, 2026 4:12:29 AM', phases: [] }],
  ])('says nothing with %s', (_, info) => {
    expect(durationOf(info)).toBeUndefined();
  });
});

describe('failure', () => {
  const failureOf = (phases: unknown, detail: Record<string, unknown> = {}) =>
    buildOf(changed('failed', { info: { phases }, detail })).failure;
  const phase = (type: string, status: string | undefined, context: unknown) => ({
    'phase-type': type,
    'phase-status': status,
    'phase-context': context,
  });

  it('is the first phase that broke, not POST_BUILD after it; the command is its first line', () => {
    expect(buildOf(eventFile('failed')).failure).toEqual({
      phase: 'BUILD',
      code: 'COMMAND_EXECUTION_ERROR',
      reason: 'exit status 1',
      command: 'docker build --tag "$IMAGE_URI"',
    });
  });

  it('keeps a command that holds ". Reason: " apart from the reason', () => {
    const context =
      'COMMAND_EXECUTION_ERROR: Error while executing command: echo "a. Reason: b". Reason: exit status 3';
    expect(failureOf([phase('BUILD', 'FAILED', [context])])).toMatchObject({
      reason: 'exit status 3',
      command: 'echo "a. Reason: b"',
    });
  });

  it.each([
    ['a status that is new', 'REJECTED', ['NO_QUOTA: none left'], { code: 'NO_QUOTA', reason: 'none left' }],
    ['a context that is text', 'FAILED', 'ERROR_X: why', { code: 'ERROR_X', reason: 'why' }],
    ['a context without a code', 'FAILED', ['it broke\nbadly'], { reason: 'it broke' }],
    ['an empty context', 'FAILED', [': '], {}],
    ['contexts of other types', 'FAILED', [null, 7, ': ', 'ERR: x'], { code: 'ERR', reason: 'x' }],
  ])('reads %s', (_, status, context, rest) => {
    expect(failureOf([phase('QUEUED', status, context)])).toEqual({ phase: 'QUEUED', ...rest });
  });

  it("uses the event's current context where phases are missing", () => {
    const detail = { 'current-phase': 'PROVISIONING', 'current-phase-context': '[CLIENT_ERROR: no such image]' };
    expect(failureOf(null, detail)).toEqual({ phase: 'PROVISIONING', code: 'CLIENT_ERROR', reason: 'no such image' });
  });

  it.each(['[]', '[: ]', '[: , : ]', null])('finds nothing in the current context %s', (context) => {
    expect(failureOf([], { 'current-phase-context': context })).toBeUndefined();
  });

  it('is not looked for in a build that succeeded', () => {
    const phases = [phase('BUILD', 'FAILED', ['X_Y_Z: ignored by the buildspec'])];
    expect(buildOf(changed('succeeded', { info: { phases } }))).not.toHaveProperty('failure');
  });

  it('takes the values of plaintext variables out, but not what the notice names anyway', () => {
    const context = 'CLIENT_ERROR: login with hunter2-and-more to 123456789012 for xxxx-prod failed';
    const variables = [
      { name: 'PART', value: 'hunter2' },
      { name: 'PASSWORD', value: 'hunter2-and-more' },
      { name: 'AWS_ACCOUNT_ID', value: '123456789012' },
      { name: 'SHORT', value: 'login' },
    ];
    const info = {
      phases: [phase('PRE_BUILD', 'FAILED', [context])],
      environment: { 'environment-variables': variables },
    };
    expect(buildOf(changed('failed', { info })).failure?.reason).toBe(
      'login with *** to 123456789012 for xxxx-prod failed',
    );
  });
});

describe('image', () => {
  it('is the exported URI and digest', () => {
    expect(buildOf(eventFile('succeeded')).image).toEqual({
      uri: '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/xxxx:latest',
      digest: DIGEST,
    });
  });

  it.each(['failed', 'stopped', 'timed-out', 'fault', 'unknown-status', 'in-progress'])(
    'is never offered by a build that did not succeed: %s',
    (name) => {
      const uri = '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/xxxx:latest';
      const info = exported({ IMAGE_URI: uri, IMAGE_DIGEST: DIGEST });
      expect(buildOf(changed(name, { info }))).not.toHaveProperty('image');
    },
  );

  it('has no digest that is none', () => {
    const info = exported({ IMAGE_URI: 'xxxx:latest', IMAGE_DIGEST: 'sha256:tbd' });
    expect(buildOf(changed('succeeded', { info })).image).toEqual({ uri: 'xxxx:latest' });
  });
});

describe('links', () => {
  it.each([
    ['aws', 'ap-northeast-1', 'https://ap-northeast-1.console.aws.amazon.com/', 'amazonaws.com'],
    ['aws-cn', 'cn-north-1', 'https://cn-north-1.console.amazonaws.cn/', 'amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/', 'amazonaws.com'],
  ])('lead to the console of %s', (partition, region, origin, registry) => {
    const arn = `arn:${partition}:codebuild:${region}:123456789012:build/xxxx:8745a7a9`;
    const event = changed('succeeded', {
      envelope: { region, resources: [arn] },
      detail: { 'build-id': arn },
      info: exported({ IMAGE_URI: `123456789012.dkr.ecr.${region}.${registry}/team/xxxx:latest` }),
    });
    const { links } = buildOf(event);
    expect(links.build).toBe(
      `${origin}codesuite/codebuild/123456789012/projects/xxxx/build/xxxx%3A8745a7a9/?region=${region}`,
    );
    expect(links.log).toMatch(new RegExp(`^${origin}cloudwatch/home\\?region=${region}#logsV2:`));
    expect(links.image).toBe(`${origin}ecr/repositories/private/123456789012/team%2Fxxxx?region=${region}`);
  });

  it('gives none in a partition whose console is not known', () => {
    const arn = 'arn:aws-iso:codebuild:us-iso-east-1:123456789012:build/xxxx:8745a7a9';
    const event = changed('failed', {
      envelope: { region: 'us-iso-east-1', resources: [] },
      detail: { 'build-id': arn },
    });
    expect(buildOf(event).links).toEqual({ commit: expect.any(String) });
  });

  it("encodes the log group's name as the console wants it", () => {
    const info = { logs: { 'group-name': '/aws/codebuild/a#b', 'stream-name': 'p/1' } };
    expect(buildOf(changed('succeeded', { info })).links.log).toMatch(
      /#logsV2:log-groups\/log-group\/\$252Faws\$252Fcodebuild\$252Fa\$2523b\/log-events\/p\$252F1$/,
    );
  });

  it.each([
    ['null', { 'group-name': null, 'stream-name': null }, true],
    ['the word null', { 'group-name': 'xxxx-build', 'stream-name': 'null' }, true],
    ['nothing', undefined, false],
  ])('leads to no log where the stream is %s, and says so only if the event does', (_, logs, withoutLog) => {
    const build = buildOf(changed('failed', { info: { logs } }));
    expect(build.links).not.toHaveProperty('log');
    expect(build.withoutLog).toBe(withoutLog);
  });
});

it.each([
  [7.0, 7],
  [7.9, 7],
  ['7', undefined],
  [null, undefined],
  [-1, undefined],
])('build number %p reads as %p', (given, number) => {
  expect(buildOf(changed('succeeded', { info: { 'build-number': given } })).number).toBe(number);
});
