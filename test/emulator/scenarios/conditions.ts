import assert from 'node:assert/strict';
import * as ecr from '@aws-sdk/client-ecr';
import * as iam from '@aws-sdk/client-iam';
import { pushImage } from '#emulator/push-image.ts';
import { isDenied, roleWithPolicy } from '#test/emulator/rights.ts';
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
];
