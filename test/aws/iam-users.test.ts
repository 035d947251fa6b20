/** Users, groups and managed policies; roles are in iam.test.ts. */
import * as sdkIam from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createIam } from '#functions/aws/iam.ts';
import { sdkError, served } from './sdk.ts';

const sdk = mockClient(sdkIam.IAMClient);
const iam = createIam();
const NAME = 'xxxx_deploy';
const ARN = 'arn:aws:iam::123456789012:policy/team/push';
const SERIAL = 'arn:aws:iam::123456789012:mfa/phone';
const at = new Date('2026-01-02T03:04:05.678Z');
type Fake = (input: Readonly<Record<string, unknown>>) => Promise<object>;
const gone = sdkError('NoSuchEntityException', { status: 404 });
const failing = (error: Error) => async (): Promise<never> => {
  throw error;
};

beforeEach(() => {
  sdk.reset();
});

const user = (UserName: string) => ({
  UserName,
  UserId: 'AIDA',
  Path: '/',
  Arn: `arn:user/${UserName}`,
  CreateDate: at,
});
const group = (GroupName: string) => ({ GroupName, GroupId: 'AGPA', Path: '/', Arn: 'arn', CreateDate: at });

describe('user', () => {
  it('gives ARN and tags', async () => {
    const User = { ...user(NAME), Tags: [{ Key: 'team', Value: 'data' }] };
    sdk.on(sdkIam.GetUserCommand, { UserName: NAME }).resolves({ User });
    expect(await iam.user(NAME)).toEqual({ arn: `arn:user/${NAME}`, tags: { team: 'data' } });
  });

  it('is undefined where it is gone, and fails on anything else', async () => {
    sdk
      .on(sdkIam.GetUserCommand)
      .rejectsOnce(gone)
      .rejects(sdkError('ServiceFailure', { status: 500 }));
    expect(await iam.user(NAME)).toBeUndefined();
    await expect(iam.user(NAME)).rejects.toMatchObject({ context: { action: 'iam:GetUser', resource: NAME } });
  });
});

describe('hasLoginProfile', () => {
  it('is true with one, false without, and fails on anything else', async () => {
    sdk
      .on(sdkIam.GetLoginProfileCommand, { UserName: NAME })
      .resolvesOnce({ LoginProfile: { UserName: NAME, CreateDate: at } })
      .rejectsOnce(gone)
      .rejects(sdkError('AccessDenied', { status: 403 }));
    expect(await iam.hasLoginProfile(NAME)).toBe(true);
    expect(await iam.hasLoginProfile(NAME)).toBe(false);
    await expect(iam.hasLoginProfile(NAME)).rejects.toMatchObject({ accessDenied: true });
  });
});

describe('group', () => {
  it('gives its time and the members of all pages', async () => {
    const pages = served('Marker', {
      '': { Group: group('g'), Users: [user('a'), user('b')], IsTruncated: true, Marker: 'two' },
      two: { Group: group('g'), Users: [user('c')], IsTruncated: false },
    });
    sdk.on(sdkIam.GetGroupCommand).callsFake(pages.answer);
    expect(await iam.group('g')).toEqual({ createdAt: '2026-01-02T03:04:05.678Z', members: ['a', 'b', 'c'] });
    expect(pages.asked).toEqual([{ GroupName: 'g' }, { GroupName: 'g', Marker: 'two' }]);
  });

  it('is there without members', async () => {
    sdk.on(sdkIam.GetGroupCommand).resolves({ Group: group('g'), Users: [] });
    expect(await iam.group('g')).toMatchObject({ members: [] });
  });

  it('is undefined where it is gone, and fails on anything else', async () => {
    sdk
      .on(sdkIam.GetGroupCommand)
      .rejectsOnce(gone)
      .rejects(sdkError('AccessDenied', { status: 403 }));
    expect(await iam.group('g')).toBeUndefined();
    await expect(iam.group('g')).rejects.toMatchObject({ context: { action: 'iam:GetGroup', resource: 'g' } });
  });
});

