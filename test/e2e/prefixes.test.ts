/** With the prefix parameters IAM itself refuses what lies outside; a report says so, and CloudFormation is told who must act. */

import { StartBuildCommand } from '@aws-sdk/client-codebuild';
import { AttachRolePolicyCommand } from '@aws-sdk/client-iam';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { emptyByHand } from '#scripts/lib/by-hand.ts';
import { inAccount } from './support/scene.ts';
import { logGroup, project, repository, role, withCleanExit } from './support/templates.ts';
import { type Write, writesOf } from './support/writes.ts';

const PREFIX = 'team-a-';
const scene = inAccount({
  parameters: { RepositoryPrefix: PREFIX, LogGroupPrefix: PREFIX, RolePrefix: PREFIX, ProjectPrefix: PREFIX },
});

const S3_READER = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';

/** A stack with one resource of each type, all of the same name, and something in each of them. */
async function fullStack(name: string): Promise<string> {
  const { stacks, seed, writeStreams, iam, codeBuild } = scene();
  const { id } = await stacks.create(
    name,
    withCleanExit({
      Repository: repository(name),
      Group: logGroup(name),
      Role: role(name, 'codebuild.amazonaws.com'),
      Project: project(name, 'Role', {}, { LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: name } } }),
    }),
  );
  await seed(name);
  await writeStreams(name, 3);
  await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: S3_READER }));
  await codeBuild.send(new StartBuildCommand({ projectName: name }));
  return id;
}

/** What the function wrote while a stack was deleted, and what IAM said to it. */
async function writesOfDelete(
  id: string,
): Promise<{ status: string; refused: readonly string[]; done: readonly string[] }> {
  const { account, stacks } = scene();
  const { next } = await account.emulator.calls();
  const { status } = await stacks.delete(id);
  const { calls } = await account.emulator.calls(next);
  const writes = writesOf(calls);
  const named = (some: readonly Write[]) => [...new Set(some.map(({ operation }) => operation))].toSorted();
  return {
    status,
    refused: named(writes.filter(({ errorCode }) => errorCode?.startsWith('AccessDenied') === true)),
    done: named(writes.filter(({ errorCode }) => errorCode === null)),
  };
}

test('what bears the prefix goes', async () => {
  const id = await fullStack('team-a-report');
  expect(await writesOfDelete(id)).toEqual({
    status: 'DELETE_COMPLETE',
    refused: [],
    done: [
      'BatchDeleteImage',
      'DeleteLogStream',
      'DeleteWebhook',
      'DetachRolePolicy',
      'SetRepositoryPolicy',
      'StopBuild',
    ],
  });
});

describe('what does not bear it', () => {
  let id: string;
  let outcome: Awaited<ReturnType<typeof writesOfDelete>>;
  beforeAll(async () => {
    id = await fullStack('team-b-report');
    outcome = await writesOfDelete(id);
  });

  test('is refused by IAM, call by call', () => {
    expect(outcome).toEqual({
      status: 'DELETE_FAILED',
      refused: ['BatchDeleteImage', 'DeleteWebhook', 'DetachRolePolicy', 'SetRepositoryPolicy', 'StopBuild'],
      done: [],
    });
  });

  test('keeps its images, and the reason says which right is missing on what', async () => {
    const { stacks, images } = scene();
    expect(await images('team-b-report')).toBe(4);
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toContain(
      'Repository (team-b-report): 4 images left: ecr:BatchDeleteImage on team-b-report: AccessDenied',
    );
    expect(reason).toContain(
      'An administrator must allow ecr:BatchDeleteImage on team-b-report to the role of the function',
    );
    // The policy of the role and the build stop no delete: they are in the report, not in the reason.
    expect(reason).not.toContain('DetachRolePolicy');
  });

  test('is in the report with everything that was refused', async () => {
    const { log } = scene();
    const report = (await log.find(id, 'REPORT'))['report'];
    expect(report).toMatchObject({ outcome: 'blocked', removed: [] });
    const text = JSON.stringify(report);
    for (const action of [
      'iam:DetachRolePolicy',
      'codebuild:StopBuild',
      'codebuild:DeleteWebhook',
      'ecr:SetRepositoryPolicy',
    ]) {
      expect(text).toContain(`${action} on team-b-report: AccessDenied`);
    }
  });

  test('goes once somebody has emptied it by hand: CloudFormation does the rest itself', async () => {
    const { account, stacks } = scene();
    await emptyByHand(account.root, 'team-b-report');
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

test('a log group that does not bear it: its streams are left to CloudFormation', async () => {
  const { stacks, writeStreams, log } = scene();
  const { id } = await stacks.create('team-b-logs', withCleanExit({ Group: logGroup('team-b-logs') }));
  await writeStreams('team-b-logs', 3);
  expect(await writesOfDelete(id)).toEqual({ status: 'DELETE_COMPLETE', refused: ['DeleteLogStream'], done: [] });
  expect(JSON.stringify((await log.find(id, 'REPORT'))['report'])).toContain('logs:DeleteLogStream on team-b-logs');
});
