import { describe, expect, it } from '@jest/globals';
import { iamManagedPolicy } from '#functions/cleaners/iam-managed-policy.ts';
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
import type { ResourceOptions } from '#test/fakes/cloudformation.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';

const ARN = 'arn:aws:iam::123456789012:policy/push';
const DETACH = { detachPoliciesFromOthers: true };
const LIFT = { removePermissionsBoundaries: true };
const BOTH = { ...DETACH, ...LIFT };

function scene(properties: Readonly<Record<string, unknown>> = {}): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK, { roleArn: 'arn:aws:iam::123456789012:role/team/deleter' })
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::IAM::ManagedPolicy', physicalId: ARN, properties });
  account.iam.addPolicy(ARN);
  return account;
}

const clean = async (account: FakeAccount, options: RunOptions = {}) =>
  cleanOne(iamManagedPolicy, account, await runOn(account, options));

/** Users, groups and roles of others that have the policy: more than a page of them. */
function attachedElsewhere(account: FakeAccount): FakeAccount {
  const attached = [ARN];
  account.iam
    .addUser('anna', { attached })
    .addUser('ben', { attached })
    .addGroup('crew', { attached })
    .addRole('fleet', { attached })
    .addRole('ship', { attached });
  return account;
}

function limitsElsewhere(account: FakeAccount): FakeAccount {
  account.iam.addUser('carl', { boundary: ARN }).addRole('boat', { boundary: ARN });
  return account;
}

/** A principal of the stack that has the policy. */
function own(
  account: FakeAccount,
  kind: 'User' | 'Group' | 'Role',
  more: Partial<ResourceOptions> = {},
  holds: { attached?: readonly string[]; boundary?: string; tags?: Readonly<Record<string, string>> } = {
    attached: [ARN],
  },
): FakeAccount {
  const physicalId = `own-${kind.toLowerCase()}`;
  account.cloudFormation.addResource(STACK, { logicalId: kind, type: `AWS::IAM::${kind}`, physicalId, ...more });
  if (kind === 'User') account.iam.addUser(physicalId, holds);
  if (kind === 'Group') account.iam.addGroup(physicalId, holds);
  if (kind === 'Role') account.iam.addRole(physicalId, holds);
  return account;
}

async function left(account: FakeAccount): Promise<readonly string[]> {
  const users = await account.iam.usersOfPolicy(ARN, 'PermissionsPolicy');
  return users.map(({ name }) => name);
}

describe('versions', () => {
  it('that are not the default one go, and never block: CloudFormation deletes them itself', async () => {
    const account = scene();
    account.iam.addPolicy(ARN, { olderVersions: ['v1', 'v2', 'v3', 'v4'] });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ finding: { blocks: false, stages: ['drain'] }, leftovers: [] });
    expect(removedBy(outcome)).toEqual({ 'policy version': 4 });
    expect(account.iam.versionsLeft(ARN)).toEqual([]);
  });
});

describe('attachments within the tree', () => {
  it.each(['User', 'Group', 'Role'] as const)('to a %s by hand: detached without asking', async (kind) => {
    const account = own(scene(), kind);
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ finding: { blocks: true, stages: ['drain'] }, leftovers: [] });
    expect(outcome.finding.contents).toEqual([{ kind: 'attachment', count: 1 }]);
    expect(removedBy(outcome)).toEqual({ attachment: 1 });
    expect(await left(account)).toEqual([]);
  });

  it.each(['User', 'Group', 'Role'] as const)(
    'that the policy of the template gives a %s are CloudFormation’s',
    async (kind) => {
      const account = own(scene({ [`${kind}s`]: [{ Ref: kind }] }), kind);
      expect((await clean(account)).finding).toMatchObject({ contents: [], blocks: false, stages: [], notes: [] });
    },
  );

  it.each(['User', 'Group', 'Role'] as const)('that a %s of the template has are CloudFormation’s', async (kind) => {
    const account = own(scene(), kind, { properties: { ManagedPolicyArns: [{ Ref: LOGICAL_ID }] } });
    expect((await clean(account)).finding).toMatchObject({ contents: [], blocks: false, stages: [], notes: [] });
  });

  it('in doubt are left, and a note names them', async () => {
    const account = own(scene(), 'Role', { properties: { ManagedPolicyArns: [{ 'Fn::ImportValue': 'x' }] } });
    const { finding } = await clean(account);
    expect(finding).toMatchObject({ contents: [], blocks: false, stages: [] });
    expect(codesOf(finding.notes)).toEqual(['ATTACHMENTS_LEFT_TO_CLOUDFORMATION']);
    expect(finding.notes[0]?.sentence).toContain('role own-role');
  });

  it.each(['Retain', 'Snapshot', 'RetainExceptOnCreate'])(
    'to a role that %s keeps count as others’',
    async (deletionPolicy) => {
      const account = own(scene(), 'Role', { deletionPolicy });
      expect((await clean(account)).finding.refusal).toMatchObject({ code: 'POLICY_ATTACHED_ELSEWHERE', blocks: true });
      expect(writes(account)).toEqual([]);
      await clean(account, DETACH);
      expect(await left(account)).toEqual([]);
    },
  );

  it('declared by a role that is kept: CloudFormation would not detach it, so it counts as others’', async () => {
    const properties = { ManagedPolicyArns: [{ Ref: LOGICAL_ID }] };
    const account = own(scene(), 'Role', { deletionPolicy: 'Retain', properties });
    expect((await clean(account)).finding.refusal).toMatchObject({ code: 'POLICY_ATTACHED_ELSEWHERE' });
  });

  it('to a role that the stack never came to own count as others’', async () => {
    const account = own(scene(), 'Role', { status: 'CREATE_FAILED' });
    expect((await clean(account)).finding.refusal).toMatchObject({ code: 'POLICY_ATTACHED_ELSEWHERE' });
  });
});