describe('policy', () => {
  it('gives its time and its tags, and is undefined where it is gone', async () => {
    const Policy = { Arn: ARN, CreateDate: at };
    sdk
      .on(sdkIam.GetPolicyCommand, { PolicyArn: ARN })
      .resolvesOnce({ Policy: { ...Policy, Tags: [{ Key: 'team', Value: 'data' }] } })
      .resolvesOnce({ Policy })
      .rejectsOnce(gone)
      .rejects(sdkError('AccessDenied', { status: 403 }));
    const createdAt = '2026-01-02T03:04:05.678Z';
    expect(await iam.policy(ARN)).toEqual({ createdAt, tags: { team: 'data' } });
    expect(await iam.policy(ARN)).toEqual({ createdAt, tags: {} });
    expect(await iam.policy(ARN)).toBeUndefined();
    await expect(iam.policy(ARN)).rejects.toMatchObject({ context: { action: 'iam:GetPolicy', resource: ARN } });
  });
});

const attached = (name: string) => ({ AttachedPolicies: [{ PolicyArn: `arn/${name}`, PolicyName: name }] });
const attachedAs = (name: string) => ({ arn: `arn/${name}`, name });
const version = (VersionId: string, IsDefaultVersion = false) => ({ VersionId, IsDefaultVersion });
const common = { UserName: NAME, Status: 'Active' as const, CreateDate: at, UploadDate: at };

const lists = [
  {
    action: 'iam:ListAttachedUserPolicies',
    answer: (fake: Fake) => sdk.on(sdkIam.ListAttachedUserPoliciesCommand).callsFake(fake),
    list: () => iam.attachedUserPolicies(NAME),
    input: { UserName: NAME },
    pages: [attached('a'), attached('b')],
    expected: [attachedAs('a'), attachedAs('b')],
  },
  {
    action: 'iam:ListUserPolicies',
    answer: (fake: Fake) => sdk.on(sdkIam.ListUserPoliciesCommand).callsFake(fake),
    list: () => iam.inlineUserPolicies(NAME),
    input: { UserName: NAME },
    pages: [{ PolicyNames: ['a', 'b'] }, { PolicyNames: ['c'] }],
    expected: ['a', 'b', 'c'],
  },
  {
    action: 'iam:ListGroupsForUser',
    answer: (fake: Fake) => sdk.on(sdkIam.ListGroupsForUserCommand).callsFake(fake),
    list: () => iam.groupsOf(NAME),
    input: { UserName: NAME },
    pages: [{ Groups: [group('a')] }, { Groups: [group('b')] }],
    expected: ['a', 'b'],
  },
  {
    action: 'iam:ListAccessKeys',
    answer: (fake: Fake) => sdk.on(sdkIam.ListAccessKeysCommand).callsFake(fake),
    list: () => iam.accessKeys(NAME),
    input: { UserName: NAME },
    pages: [{ AccessKeyMetadata: [{ AccessKeyId: 'AKIA1' }] }, { AccessKeyMetadata: [{ AccessKeyId: 'AKIA2' }] }],
    expected: ['AKIA1', 'AKIA2'],
  },
  {
    action: 'iam:ListSigningCertificates',
    answer: (fake: Fake) => sdk.on(sdkIam.ListSigningCertificatesCommand).callsFake(fake),
    list: () => iam.signingCertificates(NAME),
    input: { UserName: NAME },
    pages: [
      { Certificates: [{ ...common, CertificateId: 'A', CertificateBody: 'x' }] },
      { Certificates: [{ ...common, CertificateId: 'B', CertificateBody: 'x' }] },
    ],
    expected: ['A', 'B'],
  },
  {
    action: 'iam:ListSSHPublicKeys',
    answer: (fake: Fake) => sdk.on(sdkIam.ListSSHPublicKeysCommand).callsFake(fake),
    list: () => iam.sshPublicKeys(NAME),
    input: { UserName: NAME },
    pages: [
      { SSHPublicKeys: [{ ...common, SSHPublicKeyId: 'APKA1' }] },
      { SSHPublicKeys: [{ ...common, SSHPublicKeyId: 'APKA2' }] },
    ],
    expected: ['APKA1', 'APKA2'],
  },
  {
    action: 'iam:ListServiceSpecificCredentials',
    answer: (fake: Fake) => sdk.on(sdkIam.ListServiceSpecificCredentialsCommand).callsFake(fake),
    list: () => iam.serviceSpecificCredentials(NAME),
    input: { UserName: NAME },
    pages: [
      { ServiceSpecificCredentials: [{ ServiceSpecificCredentialId: 'ACCA1' }] },
      { ServiceSpecificCredentials: [{ ServiceSpecificCredentialId: 'ACCA2' }] },
    ],
    expected: ['ACCA1', 'ACCA2'],
  },
  {
    action: 'iam:ListMFADevices',
    answer: (fake: Fake) => sdk.on(sdkIam.ListMFADevicesCommand).callsFake(fake),
    list: () => iam.mfaDevices(NAME),
    input: { UserName: NAME },
    pages: [
      { MFADevices: [{ UserName: NAME, SerialNumber: SERIAL, EnableDate: at }] },
      { MFADevices: [{ UserName: NAME, SerialNumber: 'GAHT12345678', EnableDate: at }] },
    ],
    expected: [SERIAL, 'GAHT12345678'],
  },
  {
    action: 'iam:ListAttachedGroupPolicies',
    answer: (fake: Fake) => sdk.on(sdkIam.ListAttachedGroupPoliciesCommand).callsFake(fake),
    list: () => iam.attachedGroupPolicies('g'),
    input: { GroupName: 'g' },
    pages: [attached('a'), attached('b')],
    expected: [attachedAs('a'), attachedAs('b')],
  },
  {
    action: 'iam:ListGroupPolicies',
    answer: (fake: Fake) => sdk.on(sdkIam.ListGroupPoliciesCommand).callsFake(fake),
    list: () => iam.inlineGroupPolicies('g'),
    input: { GroupName: 'g' },
    pages: [{ PolicyNames: ['a'] }, { PolicyNames: ['b'] }],
    expected: ['a', 'b'],
  },
  {
    action: 'iam:ListPolicyVersions',
    answer: (fake: Fake) => sdk.on(sdkIam.ListPolicyVersionsCommand).callsFake(fake),
    list: () => iam.olderVersions(ARN),
    input: { PolicyArn: ARN },
    pages: [{ Versions: [version('v3', true), version('v2')] }, { Versions: [version('v1')] }],
    expected: ['v2', 'v1'],
  },
  {
    action: 'iam:ListEntitiesForPolicy',
    answer: (fake: Fake) => sdk.on(sdkIam.ListEntitiesForPolicyCommand).callsFake(fake),
    list: () => iam.usersOfPolicy(ARN, 'PermissionsBoundary'),
    input: { PolicyArn: ARN, PolicyUsageFilter: 'PermissionsBoundary' },
    pages: [
      { PolicyUsers: [{ UserName: 'anna' }], PolicyRoles: [{ RoleName: 'fleet' }] },
      { PolicyRoles: [{ RoleName: 'ship' }], PolicyGroups: [{ GroupName: 'crew' }], PolicyUsers: [] },
    ],
    expected: [
      { kind: 'user', name: 'anna' },
      { kind: 'role', name: 'fleet' },
      { kind: 'group', name: 'crew' },
      { kind: 'role', name: 'ship' },
    ],
  },
];

