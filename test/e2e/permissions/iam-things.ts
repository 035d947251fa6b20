import * as iamSdk from '@aws-sdk/client-iam';
import { ACCOUNT_ID } from '#scripts/lib/local-account.ts';
import type { Scene } from '../support/scene.ts';
import { group, managedPolicy, user } from '../support/templates.ts';
import type { Thing } from './thing.ts';

const S3_READER = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const SSH_KEY = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ example';
const PolicyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::example-bucket/*' }],
});
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

export const policyArn = (name: string) => `arn:aws:iam::${ACCOUNT_ID}:policy/${name}`;

/** What keeps CloudFormation from deleting a user, each kind by its name in a report. */
export const BLOCKING = {
  'SSH public key': ({ iam }: Scene, UserName: string) =>
    iam.send(new iamSdk.UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: SSH_KEY })),
  'signing certificate': ({ iam }: Scene, UserName: string) =>
    iam.send(new iamSdk.UploadSigningCertificateCommand({ UserName, CertificateBody: 'certificate' })),
  'service-specific credential': ({ iam }: Scene, UserName: string) =>
    iam.send(new iamSdk.CreateServiceSpecificCredentialCommand({ UserName, ServiceName: 'codecommit.amazonaws.com' })),
  'MFA device': async ({ iam }: Scene, UserName: string) => {
    const created = await iam.send(new iamSdk.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: UserName }));
    const SerialNumber = created.VirtualMFADevice?.SerialNumber;
    const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };
    await iam.send(new iamSdk.EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
  },
} as const;

/** Makes users, roles and groups that no stack has; one that is there already is as good. */
export async function outsider({ iam }: Scene, kind: 'user' | 'role' | 'group', name: string): Promise<string> {
  const make = {
    user: () => iam.send(new iamSdk.CreateUserCommand({ UserName: name })),
    role: () => iam.send(new iamSdk.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: TRUST })),
    group: () => iam.send(new iamSdk.CreateGroupCommand({ GroupName: name })),
  }[kind];
  await make().catch((thrown: unknown) => {
    if (!(thrown instanceof iamSdk.EntityAlreadyExistsException)) {
      throw thrown;
    }
  });
  return name;
}

/** A user to whom somebody gave what CloudFormation removes with it. */
export const harmless: Thing = {
  resources: (name) => ({ User: user(name) }),
  async fill(scene, UserName) {
    const { iam } = scene;
    await iam.send(new iamSdk.CreateLoginProfileCommand({ UserName, Password: 'Example-1' }));
    await iam.send(new iamSdk.CreateAccessKeyCommand({ UserName }));
    await iam.send(new iamSdk.AttachUserPolicyCommand({ UserName, PolicyArn: S3_READER }));
    await iam.send(new iamSdk.PutUserPolicyCommand({ UserName, PolicyName: 'added-by-hand', PolicyDocument }));
    const GroupName = await outsider(scene, 'group', `${UserName}-elsewhere`);
    await iam.send(new iamSdk.AddUserToGroupCommand({ UserName, GroupName }));
  },
};

/** A user with every kind of credential. */
export const credentials: Thing = {
  resources: harmless.resources,
  async fill(scene, name) {
    await harmless.fill(scene, name);
    for (const give of Object.values(BLOCKING)) {
      await give(scene, name);
    }
  },
};

/** A group to which somebody gave policies. */
export const groupPolicies: Thing = {
  resources: (name) => ({ Team: group(name) }),
  async fill({ iam }, GroupName) {
    await iam.send(new iamSdk.AttachGroupPolicyCommand({ GroupName, PolicyArn: S3_READER }));
    await iam.send(new iamSdk.PutGroupPolicyCommand({ GroupName, PolicyName: 'added-by-hand', PolicyDocument }));
  },
};

/** A group that somebody joined by hand, and gave policies. */
export const members: Thing = {
  resources: groupPolicies.resources,
  async fill(scene, GroupName) {
    await groupPolicies.fill(scene, GroupName);
    const UserName = await outsider(scene, 'user', `${GroupName}-guest`);
    await scene.iam.send(new iamSdk.AddUserToGroupCommand({ UserName, GroupName }));
  },
};

/** A managed policy with older versions, which others have, and which limits others. */
export const usedPolicy: Thing = {
  resources: (name) => ({ Rights: managedPolicy(name) }),
  async fill(scene, name) {
    const { iam } = scene;
    const PolicyArn = policyArn(name);
    await iam.send(new iamSdk.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    const UserName = await outsider(scene, 'user', `${name}-limited`);
    const RoleName = await outsider(scene, 'role', `${name}-limited`);
    const GroupName = await outsider(scene, 'group', `${name}-crew`);
    await iam.send(new iamSdk.AttachUserPolicyCommand({ UserName, PolicyArn }));
    await iam.send(new iamSdk.AttachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new iamSdk.AttachGroupPolicyCommand({ GroupName, PolicyArn }));
    await iam.send(new iamSdk.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: PolicyArn }));
    await iam.send(new iamSdk.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: PolicyArn }));
  },
};

/** What a report counts of these three. */
export const IAM_KINDS = [
  ...Object.keys(BLOCKING),
  'virtual MFA device',
  'access key',
  'login profile',
  'group membership',
  'member',
  'attachment',
  'permissions boundary',
  'policy version',
];