describe('attachments to others', () => {
  it('are refused, and all are named', async () => {
    const account = attachedElsewhere(scene());
    const { finding } = await clean(account);
    expect(finding).toMatchObject({
      blocks: true,
      stages: [],
      contents: [{ kind: 'attachment', count: 5 }],
      refusal: { code: 'POLICY_ATTACHED_ELSEWHERE', stops: 'resource', blocks: true },
    });
    expect(finding.refusal?.sentence).toContain('user anna, user ben, group crew, role fleet, role ship');
    expect(finding.refusal?.remedy).toContain('DetachPoliciesFromOthers');
    expect(writes(account)).toEqual([]);
  });

  it('of the wrong consent are refused all the same', async () => {
    const account = attachedElsewhere(scene());
    expect((await clean(account, LIFT)).finding.refusal).toMatchObject({ code: 'POLICY_ATTACHED_ELSEWHERE' });
    expect(writes(account)).toEqual([]);
  });

  it('with consent are detached', async () => {
    const account = attachedElsewhere(scene());
    const outcome = await clean(account, DETACH);
    expect(outcome).toMatchObject({ finding: { blocks: true, stages: ['drain'] }, leftovers: [] });
    expect(removedBy(outcome)).toEqual({ attachment: 5 });
    expect(await left(account)).toEqual([]);
  });

  it('that the policy’s own template names are CloudFormation’s', async () => {
    const account = attachedElsewhere(scene({ Users: ['anna', 'ben'], Groups: ['crew'], Roles: ['fleet', 'ship'] }));
    expect((await clean(account)).finding).toMatchObject({ contents: [], blocks: false });
  });

  it('without consent are never touched, whatever a plan says: what is left blocks', async () => {
    const account = attachedElsewhere(scene());
    account.iam.addPolicy(ARN, { olderVersions: ['v1'] });
    const run = await runOn(account);
    const result = await iamManagedPolicy.create(account.ports).work('drain', resourceOf(run), run);
    expect(result.leftovers).toMatchObject([{ what: 'attachments', blocks: true }]);
    expect(result.leftovers[0]?.why).toContain('user anna');
    expect(writes(account)).toEqual([]);
  });

  it('that cannot be detached block, and are named', async () => {
    const account = attachedElsewhere(scene());
    account.log.deny('iam:DetachGroupPolicy');
    const outcome = await clean(account, DETACH);
    expect(outcome.leftovers).toMatchObject([{ what: 'attachment to group crew', blocks: true }]);
    expect(outcome.leftovers[0]?.remedy).toContain('allow iam:DetachGroupPolicy on crew');
    expect(await left(account)).toEqual(['crew']);
  });
});

describe('permissions boundaries', () => {
  it('are refused: without them their users and roles could do more', async () => {
    const account = limitsElsewhere(scene());
    const { finding } = await clean(account, DETACH);
    expect(finding).toMatchObject({ blocks: true, stages: [], refusal: { code: 'POLICY_IS_BOUNDARY', blocks: true } });
    expect(finding.refusal?.sentence).toContain('permissions boundary of user carl, role boat');
    expect(finding.refusal?.remedy).toMatch(/RemovePermissionsBoundaries\): it then limits them no longer/);
    expect(writes(account)).toEqual([]);
  });

  it('with consent are taken away', async () => {
    const account = limitsElsewhere(scene());
    const outcome = await clean(account, LIFT);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ 'permissions boundary': 2 });
    expect([account.iam.boundaryOfUser('carl'), account.iam.boundaryOfRole('boat')]).toEqual([undefined, undefined]);
  });

  it('that the template gives to what goes are CloudFormation’s', async () => {
    const properties = { PermissionsBoundary: { Ref: LOGICAL_ID } };
    const account = own(scene(), 'User', { properties }, { boundary: ARN });
    own(account, 'Role', { properties: { PermissionsBoundary: { 'Fn::ImportValue': 'x' } } }, { boundary: ARN });
    const { finding } = await clean(account);
    expect(finding).toMatchObject({ contents: [], blocks: false, stages: [] });
    expect(finding.notes[0]?.sentence).toContain('role own-role');
  });

  it('set by hand on what goes want the consent too: it would be limited no longer while it is there', async () => {
    const account = own(scene(), 'Role', {}, { boundary: ARN });
    expect((await clean(account)).finding.refusal).toMatchObject({ code: 'POLICY_IS_BOUNDARY' });
    expect((await clean(account, LIFT)).leftovers).toEqual([]);
    expect(account.iam.boundaryOfRole('own-role')).toBeUndefined();
  });

  it('that the template gives to what is kept want the consent', async () => {
    const properties = { PermissionsBoundary: { Ref: LOGICAL_ID } };
    const account = own(scene(), 'User', { properties, deletionPolicy: 'Retain' }, { boundary: ARN });
    expect((await clean(account)).finding.refusal).toMatchObject({ code: 'POLICY_IS_BOUNDARY' });
  });

  it('both kinds of use stand in one refusal', async () => {
    const account = limitsElsewhere(attachedElsewhere(scene()));
    const { refusal } = (await clean(account)).finding;
    expect(refusal?.sentence).toMatch(/role ship\. It is the permissions boundary of user carl, role boat\./);
    expect(refusal?.remedy).toMatch(/DetachPoliciesFromOthers.*RemovePermissionsBoundaries.*Then delete again\.$/);
    expect(await clean(account, BOTH)).toMatchObject({ leftovers: [], finished: true });
  });
});

