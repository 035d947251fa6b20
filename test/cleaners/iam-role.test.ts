import { describe, expect, it } from '@jest/globals';
import { iamRole } from '#functions/cleaners/iam-role.ts';
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
import type { RoleOptions } from '#test/fakes/iam-roles.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';

const ROLE = 'job-role';
const OURS = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const FOREIGN = 'arn:aws:iam::123456789012:policy/guard';
const DETACH = 'iam:DetachRolePolicy';
const CONSENT = { removeRolesFromInstanceProfiles: true };

function scene(options: RoleOptions, properties: Readonly<Record<string, unknown>> = {}): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK)
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::IAM::Role', physicalId: ROLE, properties });
  account.iam.addRole(ROLE, options);
  return account;
}

const clean = async (account: FakeAccount, options: RunOptions = {}) =>
  cleanOne(iamRole, account, await runOn(account, options));

describe('policies', () => {
  it('foreign ones go, declared ones stay: another custom resource may still need them', async () => {
    const account = scene(
      { attached: [OURS, FOREIGN], inline: ['push', 'extra'] },
      { ManagedPolicyArns: [OURS], Policies: [{ PolicyName: 'push' }] },
    );
    const outcome = await clean(account);
    expect(outcome).toMatchObject({
      finding: { blocks: false, stages: ['drain'] },
      leftovers: [],
      notes: [],
      finished: true,
    });
    expect(outcome.finding.contents).toEqual([
      { kind: 'managed policy', count: 1 },
      { kind: 'inline policy', count: 1 },
    ]);
    expect(account.iam.holds(ROLE)).toEqual({ attached: [OURS], inline: ['push'], profiles: [] });
    expect(removedBy(outcome)).toEqual({ 'managed policy': 1, 'inline policy': 1 });
  });

  it('in doubt they are CloudFormation’s, and a note names them', async () => {
    const account = scene(
      { attached: [FOREIGN], inline: ['extra'] },
      { ManagedPolicyArns: [{ 'Fn::ImportValue': 'x' }], Policies: { 'Fn::Transform': {} } },
    );
    const outcome = await clean(account);
    expect(outcome.finding.stages).toEqual([]);
    expect(codesOf(outcome.finding.notes)).toEqual(['POLICIES_LEFT_TO_CLOUDFORMATION']);
    expect(outcome.finding.notes[0]?.sentence).toContain('guard, extra');
    expect(writes(account)).toEqual([]);
  });

  it('one that cannot be detached is left without blocking, because CloudFormation detaches it itself if it may', async () => {
    const account = scene({ attached: [FOREIGN] });
    account.log.deny(DETACH);
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: 'managed policy guard', blocks: false }]);
    expect(outcome.leftovers[0]?.remedy).toContain(
      'CloudFormation removes it with the role if whoever deletes the stack may',
    );
    expect(outcome.leftovers[0]?.remedy).toContain(`allow ${DETACH} on ${ROLE}`);
  });

  it('a role that only its service may change is a note', async () => {
    const account = scene({ attached: [FOREIGN], inline: ['extra'] });
    account.log.fail({ action: DETACH, errorName: 'UnmodifiableEntityException' });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(codesOf(outcome.notes)).toEqual(['ROLE_UNMODIFIABLE']);
    expect(account.iam.holds(ROLE)).toMatchObject({ attached: [FOREIGN], inline: [] });
  });
});

describe('collisions with other changes', () => {
  it.each(['ConcurrentModificationException', 'ConcurrentModification', 'DeleteConflictException'])(
    '%s: tried again with growing pauses',
    async (errorName) => {
      const account = scene({ attached: [FOREIGN] });
      account.log.fail({ action: DETACH, errorName, times: 4 });
      const outcome = await clean(account);
      expect(outcome).toMatchObject({ leftovers: [], finished: true });
      expect(account.clock.slept).toEqual([500, 1_000, 2_000, 4_000]);
    },
  );

  it('that do not end are left after five tries', async () => {
    const account = scene({ attached: [FOREIGN] });
    account.log.fail({ action: DETACH, errorName: 'ConcurrentModificationException', times: 100 });
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: 'managed policy guard', blocks: false }]);
    expect(account.log.count(DETACH)).toBe(5);
  });

  it('are not waited for past the deadline', async () => {
    const account = scene({ attached: [FOREIGN] });
    account.log.fail({ action: DETACH, errorName: 'ConcurrentModificationException', times: 100 });
    const run = await runOn(account, { time: 2_000 });
    await cleanOne(iamRole, account, run);
    expect(account.clock.slept).toEqual([500, 1_000]);
    expect(run.remaining()).toBeGreaterThan(0);
  });

  it('other failures are not repeated', async () => {
    const account = scene({ attached: [FOREIGN] });
    account.log.fail({ action: DETACH, errorName: 'ServiceFailure' });
    await clean(account);
    expect(account.log.count(DETACH)).toBe(1);
    expect(account.clock.slept).toEqual([]);
  });
});

