import assert from 'node:assert/strict';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { DeleteRepositoryCommand, DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { pushImage } from '#emulator/push-image.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { failing, nested, ownStatuses, repository, stackFixture } from '#test/emulator/stacks.ts';

async function exists(context: ScenarioContext, name: string): Promise<boolean> {
  const ecr = new ECRClient(clientConfig(context));
  return ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name] })).then(
    () => true,
    () => false,
  );
}

export const nestedStackScenarios: readonly Scenario[] = [
  {
    addition: 'nested-stacks',
    name: 'a nested stack that cannot be deleted fails its parents, and its siblings are deleted',
    async run(context) {
      const stacks = stackFixture(context);
      const ecr = new ECRClient(clientConfig(context));
      const [full, empty, kept] = [unique('full'), unique('empty'), unique('kept')];
      const inner = await stacks.upload({
        Resources: { Full: repository(full), Kept: repository(kept, { DeletionPolicy: 'Retain' }) },
      });
      const middle = await stacks.upload({ Resources: { Inner: nested(inner) } });
      const sibling = await stacks.upload({ Resources: { Empty: repository(empty) } });
      const root = await stacks.create(unique('tree'), {
        Resources: { Middle: nested(middle), Sibling: nested(sibling) },
      });
      assert.equal(root.StackStatus, 'CREATE_COMPLETE');
      await pushImage(ecr, { repository: full, tags: ['latest'] });

      const failed = await stacks.remove(root);
      assert.equal(failed.StackStatus, 'DELETE_FAILED');
      assert.match(failed.StackStatusReason ?? '', /The following resource\(s\) failed to delete: \[Middle\]/);
      const rows = await stacks.rows(root.StackId);
      assert.equal(rows.get('Sibling')?.ResourceStatus, 'DELETE_COMPLETE');
      assert.match(
        rows.get('Middle')?.ResourceStatusReason ?? '',
        /^Embedded stack arn:\S+ was not successfully deleted: The following resource\(s\) failed to delete: \[Inner\]/,
      );
      const middleStack = await stacks.describe(rows.get('Middle')?.PhysicalResourceId ?? '');
      assert.equal(middleStack.StackStatus, 'DELETE_FAILED');
      assert.deepEqual([await exists(context, full), await exists(context, empty)], [true, false]);

      await ecr.send(new DeleteRepositoryCommand({ repositoryName: full, force: true }));
      assert.equal((await stacks.remove(root)).StackStatus, 'DELETE_COMPLETE');
      assert.equal(await exists(context, kept), true);
    },
  },
  {
    addition: 'nested-stacks',
    name: 'a nested stack exports; one that was half made when it failed is deleted, whatever its RetainExceptOnCreate',
    async run(context) {
      const stacks = stackFixture(context);
      const [exported, made, retained] = [unique('exported'), unique('made'), unique('retained')];
      const exporter = await stacks.upload({
        Resources: { Repository: repository(unique('exporter')) },
        Outputs: { Name: { Value: { Ref: 'Repository' }, Export: { Name: exported } } },
      });
      const importer = await stacks.upload({
        Resources: {
          Made: repository(made),
          Retained: repository(retained, { DeletionPolicy: 'RetainExceptOnCreate' }),
          Broken: failing({ DependsOn: ['Made', 'Retained'] }),
        },
        Outputs: { Imported: { Value: { 'Fn::ImportValue': exported } } },
      });
      const root = await stacks.create(unique('tree'), {
        Resources: { Exporter: nested(exporter), Importer: nested(importer, { DependsOn: 'Exporter' }) },
      });
      assert.equal(root.StackStatus, 'ROLLBACK_COMPLETE');
      const rows = await stacks.rows(root.StackId);
      const child = rows.get('Importer')?.PhysicalResourceId ?? '';
      assert.match(
        (await stacks.events(root)).find((event) => event.ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason ??
          '',
        /^Embedded stack arn:\S+ was not successfully created: The following resource\(s\) failed to create: \[Broken\]/,
      );
      assert.deepEqual(ownStatuses(await stacks.events({ StackId: child })), [
        'CREATE_IN_PROGRESS',
        'CREATE_FAILED',
        'DELETE_IN_PROGRESS',
        'DELETE_COMPLETE',
      ]);
      assert.deepEqual([await exists(context, made), await exists(context, retained)], [false, false]);
    },
  },
  {
    addition: 'nested-stacks',
    name: 'a nested template is transformed, and GetTemplate gives what came of it',
    async run(context) {
      const stacks = stackFixture(context);
      const child = await stacks.upload({
        Transform: 'AWS::Serverless-2016-10-31',
        Resources: {
          Function: {
            Type: 'AWS::Serverless::Function',
            DeletionPolicy: 'Delete',
            Properties: {
              InlineCode: 'exports.handler = async () => 1;',
              Handler: 'index.handler',
              Runtime: 'nodejs24.x',
              Architectures: ['arm64'],
            },
          },
        },
      });
      const root = await stacks.create(unique('tree'), { Resources: { Child: nested(child) } });
      assert.equal(root.StackStatus, 'CREATE_COMPLETE');
      const StackName = (await stacks.rows(root.StackId)).get('Child')?.PhysicalResourceId;
      const { TemplateBody = '' } = await stacks.cfn.send(
        new GetTemplateCommand({ StackName, TemplateStage: 'Processed' }),
      );
      const { Function: made } = JSON.parse(TemplateBody).Resources;
      assert.deepEqual([made.Type, made.DeletionPolicy], ['AWS::Lambda::Function', 'Delete']);
    },
  },
];
