import { describe, expect, it } from '@jest/globals';
import { iamUser } from '#functions/cleaners/iam-user.ts';
import {
  cleanOne,
  codesOf,
  LOGICAL_ID,
  type RunOptions,
  removedBy,
  resourceOf,
  runOn,
  STACK,
  writes,
} from '#test/cleaners/scene.ts';
import type { UserOptions } from '#test/fakes/iam-users.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';

const USER = 'xxxx_deploy';
const POLICY = 'arn:aws:iam::123456789012:policy/guard';
const PHONE = 'arn:aws:iam::123456789012:mfa/phone';
const KEY = 'GAHT12345678';

/** Something of every kind. */
const FULL: UserOptions = {
  loginProfile: true,
  accessKeys: ['AKIA1', 'AKIA2'],
  signingCertificates: ['CERT'],
  sshPublicKeys: ['APKA'],
  serviceSpecificCredentials: ['ACCA'],
  mfaDevices: [PHONE, KEY],
  attached: [POLICY],
  inline: ['extra'],
};

function scene(options: UserOptions, properties: Readonly<Record<string, unknown>> = {}): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK)
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::IAM::User', physicalId: USER, properties });
  account.iam.addUser(USER, options);
  return account;
}

const clean = async (account: FakeAccount, options: RunOptions = {}) =>
  cleanOne(iamUser, account, await runOn(account, options));

describe('what somebody gave the user', () => {
  it('goes, all nine kinds of it', async () => {
    const account = scene(FULL);
    account.iam.addGroup('friends', { members: [USER, 'anna'] });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ finding: { blocks: true, stages: ['drain'] }, leftovers: [], finished: true });
    expect(outcome.finding.contents).toEqual([
      { kind: 'MFA device', count: 2 },
      { kind: 'SSH public key', count: 1 },
      { kind: 'signing certificate', count: 1 },
      { kind: 'service-specific credential', count: 1 },
      { kind: 'access key', count: 2 },
      { kind: 'login profile', count: 1 },
      { kind: 'managed policy', count: 1 },
      { kind: 'inline policy', count: 1 },
      { kind: 'group membership', count: 1 },
    ]);
    expect(removedBy(outcome)).toEqual({
      ...Object.fromEntries(outcome.finding.contents.map(({ kind, count }) => [kind, count])),
      'virtual MFA device': 1,
    });
    expect(account.iam.userHolds(USER)).toEqual({});
    expect(account.iam.groupHolds('friends').members).toEqual(['anna']);
  });

  it.each<[keyof UserOptions, boolean]>([
    ['mfaDevices', true],
    ['sshPublicKeys', true],
    ['signingCertificates', true],
    ['serviceSpecificCredentials', true],
    ['accessKeys', false],
    ['loginProfile', false],
    ['attached', false],
    ['inline', false],
  ])('%s alone: CloudFormation’s own delete fails of it: %s', async (kind, blocks) => {
    const { finding } = await clean(scene({ [kind]: FULL[kind] }));
    expect(finding).toMatchObject({ exists: true, blocks, stages: ['drain'] });
  });

  it('what blocks comes first', async () => {
    const account = scene(FULL);
    await clean(account);
    expect(writes(account).slice(0, 6)).toEqual([
      'iam:DeactivateMFADevice',
      'iam:DeleteVirtualMFADevice',
      'iam:DeactivateMFADevice',
      'iam:DeleteSSHPublicKey',
      'iam:DeleteSigningCertificate',
      'iam:DeleteServiceSpecificCredential',
    ]);
  });

  it('pages to the end of every list', async () => {
    const seven = (prefix: string) => Array.from({ length: 7 }, (_, at) => `${prefix}${at}`);
    const account = scene({
      accessKeys: seven('AKIA'),
      signingCertificates: seven('CERT'),
      sshPublicKeys: seven('APKA'),
      serviceSpecificCredentials: seven('ACCA'),
      mfaDevices: seven('GAHT'),
      attached: seven('arn:aws:iam::aws:policy/'),
      inline: seven('inline'),
    });
    for (const name of seven('group')) {
      account.iam.addGroup(name, { members: [USER] });
    }
    await clean(account);
    expect(account.iam.userHolds(USER)).toEqual({});
  });
});

