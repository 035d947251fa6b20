import assert from 'node:assert/strict';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as ecr from '@aws-sdk/client-ecr';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import type { Credentials, Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${resource}`;
const iamArn = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;

/** A call, and the one resource that a statement must name for it. */
interface Permission {
  action: string;
  resource: string;
  /** A resource of the same type that does not cover the call. */
  other: string;
  call(context: ScenarioContext, credentials: Credentials): Promise<unknown>;
}

/** A role whose only policy can be changed, and a session of it. */
export async function roleWithPolicy(context: ScenarioContext) {
  const client = new iam.IAMClient(clientConfig(context));
  const RoleName = unique('role');
  const trust = { Effect: 'Allow', Principal: { AWS: iamArn('root') }, Action: 'sts:AssumeRole' };
  const { Role } = await client.send(
    new iam.CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const assumed = await new sts.STSClient(clientConfig(context)).send(
    new sts.AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'scenario' }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {};
  return {
    roleArn: Role?.Arn ?? '',
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    async allow(...statements: object[]) {
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'only', PolicyDocument }));
    },
  };
}

/** Whether the call is refused for want of rights; any other answer, an error too, means that it was allowed. */
export async function isDenied(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (error) {
    if (error instanceof Error && /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/.test(error.name)) {
      return true;
    }
    if (error instanceof Error && /not authorized/i.test(error.message)) {
      throw new Error(`an unknown kind of refusal: ${error.name}`, { cause: error });
    }
    return false;
  }
}

/** Allowed by a statement on exactly its resource, refused by one on another, refused by a Deny on its own. */
async function checkEach(context: ScenarioContext, permissions: readonly Permission[]): Promise<void> {
  const role = await roleWithPolicy(context);
  const wrong: string[] = [];
  for (const { action, resource, other, call } of permissions) {
    const denied = () => isDenied(() => call(context, role.credentials));
    const allow = (Resource: string) => ({ Effect: 'Allow', Action: action, Resource });
    await role.allow(allow(resource));
    if (await denied()) {
      wrong.push(`${action} is refused on ${resource}`);
    }
    await role.allow(allow(other));
    if (!(await denied())) {
      wrong.push(`${action} is allowed by a statement on ${other}`);
    }
    await role.allow(allow('*'), { ...allow(resource), Effect: 'Deny' });
    if (!(await denied())) {
      wrong.push(`${action} is allowed although it is denied on ${resource}`);
    }
  }
  assert.deepEqual(wrong, []);
}

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

const entities = { RoleName: 'Scenario', UserName: 'Scenario', GroupName: 'Scenario' };
const InstanceProfileName = 'Scenario';
const PolicyArn = iamArn('policy/Scenario');

function onEntity(
  kind: 'role' | 'user' | 'group' | 'instance-profile',
  action: string,
  send: (client: iam.IAMClient) => Promise<unknown>,
): Permission {
  return {
    action: `iam:${action}`,
    resource: iamArn(`${kind}/clean-exit/scenario/Scenario`),
    other: iamArn(`${kind}/Scenario`),
    call: (context, credentials) => send(new iam.IAMClient(clientConfig(context, credentials))),
  };
}

const { RoleName, UserName, GroupName } = entities;
const PolicyName = 'inline';
const iamCalls = [
  onEntity('role', 'GetRole', (c) => c.send(new iam.GetRoleCommand({ RoleName }))),
  onEntity('role', 'ListAttachedRolePolicies', (c) => c.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }))),
  onEntity('role', 'DetachRolePolicy', (c) => c.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn }))),
  onEntity('role', 'ListRolePolicies', (c) => c.send(new iam.ListRolePoliciesCommand({ RoleName }))),
  onEntity('role', 'DeleteRolePolicy', (c) => c.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName }))),
  onEntity('role', 'ListInstanceProfilesForRole', (c) =>
    c.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName })),
  ),
  onEntity('instance-profile', 'RemoveRoleFromInstanceProfile', (c) =>
    c.send(new iam.RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName })),
  ),
  onEntity('user', 'GetUser', (c) => c.send(new iam.GetUserCommand({ UserName }))),
  onEntity('user', 'ListAccessKeys', (c) => c.send(new iam.ListAccessKeysCommand({ UserName }))),
  onEntity('user', 'ListSSHPublicKeys', (c) => c.send(new iam.ListSSHPublicKeysCommand({ UserName }))),
  onEntity('user', 'ListGroupsForUser', (c) => c.send(new iam.ListGroupsForUserCommand({ UserName }))),
  onEntity('user', 'DeactivateMFADevice', (c) =>
    c.send(new iam.DeactivateMFADeviceCommand({ UserName, SerialNumber: iamArn('mfa/Scenario') })),
  ),
  onEntity('group', 'GetGroup', (c) => c.send(new iam.GetGroupCommand({ GroupName }))),
  onEntity('group', 'ListAttachedGroupPolicies', (c) =>
    c.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName })),
  ),
  onEntity('group', 'RemoveUserFromGroup', (c) => c.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName }))),
];

async function entitiesWithPath(context: ScenarioContext) {
  const client = new iam.IAMClient(clientConfig(context));
  const Path = '/clean-exit/scenario/';
  const ignoreExisting = (error: Error) => assert.match(error.name, /EntityAlreadyExists/);
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await client.send(new iam.CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument })).catch(ignoreExisting);
  await client.send(new iam.CreateUserCommand({ UserName, Path })).catch(ignoreExisting);
  await client.send(new iam.CreateGroupCommand({ GroupName, Path })).catch(ignoreExisting);
  await client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName, Path })).catch(ignoreExisting);
}

const projectName = 'scenario-project';
const buildId = `${projectName}:00000000-0000-0000-0000-000000000000`;
const projectArn = arn('codebuild', `project/${projectName}`);

function onProject(action: string, send: (client: codebuild.CodeBuildClient) => Promise<unknown>): Permission {
  return {
    action: `codebuild:${action}`,
    resource: projectArn,
    other: arn('codebuild', 'project/another'),
    call: (context, credentials) => send(new codebuild.CodeBuildClient(clientConfig(context, credentials))),
  };
}

const projectCalls = [
  onProject('BatchGetProjects', (c) => c.send(new codebuild.BatchGetProjectsCommand({ names: [projectName] }))),
  onProject('BatchGetBuilds', (c) =>
    c.send(new codebuild.BatchGetBuildsCommand({ ids: [buildId, arn('codebuild', `build/${buildId}`)] })),
  ),
  onProject('StopBuild', (c) => c.send(new codebuild.StopBuildCommand({ id: buildId }))),
  onProject('GetResourcePolicy', (c) => c.send(new codebuild.GetResourcePolicyCommand({ resourceArn: projectArn }))),
  onProject('DeleteResourcePolicy', (c) =>
    c.send(new codebuild.DeleteResourcePolicyCommand({ resourceArn: projectArn })),
  ),
];
const namedProjectCalls = [
  onProject('ListBuildsForProject', (c) => c.send(new codebuild.ListBuildsForProjectCommand({ projectName }))),
  onProject('StartBuild', (c) => c.send(new codebuild.StartBuildCommand({ projectName }))),
  onProject('DeleteWebhook', (c) => c.send(new codebuild.DeleteWebhookCommand({ projectName }))),
];

const fixed: Scenario[] = [
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
    addition: 'resource-arns',
    name: 'IAM: roles, users, groups and instance profiles are named with their path',
    async run(context) {
      await entitiesWithPath(context);
      await checkEach(context, iamCalls);
    },
  },
  {
    addition: 'resource-arns',
    name: 'CodeBuild: calls that name builds, lists of projects or ARNs are checked on the project',
    run: (context) => checkEach(context, projectCalls),
  },
  {
    addition: 'resource-arns',
    name: 'CodeBuild: a list is refused when one of its projects is not allowed',
    async run(context) {
      const role = await roleWithPolicy(context);
      const client = new codebuild.CodeBuildClient(clientConfig(context, role.credentials));
      await role.allow({ Effect: 'Allow', Action: 'codebuild:BatchGetProjects', Resource: projectArn });
      const get = (names: string[]) => isDenied(() => client.send(new codebuild.BatchGetProjectsCommand({ names })));
      assert.deepEqual([await get([projectName]), await get([projectName, 'another'])], [false, true]);
    },
  },
  {
    addition: 'resource-arns',
    name: 'CloudFormation: a stack that is called by its name is checked on its real ARN',
    async run(context) {
      const StackName = unique('stack');
      const TemplateBody = JSON.stringify({ Resources: { Topic: { Type: 'AWS::SNS::Topic' } } });
      const root = new cloudformation.CloudFormationClient(clientConfig(context));
      const { StackId = '' } = await root.send(new cloudformation.CreateStackCommand({ StackName, TemplateBody }));
      const stackCall = (
        action: string,
        send: (client: cloudformation.CloudFormationClient) => Promise<unknown>,
      ): Permission => ({
        action: `cloudformation:${action}`,
        resource: StackId,
        other: arn('cloudformation', `stack/${StackName}/00000000-0000-0000-0000-000000000000`),
        call: (where, credentials) => send(new cloudformation.CloudFormationClient(clientConfig(where, credentials))),
      });
      await checkEach(context, [
        stackCall('DescribeStacks', (c) => c.send(new cloudformation.DescribeStacksCommand({ StackName }))),
        stackCall('ListStackResources', (c) => c.send(new cloudformation.ListStackResourcesCommand({ StackName }))),
        stackCall('GetTemplate', (c) => c.send(new cloudformation.GetTemplateCommand({ StackName: StackId }))),
      ]);
    },
  },
  {
    addition: 'resource-arns',
    name: 'SSM: lists of parameters, versions and paths; Lambda: the alias that an invocation names',
    run: (context) =>
      checkEach(context, [
        {
          action: 'ssm:GetParameters',
          resource: arn('ssm', 'parameter/clean-exit/slack'),
          other: arn('ssm', 'parameter/clean-exit/other'),
          call: (where, credentials) =>
            new ssm.SSMClient(clientConfig(where, credentials)).send(
              new ssm.GetParametersCommand({ Names: ['/clean-exit/slack'] }),
            ),
        },
        {
          action: 'lambda:InvokeFunction',
          resource: arn('lambda', 'function:scenario:live'),
          other: arn('lambda', 'function:scenario'),
          call: (where, credentials) =>
            new lambda.LambdaClient(clientConfig(where, credentials)).send(
              new lambda.InvokeCommand({ FunctionName: 'scenario', Qualifier: 'live' }),
            ),
        },
      ]),
  },
];

const byItself: Scenario[] = [
  {
    addition: null,
    name: 'ECR: reading, deleting, sealing and pushing are checked on the repository',
    run: (context) => checkEach(context, imageCalls),
  },
  {
    addition: null,
    name: 'CodeBuild: calls that name a project are checked on it',
    run: (context) => checkEach(context, namedProjectCalls),
  },
  {
    addition: null,
    name: 'SSM: GetParameter on its parameter; Lambda: Invoke on its function; STS: AssumeRole on its role',
    async run(context) {
      const target = await roleWithPolicy(context);
      await checkEach(context, [
        {
          action: 'ssm:GetParameter',
          resource: arn('ssm', 'parameter/clean-exit/slack'),
          other: arn('ssm', 'parameter/clean-exit'),
          call: (where, credentials) =>
            new ssm.SSMClient(clientConfig(where, credentials)).send(
              new ssm.GetParameterCommand({ Name: '/clean-exit/slack' }),
            ),
        },
        {
          action: 'lambda:InvokeFunction',
          resource: arn('lambda', 'function:scenario'),
          other: arn('lambda', 'function:scenario:live'),
          call: (where, credentials) =>
            new lambda.LambdaClient(clientConfig(where, credentials)).send(
              new lambda.InvokeCommand({ FunctionName: 'scenario' }),
            ),
        },
        {
          action: 'sts:AssumeRole',
          resource: target.roleArn,
          other: iamArn('role/another'),
          call: (where, credentials) =>
            new sts.STSClient(clientConfig(where, credentials)).send(
              new sts.AssumeRoleCommand({ RoleArn: target.roleArn, RoleSessionName: 'scenario' }),
            ),
        },
      ]);
    },
  },
];

export const permissionScenarios: readonly Scenario[] = [...fixed, ...byItself];
