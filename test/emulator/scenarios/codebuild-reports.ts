import assert from 'node:assert/strict';
import {
  BatchGetReportGroupsCommand,
  CodeBuildClient,
  CreateReportGroupCommand,
  DeleteReportCommand,
  DeleteReportGroupCommand,
  paginateListReportsForReportGroup,
} from '@aws-sdk/client-codebuild';
import { control } from '#emulator/control.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const addition = 'codebuild-reports';

function reporting(context: ScenarioContext) {
  const client = new CodeBuildClient(clientConfig(context));
  return {
    client,
    async group(): Promise<string> {
      const { reportGroup } = await client.send(
        new CreateReportGroupCommand({
          name: unique('reports'),
          type: 'TEST',
          exportConfig: { exportConfigType: 'NO_EXPORT' },
          tags: [{ key: 'team', value: 'data' }],
        }),
      );
      return reportGroup?.arn ?? '';
    },
    async pages(reportGroupArn: string): Promise<readonly (readonly string[])[]> {
      const pages: (readonly string[])[] = [];
      for await (const { reports } of paginateListReportsForReportGroup({ client }, { reportGroupArn })) {
        pages.push(reports ?? []);
      }
      return pages;
    },
  };
}

export const reportScenarios: readonly Scenario[] = [
  {
    addition,
    name: 'reports are listed by pages of 100, and deleted one by one',
    async run(context) {
      const { client, group, pages } = reporting(context);
      const arn = await group();
      await control(context.endpoint).addReports(arn, 101);
      const [first = [], second = []] = await pages(arn);
      assert.deepEqual([first.length, second.length], [100, 1]);
      await client.send(new DeleteReportCommand({ arn: second[0] }));
      assert.deepEqual(
        (await pages(arn)).map((page) => page.length),
        [100],
      );
    },
  },
  {
    addition,
    name: 'a report group that holds reports is deleted only with deleteReports',
    async run(context) {
      const { client, group, pages } = reporting(context);
      const arn = await group();
      const found = async () => client.send(new BatchGetReportGroupsCommand({ reportGroupArns: [arn] }));
      assert.deepEqual((await found()).reportGroups?.[0]?.tags, [{ key: 'team', value: 'data' }]);
      await control(context.endpoint).addReports(arn, 1);
      await assert.rejects(client.send(new DeleteReportGroupCommand({ arn })), { name: 'InvalidInputException' });
      await client.send(new DeleteReportGroupCommand({ arn, deleteReports: true }));
      assert.deepEqual((await found()).reportGroupsNotFound, [arn]);
      await assert.rejects(pages(arn), { name: 'ResourceNotFoundException' });
    },
  },
  {
    addition,
    name: 'CloudFormation fails to delete one with reports, unless DeleteReports says so',
    async run(context) {
      const stacks = stackFixture(context);
      const { client, pages } = reporting(context);
      for (const [DeleteReports, status] of [
        [false, 'DELETE_FAILED'],
        [true, 'DELETE_COMPLETE'],
      ] as const) {
        const Properties = { Type: 'TEST', ExportConfig: { ExportConfigType: 'NO_EXPORT' }, DeleteReports };
        const Resources = { Reports: { Type: 'AWS::CodeBuild::ReportGroup', Properties } };
        const stack = await stacks.create(unique('stack'), { Resources });
        const arn = (await stacks.rows(stack.StackId)).get('Reports')?.PhysicalResourceId;
        assert.match(arn ?? '', /:report-group\//);
        await control(context.endpoint).addReports(arn ?? '', 2);
        assert.equal((await stacks.remove(stack)).StackStatus, status);
        if (status === 'DELETE_FAILED') {
          for (const report of (await pages(arn ?? '')).flat())
            await client.send(new DeleteReportCommand({ arn: report }));
          assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
        }
      }
    },
  },
];