describe('what CloudFormation removes by itself stays CloudFormation’s where a template declares it', () => {
  it('login profile, access keys, groups and policies', async () => {
    const account = scene(
      { loginProfile: true, accessKeys: ['AKIA1'], attached: [POLICY], inline: ['push', 'more'] },
      {
        LoginProfile: { Password: 'x' },
        ManagedPolicyArns: [POLICY],
        Policies: [{ PolicyName: 'push' }],
        Groups: ['team'],
      },
    );
    account.cloudFormation
      .addResource(STACK, { logicalId: 'Key', type: 'AWS::IAM::AccessKey', physicalId: 'AKIA1' })
      .addResource(STACK, {
        logicalId: 'Joined',
        type: 'AWS::IAM::UserToGroupAddition',
        physicalId: 'addition',
        properties: { GroupName: 'guests', Users: { 'Fn::Split': [',', { 'Fn::Sub': `anna,\${${LOGICAL_ID}}` }] } },
      })
      .addResource(STACK, {
        logicalId: 'Inline',
        type: 'AWS::IAM::UserPolicy',
        physicalId: 'more',
        properties: { UserName: { Ref: LOGICAL_ID }, PolicyName: 'more' },
      });
    account.iam.addGroup('team', { members: [USER] }).addGroup('guests', { members: [USER] });
    const outcome = await clean(account);
    expect(outcome.finding).toMatchObject({ contents: [], blocks: false, stages: [], notes: [] });
    expect(writes(account)).toEqual([]);
  });

  it('in doubt too, with a note that names them', async () => {
    const account = scene(
      { attached: [POLICY] },
      { ManagedPolicyArns: [{ 'Fn::ImportValue': 'x' }], Groups: [{ 'Fn::ImportValue': 'y' }] },
    );
    account.iam.addGroup('team', { members: [USER] });
    const { finding } = await clean(account);
    expect(finding.stages).toEqual([]);
    expect(codesOf(finding.notes)).toEqual(['POLICIES_LEFT_TO_CLOUDFORMATION']);
    expect(finding.notes[0]?.sentence).toContain('guard, team');
  });

  it('a membership in a group of the tree is the group’s content, whether it goes or stays', async () => {
    const account = scene({});
    account.cloudFormation
      .addResource(STACK, { logicalId: 'Going', type: 'AWS::IAM::Group', physicalId: 'going' })
      .addResource(STACK, { logicalId: 'Kept', type: 'AWS::IAM::Group', physicalId: 'kept', deletionPolicy: 'Retain' });
    account.iam.addGroup('going', { members: [USER] }).addGroup('kept', { members: [USER] });
    expect((await clean(account)).finding).toMatchObject({ contents: [], stages: [] });
  });

  it('a policy of the tree is its own cleaner’s, unless a DeletionPolicy keeps it', async () => {
    const policy = (deletionPolicy: string) => {
      const account = scene({ attached: [POLICY] });
      account.cloudFormation.addResource(STACK, {
        logicalId: 'Policy',
        type: 'AWS::IAM::ManagedPolicy',
        physicalId: POLICY,
        deletionPolicy,
      });
      return account;
    };
    expect((await clean(policy('Delete'))).finding.contents).toEqual([]);
    expect((await clean(policy('Retain'))).finding.contents).toEqual([{ kind: 'managed policy', count: 1 }]);
  });
});

