import assert from 'node:assert/strict';
import * as iam from '@aws-sdk/client-iam';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const POLICY = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ecr:ListImages', Resource: '*' }] };
const MANAGED = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const SSH_KEY = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ scenario';

const client = (context: ScenarioContext) => new iam.IAMClient(clientConfig(context));
const conflict = { name: 'DeleteConflictException' };

function exists(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}

const groups: Scenario[] = [
  {
    addition: 'iam-groups',
    name: 'CloudFormation makes a group with its policies and a user in it, changes and deletes them',
    async run(context) {
      const stacks = stackFixture(context);
      const aws = client(context);
      const [GroupName, UserName, stackName] = [unique('developers'), unique('deploy'), unique('deploy-user')];
      const template = (policyName: string) => ({
        Resources: {
          Group: {
            Type: 'AWS::IAM::Group',
            Properties: { GroupName, Policies: [{ PolicyName: policyName, PolicyDocument: POLICY }] },
          },
          User: { Type: 'AWS::IAM::User', Properties: { UserName, Groups: [{ Ref: 'Group' }] } },
        },
        Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Group', 'Arn'] } } },
      });
      const stack = await stacks.create(stackName, template('first'));
      assert.equal(stack.StackStatus, 'CREATE_COMPLETE', stack.StackStatusReason);
      const { Group, Users } = await aws.send(new iam.GetGroupCommand({ GroupName }));
      assert.equal(stack.Outputs?.[0]?.OutputValue, Group?.Arn);
      assert.deepEqual(
        Users?.map((user) => user.UserName),
        [UserName],
      );
      await stacks.update(stackName, template('second'));
      const { PolicyNames } = await aws.send(new iam.ListGroupPoliciesCommand({ GroupName }));
      assert.deepEqual(PolicyNames, ['second']);
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
      assert.equal(await exists(aws.send(new iam.GetGroupCommand({ GroupName }))), false);
    },
  },
  {
    addition: 'iam-groups',
    name: 'a group with a member from outside fails to delete, and goes when the member has left',
    async run(context) {
      const stacks = stackFixture(context);
      const aws = client(context);
      const [GroupName, UserName] = [unique('developers'), unique('guest')];
      const stack = await stacks.create(unique('group'), {
        Resources: {
          Group: { Type: 'AWS::IAM::Group', Properties: { GroupName, ManagedPolicyArns: [MANAGED] } },
        },
      });
      await aws.send(new iam.CreateUserCommand({ UserName }));
      await aws.send(new iam.AddUserToGroupCommand({ GroupName, UserName }));
      await assert.rejects(aws.send(new iam.DeleteGroupCommand({ GroupName })), conflict);
      const failed = await stacks.remove(stack);
      assert.equal(failed.StackStatus, 'DELETE_FAILED');
      const rows = await stacks.rows(stack.StackId);
      assert.match(rows.get('Group')?.ResourceStatusReason ?? '', /must remove users from group first/);
      await aws.send(new iam.RemoveUserFromGroupCommand({ GroupName, UserName }));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
    },
  },
];

const roles: Scenario[] = [
  {
    addition: 'iam-roles',
    name: 'a role in an instance profile from outside fails to delete; policies from outside are no obstacle',
    async run(context) {
      const stacks = stackFixture(context);
      const aws = client(context);
      const [RoleName, InstanceProfileName] = [unique('role'), unique('profile')];
      const stack = await stacks.create(unique('role'), {
        Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { RoleName, AssumeRolePolicyDocument: TRUST } } },
      });
      const again = await stacks.create(unique('role'), {
        Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { RoleName, AssumeRolePolicyDocument: TRUST } } },
      });
      assert.equal(again.StackStatus, 'ROLLBACK_COMPLETE');
      await aws.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: MANAGED }));
      const PolicyDocument = JSON.stringify(POLICY);
      await aws.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'outside', PolicyDocument }));
      await aws.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName }));
      const place = { InstanceProfileName, RoleName };
      await aws.send(new iam.AddRoleToInstanceProfileCommand(place));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_FAILED');
      const rows = await stacks.rows(stack.StackId);
      assert.match(rows.get('Role')?.ResourceStatusReason ?? '', /must remove roles from instance profile first/);
      await aws.send(new iam.RemoveRoleFromInstanceProfileCommand(place));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
      assert.equal(await exists(aws.send(new iam.GetRoleCommand({ RoleName }))), false);
    },
  },
  {
    addition: 'iam-roles',
    name: 'a managed policy that is attached elsewhere, or a permissions boundary, fails to delete; one with several versions is refused by IAM',
    async run(context) {
      const stacks = stackFixture(context);
      const aws = client(context);
      const [ManagedPolicyName, UserName] = [unique('policy'), unique('user')];
      const stack = await stacks.create(unique('policy'), {
        Resources: {
          Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { ManagedPolicyName, PolicyDocument: POLICY } },
        },
      });
      const PolicyArn = `arn:aws:iam::000000000000:policy/${ManagedPolicyName}`;
      await aws.send(new iam.CreateUserCommand({ UserName }));
      await aws.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_FAILED');
      await aws.send(new iam.DetachUserPolicyCommand({ UserName, PolicyArn }));
      await aws.send(new iam.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: PolicyArn }));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_FAILED');
      await aws.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName }));
      const PolicyDocument = JSON.stringify(POLICY);
      await aws.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
      await assert.rejects(aws.send(new iam.DeletePolicyCommand({ PolicyArn })), conflict);
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
    },
  },
];

