import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetReportGroupsCommand, ListProjectsCommand } from '@aws-sdk/client-codebuild';
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import * as iamSdk from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import type { Scene } from '../support/scene.ts';

/**
 * What an account holds of the types that the tests' stacks have, asked of each service itself: `kind name`, sorted.
 *
 * @param word a part of the names to list
 * @param reportGroupArns report groups to look for: the emulator cannot list them
 */
export async function holdings(
  { ecr, logs, iam, codeBuild, s3 }: Scene,
  word: string,
  reportGroupArns: readonly string[],
): Promise<readonly string[]> {
  const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({ maxResults: 1000 }));
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ limit: 50 }));
  const { projects = [] } = await codeBuild.send(new ListProjectsCommand({}));
  const { reportGroups = [] } = await codeBuild.send(
    new BatchGetReportGroupsCommand({ reportGroupArns: [...reportGroupArns] }),
  );
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const most = { MaxItems: 1000 };
  const { Roles = [] } = await iam.send(new iamSdk.ListRolesCommand(most));
  const { Users = [] } = await iam.send(new iamSdk.ListUsersCommand(most));
  const { Groups = [] } = await iam.send(new iamSdk.ListGroupsCommand(most));
  const { Policies = [] } = await iam.send(new iamSdk.ListPoliciesCommand({ ...most, Scope: 'Local' }));
  const { InstanceProfiles = [] } = await iam.send(new iamSdk.ListInstanceProfilesCommand(most));
  const { VirtualMFADevices = [] } = await iam.send(new iamSdk.ListVirtualMFADevicesCommand(most));
  return [
    ...repositories.map(({ repositoryName }) => `repository ${repositoryName}`),
    ...logGroups.map(({ logGroupName }) => `log group ${logGroupName}`),
    ...projects.map((name) => `project ${name}`),
    ...reportGroups.map(({ name }) => `report group ${name}`),
    ...Buckets.map(({ Name }) => `bucket ${Name}`),
    ...Roles.map(({ RoleName }) => `role ${RoleName}`),
    ...Users.map(({ UserName }) => `user ${UserName}`),
    ...Groups.map(({ GroupName }) => `group ${GroupName}`),
    ...Policies.map(({ PolicyName }) => `policy ${PolicyName}`),
    ...InstanceProfiles.map(
      ({ InstanceProfileName, Roles: held = [] }) => `instance profile ${InstanceProfileName} with ${held.length}`,
    ),
    ...VirtualMFADevices.map(({ SerialNumber }) => `MFA device ${SerialNumber}`),
  ]
    .filter((each) => each.includes(word))
    .toSorted();
}