describe('MFA devices', () => {
  it('a virtual one of the account is deleted, a hardware key is only deactivated', async () => {
    const account = scene({ mfaDevices: [PHONE, KEY] });
    await clean(account);
    expect(account.iam.virtualDevices).toEqual([]);
    expect(account.log.calls.filter(({ action }) => action.endsWith('VirtualMFADevice'))).toEqual([
      { action: 'iam:DeleteVirtualMFADevice', target: PHONE },
    ]);
  });

  it.each([
    ['of another account', 'arn:aws:iam::111111111111:mfa/phone'],
    ['of another partition', 'arn:aws-cn:iam::123456789012:mfa/phone'],
    ['a passkey', 'arn:aws:iam::123456789012:u2f/user/xxxx_deploy/key'],
  ])('%s: deactivated, not deleted', async (_, serial) => {
    const account = scene({ mfaDevices: [serial] });
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true });
    expect(account.iam.userHolds(USER)).toEqual({});
    expect(account.iam.virtualDevices).toEqual([serial]);
  });

  it.each(['Delete', 'Retain'])(
    'one that the tree declares with %s: deactivated; the device is CloudFormation’s',
    async (deletionPolicy) => {
      const account = scene({ mfaDevices: [PHONE] });
      account.cloudFormation.addResource(STACK, {
        logicalId: 'Device',
        type: 'AWS::IAM::VirtualMFADevice',
        physicalId: PHONE,
        deletionPolicy,
      });
      await clean(account);
      expect(account.iam.userHolds(USER)).toEqual({});
      expect(account.iam.virtualDevices).toEqual([PHONE]);
    },
  );

  it('one that cannot be deactivated is not deleted, and blocks', async () => {
    const account = scene({ mfaDevices: [PHONE] });
    account.log.deny('iam:DeactivateMFADevice');
    const { leftovers } = await clean(account);
    expect(leftovers).toMatchObject([{ what: `MFA device ${PHONE}`, blocks: true }]);
    expect(account.log.count('iam:DeleteVirtualMFADevice')).toBe(0);
  });

  it('a device that cannot be deleted is left without blocking', async () => {
    const account = scene({ mfaDevices: [PHONE] });
    account.log.deny('iam:DeleteVirtualMFADevice');
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: `virtual MFA device ${PHONE}`, blocks: false }]);
    expect(outcome.leftovers[0]?.remedy).toContain('does not go with the user');
    expect(removedBy(outcome)).toEqual({ 'MFA device': 1 });
  });
});

describe('what fails', () => {
  it.each([
    ['iam:DeleteSSHPublicKey', 'SSH public key APKA', true],
    ['iam:DeleteSigningCertificate', 'signing certificate CERT', true],
    ['iam:DeleteServiceSpecificCredential', 'service-specific credential ACCA', true],
    ['iam:DeleteLoginProfile', 'login profile', false],
    ['iam:DetachUserPolicy', 'managed policy guard', false],
    ['iam:DeleteUserPolicy', 'inline policy extra', false],
  ])('%s: what is left blocks only where CloudFormation does not remove it', async (action, what, blocks) => {
    const account = scene(FULL);
    account.log.deny(action);
    const { leftovers } = await clean(account);
    expect(leftovers).toMatchObject([{ what, blocks }]);
    expect(leftovers[0]?.remedy.includes('CloudFormation removes it with the user')).toBe(!blocks);
  });

  it('what was looked into is not listed again when the work begins', async () => {
    const account = scene(FULL);
    await clean(account);
    const lists = account.log.actions().filter((action) => action.startsWith('iam:List'));
    expect(lists.length).toBeGreaterThan(7);
    expect(new Set(lists).size).toBe(lists.length);
  });

  it('a listing that fails when the work is done again blocks: nobody knows what is left', async () => {
    const account = scene(FULL);
    const run = await runOn(account);
    const cleaner = iamUser.create(account.ports);
    await cleanOne(iamUser, account, run, cleaner);
    account.iam.addUser(USER, FULL);
    account.log.fail({ action: 'iam:ListMFADevices', errorName: 'ServiceFailure' });
    const { leftovers } = await cleaner.work('drain', resourceOf(run), run);
    expect(leftovers).toMatchObject([{ what: 'an unknown number of credentials', blocks: true }]);
    const again = await cleaner.work('drain', resourceOf(run), run);
    expect(removedBy(again)).toMatchObject({ 'SSH public key': 1 });
  });
});

it('a kept user with a credential that CloudFormation does not remove blocks', async () => {
  const tags = { 'clean-exit:keep': '' };
  expect((await clean(scene({ tags, sshPublicKeys: ['APKA'] }))).finding.refusal).toMatchObject({ blocks: true });
  expect((await clean(scene({ tags, accessKeys: ['AKIA1'] }))).finding.refusal).toMatchObject({ blocks: false });
});