const users: Scenario[] = [
  {
    addition: 'iam-users',
    name: 'SSH keys, signing certificates and service credentials are listed, and keep a user from being deleted',
    async run(context) {
      const aws = client(context);
      const UserName = unique('user');
      const user = { UserName };
      await aws.send(new iam.CreateUserCommand(user));
      const remove = () => aws.send(new iam.DeleteUserCommand(user));
      const ssh = await aws.send(new iam.UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: SSH_KEY }));
      await assert.rejects(remove(), conflict);
      const { SSHPublicKeys = [] } = await aws.send(new iam.ListSSHPublicKeysCommand(user));
      const SSHPublicKeyId = SSHPublicKeys[0]?.SSHPublicKeyId;
      assert.equal(SSHPublicKeyId, ssh.SSHPublicKey?.SSHPublicKeyId);
      await aws.send(new iam.DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId }));

      await aws.send(new iam.UploadSigningCertificateCommand({ UserName, CertificateBody: 'certificate' }));
      await assert.rejects(remove(), conflict);
      const { Certificates = [] } = await aws.send(new iam.ListSigningCertificatesCommand(user));
      const CertificateId = Certificates[0]?.CertificateId;
      await aws.send(new iam.DeleteSigningCertificateCommand({ UserName, CertificateId }));

      const ServiceName = 'codecommit.amazonaws.com';
      await aws.send(new iam.CreateServiceSpecificCredentialCommand({ UserName, ServiceName }));
      await assert.rejects(remove(), conflict);
      const { ServiceSpecificCredentials = [] } = await aws.send(new iam.ListServiceSpecificCredentialsCommand(user));
      assert.equal(ServiceSpecificCredentials[0]?.ServiceName, ServiceName);
      const ServiceSpecificCredentialId = ServiceSpecificCredentials[0]?.ServiceSpecificCredentialId;
      await aws.send(new iam.DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId }));
      await remove();
    },
  },
  {
    addition: 'iam-users',
    name: 'a login profile, an MFA device, an inline policy and a group keep a user from being deleted',
    async run(context) {
      const aws = client(context);
      const [UserName, GroupName] = [unique('user'), unique('group')];
      const user = { UserName };
      await aws.send(new iam.CreateUserCommand(user));
      await aws.send(new iam.CreateGroupCommand({ GroupName }));
      const { VirtualMFADevice } = await aws.send(
        new iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: UserName }),
      );
      const SerialNumber = VirtualMFADevice?.SerialNumber;
      const PolicyName = 'inline';
      const obstacles: [() => Promise<unknown>, () => Promise<unknown>][] = [
        [
          () => aws.send(new iam.CreateLoginProfileCommand({ UserName, Password: 'Scenario-1' })),
          () => aws.send(new iam.DeleteLoginProfileCommand(user)),
        ],
        [
          () =>
            aws.send(
              new iam.EnableMFADeviceCommand({
                UserName,
                SerialNumber,
                AuthenticationCode1: '123456',
                AuthenticationCode2: '654321',
              }),
            ),
          () => aws.send(new iam.DeactivateMFADeviceCommand({ UserName, SerialNumber })),
        ],
        [
          () =>
            aws.send(new iam.PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument: JSON.stringify(POLICY) })),
          () => aws.send(new iam.DeleteUserPolicyCommand({ UserName, PolicyName })),
        ],
        [
          () => aws.send(new iam.AddUserToGroupCommand({ UserName, GroupName })),
          () => aws.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName })),
        ],
      ];
      for (const [put, take] of obstacles) {
        await put();
        await assert.rejects(aws.send(new iam.DeleteUserCommand(user)), conflict);
        await take();
      }
      await aws.send(new iam.DeleteUserCommand(user));
    },
  },
  {
    addition: 'iam-users',
    name: 'CloudFormation removes the access keys of a user, but not its SSH keys',
    async run(context) {
      const stacks = stackFixture(context);
      const aws = client(context);
      const UserName = unique('user');
      const stack = await stacks.create(unique('user'), {
        Resources: { User: { Type: 'AWS::IAM::User', Properties: { UserName } } },
      });
      await aws.send(new iam.CreateAccessKeyCommand({ UserName }));
      const { SSHPublicKey } = await aws.send(
        new iam.UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: SSH_KEY }),
      );
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_FAILED');
      await aws.send(new iam.DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId: SSHPublicKey?.SSHPublicKeyId }));
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
    },
  },
];

