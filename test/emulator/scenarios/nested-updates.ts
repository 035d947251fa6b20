import assert from 'node:assert/strict';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { failing, nested, ownStatuses, repository, stackFixture } from '#test/emulator/stacks.ts';

async function existing(context: ScenarioContext, ...names: string[]): Promise<boolean[]> {
  const ecr = new ECRClient(clientConfig(context));
  return Promise.all(
    names.map((name) =>
      ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name] })).then(
        () => true,
        () => false,
      ),
    ),
  );
}

const UPDATED = ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE'];
const WENT_BACK = [
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
];

export const nestedUpdateScenarios: readonly Scenario[] = [
  {
    addition: 'nested-updates',
    name: 'an update that drops a nested stack deletes it while the parent cleans up',
    async run(context) {
      const stacks = stackFixture(context);
      const [stays, goes, removed] = [unique('stays'), unique('goes'), unique('removed')];
      const before = await stacks.upload({ Resources: { Stays: repository(stays), Removed: repository(removed) } });
      const after = await stacks.upload({ Resources: { Stays: repository(stays) } });
      const dropped = await stacks.upload({ Resources: { Goes: repository(goes) } });
      const name = unique('tree');
      await stacks.create(name, { Resources: { Kept: nested(before), Dropped: nested(dropped) } });
      const rows = await stacks.rows(name);
      const root = await stacks.update(name, { Resources: { Kept: nested(after) } });
      assert.equal(root.StackStatus, 'UPDATE_COMPLETE');
      const events = await stacks.events(root);
      assert.deepEqual(ownStatuses(events).slice(-3), UPDATED);
      const kept = await stacks.events({ StackId: rows.get('Kept')?.PhysicalResourceId });
      assert.deepEqual(ownStatuses(kept).slice(-3), UPDATED);
      const child = await stacks.describe(rows.get('Dropped')?.PhysicalResourceId ?? '');
      assert.equal(child.StackStatus, 'DELETE_COMPLETE');
      const cleanup = events.findIndex((event) => String(event.ResourceStatus) === UPDATED[1]);
      assert.deepEqual(
        events.slice(cleanup + 1, -1).map((event) => [event.LogicalResourceId, event.ResourceStatus]),
        [
          ['Dropped', 'DELETE_IN_PROGRESS'],
          ['Dropped', 'DELETE_COMPLETE'],
        ],
      );
      assert.deepEqual(await existing(context, stays, goes, removed), [true, false, false]);
    },
  },
  {
    addition: 'nested-updates',
    name: 'when a later resource fails, nested stacks that were updated go back without having lost anything',
    async run(context) {
      const stacks = stackFixture(context);
      const [removed, added, created] = [unique('removed'), unique('added'), unique('created')];
      const leaf = (name: string) => stacks.upload({ Resources: { Leaf: repository(name) } });
      const before = await stacks.upload({ Resources: { Pipeline: nested(await leaf(removed)) } });
      const after = await stacks.upload({ Resources: { Added: repository(added) } });
      const name = unique('tree');
      await stacks.create(name, { Resources: { Group: nested(before) } });
      const group = (await stacks.rows(name)).get('Group')?.PhysicalResourceId;
      const root = await stacks.update(name, {
        Resources: {
          Group: nested(after),
          Created: nested(await leaf(created)),
          Broken: failing({ DependsOn: ['Group', 'Created'] }),
        },
      });
      assert.equal(root.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
      assert.deepEqual(ownStatuses(await stacks.events({ StackId: group })).slice(-5), WENT_BACK);
      assert.deepEqual(await existing(context, removed, added, created), [true, false, false]);
      const pipeline = (await stacks.rows(group)).get('Pipeline')?.PhysicalResourceId ?? '';
      assert.equal((await stacks.describe(pipeline)).StackStatus, 'CREATE_COMPLETE');
    },
  },
  {
    addition: 'nested-updates',
    name: 'a nested stack whose update fails goes back, and its parent with it',
    async run(context) {
      const stacks = stackFixture(context);
      const before = await stacks.upload({ Resources: { Leaf: repository(unique('leaf')) } });
      const after = await stacks.upload({ Resources: { Leaf: repository(unique('leaf')), Broken: failing() } });
      const name = unique('tree');
      await stacks.create(name, { Resources: { Child: nested(before) } });
      const root = await stacks.update(name, { Resources: { Child: nested(after) } });
      assert.equal(root.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
      const child = (await stacks.rows(name)).get('Child')?.PhysicalResourceId ?? '';
      assert.equal((await stacks.describe(child)).StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
      const failed = (await stacks.events(root)).find((event) => event.ResourceStatus === 'UPDATE_FAILED');
      assert.match(
        failed?.ResourceStatusReason ?? '',
        /^Embedded stack arn:\S+ was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource\(s\) failed/,
      );
    },
  },
];
