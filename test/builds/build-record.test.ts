import { describe, expect, it } from '@jest/globals';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import { type BuildRecord, eventOfRecord } from '#functions/builds/build-record.ts';
import { buildOf } from './fixture.ts';

const RECORD: BuildRecord = {
  arn: 'arn:aws:codebuild:ap-northeast-1:123456789012:build/xxxx:1',
  projectName: 'xxxx',
  buildNumber: 7,
  buildStatus: 'FAILED',
  buildComplete: true,
  initiator: 'GitHub-Hookshot/1',
  startTime: new Date('2026-11-09T04:00:00Z'),
  endTime: new Date('2026-11-09T04:02:00Z'),
  sourceVersion: 'refs/heads/main',
  resolvedSourceVersion: '3f2a9c1d5e7b8a6f4c3d2e1f0a9b8c7d6e5f4a3b',
  logs: { groupName: 'xxxx-build', streamName: 'stream' },
  phases: [
    {
      phaseType: 'BUILD',
      phaseStatus: 'FAILED',
      startTime: new Date('2026-11-09T04:00:00Z'),
      endTime: new Date('2026-11-09T04:02:00Z'),
      contexts: [
        {
          statusCode: 'COMMAND_EXECUTION_ERROR',
          message: 'Error while executing command: make. Reason: exit status 2',
        },
      ],
    },
  ],
  environment: {
    environmentVariables: [
      { name: 'PASSWORD', value: 'planted-0123', type: 'PLAINTEXT' },
      { name: 'TOKEN', value: '/name/in/a/store', type: 'PARAMETER_STORE' },
    ],
  },
  exportedEnvironmentVariables: [{ name: 'COMMIT_SUBJECT', value: 'A subject' }],
};

describe('a record of CodeBuild', () => {
  it('is read as its event is', () => {
    expect(buildOf(eventOfRecord(RECORD))).toMatchObject({
      status: 'FAILED',
      number: 7,
      place: { project: 'xxxx', buildId: 'xxxx:1', region: 'ap-northeast-1', account: '123456789012' },
      durationSeconds: 120,
      startedAt: '2026-11-09T04:00:00.000Z',
      ref: { kind: 'branch', name: 'main' },
      commit: { sha: RECORD.resolvedSourceVersion, subject: 'A subject' },
      starter: { kind: 'push' },
      failure: { phase: 'BUILD', code: 'COMMAND_EXECUTION_ERROR', reason: 'exit status 2', command: 'make' },
      logStream: { group: 'xxxx-build', stream: 'stream' },
    });
  });

  it('masks the values of its plaintext variables, and not the names that others are kept under', () => {
    const read = readBuildEvent(eventOfRecord(RECORD));
    const text = 'planted-0123 from /name/in/a/store';
    expect(read.kind === 'none' ? '' : read.mask(text)).toBe('*** from /name/in/a/store');
  });

  it.each([
    ['main', 'main', RECORD.resolvedSourceVersion],
    [undefined, undefined, RECORD.resolvedSourceVersion],
    ['pr/12', '12', RECORD.resolvedSourceVersion],
    [RECORD.resolvedSourceVersion, undefined, RECORD.resolvedSourceVersion],
  ])('of %s knows what was built', (sourceVersion, name, sha) => {
    const build = buildOf(eventOfRecord({ ...RECORD, sourceVersion }));
    expect([build.ref?.name, build.commit?.sha]).toEqual([name, sha]);
  });

  it('that runs has not ended, and one that tells nothing still has its status', () => {
    expect(readBuildEvent(eventOfRecord({ arn: RECORD.arn, buildStatus: 'IN_PROGRESS' }))).toMatchObject({
      kind: 'started',
    });
    expect(buildOf(eventOfRecord({ buildStatus: 'FAULT' }))).toMatchObject({ status: 'FAULT' });
  });
});
