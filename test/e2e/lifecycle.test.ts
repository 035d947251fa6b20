/**
 * Two pipelines, the deploy user and the service, deployed as people deploy them, filled as a living pipeline is, and removed
 * in the order that CloudFormation's exports demand. The tests are one history: each begins where the one before it ended.
 */

import {
  CloudFormationClient,
  DeleteStackCommand,
  ListExportsCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DeleteLogGroupCommand, DescribeLogGroupsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, ListProjectsCommand, StartBuildCommand } from '@aws-sdk/client-codebuild';
import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  SetRepositoryPolicyCommand,
  UpdateImageStorageClassCommand,
} from '@aws-sdk/client-ecr';
import {
  AddUserToGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteUserCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListRolesCommand,
  ListUsersCommand,
  ListVirtualMFADevicesCommand,
} from '@aws-sdk/client-iam';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import { pushImage, pushIndex } from '#emulator/push-image.ts';
import { asRole, deployDeployUser, deployPipeline, SERVICE_STACK, until } from '#scripts/lib/local-account.ts';
import { addForeignPolicies, pushImages, runBuild } from '#scripts/lib/workload.ts';
import { credentials } from './permissions/iam-things.ts';
import { invoke } from './support/by-hand.ts';
import { inAccount } from './support/scene.ts';

const scene = inAccount();
const USER_STACK = 'xxxx-deploy-user';
const FUNCTION_LOG = '/aws/lambda/clean-exit-custom-resource';

const EXPORTS = (project: string) => [
  `${project}-CloudWatchLogs-BuildLogGroup`,
  `${project}-CloudWatchLogs-BuildLogGroup-Name`,
  `${project}-ECR`,
  `${project}-ECR-Name`,
  `${project}-Role-CodeBuild`,
];

const logGroups = async (): Promise<readonly string[]> => {
  const { logGroups: found = [] } = await scene().logs.send(new DescribeLogGroupsCommand({}));
  return found.flatMap(({ logGroupName }) => logGroupName ?? []);
};

test('two pipelines stand beside each other, their exports named exactly', async () => {
  const { account } = scene();
  await deployPipeline(account, 'xxxx');
  await deployPipeline(account, 'zzzz');
  const cloudFormation = new CloudFormationClient(account.root);
  const { Exports = [] } = await cloudFormation.send(new ListExportsCommand({}));
  const names = Exports.map(({ Name = '' }) => Name).toSorted();
  expect(names).toEqual([...EXPORTS('xxxx'), ...EXPORTS('zzzz'), 'clean-exit-ServiceToken'].toSorted());
  const value = Object.fromEntries(Exports.map(({ Name = '', Value }) => [Name, Value]));
  expect(value['zzzz-ECR']).toBe('arn:aws:ecr:ap-northeast-1:000000000000:repository/zzzz');
  expect(value['zzzz-CloudWatchLogs-BuildLogGroup-Name']).toBe('zzzz-build');
});

test('the deploy user is given the repositories of both', async () => {
  const { account, iam } = scene();
  expect(await deployDeployUser(account, 'xxxx', ['zzzz'])).toBe(USER_STACK);
  const { Groups = [] } = await iam.send(new ListGroupsForUserCommand({ UserName: 'xxxx_deploy' }));
  expect(Groups.map(({ GroupName }) => GroupName)).toEqual(['xxxx-developers']);
});

test('both are filled under the rights of their builds', async () => {
  const { account, ecr, images, writeStreams } = scene();
  const push = new ECRClient(await asRole(account, 'xxxx-codebuild'));
  await pushImages(account, 'xxxx', 250);
  await pushImages(account, 'zzzz', 5);
  // An index of indexes, and every archived kind of thing.
  const inner = await pushImage(push, { repository: 'xxxx', platforms: 2, attestations: true });
  const single = await pushImage(push, { repository: 'xxxx', tags: ['old'], mediaTypes: 'docker' });
  const outer = await pushIndex(push, { repository: 'xxxx', tags: ['all'], manifests: [inner, single] });
  await pushIndex(push, { repository: 'xxxx', tags: ['all-of-all'], manifests: [outer] });
  for (let number = 0; number < 5; number += 1) {
    const archived = await pushImage(push, { repository: 'xxxx', tags: [`archived-${number}`] });
    const imageId = { imageDigest: archived.digest };
    await ecr.send(
      new UpdateImageStorageClassCommand({ repositoryName: 'xxxx', imageId, targetStorageClass: 'ARCHIVE' }),
    );
  }
  const pull = { Sid: 'Pull', Effect: 'Allow', Principal: '*', Action: ['ecr:BatchGetImage'] };
  const policyText = JSON.stringify({ Version: '2012-10-17', Statement: [pull] });
  await ecr.send(new SetRepositoryPolicyCommand({ repositoryName: 'xxxx', policyText }));
  for (const project of ['xxxx', 'zzzz']) {
    await runBuild(account, project, {
      status: 'SUCCEEDED',
      branch: 'main',
      commit: '0123456789abcdef',
      subject: 'Report of the month',
      author: 'An Analyst',
      logLines: ['built', 'pushed'],
    });
    await addForeignPolicies(account, project);
    await writeStreams(`${project}-build`, 12);
  }
  const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'xxxx', maxResults: 1000 }));
  expect(imageDetails.length).toBe((await images('xxxx')) - 5);
  expect(await images('xxxx')).toBeGreaterThan(270);
});

