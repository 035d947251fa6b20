import assert from 'node:assert/strict';
import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateAccessKeyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { roleWithPolicy } from '#test/emulator/rights.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { nested, repository, stackFixture } from '#test/emulator/stacks.ts';

/** A role that CloudFormation may take, and what it may do. */
export async function serviceRole(context: ScenarioContext, ...allowed: string[]) {
  const client = new IAMClient(clientConfig(context));
  const RoleName = unique('service-role');
  const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await client.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify({ Statement: [trust] }) }),
  );
  const allow = async (...actions: string[]) => {
    const PolicyDocument = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
    await client.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'rights', PolicyDocument }));
  };
  if (allowed.length > 0) await allow(...allowed);
  return { arn: Role?.Arn ?? '', allow };
}

export const serviceRoleScenarios: readonly Scenario[] = [
  {
    addition: 'service-role',
    name: 'a stack is deleted, down to its nested stacks, with the rights of its service role',
    async run(context) {
      const stacks = stackFixture(context);
      const nesting = ['cloudformation:DescribeStacks', 'cloudformation:DeleteStack'];
      const role = await serviceRole(context, ...nesting);
      const child = await stacks.upload({ Resources: { Leaf: repository(unique('leaf')) } });
      const root = await stacks.create(unique('tree'), { Resources: { Child: nested(child) } });
      await stacks.cfn.send(new DeleteStackCommand({ StackName: root.StackName, RoleARN: role.arn }));
      assert.equal((await stacks.settled(root.StackId ?? '')).StackStatus, 'DELETE_FAILED');
      const childId = (await stacks.rows(root.StackId)).get('Child')?.PhysicalResourceId;
      const leaf = (await stacks.rows(childId)).get('Leaf');
      assert.match(
        leaf?.ResourceStatusReason ?? '',
        /assumed-role\/service-role-\w+\/AWSCloudFormation is not authorized to perform: ecr:DeleteRepository on resource: arn:aws:ecr:/,
      );
      await role.allow(...nesting, 'ecr:DeleteRepository');
      // The role stays with the stack.
      assert.equal((await stacks.remove(root)).StackStatus, 'DELETE_COMPLETE');
    },
  },
  {
    addition: 'service-role',
    name: 'a user and a group go with the rights of the role, and only with those for what they hold',
    async run(context) {
      const stacks = stackFixture(context);
      const iam = new IAMClient(clientConfig(context));
      const [UserName, GroupName] = [unique('user'), unique('group')];
      const stack = await stacks.create(unique('people'), {
        Resources: {
          Group: { Type: 'AWS::IAM::Group', Properties: { GroupName } },
          User: { Type: 'AWS::IAM::User', Properties: { UserName, Groups: [{ Ref: 'Group' }] } },
        },
      });
      await iam.send(new CreateAccessKeyCommand({ UserName }));
      const group = ['iam:GetGroup', 'iam:ListAttachedGroupPolicies', 'iam:ListGroupPolicies', 'iam:DeleteGroup'];
      const user = [
        ...['iam:GetUser', 'iam:ListGroupsForUser', 'iam:ListAttachedUserPolicies', 'iam:ListUserPolicies'],
        ...['iam:ListAccessKeys', 'iam:GetLoginProfile', 'iam:RemoveUserFromGroup', 'iam:DeleteUser'],
      ];
      const role = await serviceRole(context, ...group, ...user);
      await stacks.cfn.send(new DeleteStackCommand({ StackName: stack.StackName, RoleARN: role.arn }));
      assert.equal((await stacks.settled(stack.StackId ?? '')).StackStatus, 'DELETE_FAILED');
      const left = (await stacks.rows(stack.StackId)).get('User');
      assert.match(
        left?.ResourceStatusReason ?? '',
        /is not authorized to perform: iam:DeleteAccessKey on resource: arn:/,
      );
      await role.allow(...group, ...user, 'iam:DeleteAccessKey');
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
    },
  },
  {
    addition: 'service-role',
    name: 'the role must trust CloudFormation',
    async run(context) {
      const stacks = stackFixture(context);
      const { roleArn } = await roleWithPolicy(context);
      await assert.rejects(
        stacks.create(unique('untrusted'), { Resources: { One: repository(unique('one')) } }, { RoleARN: roleArn }),
        { name: 'ValidationError', message: `Role ${roleArn} is invalid or cannot be assumed` },
      );
    },
  },
];
