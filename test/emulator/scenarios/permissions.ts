import assert from 'node:assert/strict';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import type { Permission } from '#test/emulator/rights.ts';
import { arn, checkEach, iamArn, isDenied, roleWithPolicy } from '#test/emulator/rights.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';

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

export const permissionScenarios: readonly Scenario[] = [
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