const paging: Scenario[] = [
  {
    addition: 'iam-paging',
    name: 'members of a group come in pages of 100',
    async run(context) {
      const aws = client(context);
      const [GroupName, prefix] = [unique('crowd'), unique('guest')];
      await aws.send(new iam.CreateGroupCommand({ GroupName }));
      const names = Array.from({ length: 101 }, (_, at) => `${prefix}-${at}`);
      for (const UserName of names) {
        await aws.send(new iam.CreateUserCommand({ UserName }));
        await aws.send(new iam.AddUserToGroupCommand({ GroupName, UserName }));
      }
      const first = await aws.send(new iam.GetGroupCommand({ GroupName }));
      assert.deepEqual([first.Users?.length, first.IsTruncated, typeof first.Marker], [100, true, 'string']);
      const second = await aws.send(new iam.GetGroupCommand({ GroupName, Marker: first.Marker }));
      assert.deepEqual([second.Users?.length, second.IsTruncated, second.Marker], [1, false, undefined]);
      const all = [...(first.Users ?? []), ...(second.Users ?? [])].map(({ UserName }) => UserName);
      assert.deepEqual(all, names);
    },
  },
  {
    addition: 'iam-paging',
    name: 'every list of what something holds takes MaxItems, and ListEntitiesForPolicy counts all kinds together',
    async run(context) {
      const aws = client(context);
      const [UserName, GroupName, RoleName, PolicyName] = ['user', 'group', 'role', 'policy'].map(unique);
      const PolicyDocument = JSON.stringify(POLICY);
      const { Policy } = await aws.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument }));
      const PolicyArn = Policy?.Arn;
      await aws.send(new iam.CreateUserCommand({ UserName }));
      await aws.send(new iam.CreateGroupCommand({ GroupName }));
      await aws.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) }));
      await aws.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }));
      await aws.send(new iam.AttachGroupPolicyCommand({ GroupName, PolicyArn }));
      await aws.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }));
      const found: string[] = [];
      const pages = iam.paginateListEntitiesForPolicy({ client: aws, pageSize: 1 }, { PolicyArn });
      for await (const { PolicyUsers = [], PolicyGroups = [], PolicyRoles = [] } of pages) {
        assert.equal(PolicyUsers.length + PolicyGroups.length + PolicyRoles.length, 1);
        found.push(...PolicyUsers.map((each) => each.UserName ?? ''));
        found.push(...PolicyGroups.map((each) => each.GroupName ?? ''));
        found.push(...PolicyRoles.map((each) => each.RoleName ?? ''));
      }
      assert.deepEqual(found.toSorted(), [UserName, GroupName, RoleName].toSorted());

      const upload = () => aws.send(new iam.UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: SSH_KEY }));
      await upload();
      await upload();
      const keys = await aws.send(new iam.ListSSHPublicKeysCommand({ UserName, MaxItems: 1 }));
      assert.deepEqual([keys.SSHPublicKeys?.length, keys.IsTruncated], [1, true]);
      const tooMany = aws.send(new iam.ListAccessKeysCommand({ UserName, MaxItems: 1001 }));
      await assert.rejects(tooMany, { name: 'ValidationError' });
    },
  },
];

export const iamScenarios: readonly Scenario[] = [...groups, ...roles, ...users, ...paging];