test('a pipeline that the deploy user imports is refused before anything is emptied, and the reason names it', async () => {
  const { stacks, images, writesDuring } = scene();
  const before = await images('zzzz');
  const { StackId: id = '' } = await stacks.describe('zzzz-build');
  const writes = await writesDuring(async () => {
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
  });
  expect(writes).toEqual([]);
  expect(await images('zzzz')).toBe(before);
  const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
  expect(reason).toContain('Export zzzz-ECR of stack zzzz-build-Ecr-');
  expect(reason).toContain(`imported by ${USER_STACK}`);
  expect(reason).toContain(`Delete ${USER_STACK} first`);
});

test('the service cannot be deleted while a pipeline needs it', async () => {
  const { account, stacks } = scene();
  await new CloudFormationClient(account.root).send(new DeleteStackCommand({ StackName: SERVICE_STACK }));
  await until(async () => (await stacks.status(SERVICE_STACK)) === 'CREATE_COMPLETE', 'the service stays');
  const events = JSON.stringify(await stacks.events((await stacks.describe(SERVICE_STACK)).StackId ?? ''));
  expect(events).toContain('Delete canceled. Cannot delete export clean-exit-ServiceToken as it is in use by ');
});

test('the deploy user goes, whatever people gave it and whoever joined its group', async () => {
  const { stacks, iam, log } = scene();
  const { StackId: id = '' } = await stacks.describe(USER_STACK);
  const guest = { UserName: 'guest' };
  await credentials.fill(scene(), 'xxxx_deploy');
  await iam.send(new CreateUserCommand(guest));
  await iam.send(new AddUserToGroupCommand({ ...guest, GroupName: 'xxxx-developers' }));
  expect(await stacks.delete(USER_STACK)).toMatchObject({ status: 'DELETE_COMPLETE' });
  const { report } = await log.find(id, 'REPORT');
  const removed = ['member', 'access key', 'MFA device', 'SSH public key'].map((kind) =>
    expect.objectContaining({ kind }),
  );
  expect(report).toMatchObject({ outcome: 'clean', leftovers: [], removed: expect.arrayContaining(removed) });
  await iam.send(new DeleteUserCommand(guest));
  await iam.send(new DeleteGroupCommand({ GroupName: 'xxxx_deploy-elsewhere' }));
  const { VirtualMFADevices = [] } = await iam.send(new ListVirtualMFADevicesCommand({}));
  expect(VirtualMFADevices).toEqual([]);
});

test('after the deploy user a pipeline goes, although a loop keeps pushing and a build runs', async () => {
  const { account, stacks, codeBuild, images } = scene();
  const { build } = await codeBuild.send(new StartBuildCommand({ projectName: 'xxxx' }));
  const push = new ECRClient(await asRole(account, 'xxxx-codebuild'));
  let pushed = 0;
  const pushing = (async (): Promise<unknown> => {
    for (;;) {
      try {
        await pushImage(push, { repository: 'xxxx', tags: ['latest'] });
        pushed += 1;
      } catch (thrown) {
        return thrown;
      }
    }
  })();
  await until(() => pushed > 2, 'the loop pushes');
  const before = pushed;
  expect(await stacks.delete('xxxx-build')).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(await images('xxxx')).toBe(0);
  // It went on while the stack was being deleted, until the seal, and never after it.
  const end = await pushing;
  expect(pushed).toBeGreaterThan(before);
  expect(String(end)).toMatch(/AccessDenied|not authorized|RepositoryNotFound/);
  const { builds = [] } = await codeBuild.send(new BatchGetBuildsCommand({ ids: [build?.id ?? ''] }));
  expect(builds).toMatchObject([{ buildStatus: 'STOPPED' }]);
});

test('what writes late does not bring a log group back', async () => {
  const { logs, lambda } = scene();
  expect(await logGroups()).not.toContain('xxxx-build');
  const late = { logGroupName: 'xxxx-build', logStreamName: 'late', logEvents: [{ timestamp: 1, message: 'late' }] };
  await expect(logs.send(new PutLogEventsCommand(late))).rejects.toThrow(/log group does not exist/);
  await logs.send(new DeleteLogGroupCommand({ logGroupName: FUNCTION_LOG }));
  expect(await invoke(lambda, { late: true })).toMatch(/^No request of CloudFormation/);
  expect(await logGroups()).not.toContain(FUNCTION_LOG);
});

test('the pipeline that was refused goes now, and the service after it: nothing is left', async () => {
  const { account, stacks, ecr, codeBuild, iam, lambda } = scene();
  expect(await stacks.delete('zzzz-build')).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(await stacks.delete(SERVICE_STACK)).toMatchObject({ status: 'DELETE_COMPLETE' });
  const cloudFormation = new CloudFormationClient(account.root);
  const { StackSummaries = [] } = await cloudFormation.send(new ListStacksCommand({}));
  const living = StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  // SAM's own bucket for templates.
  expect(living.map(({ StackName }) => StackName)).toEqual(['aws-sam-cli-managed-default']);
  expect(await logGroups()).toEqual([]);
  expect((await ecr.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
  expect((await codeBuild.send(new ListProjectsCommand({}))).projects).toEqual([]);
  expect((await iam.send(new ListRolesCommand({}))).Roles).toEqual([]);
  expect((await iam.send(new ListUsersCommand({}))).Users).toEqual([]);
  expect((await iam.send(new ListGroupsCommand({}))).Groups).toEqual([]);
  expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
  expect((await new SQSClient(account.root).send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
});
