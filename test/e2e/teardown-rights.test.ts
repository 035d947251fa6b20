/** Whose rights delete a stack: never the function's own. The service is deployed without a delete role. */
import {
  CloudFormationClient,
  DeleteStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { beforeAll, expect, test } from '@jest/globals';
import { asRole } from '#scripts/lib/local-account.ts';
import { inAccount } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';
import { repository, role } from './support/templates.ts';

const scene = inAccount();
const OWN_ROLE = 'arn:aws:iam::000000000000:role/stack-role';
let teardowns: Teardowns;

beforeAll(async () => {
  teardowns = new Teardowns(scene().account);
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const Policies = [{ PolicyName: 'all', PolicyDocument: { Version: '2012-10-17', Statement: [everything] } }];
  const roles = { Role: role('stack-role', 'cloudformation.amazonaws.com', {}, { Policies }) };
  await scene().stacks.create('roles', roles);
});

test('a stack without a role is refused, with both ways out, and nothing in it is touched', async () => {
  const { stacks, seed, images } = scene();
  const { id } = await stacks.create('roleless', { Repository: repository('roleless') });
  await seed('roleless');
  const { error, cause, report, plan } = await teardowns.execute(['roleless']);
  expect(error).toBe('TeardownRefused');
  expect(report.refusals).toMatchObject([{ code: 'NO_ROLE', stack: 'roleless' }]);
  expect(cause).toContain('parameter DeleteRoleArn');
  expect(cause).toContain('--local');
  expect(plan.stacks).toMatchObject([{ deletesAs: { kind: 'nobody' } }]);
  expect(await images('roleless')).toBe(4);
  expect(await stacks.status(id)).toBe('CREATE_COMPLETE');
});

test('a stack with a role of its own is deleted with that', async () => {
  const { stacks, seed } = scene();
  const { id } = await stacks.create('owning', { Repository: repository('owning') }, { RoleARN: OWN_ROLE });
  await seed('owning');
  const { report, plan } = await teardowns.execute(['owning']);
  expect(plan.stacks).toMatchObject([{ deletesAs: { kind: 'stack role', roleArn: OWN_ROLE } }]);
  expect(report).toMatchObject({ outcome: 'deleted' });
  expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
});

test('a role that the request names is refused: the service may pass its own delete role only, and IAM says so too', async () => {
  const { stacks } = scene();
  await stacks.create('asking', { Repository: repository('asking') });
  const { report } = await teardowns.execute(['asking'], { roleArn: OWN_ROLE });
  expect(report.refusals).toMatchObject([{ code: 'ROLE_NOT_PASSABLE' }]);
  const client = new CloudFormationClient(await settings());
  const passing = client.send(new DeleteStackCommand({ StackName: 'asking', RoleARN: OWN_ROLE }));
  await expect(passing).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) });
});

const REFUSED = expect.stringMatching(/^AccessDenied/);
const settings = () => asRole(scene().account, 'clean-exit-teardown-ap-northeast-1');
const deleteGroup = async (logGroupName: string) =>
  new CloudWatchLogsClient(await settings()).send(new DeleteLogGroupCommand({ logGroupName }));

test('the function neither deletes the stack of the service nor takes its protection, whoever asks', async () => {
  const client = new CloudFormationClient(await settings());
  const StackName = 'clean-exit';
  const deleting = client.send(new DeleteStackCommand({ StackName }));
  await expect(deleting).rejects.toMatchObject({ name: REFUSED });
  const taking = client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
  await expect(taking).rejects.toMatchObject({ name: REFUSED });
});

test.each(['/aws/lambda/clean-exit-teardown', '/aws/lambda/clean-exit-custom-resource', 'xxxx-build', '/ecs/web'])(
  'the function never deletes the log group %s',
  async (name) => {
    await expect(deleteGroup(name)).rejects.toMatchObject({ name: REFUSED });
  },
);

test.each(['/aws/lambda/web', '/aws/codebuild/web'])('the function may delete the log group %s', async (name) => {
  await expect(deleteGroup(name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the function takes no policy from a role of the service', async () => {
  const iam = new IAMClient(await settings());
  for (const RoleName of ['clean-exit-teardown-ap-northeast-1', 'clean-exit-teardown-states-ap-northeast-1']) {
    const taking = iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'run' }));
    await expect(taking).rejects.toMatchObject({ name: REFUSED });
  }
});