describe.each(lists)('$action', ({ action, answer, list, input, pages: [first, second], expected }) => {
  it('gives all pages', async () => {
    const pages = served('Marker', {
      '': { ...first, IsTruncated: true, Marker: 'two' },
      two: { ...second, IsTruncated: false },
    });
    answer(pages.answer);
    expect(await list()).toEqual(expected);
    expect(pages.asked).toEqual([input, { ...input, Marker: 'two' }]);
  });

  it('fails where pages repeat', async () => {
    const pages = served('Marker', {
      '': { ...first, IsTruncated: true, Marker: 'two' },
      two: { ...second, IsTruncated: true, Marker: 'two' },
    });
    answer(pages.answer);
    await expect(list()).rejects.toMatchObject({ context: { action, errorName: 'RepeatedPageToken' } });
  });

  it('is empty where it is gone, and fails on anything else', async () => {
    answer(failing(gone));
    expect(await list()).toEqual([]);
    answer(failing(sdkError('AccessDenied', { status: 403 })));
    await expect(list()).rejects.toMatchObject({ accessDenied: true, context: { action, status: 403 } });
  });
});

const removals = [
  [
    'iam:DetachUserPolicy',
    sdkIam.DetachUserPolicyCommand,
    () => iam.detachUserPolicy(NAME, ARN),
    { UserName: NAME, PolicyArn: ARN },
  ],
  [
    'iam:DeleteUserPolicy',
    sdkIam.DeleteUserPolicyCommand,
    () => iam.deleteUserPolicy(NAME, 'p'),
    { UserName: NAME, PolicyName: 'p' },
  ],
  [
    'iam:DeleteUserPermissionsBoundary',
    sdkIam.DeleteUserPermissionsBoundaryCommand,
    () => iam.deleteUserBoundary(NAME),
    { UserName: NAME },
  ],
  ['iam:DeleteLoginProfile', sdkIam.DeleteLoginProfileCommand, () => iam.deleteLoginProfile(NAME), { UserName: NAME }],
  [
    'iam:DeleteAccessKey',
    sdkIam.DeleteAccessKeyCommand,
    () => iam.deleteAccessKey(NAME, 'A'),
    { UserName: NAME, AccessKeyId: 'A' },
  ],
  [
    'iam:DeleteSigningCertificate',
    sdkIam.DeleteSigningCertificateCommand,
    () => iam.deleteSigningCertificate(NAME, 'A'),
    { UserName: NAME, CertificateId: 'A' },
  ],
  [
    'iam:DeleteSSHPublicKey',
    sdkIam.DeleteSSHPublicKeyCommand,
    () => iam.deleteSshPublicKey(NAME, 'A'),
    { UserName: NAME, SSHPublicKeyId: 'A' },
  ],
  [
    'iam:DeleteServiceSpecificCredential',
    sdkIam.DeleteServiceSpecificCredentialCommand,
    () => iam.deleteServiceSpecificCredential(NAME, 'A'),
    { UserName: NAME, ServiceSpecificCredentialId: 'A' },
  ],
  [
    'iam:DeactivateMFADevice',
    sdkIam.DeactivateMFADeviceCommand,
    () => iam.deactivateMfaDevice(NAME, SERIAL),
    { UserName: NAME, SerialNumber: SERIAL },
  ],
  [
    'iam:DeleteVirtualMFADevice',
    sdkIam.DeleteVirtualMFADeviceCommand,
    () => iam.deleteVirtualMfaDevice(SERIAL),
    { SerialNumber: SERIAL },
  ],
  [
    'iam:RemoveUserFromGroup',
    sdkIam.RemoveUserFromGroupCommand,
    () => iam.removeFromGroup('g', NAME),
    { GroupName: 'g', UserName: NAME },
  ],
  [
    'iam:DetachGroupPolicy',
    sdkIam.DetachGroupPolicyCommand,
    () => iam.detachGroupPolicy('g', ARN),
    { GroupName: 'g', PolicyArn: ARN },
  ],
  [
    'iam:DeleteGroupPolicy',
    sdkIam.DeleteGroupPolicyCommand,
    () => iam.deleteGroupPolicy('g', 'p'),
    { GroupName: 'g', PolicyName: 'p' },
  ],
  [
    'iam:DeleteRolePermissionsBoundary',
    sdkIam.DeleteRolePermissionsBoundaryCommand,
    () => iam.deleteRoleBoundary('r'),
    { RoleName: 'r' },
  ],
  [
    'iam:DeletePolicyVersion',
    sdkIam.DeletePolicyVersionCommand,
    () => iam.deletePolicyVersion(ARN, 'v1'),
    { PolicyArn: ARN, VersionId: 'v1' },
  ],
] as const;

describe.each(removals)('%s', (action, command, remove, input) => {
  const [resource] = Object.values(input);

  it('removes one', async () => {
    sdk.onAnyCommand().resolves({});
    await remove();
    expect(sdk.calls().map((call) => call.args[0])).toEqual([expect.any(command)]);
    expect(sdk.call(0).args[0].input).toEqual(input);
  });

  it('succeeds where it is gone', async () => {
    sdk.onAnyCommand().rejects(gone);
    await expect(remove()).resolves.toBeUndefined();
  });

  it('fails on anything else, and names what it was tried on', async () => {
    sdk.onAnyCommand().rejects(sdkError('DeleteConflictException', { status: 409 }));
    await expect(remove()).rejects.toMatchObject({
      context: { action, resource, errorName: 'DeleteConflictException', status: 409 },
    });
  });
});
