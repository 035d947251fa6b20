/** The watch over teardowns bites: a write outside of the trees that were asked for is found, whoever makes it; one inside is none. */
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { BatchDeleteImageCommand, DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { CreateRoleCommand, DetachRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ACCOUNT_ID, type ClientSettings, type LocalAccount, startLocalAccount } from '#scripts/lib/local-account.ts';
import { policies } from './permissions/things.ts';
import { type Scene, sceneOf } from './support/scene.ts';
import { TeardownWatch } from './support/teardown-watch.ts';
import { nested, repository, role } from './support/templates.ts';
import { TEARDOWN } from './support/writes.ts';
import { operator } from './teardown/operator.ts';

jest.setTimeout(120_000);

let account: LocalAccount;
let scene: Scene;

beforeAll(async () => {
  account = await startLocalAccount();
  scene = sceneOf(account);
  const child = await scene.stacks.upload({ Repository: repository('below') });
  await scene.stacks.create('wanted', { Child: nested(child), Role: role('wanted', 'codebuild.amazonaws.com') });
  await scene.stacks.create('bystander', {
    Repository: repository('aside'),
    Role: role('aside', 'codebuild.amazonaws.com'),
  });
  for (const name of ['below', 'aside']) await scene.seed(name, 8);
  for (const name of ['wanted', 'aside']) await policies.fill(scene, name);
});

afterAll(() => account?.stop());

/** The teardown's function: a role and a session of its names. */
async function likeTheFunction(): Promise<ClientSettings> {
  const { iam } = scene;
  const RoleName = 'clean-exit-teardown-ap-northeast-1';
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` }, Action: 'sts:AssumeRole' };
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document(trust) }));
  const PolicyDocument = document({ Effect: 'Allow', Action: '*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
  const RoleArn = `arn:aws:iam::${ACCOUNT_ID}:role/${RoleName}`;
  const sts = new STSClient(account.root);
  // Lambda calls a session like the function.
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'clean-exit-teardown' }));
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  return { ...account.root, credentials };
}

test.each([
  ['the teardown’s function', TEARDOWN, likeTheFunction],
  ['a person at the command line', ':user/somebody', () => operator(scene, 'somebody')],
])('%s', async (_, session, make) => {
  const settings = await make();
  const watch = new TeardownWatch(account, { session, asked: async () => new Set(['wanted']) });
  const ecr = new ECRClient(settings);
  const iam = new IAMClient(settings);
  const cloudFormation = new CloudFormationClient(settings);
  const takeOne = async (repositoryName: string) => {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({ repositoryName, filter: { tagStatus: 'TAGGED' } }),
    );
    await ecr.send(
      new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageDigest: imageDetails[0]?.imageDigest }] }),
    );
  };
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
  await takeOne('below');
  await iam.send(new DetachRolePolicyCommand({ RoleName: 'wanted', PolicyArn })).catch(() => undefined);
  expect(await watch.strays()).toEqual([]);
  await takeOne('aside');
  await iam.send(new DetachRolePolicyCommand({ RoleName: 'aside', PolicyArn })).catch(() => undefined);
  // One that was refused would have been a write too.
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'no-such-stack' })).catch(() => undefined);
  expect((await watch.strays()).map(({ operation, name }) => `${operation} ${name}`)).toEqual([
    'BatchDeleteImage aside',
    'DetachRolePolicy aside',
    'DeleteStack no-such-stack',
  ]);
  expect(await watch.strays()).toEqual([]);
});
