/**
 * Least privilege of the teardown, shown: each action that its function's role has for itself is taken away in turn, and each
 * reading one of those that it shares with the custom resource. The writing ones that they share stand in the same policies;
 * what their loss does is shown for the custom resource.
 */
import { IAMClient, ListAttachedRolePoliciesCommand } from '@aws-sdk/client-iam';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { gapsOf } from './permissions/completeness.ts';
import { CUSTOM_RESOURCE, nothingIsBegun } from './permissions/custom-resource.ts';
import { losing } from './permissions/loss.ts';
import { RoleRights } from './permissions/role-rights.ts';
import { noPlan, TEARDOWN } from './permissions/teardown.ts';
import { TEARDOWN_NOTICE, TEARDOWN_NOTICE_EXEMPT } from './permissions/teardown-notice.ts';
import { everything } from './permissions/things.ts';
import { inAccount } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';

const ROLE = 'clean-exit-teardown-ap-northeast-1';
const STATES_ROLE = 'clean-exit-teardown-states-ap-northeast-1';
const SHARED = ['look', 'clean'].map((name) => `clean-exit-${name}-ap-northeast-1`);
const scene = inAccount({ deleteRole: true });
let rights: RoleRights;

beforeAll(async () => {
  const { account, stacks } = scene();
  rights = new RoleRights(account, ROLE);
  const outputs = { Name: { Value: 'everything', Export: { Name: 'everything' } } };
  await stacks.create('everything', everything.resources('everything'), { outputs });
  await everything.fill(scene(), 'everything');
});

test('both doors have the same policies, and every action that one has for itself has a scenario', async () => {
  const { account } = scene();
  const attached = async (RoleName: string) => {
    const { AttachedPolicies = [] } = await new IAMClient(account.root).send(
      new ListAttachedRolePoliciesCommand({ RoleName }),
    );
    return AttachedPolicies.map(({ PolicyName }) => PolicyName).toSorted();
  };
  expect(await attached(ROLE)).toEqual(await attached('clean-exit-custom-resource-ap-northeast-1'));
  const shared = (await Promise.all(SHARED.map((policy) => rights.actions(policy)))).flat();
  const held = (await rights.actions()).filter((action) => !shared.includes(action));
  const scenarios = [...Object.keys(TEARDOWN), ...Object.keys(TEARDOWN_NOTICE)];
  const exempt = Object.fromEntries(Object.entries(TEARDOWN_NOTICE_EXEMPT).filter(([action]) => held.includes(action)));
  expect(gapsOf({ held, scenarios, exempt })).toEqual([]);
  expect(shared.filter((action) => CUSTOM_RESOURCE[action] === undefined)).toEqual([]);
});

describe.each(Object.entries(TEARDOWN))('without %s', (action, scenario) => {
  test(scenario.shows, async () => {
    await scenario.run(scene(), action, losing(scene().account, rights, action));
  });
});

const READING = Object.entries(CUSTOM_RESOURCE).flatMap(([action, scenario]) =>
  scenario === nothingIsBegun ? [action] : [],
);

test.each(READING)('without %s nothing is planned, and nothing begun', async (action) => {
  await noPlan('everything').run(scene(), action, losing(scene().account, rights, action));
});

test('without lambda:InvokeFunction the state machine does nothing', async () => {
  const { account } = scene();
  const teardowns = new Teardowns(account);
  const states = new RoleRights(account, STATES_ROLE);
  expect(await states.actions()).toEqual(['lambda:InvokeFunction']);
  await states.without('lambda:InvokeFunction', async () => {
    const { error, cause } = await teardowns.ended(await teardowns.start({ stacks: ['everything'] }));
    expect(error).toBe('Lambda.AWSLambdaException');
    expect(cause).toContain('is not authorized to perform: lambda:InvokeFunction');
  });
});
