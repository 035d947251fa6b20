/**
 * Least privilege, shown: each action is taken out of the deployed role of the custom resource in turn, and the failure is the
 * one that the design names. Afterwards no right is left that nothing used.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '#scripts/lib/sam.ts';
import { BUILD_NOTICE, BUILD_WATCH } from './permissions/build-notice.ts';
import { callsOf } from './permissions/calls.ts';
import { gapsOf, unusedOf } from './permissions/completeness.ts';
import { CUSTOM_RESOURCE } from './permissions/custom-resource.ts';
import { harmless } from './permissions/iam-things.ts';
import { losing, ownCallsOf } from './permissions/loss.ts';
import { RoleRights } from './permissions/role-rights.ts';
import { TEARDOWN } from './permissions/teardown.ts';
import { CONSENTS, everything, KINDS, policies } from './permissions/things.ts';
import { inAccount } from './support/scene.ts';
import { withCleanExit } from './support/templates.ts';

const ROLE = 'clean-exit-custom-resource-ap-northeast-1';
const scene = inAccount();
let rights: RoleRights;
let full: string;

beforeAll(async () => {
  const { account, stacks } = scene();
  rights = new RoleRights(account, ROLE);
  const outputs = { Name: { Value: 'everything', Export: { Name: 'everything' } } };
  const template = withCleanExit(everything.resources('everything'), CONSENTS);
  full = (await stacks.create('everything', template, { outputs })).id;
  await everything.fill(scene(), 'everything');
});

test('every action of the role has a scenario, and every scenario an action of the role', async () => {
  const held = await rights.actions();
  const scenarios = Object.keys(CUSTOM_RESOURCE);
  expect(gapsOf({ held, scenarios, exempt: {} })).toEqual([]);
});

test('every action that the functions name when a call fails is in a table', async () => {
  const folder = join(ROOT, 'functions', 'aws');
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  const named = files.flatMap((text) => [...text.matchAll(/'([a-z0-9]+:[A-Z]\w+)'/g)].map(([, action = '']) => action));
  const tables = [
    ...ownCallsOf(CUSTOM_RESOURCE),
    ...ownCallsOf(TEARDOWN),
    ...ownCallsOf(BUILD_NOTICE),
    ...ownCallsOf(BUILD_WATCH),
  ];
  expect([...new Set(named)].sort()).toEqual([...new Set(tables)].sort());
});

describe.each(Object.entries(CUSTOM_RESOURCE))('without %s', (action, scenario) => {
  test(scenario.shows, async () => {
    const { account } = scene();
    await scenario.run({ scene: scene(), full }, action, losing(account, rights, action));
  });
});

test('with every right back everything goes, and no right is left that nothing used', async () => {
  const { stacks, log, account } = scene();
  // CloudFormation empties a role and a user before it fails to delete them.
  for (const thing of [policies, harmless]) {
    await thing.fill(scene(), 'everything');
  }
  expect(await stacks.delete(full)).toMatchObject({ status: 'DELETE_COMPLETE' });
  const removed = KINDS.map((kind) => expect.objectContaining({ kind }));
  expect(await log.find(full, 'REPORT')).toMatchObject({
    report: { outcome: 'clean', leftovers: [], removed: expect.arrayContaining(removed) },
  });
  const { allowed } = await callsOf(account, ROLE, 0);
  expect(unusedOf(allowed, ownCallsOf(CUSTOM_RESOURCE))).toEqual([]);
});
