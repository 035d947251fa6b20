/** What a build may do, shown: each action is taken out of the deployed role in turn; and nothing beyond its own project. */

import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchDeleteImageCommand, CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pushImage } from '#emulator/push-image.ts';
import { asRole, type LocalAccount, startLocalAccount } from '#scripts/lib/local-account.ts';
import {
  BUILD,
  BUILD_EXEMPT,
  BUILD_ROLE,
  type Builds,
  buildsOf,
  deployBuildRole,
  PROJECT,
} from './permissions/build-role.ts';
import { callsOf } from './permissions/calls.ts';
import { gapsOf, unusedOf } from './permissions/completeness.ts';
import { losing, ownCallsOf } from './permissions/loss.ts';
import { RoleRights } from './permissions/role-rights.ts';

const REFUSED = { name: expect.stringMatching(/^AccessDenied/) };
let account: LocalAccount;
let rights: RoleRights;
let builds: Builds;

jest.setTimeout(120_000);

beforeAll(async () => {
  account = await startLocalAccount();
  rights = new RoleRights(account, BUILD_ROLE);
  await deployBuildRole(account);
  builds = await buildsOf(account);
});

afterAll(async () => {
  await account?.stop();
});

test('every action of the role has a scenario, and every scenario an action of the role', async () => {
  const held = await rights.actions();
  expect(gapsOf({ held, scenarios: Object.keys(BUILD), exempt: BUILD_EXEMPT })).toEqual([]);
});

describe.each(Object.entries(BUILD))('without %s', (action, scenario) => {
  test(scenario.shows, () => scenario.run(builds, action, losing(account, rights, action)));
});

test('no right is left that nothing used', async () => {
  const { allowed } = await callsOf(account, BUILD_ROLE, 0);
  expect(unusedOf(allowed, ownCallsOf(BUILD))).toEqual([]);
});

describe('beyond its own project', () => {
  const other = 'yyyy';

  beforeAll(async () => {
    const ecr = new ECRClient(account.root);
    await ecr.send(new CreateRepositoryCommand({ repositoryName: other }));
    await pushImage(ecr, { repository: other, tags: ['latest'] });
    const logs = new CloudWatchLogsClient(account.root);
    await logs.send(new CreateLogGroupCommand({ logGroupName: `${other}-build` }));
  });

  test('a build neither pushes to nor pulls from another repository', async () => {
    await expect(builds.push(other)).rejects.toMatchObject(REFUSED);
    await expect(builds.pull(other)).rejects.toMatchObject(REFUSED);
  });

  test('a build writes into no other log group, and makes none', async () => {
    const logs = new CloudWatchLogsClient(await asRole(account, BUILD_ROLE));
    const stray = { logGroupName: `${other}-build`, logStreamName: 'stray' };
    await expect(logs.send(new CreateLogStreamCommand(stray))).rejects.toMatchObject(REFUSED);
    const late = logs.send(new CreateLogGroupCommand({ logGroupName: `${PROJECT}-build-late` }));
    await expect(late).rejects.toMatchObject(REFUSED);
  });

  test('a build deletes no image, not even its own', async () => {
    const imageIds = [{ imageTag: 'latest' }];
    const deletion = builds.ecr.send(new BatchDeleteImageCommand({ repositoryName: PROJECT, imageIds }));
    await expect(deletion).rejects.toMatchObject(REFUSED);
  });
});
