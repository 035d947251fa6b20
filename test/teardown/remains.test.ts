import { describe, expect, it } from '@jest/globals';
import { removalCommand } from '#functions/teardown/commands.ts';
import { remainingOf } from '#functions/teardown/remains.ts';
import { addPipeline, depsOf, type Place, place, stackIdOf, teardownIn } from './running.ts';

/** A pipeline with a retained repository, a function, and what services left beside it. */
function leaving(): Place {
  const where = addPipeline(place(), 'xxxx');
  const { cloudFormation, logs, ecr } = where.account;
  ecr.addRepository('kept').fill('kept', 3);
  cloudFormation
    .addResource('xxxx-build', {
      logicalId: 'Kept',
      type: 'AWS::ECR::Repository',
      physicalId: 'kept',
      deletionPolicy: 'Retain',
    })
    .addResource('xxxx-build-Ecr', { logicalId: 'Function', type: 'AWS::Lambda::Function', physicalId: 'xxxx-hook' });
  logs.addGroup('/aws/lambda/xxxx-hook', { streams: 1 }).addGroup('/aws/codebuild/xxxx', { streams: 1 });
  return where;
}

describe('what deleted stacks leave', () => {
  it('is told with the command that removes it', async () => {
    const where = leaving();
    where.afterDelete.rules.push({ registryId: '210987654321', region: 'us-east-1', prefixes: ['xx'] });
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report.outcome).toBe('deleted');
    expect(report.remaining).toEqual([
      {
        kind: 'retained',
        what: 'AWS::ECR::Repository kept',
        stackName: 'xxxx-build',
        why: 'CloudFormation kept it: by its DeletionPolicy, or because somebody asked to retain it.',
        command: 'aws ecr delete-repository --repository-name kept --force',
      },
      {
        kind: 'log group',
        what: 'AWS::Logs::LogGroup /aws/codebuild/xxxx',
        stackName: 'xxxx-build',
        why: 'It holds the log of xxxx, and belongs to no stack.',
        command: 'aws logs delete-log-group --log-group-name /aws/codebuild/xxxx',
      },
      {
        kind: 'log group',
        what: 'AWS::Logs::LogGroup /aws/lambda/xxxx-hook',
        stackName: 'xxxx-build-Ecr',
        why: 'It holds the log of xxxx-hook, and belongs to no stack.',
        command: 'aws logs delete-log-group --log-group-name /aws/lambda/xxxx-hook',
      },
      {
        kind: 'replicated images',
        what: 'AWS::ECR::Repository xxxx in us-east-1 of account 210987654321',
        stackName: 'xxxx-build-Ecr',
        why: 'The registry replicates this repository; copies are not deleted with the original.',
        command:
          'aws ecr delete-repository --region us-east-1 --registry-id 210987654321 --repository-name xxxx --force',
      },
    ]);
    expect(where.account.ecr.digests('kept')).toHaveLength(3);
  });

  it('goes, where it is an orphaned log group and the request says so', async () => {
    const where = leaving();
    const report = await teardownIn(where, ['xxxx-build'], { deleteOrphanedLogGroups: true });
    expect(report.removedLogGroups).toEqual(['/aws/codebuild/xxxx', '/aws/lambda/xxxx-hook']);
    expect(report.remaining.map(({ kind }) => kind)).toEqual(['retained']);
    expect(await where.account.logs.logGroup('/aws/lambda/xxxx-hook')).toBeUndefined();
  });

  it.each([
    ['of another stack', { 'aws:cloudformation:stack-id': 'arn:other' }],
    ['with the tag that keeps it', { 'clean-exit:keep': '' }],
  ])('never counts a log group %s as an orphan', async (_title, tags) => {
    const where = leaving();
    where.account.logs.addGroup('/aws/lambda/xxxx-hook', { tags, streams: 1 });
    const report = await teardownIn(where, ['xxxx-build'], { deleteOrphanedLogGroups: true });
    expect(report.removedLogGroups).toEqual(['/aws/codebuild/xxxx']);
    expect(await where.account.logs.logGroup('/aws/lambda/xxxx-hook')).toBeDefined();
  });

  it('tells of a log group that was deleted with its stack and has come back', async () => {
    const where = leaving();
    await teardownIn(where, ['xxxx-build']);
    where.account.logs.addGroup('xxxx-build', { streams: 1 });
    const remaining = await remainingOf(depsOf(where), [stackIdOf('xxxx-build')]);
    expect(remaining.map(({ what }) => what)).toContain('AWS::Logs::LogGroup xxxx-build');
  });

  it('no longer names what somebody has removed since', async () => {
    const where = leaving();
    await teardownIn(where, ['xxxx-build']);
    where.account.ecr.removeRepository('kept');
    const remaining = await remainingOf(depsOf(where), [stackIdOf('xxxx-build')]);
    expect(remaining.map(({ kind }) => kind)).not.toContain('retained');
  });

  it('is a note where it cannot be looked up', async () => {
    const where = leaving();
    where.account.log.onCall(({ action }) => {
      if (action === 'cloudformation:DeleteStack') where.account.log.deny('cloudformation:ListStackResources');
    });
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report).toMatchObject({ outcome: 'deleted', remaining: [], notes: [{ code: 'REMAINS_UNKNOWN' }] });
  });

  it('is left out where only a part of it cannot be looked up', async () => {
    const where = leaving();
    await teardownIn(where, ['xxxx-build']);
    where.account.log.deny('ecr:DescribeRegistry');
    where.account.log.deny('logs:DescribeLogGroups');
    const remaining = await remainingOf(depsOf(where), [stackIdOf('xxxx-build')]);
    expect(remaining.map(({ kind }) => kind)).toEqual(['retained']);
  });
});

describe('removalCommand', () => {
  it('falls back to Cloud Control, and quotes', () => {
    expect(removalCommand('AWS::SNS::Topic', 'arn:aws:sns:eu-west-1:123456789012:t')).toBe(
      'aws cloudcontrol delete-resource --type-name AWS::SNS::Topic --identifier arn:aws:sns:eu-west-1:123456789012:t',
    );
    expect(removalCommand('AWS::Logs::LogGroup', "it's $HOME")).toBe(
      "aws logs delete-log-group --log-group-name 'it'\\''s $HOME'",
    );
  });
});