describe('what no consent opens', () => {
  const serviceRole = { roleArns: ['arn:aws:iam::123456789012:role/clean-exit-custom-resource-eu-west-1'] };

  it.each([
    ['the service works with', 'clean-exit-custom-resource-eu-west-1', 'The clean-exit service works with this role.'],
    ['the stack is deleted with', 'deleter', 'is deleted with this role as its service role'],
  ])('a role that %s', async (_, role, sentence) => {
    for (const holds of [{ attached: [ARN] }, { boundary: ARN }]) {
      const account = scene();
      account.iam.addRole(role, holds);
      const { finding } = await clean(account, { ...BOTH, ...serviceRole });
      expect(finding).toMatchObject({
        blocks: true,
        stages: [],
        refusal: { code: 'POLICY_OF_GUARDED_PRINCIPAL', stops: 'resource', blocks: true },
      });
      expect(finding.refusal?.sentence).toContain(`role ${role}`);
      expect(finding.refusal?.sentence).toContain(sentence);
      const run = await runOn(account, { ...BOTH, ...serviceRole });
      await iamManagedPolicy.create(account.ports).work('drain', resourceOf(run), run);
      expect(writes(account)).toEqual([]);
    }
  });

  it('the stack’s own service role, although it goes with the stack', async () => {
    const account = scene();
    account.cloudFormation.addResource(STACK, { logicalId: 'Deleter', type: 'AWS::IAM::Role', physicalId: 'deleter' });
    account.iam.addRole('deleter', { attached: [ARN] });
    expect((await clean(account, BOTH)).finding.refusal?.code).toBe('POLICY_OF_GUARDED_PRINCIPAL');
    expect(writes(account)).toEqual([]);
  });

  it.each(['User', 'Role'] as const)('a %s that is tagged to be kept', async (kind) => {
    const account = own(scene(), kind, {}, { attached: [ARN], tags: { 'clean-exit:keep': '' } });
    const { refusal } = (await clean(account, BOTH)).finding;
    expect(refusal?.sentence).toContain('It carries the tag clean-exit:keep.');
    expect(writes(account)).toEqual([]);
  });
});

it.each([
  ['younger than the one that the stack made', '2026-03-01T12:00:01.000Z', 'RESOURCE_MADE_ANEW'],
  ['as old', '2026-03-01T12:00:00.000Z', undefined],
])('a policy %s', async (_, createdAt, code) => {
  const account = fakeAccount();
  const madeAt = '2026-03-01T12:00:00.000Z';
  const type = 'AWS::IAM::ManagedPolicy';
  account.cloudFormation.addStack(STACK).addResource(STACK, { logicalId: LOGICAL_ID, type, physicalId: ARN, madeAt });
  attachedElsewhere(account).iam.addPolicy(ARN, { createdAt });
  expect((await clean(account, BOTH)).finding.refusal?.code).toBe(code);
  expect(writes(account).length === 0).toBe(code !== undefined);
});

it('a kept policy blocks while it is attached', async () => {
  const account = attachedElsewhere(scene());
  const tags = { 'clean-exit:keep': '' };
  account.iam.addPolicy(ARN, { tags });
  expect((await clean(account, BOTH)).finding.refusal).toMatchObject({ code: 'RESOURCE_KEPT', blocks: true });
  expect(writes(account)).toEqual([]);
});

it('a policy that cannot be listed when the work begins blocks', async () => {
  const account = own(scene(), 'Role');
  account.log.fail({ action: 'iam:ListPolicyVersions', errorName: 'ServiceFailure', after: 1 });
  const { leftovers } = await clean(account);
  expect(leftovers).toMatchObject([{ what: 'an unknown number of attachments', blocks: true }]);
});
