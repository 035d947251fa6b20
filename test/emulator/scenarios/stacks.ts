import assert from 'node:assert/strict';
import { ListExportsCommand, ListImportsCommand } from '@aws-sdk/client-cloudformation';
import { ECRClient } from '@aws-sdk/client-ecr';
import { pushImage } from '#emulator/push-image.ts';
import type { Scenario } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { serviceRole } from '#test/emulator/scenarios/service-role.ts';
import { failing, nested, ownStatuses, repository, stackFixture } from '#test/emulator/stacks.ts';

export const stackScenarios: readonly Scenario[] = [
  {
    addition: 'stack-resources',
    name: 'ListStackResources keeps failed and deleted resources with their reasons',
    async run(context) {
      const stacks = stackFixture(context);
      const stack = await stacks.create(unique('rows'), {
        Resources: { Fine: repository(unique('fine')), Broken: failing({ DependsOn: 'Fine' }) },
      });
      const rows = await stacks.rows(stack.StackId);
      assert.equal(rows.get('Fine')?.ResourceStatus, 'DELETE_COMPLETE');
      assert.equal(rows.get('Broken')?.ResourceStatus, 'CREATE_FAILED');
      assert.match(rows.get('Broken')?.ResourceStatusReason ?? '', /^Function not found/);
      const deleted = await stacks.remove(stack);
      assert.equal((await stacks.rows(deleted.StackId)).get('Fine')?.ResourceStatus, 'DELETE_COMPLETE');
    },
  },
  {
    addition: 'failure-reasons',
    name: 'a rollback names the resources that failed',
    async run(context) {
      const stacks = stackFixture(context);
      const stack = await stacks.create(unique('reasons'), { Resources: { Broken: failing() } });
      const rollback = (await stacks.events(stack)).find((event) => event.ResourceStatus === 'ROLLBACK_IN_PROGRESS');
      assert.equal(
        rollback?.ResourceStatusReason,
        'The following resource(s) failed to create: [Broken]. Rollback requested by user.',
      );
    },
  },
  {
    addition: 'stack-descriptions',
    name: 'a nested stack tells its parent, root, role and tags; a deleted stack is found by its ID alone',
    async run(context) {
      const stacks = stackFixture(context);
      const role = await serviceRole(context, '*');
      const leaf = await stacks.upload({ Resources: { Leaf: repository(unique('leaf')) } });
      const middle = await stacks.upload({ Resources: { Inner: nested(leaf) } });
      const template = { Resources: { Middle: nested(middle) } };
      const name = unique('tree');
      const root = await stacks.create(name, template, {
        RoleARN: role.arn,
        Tags: [{ Key: 'clean-exit', Value: 'on' }],
      });
      assert.equal(root.RoleARN, role.arn);
      const middleId = (await stacks.rows(name)).get('Middle')?.PhysicalResourceId ?? '';
      const inner = await stacks.describe((await stacks.rows(middleId)).get('Inner')?.PhysicalResourceId ?? '');
      assert.deepEqual(
        [inner.ParentId, inner.RootId, inner.RoleARN, inner.Tags],
        [middleId, root.StackId, role.arn, [{ Key: 'clean-exit', Value: 'on' }]],
      );
      const deleted = await stacks.remove(root);
      assert.ok(deleted.DeletionTime);
      await assert.rejects(stacks.rows(name), { name: 'ValidationError' });
      const again = await stacks.create(name, template);
      assert.notEqual(again.StackId, root.StackId);
      assert.equal((await stacks.describe(root.StackId ?? '')).StackStatus, 'DELETE_COMPLETE');
    },
  },
  {
    addition: 'exports-in-use',
    name: 'a stack whose export is imported is not deleted and keeps its status; an update may not drop the export',
    async run(context) {
      const stacks = stackFixture(context);
      const Name = unique('export');
      const repositoryName = unique('exported');
      const Resources = { Repository: repository(repositoryName) };
      const Outputs = { Name: { Value: { Ref: 'Repository' }, Export: { Name } } };
      await assert.rejects(stacks.cfn.send(new ListImportsCommand({ ExportName: Name })), {
        message: `Export '${Name}' is not imported by any stack.`,
      });
      const exporter = await stacks.create(unique('exporter'), { Resources, Outputs });
      const importer = await stacks.create(unique('importer'), {
        Resources: { Copy: repository(unique('copy')) },
        Outputs: { Imported: { Value: { 'Fn::ImportValue': Name } } },
      });
      const kept = await stacks.remove(exporter);
      assert.equal(kept.StackStatus, 'CREATE_COMPLETE');
      const reason = `Delete canceled. Cannot delete export ${Name} as it is in use by ${importer.StackName}.`;
      assert.equal((await stacks.events(exporter)).at(-1)?.ResourceStatusReason, reason);
      const back = await stacks.update(exporter.StackName ?? '', { Resources, Outputs: {}, Description: 'changed' });
      assert.equal(back.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
      const { Exports = [] } = await stacks.cfn.send(new ListExportsCommand({}));
      assert.equal(Exports.find((each) => each.Name === Name)?.Value, repositoryName);

      assert.equal((await stacks.remove(importer)).StackStatus, 'DELETE_COMPLETE');
      const dropped = await stacks.update(exporter.StackName ?? '', { Resources, Outputs: {}, Description: 'changed' });
      assert.equal(dropped.StackStatus, 'UPDATE_COMPLETE');
      const { Exports: left = [] } = await stacks.cfn.send(new ListExportsCommand({}));
      assert.equal(
        left.some((each) => each.Name === Name),
        false,
      );
    },
  },
  {
    addition: 'exports-in-use',
    name: 'a nested stack whose export is imported says so, and its parent fails to delete',
    async run(context) {
      const stacks = stackFixture(context);
      const Name = unique('export');
      const child = await stacks.upload({
        Resources: { Repository: repository(unique('exported')) },
        Outputs: { Name: { Value: { Ref: 'Repository' }, Export: { Name } } },
      });
      const root = await stacks.create(unique('tree'), { Resources: { Child: nested(child) } });
      const importer = await stacks.create(unique('importer'), {
        Resources: { Copy: repository(unique('copy')) },
        Outputs: { Imported: { Value: { 'Fn::ImportValue': Name } } },
      });
      assert.equal((await stacks.remove(root)).StackStatus, 'DELETE_FAILED');
      const row = (await stacks.rows(root.StackId)).get('Child');
      assert.match(
        row?.ResourceStatusReason ?? '',
        new RegExp(
          `^Embedded stack arn:\\S+ was not successfully deleted: Delete canceled. Cannot delete export ${Name} as it is in use by ${importer.StackName}`,
        ),
      );
      assert.deepEqual(ownStatuses(await stacks.events({ StackId: row?.PhysicalResourceId })).slice(-2), [
        'DELETE_IN_PROGRESS',
        'CREATE_COMPLETE',
      ]);
    },
  },
  {
    addition: null,
    name: 'resources are deleted in reverse order of their dependencies, also below one that fails',
    async run(context) {
      const stacks = stackFixture(context);
      const ecr = new ECRClient(clientConfig(context));
      const full = unique('full');
      const stack = await stacks.create(unique('order'), {
        Resources: {
          Last: repository(unique('last')),
          Full: repository(full, { DependsOn: 'Last' }),
          First: repository(unique('first'), { DependsOn: ['Full', 'Kept'] }),
          Kept: repository(unique('kept'), { DeletionPolicy: 'Retain', DependsOn: 'Last' }),
        },
      });
      await pushImage(ecr, { repository: full, tags: ['latest'] });
      const failed = await stacks.remove(stack);
      assert.equal(failed.StackStatus, 'DELETE_FAILED');
      const ended = (await stacks.events(stack))
        .filter((event) => /^DELETE_(COMPLETE|FAILED|SKIPPED)$/.test(event.ResourceStatus ?? ''))
        .map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`);
      assert.deepEqual(
        [ended[0], new Set(ended.slice(1, 3)), ended[3]],
        ['First DELETE_COMPLETE', new Set(['Full DELETE_FAILED', 'Kept DELETE_SKIPPED']), 'Last DELETE_COMPLETE'],
      );
    },
  },
];
