import assert from 'node:assert/strict';
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import * as ecr from '@aws-sdk/client-ecr';
import * as iam from '@aws-sdk/client-iam';
import { pushImage } from '#emulator/push-image.ts';
import { arn, iamArn, isDenied, roleWithPolicy } from '#test/emulator/rights.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';

const PUSH = ['ecr:PutImage', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload'];

/** A tagged repository, and a role whose identity policy allows everything in ECR. */
async function repositoryAndRole(context: ScenarioContext) {
  const root = new ecr.ECRClient(clientConfig(context));
  const repositoryName = unique('conditions');
  const tags = [{ Key: 'clean-exit', Value: 'on' }];
  const { repository } = await root.send(new ecr.CreateRepositoryCommand({ repositoryName, tags }));
  const role = await roleWithPolicy(context);
  await role.allow({ Effect: 'Allow', Action: 'ecr:*', Resource: '*' });
  const client = new ecr.ECRClient(clientConfig(context, role.credentials));
  return {
    client,
    role,
    repositoryName,
    repositoryArn: repository?.repositoryArn ?? '',
    setPolicy: (...Statement: object[]) =>
      client.send(
        new ecr.SetRepositoryPolicyCommand({
          repositoryName,
          policyText: JSON.stringify({ Version: '2012-10-17', Statement }),
        }),
      ),
  };
}

export const conditionScenarios: readonly Scenario[] = [
  {
    addition: null,
    name: "a Deny in the repository's policy stops a push by the same account, beside an Allow that stays; deleting goes on",
    async run(context) {
      const { client, repositoryName, setPolicy } = await repositoryAndRole(context);
      const allow = { Sid: 'Kept', Effect: 'Allow', Principal: '*', Action: ['ecr:BatchGetImage', ...PUSH] };
      await setPolicy(allow);
      await pushImage(client, { repository: repositoryName, tags: ['before'] });
      await setPolicy(allow, { Sid: 'Seal', Effect: 'Deny', Principal: '*', Action: PUSH });
      assert.ok(await isDenied(() => pushImage(client, { repository: repositoryName, tags: ['after'] })));
      for (const command of [
        () => client.send(new ecr.InitiateLayerUploadCommand({ repositoryName })),
        () => client.send(new ecr.PutImageCommand({ repositoryName, imageManifest: '{}' })),
      ]) {
        assert.ok(await isDenied(command));
      }
      const imageIds = [{ imageTag: 'before' }];
      const { failures } = await client.send(new ecr.BatchDeleteImageCommand({ repositoryName, imageIds }));
      assert.deepEqual(failures, []);
      await client.send(new ecr.DeleteRepositoryPolicyCommand({ repositoryName }));
      await pushImage(client, { repository: repositoryName, tags: ['again'] });
    },
  },
  {
    addition: 'condition-keys',
    name: "aws:PrincipalArn of a session is its role's ARN",
    async run(context) {
      const { client, role, repositoryName, setPolicy } = await repositoryAndRole(context);
      const seal = { Effect: 'Deny', Principal: '*', Action: PUSH };
      await setPolicy({ ...seal, Condition: { ArnNotEquals: { 'aws:PrincipalArn': role.roleArn } } });
      await pushImage(client, { repository: repositoryName });
      await setPolicy({ ...seal, Condition: { ArnEquals: { 'aws:PrincipalArn': role.roleArn } } });
      assert.ok(await isDenied(() => pushImage(client, { repository: repositoryName })));
    },
  },
  {
    addition: 'condition-keys',
    name: 'aws:ResourceTag tells the tags of a repository',
    async run(context) {
      const { client, role, repositoryName } = await repositoryAndRole(context);
      const list = () => isDenied(() => client.send(new ecr.ListImagesCommand({ repositoryName })));
      const withTag = (value: string) =>
        role.allow({
          Effect: 'Allow',
          Action: 'ecr:ListImages',
          Resource: '*',
          Condition: { StringEquals: { 'aws:ResourceTag/clean-exit': value } },
        });
      await withTag('on');
      assert.equal(await list(), false);
      await withTag('off');
      assert.equal(await list(), true);
    },
  },
  {
    addition: 'condition-keys',
    name: 'iam:PolicyARN is the policy that a call attaches or detaches',
    async run(context) {
      const role = await roleWithPolicy(context);
      const client = new iam.IAMClient(clientConfig(context, role.credentials));
      await role.allow({
        Effect: 'Allow',
        Action: 'iam:DetachRolePolicy',
        Resource: role.roleArn,
        Condition: { ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' } },
      });
      const RoleName = role.roleArn.split('/').at(-1);
      const detach = (name: string) =>
        isDenied(() =>
          client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: `arn:aws:iam::aws:policy/${name}` })),
        );
      assert.deepEqual([await detach('ReadOnlyAccess'), await detach('AdministratorAccess')], [false, true]);
    },
  },
  {
    addition: null,
    name: 'aws:RequestedRegion and aws:ResourceAccount are known',
    async run(context) {
      const { client, role, repositoryName } = await repositoryAndRole(context);
      const list = () => isDenied(() => client.send(new ecr.ListImagesCommand({ repositoryName })));
      for (const [key, right, wrong] of [
        ['aws:RequestedRegion', 'eu-west-1', 'us-east-1'],
        ['aws:ResourceAccount', '000000000000', '111111111111'],
      ] as const) {
        const allow = { Effect: 'Allow', Action: 'ecr:ListImages', Resource: '*' };
        await role.allow({ ...allow, Condition: { StringEquals: { [key]: right } } });
        assert.equal(await list(), false);
        await role.allow({ ...allow, Condition: { StringEquals: { [key]: wrong } } });
        assert.equal(await list(), true);
      }
    },
  },
  {
    addition: 'resource-arns',
    name: 'aws:ResourceTag of a log group is known beside its ARN with a star',
    async run(context) {
      const role = await roleWithPolicy(context);
      const logGroupName = unique('conditions');
      const root = new logs.CloudWatchLogsClient(clientConfig(context));
      await root.send(new logs.CreateLogGroupCommand({ logGroupName, tags: { 'clean-exit': 'on' } }));
      const client = new logs.CloudWatchLogsClient(clientConfig(context, role.credentials));
      const list = () => isDenied(() => client.send(new logs.DescribeLogStreamsCommand({ logGroupName })));
      for (const [value, denied] of [
        ['on', false],
        ['off', true],
      ] as const) {
        await role.allow({
          Effect: 'Allow',
          Action: 'logs:DescribeLogStreams',
          Resource: arn('logs', `log-group:${logGroupName}:*`),
          Condition: { StringEquals: { 'aws:ResourceTag/clean-exit': value } },
        });
        assert.equal(await list(), denied);
      }
    },
  },
  {
    addition: 'pass-role',
    name: 'a stack is deleted with a role, and a project made with one, only by who may pass it to that service',
    async run(context) {
      const role = await roleWithPolicy(context);
      const passed = iamArn('role/passed');
      const cfn = new CloudFormationClient(clientConfig(context, role.credentials));
      const builds = new CodeBuildClient(clientConfig(context, role.credentials));
      const remove = (RoleARN?: string) =>
        isDenied(() => cfn.send(new DeleteStackCommand({ StackName: unique('gone'), RoleARN })));
      const create = () =>
        isDenied(() =>
          builds.send(
            new CreateProjectCommand({
              name: unique('project'),
              serviceRole: passed,
              source: { type: 'NO_SOURCE' },
              artifacts: { type: 'NO_ARTIFACTS' },
              environment: { type: 'LINUX_CONTAINER', image: 'a', computeType: 'BUILD_GENERAL1_SMALL' },
            }),
          ),
        );
      const use = { Effect: 'Allow', Action: ['cloudformation:DeleteStack', 'codebuild:CreateProject'], Resource: '*' };
      await role.allow(use);
      assert.deepEqual([await remove(), await remove(passed), await create()], [false, true, true]);
      await role.allow(use, {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: passed,
        Condition: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
      });
      assert.deepEqual([await remove(passed), await remove(iamArn('role/other')), await create()], [false, true, true]);
    },
  },
  {
    addition: 'condition-keys',
    name: 'cloudformation:RoleArn is the role that a call passes, and absent where it passes none',
    async run(context) {
      const role = await roleWithPolicy(context);
      const cfn = new CloudFormationClient(clientConfig(context, role.credentials));
      const remove = (RoleARN?: string) =>
        isDenied(() => cfn.send(new DeleteStackCommand({ StackName: unique('gone'), RoleARN })));
      const [one, other] = [iamArn('role/one'), iamArn('role/other')];
      const pass = { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' };
      const use = (Condition: object) => ({
        Effect: 'Allow',
        Action: 'cloudformation:DeleteStack',
        Resource: '*',
        Condition,
      });
      await role.allow(pass, use({ ArnEqualsIfExists: { 'cloudformation:RoleArn': one } }));
      assert.deepEqual([await remove(), await remove(one), await remove(other)], [false, false, true]);
      await role.allow(pass, use({ Null: { 'cloudformation:RoleArn': 'true' } }));
      assert.deepEqual([await remove(), await remove(one)], [false, true]);
    },
  },
];