describe('instance profiles', () => {
  /** A profile of the same stack. */
  function withOwnProfile(account: FakeAccount, deletionPolicy: string): FakeAccount {
    account.cloudFormation.addResource(STACK, {
      logicalId: 'Profile',
      type: 'AWS::IAM::InstanceProfile',
      physicalId: 'own-profile',
      deletionPolicy,
    });
    return account;
  }

  it('of the tree are CloudFormation’s', async () => {
    const account = withOwnProfile(scene({ profiles: ['own-profile'] }), 'Delete');
    const outcome = await clean(account, CONSENT);
    expect(outcome.finding).toMatchObject({ blocks: false, contents: [], stages: [] });
    expect(writes(account)).toEqual([]);
  });

  it('outside the tree: refused, nothing is taken from the role', async () => {
    const account = scene({ profiles: ['fleet'], attached: [FOREIGN] });
    const { finding } = await clean(account);
    expect(finding).toMatchObject({
      blocks: true,
      stages: [],
      refusal: { code: 'ROLE_IN_INSTANCE_PROFILE', stops: 'resource', blocks: true },
    });
    expect(finding.refusal?.sentence).toContain("1 instance profile that the stack's delete does not remove: fleet");
    expect(finding.refusal?.remedy).toContain('RemoveRolesFromInstanceProfiles');
    expect(writes(account)).toEqual([]);
  });

  it('are never left without consent, whatever a plan says', async () => {
    const account = scene({ profiles: ['fleet'] });
    const run = await runOn(account);
    await iamRole.create(account.ports).work('drain', resourceOf(run), run);
    expect(writes(account)).toEqual([]);
  });

  it('of a nested stack that is retained stay: refused', async () => {
    const account = scene({ profiles: ['own-profile'] });
    account.cloudFormation
      .addStack('child', { parent: STACK, deletionPolicy: 'Retain' })
      .addResource('child', { logicalId: 'P', type: 'AWS::IAM::InstanceProfile', physicalId: 'own-profile' });
    expect((await clean(account, CONSENT)).finding.refusal).toMatchObject({ code: 'ROLE_IN_INSTANCE_PROFILE' });
  });

  it('with consent the role is taken out, before anything else', async () => {
    const account = scene({ profiles: ['fleet'], attached: [FOREIGN] });
    const outcome = await clean(account, CONSENT);
    expect(outcome).toMatchObject({ finding: { blocks: true, stages: ['drain'] }, leftovers: [] });
    expect(writes(account)).toEqual(['iam:RemoveRoleFromInstanceProfile', DETACH]);
    expect(removedBy(outcome)).toEqual({ 'instance profile': 1, 'managed policy': 1 });
  });

  it('one that the role cannot be taken out of blocks', async () => {
    const account = scene({ profiles: ['fleet'] });
    account.log.deny('iam:RemoveRoleFromInstanceProfile');
    const outcome = await clean(account, CONSENT);
    expect(outcome.leftovers).toMatchObject([{ what: 'instance profile fleet', blocks: true }]);
  });

  it.each(['Retain', 'RetainExceptOnCreate', 'Snapshot'])(
    'of the tree that %s keeps: refused even with consent, because what is kept is never touched',
    async (policy) => {
      const account = withOwnProfile(scene({ profiles: ['own-profile', 'fleet'] }), policy);
      const { finding } = await clean(account, CONSENT);
      expect(finding.refusal).toMatchObject({ code: 'ROLE_IN_INSTANCE_PROFILE', blocks: true });
      expect(finding.refusal?.sentence).toContain('own-profile.');
      expect(finding.refusal?.sentence).not.toContain('fleet');
      expect(finding.refusal?.remedy).not.toContain('RemoveRolesFromInstanceProfiles');
      expect(writes(account)).toEqual([]);
    },
  );

  it('kept except on create go with the rollback of a create', async () => {
    const account = withOwnProfile(scene({ profiles: ['own-profile'] }), 'RetainExceptOnCreate');
    const { finding } = await clean(account, { cause: 'rollback of a create' });
    expect(finding).toMatchObject({ blocks: false, stages: [] });
  });
});

describe('roles that are never touched', () => {
  it.each([
    ['/aws-service-role/ecs.amazonaws.com/', 'ROLE_SERVICE_LINKED'],
    ['/aws-reserved/sso.amazonaws.com/', 'ROLE_RESERVED'],
  ])('path %s', async (path, code) => {
    const account = scene({ path, attached: [FOREIGN], profiles: ['fleet'] });
    const { finding } = await clean(account, CONSENT);
    expect(finding).toMatchObject({
      exists: true,
      blocks: true,
      stages: [],
      refusal: { code, stops: 'resource', blocks: true },
    });
    expect(finding.refusal?.sentence).toContain(path);
    expect(writes(account)).toEqual([]);
  });

  it('a kept role in a foreign instance profile blocks', async () => {
    const tags = { 'clean-exit:keep': '' };
    expect((await clean(scene({ tags, profiles: ['fleet'] }), CONSENT)).finding.refusal).toMatchObject({
      code: 'RESOURCE_KEPT',
      blocks: true,
    });
    expect((await clean(scene({ tags, attached: [FOREIGN] }))).finding.refusal).toMatchObject({ blocks: false });
  });
});

it('a role that cannot be listed when the work begins is left without blocking', async () => {
  const account = scene({ attached: [FOREIGN] });
  account.log.fail({ action: 'iam:ListRolePolicies', errorName: 'ServiceFailure', after: 1 });
  const outcome = await clean(account);
  expect(outcome.leftovers).toMatchObject([{ what: 'an unknown number of policies', blocks: false }]);
});
