import { describe, expect, it } from '@jest/globals';
import { codeBuildReportGroup } from '#functions/cleaners/codebuild-report-group.ts';
import { cleanOne, LOGICAL_ID, removedBy, runOn, STACK, writes } from '#test/cleaners/scene.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';

const GROUP = 'arn:aws:codebuild:eu-west-1:123456789012:report-group/tests';
const DELETE = 'codebuild:DeleteReport';

function scene(reports: number, properties: Readonly<Record<string, unknown>> = {}): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK)
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::CodeBuild::ReportGroup', physicalId: GROUP, properties });
  account.codeBuild.addReportGroup(GROUP, reports);
  return account;
}

const clean = async (account: FakeAccount) => cleanOne(codeBuildReportGroup, account, await runOn(account));

describe('a report group', () => {
  it.each([true, 'true'])('with DeleteReports %j is left to CloudFormation', async (DeleteReports) => {
    const account = scene(4, { DeleteReports });
    const { finding } = await clean(account);
    expect(finding).toMatchObject({
      blocks: false,
      stages: [],
      contents: [{ kind: 'report', count: 3, orMore: true }],
    });
    expect(writes(account)).toEqual([]);
  });

  it.each([undefined, false, 'false'])('with DeleteReports %j loses its reports', async (DeleteReports) => {
    const account = scene(4, DeleteReports === undefined ? {} : { DeleteReports });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ finding: { blocks: true }, leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ report: 4 });
  });

  it('that is empty is looked at again, because a build may report', async () => {
    const account = scene(0);
    account.log.onCall(({ action }) => {
      if (action === 'codebuild:ListReportsForReportGroup' && account.log.count(action) === 2) {
        account.codeBuild.addReport(GROUP);
      }
    });
    const outcome = await clean(account);
    expect(outcome.finding).toMatchObject({ blocks: false, stages: ['verify'] });
    expect(removedBy(outcome)).toEqual({ report: 1 });
    expect(account.codeBuild.reportsOf(GROUP)).toEqual([]);
  });

  it('asks once where the right is missing, side by side three times at the most', async () => {
    const account = scene(30);
    account.log.deny(DELETE);
    const { leftovers } = await clean(account);
    expect(leftovers).toMatchObject([{ what: '30 reports', blocks: true }]);
    // The drain, and three looks in vain.
    expect(account.log.count(DELETE)).toBeLessThanOrEqual(4 * 3);
  });
});
