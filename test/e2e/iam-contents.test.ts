/**
 * What people give to users, groups and managed policies of a stack: what would keep CloudFormation from deleting them goes,
 * alone and all together, and the same stack without the custom resource stays.
 */
import * as iamSdk from '@aws-sdk/client-iam';
import { describe, expect, test } from '@jest/globals';
import { BLOCKING, credentials, harmless, members, outsider, policyArn, usedPolicy } from './permissions/iam-things.ts';
import type { Thing } from './permissions/thing.ts';
import { inAccount, type Scene } from './support/scene.ts';
import { group, managedPolicy, nested, type Resources, role, user, withCleanExit } from './support/templates.ts';

const scene = inAccount();
const CONSENTS = { DetachPoliciesFromOthers: true, RemovePermissionsBoundaries: true };
const FAILED = { status: 'DELETE_FAILED' };
const GONE = { status: 'DELETE_COMPLETE' };

/** One resource of each type, all of the same name. */
const oneOfEach = (name: string): Resources => ({
  User: user(name, {}, { Groups: [{ Ref: 'Team' }] }),
  Team: group(name),
  Rights: managedPolicy(name, {}, { Groups: [{ Ref: 'Team' }] }),
});

type Fill = (scene: Scene, name: string) => Promise<unknown>;

/** Everything that keeps CloudFormation from deleting one of the three, each alone. */
const BLOCKERS: Readonly<Record<string, Fill>> = {
  ...BLOCKING,
  'a member from outside': async (here, name) => {
    const UserName = await outsider(here, 'user', `${name}-guest`);
    await here.iam.send(new iamSdk.AddUserToGroupCommand({ UserName, GroupName: name }));
  },
  'an attachment by hand to the user of the stack': ({ iam }, UserName) =>
    iam.send(new iamSdk.AttachUserPolicyCommand({ UserName, PolicyArn: policyArn(UserName) })),
  'an attachment to a role of others': async (here, name) => {
    const RoleName = await outsider(here, 'role', `${name}-fleet`);
    await here.iam.send(new iamSdk.AttachRolePolicyCommand({ RoleName, PolicyArn: policyArn(name) }));
  },
  'a permissions boundary of a user of others': async (here, name) => {
    const UserName = await outsider(here, 'user', `${name}-limited`);
    const PermissionsBoundary = policyArn(name);
    await here.iam.send(new iamSdk.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }));
  },
};

/** Nothing orders the user before the policy, but CloudFormation may happen to delete it first. */
const MAY_GO_ALONE = 'an attachment by hand to the user of the stack';

describe.each(Object.entries(BLOCKERS))('%s', (what, fill) => {
  test('alone: the stack deletes', async () => {
    const name = `iam-${Object.keys(BLOCKERS).indexOf(what)}-with`;
    const { id } = await scene().stacks.create(name, withCleanExit(oneOfEach(name), CONSENTS));
    await fill(scene(), name);
    expect(await scene().stacks.delete(id)).toMatchObject(GONE);
    expect(await scene().log.find(id, 'REPORT')).toMatchObject({ report: { outcome: 'clean', leftovers: [] } });
  });
});

const KEEPERS = Object.keys(BLOCKERS).filter((what) => what !== MAY_GO_ALONE);

test.each(KEEPERS)('without the custom resource a stack stays because of %s', async (what) => {
  const name = `iam-${KEEPERS.indexOf(what)}-without`;
  const { id } = await scene().stacks.create(name, oneOfEach(name));
  await BLOCKERS[what]?.(scene(), name);
  expect(await scene().stacks.delete(id)).toMatchObject(FAILED);
});

/** All things at once, in resources of one name. */
async function fillAll(here: Scene, name: string): Promise<void> {
  const things: readonly Thing[] = [credentials, members, usedPolicy];
  for (const { fill } of things) {
    await fill(here, name);
  }
}

describe('all of it together', () => {
  test('the stack deletes, and the report counts it', async () => {
    const { id } = await scene().stacks.create('iam-all', withCleanExit(oneOfEach('iam-all'), CONSENTS));
    await fillAll(scene(), 'iam-all');
    expect(await scene().stacks.delete(id)).toMatchObject(GONE);
    const { report } = await scene().log.find(id, 'REPORT');
    expect(report).toMatchObject({ outcome: 'clean', leftovers: [], refusals: [] });
    const { VirtualMFADevices } = await scene().iam.send(new iamSdk.ListVirtualMFADevicesCommand({}));
    expect(JSON.stringify(VirtualMFADevices)).not.toContain('mfa/iam-all');
  });

  test('without the custom resource the stack stays', async () => {
    const { id } = await scene().stacks.create('iam-stays', oneOfEach('iam-stays'));
    await fillAll(scene(), 'iam-stays');
    expect(await scene().stacks.delete(id)).toMatchObject(FAILED);
  });

  test('in a nested stack', async () => {
    const { stacks } = scene();
    const Child = nested(await stacks.upload(oneOfEach('iam-nested')));
    const { id } = await stacks.create('iam-parent', withCleanExit({ Child }, CONSENTS));
    await fillAll(scene(), 'iam-nested');
    expect(await stacks.delete(id)).toMatchObject(GONE);
  });
});

test('what CloudFormation removes by itself stops nobody, with or without the custom resource', async () => {
  const { stacks } = scene();
  for (const [name, resources] of [
    ['iam-easy', oneOfEach('iam-easy')],
    ['iam-easy-clean', withCleanExit(oneOfEach('iam-easy-clean'))],
  ] as const) {
    const { id } = await stacks.create(name, resources);
    await harmless.fill(scene(), name);
    expect(await stacks.delete(id)).toMatchObject(GONE);
  }
});

