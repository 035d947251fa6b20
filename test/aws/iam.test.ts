import {
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createIam } from '#functions/aws/iam.ts';
import { sdkError, served } from './sdk.ts';

const sdk = mockClient(IAMClient);
const iam = createIam();
const ROLE = 'xxxx-codebuild';
const POLICY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
type Fake = (input: Readonly<Record<string, unknown>>) => Promise<object>;
const failing = (error: Error) => async (): Promise<never> => {
  throw error;
};
const common = { CreateDate: new Date(0) };

beforeEach(() => {
  sdk.reset();
});

describe('role', () => {
  const Role = {
    ...common,
    RoleId: 'AROA',
    RoleName: ROLE,
    Path: '/team/',
    Arn: `arn:aws:iam::123456789012:role/team/${ROLE}`,
  };

  it('gives ARN, path and tags', async () => {
    sdk.on(GetRoleCommand, { RoleName: ROLE }).resolves({ Role: { ...Role, Tags: [{ Key: 'team', Value: 'data' }] } });
    expect(await iam.role(ROLE)).toEqual({ arn: Role.Arn, path: '/team/', tags: { team: 'data' } });
  });

  it('bears a role without tags', async () => {
    sdk.on(GetRoleCommand).resolves({ Role });
    expect(await iam.role(ROLE)).toMatchObject({ tags: {} });
  });

  it.each(['NoSuchEntityException', 'NoSuchEntity'])('is undefined on %s', async (name) => {
    sdk.on(GetRoleCommand).rejects(sdkError(name, { status: 404 }));
    expect(await iam.role(ROLE)).toBeUndefined();
  });

  it('is not gone on a 404 without a name', async () => {
    sdk.on(GetRoleCommand).rejects(sdkError('UnknownError', { status: 404, message: 'UnknownError' }));
    await expect(iam.role(ROLE)).rejects.toMatchObject({
      context: { action: 'iam:GetRole', resource: ROLE, errorName: 'UnknownError', status: 404 },
      message: expect.stringContaining('HTTP 404'),
    });
  });
});

const profile = (InstanceProfileName: string) => ({
  ...common,
  Path: '/',
  InstanceProfileName,
  InstanceProfileId: 'AIPA',
  Arn: 'arn',
  Roles: [],
});

const lists = [
  {
    name: 'attachedPolicies',
    action: 'iam:ListAttachedRolePolicies',
    answer: (fake: Fake) => sdk.on(ListAttachedRolePoliciesCommand).callsFake(fake),
    list: () => iam.attachedPolicies(ROLE),
    first: { AttachedPolicies: [{ PolicyArn: POLICY, PolicyName: 'ReadOnlyAccess' }] },
    second: { AttachedPolicies: [{ PolicyArn: `${POLICY}2`, PolicyName: 'ReadOnlyAccess2' }] },
    expected: [
      { arn: POLICY, name: 'ReadOnlyAccess' },
      { arn: `${POLICY}2`, name: 'ReadOnlyAccess2' },
    ],
  },
  {
    name: 'inlinePolicies',
    action: 'iam:ListRolePolicies',
    answer: (fake: Fake) => sdk.on(ListRolePoliciesCommand).callsFake(fake),
    list: () => iam.inlinePolicies(ROLE),
    first: { PolicyNames: ['a', 'b'] },
    second: { PolicyNames: ['c'] },
    expected: ['a', 'b', 'c'],
  },
  {
    name: 'instanceProfiles',
    action: 'iam:ListInstanceProfilesForRole',
    answer: (fake: Fake) => sdk.on(ListInstanceProfilesForRoleCommand).callsFake(fake),
    list: () => iam.instanceProfiles(ROLE),
    first: { InstanceProfiles: [profile('a')] },
    second: { InstanceProfiles: [profile('b')] },
    expected: ['a', 'b'],
  },
];

describe.each(lists)('$name', ({ action, answer, list, first, second, expected }) => {
  it('gives all pages', async () => {
    const pages = served('Marker', { '': { ...first, IsTruncated: true, Marker: 'two' }, two: second });
    answer(pages.answer);
    expect(await list()).toEqual(expected);
    expect(pages.asked).toEqual([{ RoleName: ROLE }, { RoleName: ROLE, Marker: 'two' }]);
  });

  it('is empty where the role is gone', async () => {
    answer(failing(sdkError('NoSuchEntityException', { status: 404 })));
    expect(await list()).toEqual([]);
  });

  it('fails on anything else', async () => {
    answer(failing(sdkError('AccessDenied', { status: 403 })));
    await expect(list()).rejects.toMatchObject({
      accessDenied: true,
      context: { action, resource: ROLE, errorName: 'AccessDenied', status: 403 },
    });
  });
});

const removals = [
  {
    name: 'detachPolicy',
    action: 'iam:DetachRolePolicy',
    answer: (fake: Fake) => sdk.on(DetachRolePolicyCommand).callsFake(fake),
    inputs: () => sdk.commandCalls(DetachRolePolicyCommand).map((made) => made.args[0].input),
    remove: () => iam.detachPolicy(ROLE, POLICY),
    input: { RoleName: ROLE, PolicyArn: POLICY },
  },
  {
    name: 'deleteInlinePolicy',
    action: 'iam:DeleteRolePolicy',
    answer: (fake: Fake) => sdk.on(DeleteRolePolicyCommand).callsFake(fake),
    inputs: () => sdk.commandCalls(DeleteRolePolicyCommand).map((made) => made.args[0].input),
    remove: () => iam.deleteInlinePolicy(ROLE, 'inline'),
    input: { RoleName: ROLE, PolicyName: 'inline' },
  },
  {
    name: 'removeFromInstanceProfile',
    action: 'iam:RemoveRoleFromInstanceProfile',
    answer: (fake: Fake) => sdk.on(RemoveRoleFromInstanceProfileCommand).callsFake(fake),
    inputs: () => sdk.commandCalls(RemoveRoleFromInstanceProfileCommand).map((made) => made.args[0].input),
    remove: () => iam.removeFromInstanceProfile(ROLE, 'profile'),
    input: { RoleName: ROLE, InstanceProfileName: 'profile' },
  },
];

describe.each(removals)('$name', ({ action, answer, inputs, remove, input }) => {
  it('removes one', async () => {
    answer(async () => ({}));
    await remove();
    expect(inputs()).toEqual([input]);
  });

  it('succeeds where it is gone', async () => {
    answer(failing(sdkError('NoSuchEntityException', { status: 404 })));
    await expect(remove()).resolves.toBeUndefined();
  });

  it('fails on anything else', async () => {
    answer(failing(sdkError('UnmodifiableEntityException')));
    await expect(remove()).rejects.toMatchObject({
      context: { action, resource: ROLE, errorName: 'UnmodifiableEntityException', status: 400 },
    });
  });
});
