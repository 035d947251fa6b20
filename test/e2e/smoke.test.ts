import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  deleteStack,
  deployPipeline,
  deployService,
  type LocalAccount,
  SERVICE_STACK,
  startLocalAccount,
} from '#scripts/lib/local-account.ts';
import { pushImages } from '#scripts/lib/workload.ts';

let account: LocalAccount;

beforeAll(async () => {
  account = await startLocalAccount();
  await deployService(account);
}, 120_000);

afterAll(async () => {
  await account?.stop();
});

test('a pipeline full of images goes away with one delete, and the service after it', async () => {
  await deployPipeline(account, 'xxxx');
  await pushImages(account, 'xxxx', 20);
  expect(await deleteStack(account, 'xxxx-build')).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(await deleteStack(account, SERVICE_STACK)).toMatchObject({ status: 'DELETE_COMPLETE' });
}, 120_000);