test('a group with more members than a page has is emptied to the end', async () => {
  const { stacks, iam, log } = scene();
  const GroupName = 'iam-crowd';
  const { id } = await stacks.create(GroupName, withCleanExit({ Team: group(GroupName) }));
  for (let number = 0; number < 105; number += 1) {
    const UserName = await outsider(scene(), 'user', `${GroupName}-${number}`);
    await iam.send(new iamSdk.AddUserToGroupCommand({ UserName, GroupName }));
  }
  expect(await stacks.delete(id)).toMatchObject(GONE);
  expect(await log.find(id, 'REPORT')).toMatchObject({ report: { removed: [{ kind: 'member', count: 105 }] } });
});

describe('without consent', () => {
  const refused = async (name: string, properties: Readonly<Record<string, unknown>>): Promise<string> => {
    const { stacks, writesDuring } = scene();
    const { id } = await stacks.create(name, withCleanExit({ Rights: managedPolicy(name) }, properties));
    await usedPolicy.fill(scene(), name);
    const writes = await writesDuring(async () => expect(await stacks.delete(id)).toMatchObject(FAILED));
    expect(writes).toEqual([]);
    return stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
  };

  test('a policy of others stays, and the reason names them all and both consents', async () => {
    const reason = await refused('iam-used', {});
    for (const words of [
      'user iam-used-limited, ',
      'group iam-used-crew, ',
      'role iam-used-limited',
      'DetachPoliciesFromOthers',
    ]) {
      expect(reason).toContain(words);
    }
    expect(reason).toMatch(/permissions boundary of user iam-used-limited, role iam-used-limited/);
    expect(reason).toContain('RemovePermissionsBoundaries): it then limits them no longer');
  });

  test('one consent does not stand for the other', async () => {
    expect(await refused('iam-half', { DetachPoliciesFromOthers: true })).not.toContain('DetachPoliciesFromOthers');
    expect(await refused('iam-other', { RemovePermissionsBoundaries: true })).not.toContain('permissions boundary of');
  });
});

describe('never touched', () => {
  test('a policy on a role of the service, or on the service role of the stack, whoever consents', async () => {
    const { stacks, iam, account } = scene();
    const ROLE = `clean-exit-custom-resource-${account.region}`;
    const { id } = await stacks.create('iam-own', withCleanExit({ Rights: managedPolicy('iam-own') }, CONSENTS));
    const attached = { RoleName: ROLE, PolicyArn: policyArn('iam-own') };
    await iam.send(new iamSdk.AttachRolePolicyCommand(attached));
    expect(await stacks.delete(id)).toMatchObject(FAILED);
    expect(await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED')).toContain(
      `used by role ${ROLE}, which is never changed. The clean-exit service works with this role.`,
    );
    const { AttachedPolicies = [] } = await iam.send(new iamSdk.ListAttachedRolePoliciesCommand({ RoleName: ROLE }));
    expect(AttachedPolicies.map(({ PolicyArn }) => PolicyArn)).toContain(attached.PolicyArn);
    await iam.send(new iamSdk.DetachRolePolicyCommand(attached));
    expect(await stacks.delete(id)).toMatchObject(GONE);
  });

  test('users and policies that are tagged to be kept', async () => {
    const { stacks, writesDuring } = scene();
    const Tags = [{ Key: 'clean-exit:keep', Value: '' }];
    const kept = { User: user('iam-kept', {}, { Tags }), Rights: managedPolicy('iam-kept') };
    const { id } = await stacks.create('iam-kept', withCleanExit(kept, CONSENTS));
    await scene().iam.send(new iamSdk.TagPolicyCommand({ PolicyArn: policyArn('iam-kept'), Tags }));
    await credentials.fill(scene(), 'iam-kept');
    await usedPolicy.fill(scene(), 'iam-kept');
    const writes = await writesDuring(async () => expect(await stacks.delete(id)).toMatchObject(FAILED));
    expect(writes).toEqual([]);
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason.match(/carries the tag clean-exit:keep/g)).toHaveLength(2);
  });

  test('what a DeletionPolicy keeps: a policy on a kept role wants the consent', async () => {
    const { stacks } = scene();
    const resources = {
      Role: role('iam-kept-role', 'ec2.amazonaws.com', { DeletionPolicy: 'Retain' }),
      Rights: managedPolicy('iam-on-kept'),
    };
    const { id } = await stacks.create('iam-on-kept', withCleanExit(resources));
    const attached = { RoleName: 'iam-kept-role', PolicyArn: policyArn('iam-on-kept') };
    await scene().iam.send(new iamSdk.AttachRolePolicyCommand(attached));
    expect(await stacks.delete(id)).toMatchObject(FAILED);
    expect(await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED')).toContain('role iam-kept-role');
  });

  test('a group that somebody made anew under the name of the stack’s own', async () => {
    const { stacks, iam, writesDuring } = scene();
    const GroupName = 'iam-anew';
    const { id } = await stacks.create(GroupName, withCleanExit({ Team: group(GroupName) }));
    await iam.send(new iamSdk.DeleteGroupCommand({ GroupName }));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await stacks.create('iam-anew-owner', { Team: group(GroupName) });
    const UserName = await outsider(scene(), 'user', 'iam-anew-member');
    await iam.send(new iamSdk.AddUserToGroupCommand({ UserName, GroupName }));
    for (const attempt of ['first', 'second']) {
      const writes = await writesDuring(async () => expect(await stacks.delete(id)).toMatchObject(FAILED));
      expect([attempt, writes]).toEqual([attempt, []]);
      expect(await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED')).toContain('after this stack had made its own');
    }
  });
});
