import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ecr from '@aws-sdk/client-ecr';
import type { Permission } from '#test/emulator/rights.ts';
import { arn, checkEach } from '#test/emulator/rights.ts';
import type { Credentials, Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig } from '#test/emulator/scenario.ts';

const repositoryName = 'scenario/repository';
const image = { repositoryName, imageIds: [{ imageTag: 'a' }] };
const policyText = JSON.stringify({ Statement: { Effect: 'Deny', Principal: '*', Action: 'ecr:PutImage' } });
const uploadId = '00000000-0000-0000-0000-000000000000';
const digest = `sha256:${'0'.repeat(64)}`;
const part = { repositoryName, uploadId, partFirstByte: 0, partLastByte: 0, layerPartBlob: new Uint8Array(1) };

function onRepository(action: string, send: (client: ecr.ECRClient) => Promise<unknown>): Permission {
  return {
    action: `ecr:${action}`,
    resource: arn('ecr', `repository/${repositoryName}`),
    other: arn('ecr', 'repository/scenario'),
    call: (context, credentials) => send(new ecr.ECRClient(clientConfig(context, credentials))),
  };
}

const imageCalls = [
  onRepository('ListImages', (c) => c.send(new ecr.ListImagesCommand({ repositoryName }))),
  onRepository('DescribeImages', (c) => c.send(new ecr.DescribeImagesCommand({ repositoryName }))),
  onRepository('BatchGetImage', (c) => c.send(new ecr.BatchGetImageCommand(image))),
  onRepository('BatchDeleteImage', (c) => c.send(new ecr.BatchDeleteImageCommand(image))),
  onRepository('GetRepositoryPolicy', (c) => c.send(new ecr.GetRepositoryPolicyCommand({ repositoryName }))),
  onRepository('SetRepositoryPolicy', (c) =>
    c.send(new ecr.SetRepositoryPolicyCommand({ repositoryName, policyText })),
  ),
  onRepository('DeleteRepositoryPolicy', (c) => c.send(new ecr.DeleteRepositoryPolicyCommand({ repositoryName }))),
  onRepository('BatchCheckLayerAvailability', (c) =>
    c.send(new ecr.BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests: [digest] })),
  ),
  onRepository('InitiateLayerUpload', (c) => c.send(new ecr.InitiateLayerUploadCommand({ repositoryName }))),
  onRepository('UploadLayerPart', (c) => c.send(new ecr.UploadLayerPartCommand(part))),
  onRepository('CompleteLayerUpload', (c) =>
    c.send(new ecr.CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] })),
  ),
  onRepository('PutImage', (c) => c.send(new ecr.PutImageCommand({ repositoryName, imageManifest: '{}' }))),
];

const repositoryCalls = [
  onRepository('DescribeRepositories', (c) =>
    c.send(new ecr.DescribeRepositoriesCommand({ repositoryNames: [repositoryName] })),
  ),
  onRepository('ListTagsForResource', (c) =>
    c.send(new ecr.ListTagsForResourceCommand({ resourceArn: arn('ecr', `repository/${repositoryName}`) })),
  ),
];

const logGroupName = '/scenario/group';
const logGroupArn = arn('logs', `log-group:${logGroupName}`);

function onGroup(
  action: string,
  send: (client: logs.CloudWatchLogsClient) => Promise<unknown>,
  resource = `${logGroupArn}:*`,
  other: string = logGroupArn,
): Permission {
  const client = (context: ScenarioContext, credentials: Credentials) =>
    new logs.CloudWatchLogsClient(clientConfig(context, credentials));
  return { action: `logs:${action}`, resource, other, call: (...where) => send(client(...where)) };
}

const stream = { logGroupName, logStreamName: 'stream' };
const ofStream = [`${logGroupArn}:log-stream:stream`, `${logGroupArn}:log-stream:other`] as const;
const events = { ...stream, logEvents: [{ timestamp: 1, message: 'm' }] };
const protection = { logGroupIdentifier: logGroupName, deletionProtectionEnabled: false };
const logsCalls = [
  onGroup(
    'DescribeLogGroups',
    (c) => c.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName })),
    '*',
    `${logGroupArn}:*`,
  ),
  onGroup('DescribeLogStreams', (c) => c.send(new logs.DescribeLogStreamsCommand({ logGroupName }))),
  onGroup('DeleteLogGroup', (c) => c.send(new logs.DeleteLogGroupCommand({ logGroupName }))),
  onGroup('PutLogGroupDeletionProtection', (c) => c.send(new logs.PutLogGroupDeletionProtectionCommand(protection))),
  onGroup('DeleteLogStream', (c) => c.send(new logs.DeleteLogStreamCommand(stream)), ...ofStream),
  onGroup('CreateLogStream', (c) => c.send(new logs.CreateLogStreamCommand(stream)), ...ofStream),
  onGroup('PutLogEvents', (c) => c.send(new logs.PutLogEventsCommand(events)), ...ofStream),
  onGroup('GetLogEvents', (c) => c.send(new logs.GetLogEventsCommand(stream)), ...ofStream),
  onGroup(
    'ListTagsForResource',
    (c) => c.send(new logs.ListTagsForResourceCommand({ resourceArn: logGroupArn })),
    logGroupArn,
    `${logGroupArn}:*`,
  ),
];

export const ecrAndLogsPermissionScenarios: readonly Scenario[] = [
  {
    addition: 'resource-arns',
    name: 'Logs: a group is log-group:NAME:*, a stream log-stream:NAME, tags the bare group, DescribeLogGroups no name',
    run: (context) => checkEach(context, logsCalls),
  },
  {
    addition: 'resource-arns',
    name: 'ECR: DescribeRepositories is checked on each repository that it names, ListTagsForResource on its ARN',
    run: (context) => checkEach(context, repositoryCalls),
  },
  {
    addition: null,
    name: 'ECR: reading, deleting, sealing and pushing are checked on the repository',
    run: (context) => checkEach(context, imageCalls),
  },
];
