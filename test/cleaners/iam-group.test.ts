import { describe, expect, it } from '@jest/globals';
import { iamGroup } from '#functions/cleaners/iam-group.ts';
import {
  cleanOne,
  codesOf,
  LOGICAL_ID,
  type RunOptions,
  removedBy,
  runOn,
  STACK,
  writes,
} from '#test/cleaners/scene.ts';
import type { ResourceOptions } from '#test/fakes/cloudformation.ts';
import type { GroupOptions } from '#test/fakes/iam-groups.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';

const GROUP = 'xxxx-developers';
const POLICY = 'arn:aws:iam::123456789012:policy/guard';

function scene(options: GroupOptions, resource: Partial<ResourceOptions> = {}): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK, { parameters: { FurtherMembers: 'hanako,taro' } })
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::IAM::Group', physicalId: GROUP, ...resource });
  account.iam.addGroup(GROUP, options);
  return account;
}

const clean = async (account: FakeAccount, options: RunOptions = {}) =>
  cleanOne(iamGroup, account, await runOn(account, options));

/** A user of the stack that is in the group by its own template. */
function withUser(account: FakeAccount, options: Partial<ResourceOptions> = {}): FakeAccount {
  account.cloudFormation.addResource(STACK, {
    logicalId: 'User',
    type: 'AWS::IAM::User',
    physicalId: 'deploy',
    properties: { Groups: [{ Ref: LOGICAL_ID }] },
    ...options,
  });
  return account;
}

/** Further members, as pipeline/deploy-user.yaml has them. */
function withFurther(account: FakeAccount, options: Partial<ResourceOptions> = {}): FakeAccount {
  account.cloudFormation.addResource(STACK, {
    logicalId: 'Further',
    type: 'AWS::IAM::UserToGroupAddition',
    physicalId: 'addition',
    properties: { GroupName: { Ref: LOGICAL_ID }, Users: { 'Fn::Split': [',', { Ref: 'FurtherMembers' }] } },
    ...options,
  });
  return account;
}

describe('members', () => {
  it('who joined by hand leave, those of the template are CloudFormation’s', async () => {
    const account = withFurther(withUser(scene({ members: ['deploy', 'anna', 'hanako', 'taro', 'ben'] })));
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ finding: { blocks: true, stages: ['drain'], notes: [] }, leftovers: [] });
    expect(account.iam.groupHolds(GROUP).members).toEqual(['deploy', 'hanako', 'taro']);
    expect(removedBy(outcome)).toEqual({ member: 2 });
  });

  it('without anybody else there is nothing to do', async () => {
    const account = withFurther(withUser(scene({ members: ['deploy', 'hanako'] })));
    expect((await clean(account)).finding).toMatchObject({ contents: [], blocks: false, stages: [] });
  });

  it('whom something declares that a DeletionPolicy keeps: nobody else would take them out', async () => {
    const account = withFurther(withUser(scene({ members: ['deploy', 'hanako'] }), { deletionPolicy: 'Retain' }), {
      deletionPolicy: 'Retain',
    });
    await clean(account);
    expect(account.iam.groupHolds(GROUP).members).toEqual([]);
  });

  it('whom something declares that was never made', async () => {
    const account = withUser(scene({ members: ['deploy'] }), { status: 'CREATE_FAILED' });
    await clean(account);
    expect(account.iam.groupHolds(GROUP).members).toEqual([]);
  });

  it('whom a template may declare are left, and named', async () => {
    const properties = { GroupName: { Ref: LOGICAL_ID }, Users: [{ 'Fn::ImportValue': 'somebody' }] };
    const account = withFurther(scene({ members: ['anna'] }), { properties });
    const { finding } = await clean(account);
    expect(finding).toMatchObject({ contents: [], blocks: false, stages: [] });
    expect(codesOf(finding.notes)).toEqual(['POLICIES_LEFT_TO_CLOUDFORMATION']);
    expect(finding.notes[0]?.sentence).toContain('anna');
  });

  it('of another group are no members of this one', async () => {
    const properties = { GroupName: 'another', Users: ['anna'] };
    const account = withFurther(scene({ members: ['anna'] }), { properties });
    await clean(account);
    expect(account.iam.groupHolds(GROUP).members).toEqual([]);
  });

  it('that cannot be taken out block', async () => {
    const account = scene({ members: ['anna'] });
    account.log.deny('iam:RemoveUserFromGroup');
    expect((await clean(account)).leftovers).toMatchObject([{ what: 'member anna', blocks: true }]);
  });
});

describe('policies', () => {
  it('foreign ones go without blocking, declared ones stay', async () => {
    const properties = { ManagedPolicyArns: [POLICY], Policies: [{ PolicyName: 'pull' }] };
    const account = scene({ attached: [POLICY, `${POLICY}-2`], inline: ['pull', 'extra', 'more'] }, { properties });
    account.cloudFormation.addResource(STACK, {
      logicalId: 'More',
      type: 'AWS::IAM::GroupPolicy',
      physicalId: 'id',
      properties: { GroupName: { Ref: LOGICAL_ID }, PolicyName: 'more' },
    });
    const outcome = await clean(account);
    expect(outcome.finding.blocks).toBe(false);
    expect(account.iam.groupHolds(GROUP)).toEqual({ members: [], attached: [POLICY], inline: ['pull', 'more'] });
    expect(removedBy(outcome)).toEqual({ 'managed policy': 1, 'inline policy': 1 });
  });

  it('that cannot be taken off are CloudFormation’s', async () => {
    const account = scene({ attached: [POLICY], inline: ['extra'] });
    account.log.deny('iam:DetachGroupPolicy');
    account.log.deny('iam:DeleteGroupPolicy');
    const { leftovers } = await clean(account);
    expect(leftovers.map(({ what, blocks }) => [what, blocks])).toEqual([
      ['managed policy guard', false],
      ['inline policy extra', false],
    ]);
    expect(leftovers[0]?.remedy).toContain('CloudFormation removes it with the group');
  });
});

describe('a group of the same name that somebody made anew', () => {
  const madeAt = '2026-03-01T12:00:00.000Z';

  it.each([
    ['younger than the one that the stack made', '2026-03-01T12:00:01.000Z', madeAt, 'RESOURCE_MADE_ANEW'],
    ['as old', '2026-03-01T12:00:00.000Z', madeAt, undefined],
    ['older: the stack took it over', '2025-01-01T00:00:00.000Z', madeAt, undefined],
    ['and nobody knows when the stack made its own', '2026-03-01T12:00:01.000Z', undefined, undefined],
  ])('%s', async (_, createdAt, made, code) => {
    const account = scene({ members: ['anna'], createdAt }, made === undefined ? {} : { madeAt: made });
    const { finding } = await clean(account);
    expect(finding.refusal?.code).toBe(code);
    expect(finding.refusal?.blocks).toBe(code === undefined ? undefined : true);
    expect(account.iam.groupHolds(GROUP).members).toEqual(code === undefined ? [] : ['anna']);
    expect(writes(account).length).toBe(code === undefined ? 1 : 0);
  });

  it('is not asked about where there is nothing to remove', async () => {
    const account = scene({});
    await clean(account);
    expect(account.log.count('cloudformation:DescribeStackEvents')).toBe(0);
  });
});

it('a group that cannot be listed when the work begins blocks', async () => {
  const account = scene({ members: ['anna'] });
  account.log.fail({ action: 'iam:ListGroupPolicies', errorName: 'ServiceFailure', after: 1 });
  const { leftovers } = await clean(account);
  expect(leftovers).toMatchObject([{ what: 'an unknown number of members', blocks: true }]);
});
