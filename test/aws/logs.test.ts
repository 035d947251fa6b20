import {
  CloudWatchLogsClient,
  DeleteLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  ListTagsForResourceCommand,
  PutLogGroupDeletionProtectionCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createLogs } from '#functions/aws/logs.ts';
import { AwsFailure } from '#functions/errors.ts';
import { collect, sdkError, served } from './sdk.ts';

const sdk = mockClient(CloudWatchLogsClient);
const logs = createLogs();
const ARN = 'arn:aws:logs:eu-west-1:123456789012:log-group:xxxx-build';

beforeEach(() => {
  sdk.reset();
});

describe('logGroup', () => {
  it('finds the exact name among longer ones, over pages, and asks no further', async () => {
    const pages = served('nextToken', {
      '': { logGroups: [{ logGroupName: 'xxxx-build-2', arn: `${ARN}-2:*` }], nextToken: 'two' },
      two: {
        logGroups: [{ logGroupName: 'xxxx-build', arn: `${ARN}:*`, deletionProtectionEnabled: true }],
        nextToken: 'three',
      },
    });
    sdk.on(DescribeLogGroupsCommand).callsFake(pages.answer);
    sdk.on(ListTagsForResourceCommand).resolves({ tags: { team: 'data' } });
    expect(await logs.logGroup('xxxx-build')).toEqual({ arn: ARN, deletionProtected: true, tags: { team: 'data' } });
    expect(pages.asked).toEqual([
      { logGroupNamePrefix: 'xxxx-build', limit: 50 },
      { logGroupNamePrefix: 'xxxx-build', limit: 50, nextToken: 'two' },
    ]);
  });

  it.each([
    ['arn, without its end', { arn: `${ARN}:*` }],
    ['logGroupArn', { arn: 'not this', logGroupArn: ARN }],
  ])('asks for tags by %s', async (_, names) => {
    sdk.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: 'xxxx-build', ...names }] });
    sdk.on(ListTagsForResourceCommand).resolves({});
    expect(await logs.logGroup('xxxx-build')).toEqual({ arn: ARN, deletionProtected: false, tags: {} });
    expect(sdk.commandCalls(ListTagsForResourceCommand)[0]?.args[0].input).toEqual({ resourceArn: ARN });
  });

  it('is undefined where only longer names exist', async () => {
    sdk.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: 'xxxx-build-2', arn: `${ARN}-2:*` }] });
    expect(await logs.logGroup('xxxx-build')).toBeUndefined();
    expect(sdk.commandCalls(ListTagsForResourceCommand)).toHaveLength(0);
  });

  it('is undefined where the listing says that it is gone', async () => {
    sdk.on(DescribeLogGroupsCommand).rejects(sdkError('ResourceNotFoundException'));
    expect(await logs.logGroup('xxxx-build')).toBeUndefined();
  });

  it('is undefined where it goes between the two calls', async () => {
    sdk.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: 'xxxx-build', arn: `${ARN}:*` }] });
    sdk.on(ListTagsForResourceCommand).rejects(sdkError('ResourceNotFoundException'));
    expect(await logs.logGroup('xxxx-build')).toBeUndefined();
  });
});

describe('logStreams', () => {
  it('gives every page, by name', async () => {
    const pages = served('nextToken', {
      '': { logStreams: [{ logStreamName: 'a' }, { logStreamName: 'b' }], nextToken: 'two' },
      two: { logStreams: [{ logStreamName: 'c' }] },
    });
    sdk.on(DescribeLogStreamsCommand).callsFake(pages.answer);
    expect(await collect(logs.logStreams('xxxx-build'))).toEqual([['a', 'b'], ['c']]);
    const asked = { logGroupName: 'xxxx-build', orderBy: 'LogStreamName', limit: 50 };
    expect(pages.asked).toEqual([asked, { ...asked, nextToken: 'two' }]);
  });

  it('gives nothing for an empty group', async () => {
    sdk.on(DescribeLogStreamsCommand).resolves({ logStreams: [] });
    expect(await collect(logs.logStreams('xxxx-build'))).toEqual([]);
  });

  it('ends where the group is gone', async () => {
    sdk
      .on(DescribeLogStreamsCommand)
      .resolvesOnce({ logStreams: [{ logStreamName: 'a' }], nextToken: 'two' })
      .rejects(sdkError('ResourceNotFoundException'));
    expect(await collect(logs.logStreams('xxxx-build'))).toEqual([['a']]);
  });

  it('fails on anything else', async () => {
    sdk.on(DescribeLogStreamsCommand).rejects(sdkError('ServiceUnavailableException', { status: 503 }));
    await expect(collect(logs.logStreams('xxxx-build'))).rejects.toMatchObject({
      context: { action: 'logs:DescribeLogStreams', resource: 'xxxx-build', status: 503 },
    });
  });
});

describe('deleteLogStream', () => {
  it('deletes one', async () => {
    sdk.on(DeleteLogStreamCommand).resolves({});
    await logs.deleteLogStream('xxxx-build', 'a');
    expect(sdk.commandCalls(DeleteLogStreamCommand)[0]?.args[0].input).toEqual({
      logGroupName: 'xxxx-build',
      logStreamName: 'a',
    });
  });

  it('succeeds where it is gone', async () => {
    sdk.on(DeleteLogStreamCommand).rejects(sdkError('ResourceNotFoundException'));
    await expect(logs.deleteLogStream('xxxx-build', 'a')).resolves.toBeUndefined();
  });

  it('fails on anything else, naming group and stream', async () => {
    sdk.on(DeleteLogStreamCommand).rejects(sdkError('ValidationException'));
    await expect(logs.deleteLogStream('xxxx-build', 'a')).rejects.toMatchObject({
      context: { action: 'logs:DeleteLogStream', resource: 'xxxx-build:a', errorName: 'ValidationException' },
    });
  });
});

describe('disableDeletionProtection', () => {
  it('switches it off', async () => {
    sdk.on(PutLogGroupDeletionProtectionCommand).resolves({});
    await logs.disableDeletionProtection('xxxx-build');
    expect(sdk.commandCalls(PutLogGroupDeletionProtectionCommand)[0]?.args[0].input).toEqual({
      logGroupIdentifier: 'xxxx-build',
      deletionProtectionEnabled: false,
    });
  });

  it('succeeds where the group is gone, and fails otherwise', async () => {
    sdk
      .on(PutLogGroupDeletionProtectionCommand)
      .rejectsOnce(sdkError('ResourceNotFoundException'))
      .rejects(sdkError('AccessDeniedException'));
    await logs.disableDeletionProtection('xxxx-build');
    await expect(logs.disableDeletionProtection('xxxx-build')).rejects.toBeInstanceOf(AwsFailure);
  });
});
