/**
 * Each action is taken out of the deployed roles of the build notices in turn; afterwards no right is left that nothing used.
 * What both roles share is one policy, and is taken away from both.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { BUILD_NOTICE, BUILD_NOTICE_EXEMPT, BUILD_WATCH, NOTICE_PROJECT } from './permissions/build-notice.ts';
import { callsOf } from './permissions/calls.ts';
import { gapsOf, unusedOf } from './permissions/completeness.ts';
import { losing, ownCallsOf } from './permissions/loss.ts';
import { RoleRights } from './permissions/role-rights.ts';
import { inNoticeAccount } from './support/notices.ts';

const ROLE = 'clean-exit-build-notice-ap-northeast-1';
// With a key of one's own the role has every right that it can have.
const notices = inNoticeAccount([NOTICE_PROJECT], {
  SlackWebhookKeyArn: 'arn:aws:kms:ap-northeast-1:000000000000:key/00000000-0000-0000-0000-000000000000',
});
const WATCH_ROLE = 'clean-exit-build-watch-ap-northeast-1';
let rights: RoleRights;
let watchRights: RoleRights;

beforeAll(() => {
  rights = new RoleRights(notices().account, ROLE);
  watchRights = new RoleRights(notices().account, WATCH_ROLE);
});

test('every action of the role has a scenario, and every scenario an action of the role', async () => {
  const held = await rights.actions();
  expect(gapsOf({ held, scenarios: Object.keys(BUILD_NOTICE), exempt: BUILD_NOTICE_EXEMPT })).toEqual([]);
});

test('the watch has the same rights to tell, and a scenario for every other', async () => {
  const shared = await rights.actions('clean-exit-notice-ap-northeast-1');
  expect(await watchRights.actions('clean-exit-notice-ap-northeast-1')).toEqual(shared);
  const held = (await watchRights.actions()).filter((action) => !shared.includes(action));
  expect(gapsOf({ held, scenarios: Object.keys(BUILD_WATCH), exempt: {} })).toEqual([]);
});

describe.each(Object.entries(BUILD_NOTICE))('without %s', (action, scenario) => {
  test(scenario.shows, () => scenario.run(notices(), action, losing(notices().account, rights, action)));
});

describe.each(Object.entries(BUILD_WATCH))('the watch without %s', (action, scenario) => {
  test(scenario.shows, () => scenario.run(notices(), action, losing(notices().account, watchRights, action)));
});

test('no right is left that nothing used', async () => {
  const { allowed } = await callsOf(notices().account, ROLE, 0);
  expect(unusedOf(allowed, ownCallsOf(BUILD_NOTICE))).toEqual([]);
});
