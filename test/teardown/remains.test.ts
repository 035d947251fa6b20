import { describe, expect, it } from '@jest/globals';
import { removalCommand } from '#functions/teardown/commands.ts';
import { remainingOf } from '#functions/teardown/remains.ts';
import { addPipeline, depsOf, type Place, place, stackIdOf, statusOf, teardownIn } from './running.ts';

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
        command: 'aws ecr delete-repository --repository-name kept --force --region eu-west-1',
      },
      {
        kind: 'log group',
        what: 'AWS::Logs::LogGroup /aws/codebuild/xxxx',
        stackName: 'xxxx-build',
        why: 'It holds the log of xxxx, and belongs to no stack.',
        command: 'aws logs delete-log-group --log-group-name /aws/codebuild/xxxx --region eu-west-1',
      },
      {
        kind: 'log group',
        what: 'AWS::Logs::LogGroup /aws/lambda/xxxx-hook',
        stackName: 'xxxx-build-Ecr',
        why: 'It holds the log of xxxx-hook, and belongs to no stack.',
        command: 'aws logs delete-log-group --log-group-name /aws/lambda/xxxx-hook --region eu-west-1',
      },
      {
        kind: 'replicated images',
        what: 'AWS::ECR::Repository xxxx in us-east-1 of account 210987654321',
        stackName: 'xxxx-build-Ecr',
        why: 'The registry replicates this repository; copies are not deleted with the original. Look first whether somebody there uses them.',
        command:
          'aws ecr delete-repository --region us-east-1 --registry-id 210987654321 --repository-name xxxx --force',
      },
    ]);
    expect(where.account.ecr.digests('kept')).toHaveLength(3);
  });

  it('says of a kept bucket what its command leaves', async () => {
    const where = leaving();
    where.account.s3.addBucket('kept-data');
    const [logicalId, type, physicalId] = ['Data', 'AWS::S3::Bucket', 'kept-data'];
    where.account.cloudFormation.addResource('xxxx-build', { logicalId, type, physicalId, deletionPolicy: 'Retain' });
    const { remaining } = await teardownIn(where, ['xxxx-build']);
    const bucket = remaining.find(({ what }) => what === 'AWS::S3::Bucket kept-data');
    expect(bucket?.command).toBe('aws s3 rb s3://kept-data --force --region eu-west-1');
    expect(bucket?.why).toMatch(
      /asked to retain it\. Old versions in it have to go first: aws s3 rb leaves them, and fails\.$/,
    );
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

  it('never counts the group of a function as an orphan that the template declares and keeps', async () => {
    const where = leaving();
    where.account.cloudFormation.addResource('xxxx-build', {
      logicalId: 'HookLogs',
      type: 'AWS::Logs::LogGroup',
      physicalId: '/aws/lambda/xxxx-hook',
      deletionPolicy: 'Retain',
    });
    const report = await teardownIn(where, ['xxxx-build'], { deleteOrphanedLogGroups: true });
    expect(report.removedLogGroups).toEqual(['/aws/codebuild/xxxx']);
    expect(await where.account.logs.logGroup('/aws/lambda/xxxx-hook')).toBeDefined();
    expect(report.remaining.map(({ kind, what }) => `${kind} ${what}`)).toContain(
      'retained AWS::Logs::LogGroup /aws/lambda/xxxx-hook',
    );
  });

  it('never counts the group of a project as an orphan that was made anew', async () => {
    const where = leaving();
    where.account.log.onCall(({ action, target }) => {
      if (action === 'cloudformation:ListStackResources' && statusOf(where, 'xxxx-build') === 'DELETE_COMPLETE') {
        if (target === stackIdOf('xxxx-build')) where.account.codeBuild.addProject('xxxx');
      }
    });
    const report = await teardownIn(where, ['xxxx-build'], { deleteOrphanedLogGroups: true });
    expect(report.removedLogGroups).toEqual(['/aws/lambda/xxxx-hook']);
    expect(await where.account.logs.logGroup('/aws/codebuild/xxxx')).toBeDefined();
  });

  it('is not what a stack holds that was made anew under the same name', async () => {
    const where = leaving();
    await teardownIn(where, ['xxxx-build']);
    const { cloudFormation } = where.account;
    const formation = depsOf(where).ports.cloudFormation;
    // The fake knows one stack of a name: the new one answers to the name, the old one to its ARN.
    cloudFormation
      .addStack('again', { status: 'CREATE_COMPLETE' })
      .addStack('again-Inner', { parent: 'again', status: 'CREATE_COMPLETE' })
      .addResource('again', { logicalId: 'Kept', type: 'AWS::ECR::Repository', physicalId: 'kept' })
      .addResource('again', { logicalId: 'Project', type: 'AWS::CodeBuild::Project', physicalId: 'xxxx' })
      .addResource('again-Inner', { logicalId: 'Hook', type: 'AWS::Lambda::Function', physicalId: 'xxxx-hook' });
    const deps = depsOf(where);
    const ports = {
      ...deps.ports,
      cloudFormation: {
        stack: (id: string) => formation.stack(id === 'xxxx-build' ? 'again' : id),
        resources: (id: string) => formation.resources(id),
        template: (id: string) => formation.template(id),
        importers: (name: string) => formation.importers(name),
        updateStartedAt: (id: string) => formation.updateStartedAt(id),
        madeAt: (id: string, logicalId: string) => formation.madeAt(id, logicalId),
      },
    };
    expect(await remainingOf({ ...deps, ports }, [stackIdOf('xxxx-build')])).toEqual([]);
  });

  it('is not a kept resource that another stack has taken over', async () => {
    const where = leaving();
    await teardownIn(where, ['xxxx-build']);
    where.account.ecr.addRepository('kept', { tags: { 'aws:cloudformation:stack-id': stackIdOf('other') } });
    const remaining = await remainingOf(depsOf(where), [stackIdOf('xxxx-build')]);
    expect(remaining.map(({ kind }) => kind)).not.toContain('retained');
    where.account.ecr.addRepository('kept', { tags: { 'aws:cloudformation:stack-id': stackIdOf('xxxx-build') } });
    const still = await remainingOf(depsOf(where), [stackIdOf('xxxx-build')]);
    expect(still.map(({ kind }) => kind)).toContain('retained');
  });

  it('is no copy of a repository that was kept', async () => {
    const where = leaving();
    where.afterDelete.rules.push({ registryId: '210987654321', region: 'us-east-1', prefixes: ['kept'] });
    const report = await teardownIn(where, ['xxxx-build']);
    expect(report.remaining.map(({ kind }) => kind)).not.toContain('replicated images');
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
  const stackId = stackIdOf('xxxx-build');

  it.each(['AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group', 'AWS::IAM::ManagedPolicy'])(
    'is for %s one that takes off what is attached',
    (type) => {
      expect(removalCommand(stackId, type, 'x')).toBe(
        `aws cloudcontrol delete-resource --type-name ${type} --identifier x --region eu-west-1`,
      );
    },
  );

  it('falls back to Cloud Control, and quotes', () => {
    expect(removalCommand(stackId, 'AWS::SNS::Topic', 'arn:aws:sns:eu-west-1:123456789012:t')).toBe(
      'aws cloudcontrol delete-resource --type-name AWS::SNS::Topic --identifier arn:aws:sns:eu-west-1:123456789012:t --region eu-west-1',
    );
    expect(removalCommand(stackId, 'AWS::Logs::LogGroup', "it's $HOME")).toBe(
      "aws logs delete-log-group --log-group-name 'it'\\''s $HOME' --region eu-west-1",
    );
  });
});
