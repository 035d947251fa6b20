/** What the notices ask of AWS beside their secrets; the store's behaviour is proved on a real table in test/e2e. */
import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { buildsById } from '#functions/aws/builds.ts';
import { createNoticeStore } from '#functions/aws/dynamodb.ts';
import { imageFacts } from '#functions/aws/image-facts.ts';
import { AwsFailure } from '#functions/errors.ts';
import { sdkError } from './sdk.ts';

const dynamo = mockClient(DynamoDBClient);
const ecr = mockClient(ECRClient);
const codeBuild = mockClient(CodeBuildClient);
const region = { region: 'ap-northeast-1' };

beforeEach(() => {
  for (const mock of [dynamo, ecr, codeBuild]) {
    mock.reset();
  }
});

describe('the notice store', () => {
  const store = createNoticeStore('notices', { client: () => new DynamoDBClient(region) });
  const told = {
    buildId: 'xxxx:1',
    owner: 'one',
    status: 'FAILED',
    rank: 3,
    closed: true,
    place: undefined,
    branch: { key: 'xxxx#main', record: '{}', version: 0 },
    now: 0,
  };
  const canceled = (...codes: readonly string[]) =>
    new TransactionCanceledException({
      message: 'canceled',
      $metadata: {},
      CancellationReasons: codes.map((Code) => ({ Code })),
    });

  it('reads from a refused claim who has it, without asking again', async () => {
    const Item = { rank: { N: '1' }, owner: { S: 'two' }, claimRank: { N: '3' }, until: { N: '99' } };
    dynamo.on(UpdateItemCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {}, Item }));
    const build = { buildId: 'xxxx:1', arn: 'arn', startedAt: 0 };
    expect(await store.claim(build, { owner: 'one', rank: 3, now: 0, until: 60 })).toEqual({
      claimed: false,
      item: { buildId: 'xxxx:1', rank: 1, claim: { owner: 'two', rank: 3, until: 99 } },
    });
    expect(dynamo.commandCalls(UpdateItemCommand)).toHaveLength(1);
  });

  it.each([
    [['ConditionalCheckFailed', 'None'], 'claimLost'],
    [['ConditionalCheckFailed', 'ConditionalCheckFailed'], 'claimLost'],
    [['None', 'ConditionalCheckFailed'], 'branchChanged'],
    [['None', 'TransactionConflict'], 'branchChanged'],
    [['TransactionConflict', 'None'], 'branchChanged'],
    [['None', 'ThrottlingError'], 'throttled'],
    [['ProvisionedThroughputExceeded', 'None'], 'throttled'],
  ])('reads why a transaction was canceled: %s', async (codes, expected) => {
    dynamo.on(TransactWriteItemsCommand).rejects(canceled(...codes));
    expect(await store.commit(told)).toBe(expected);
  });

  it.each([
    ['another reason', canceled('None', 'ItemCollectionSizeLimitExceeded')],
    ['anything else', sdkError('ProvisionedThroughputExceededException')],
  ])('fails with the action and the table for %s', async (_, thrown) => {
    dynamo.on(TransactWriteItemsCommand).rejects(thrown);
    const failed = store.commit(told);
    await expect(failed).rejects.toBeInstanceOf(AwsFailure);
    await expect(failed).rejects.toMatchObject({ context: { action: 'dynamodb:UpdateItem', resource: 'notices' } });
  });

  it('writes no name that DynamoDB keeps for itself without a placeholder', async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    dynamo.on(TransactWriteItemsCommand).resolves({});
    await store.claim(
      { buildId: 'b', arn: 'a', startedAt: 0, number: 1, branch: 'x' },
      { owner: 'o', rank: 1, now: 0, until: 1 },
    );
    await store.keepPlace('b', 'o', { channel: 'C', ts: '1' });
    await store.keepRoutes('{}', 'h');
    await store.commit({ ...told, place: { channel: 'C', ts: '1' } });
    const updates = [
      ...dynamo.commandCalls(UpdateItemCommand).map(({ args: [{ input }] }) => input),
      ...dynamo
        .commandCalls(TransactWriteItemsCommand)
        .flatMap(({ args: [{ input }] }) => (input.TransactItems ?? []).flatMap(({ Update }) => Update ?? [])),
    ];
    expect(updates).toHaveLength(5);
    for (const { UpdateExpression = '', ConditionExpression = '', ExpressionAttributeValues = {} } of updates) {
      const words = `${UpdateExpression} ${ConditionExpression}`.match(/(?<![#:\w])[a-z_]\w*/g) ?? [];
      const functions = ['if_not_exists', 'attribute_not_exists', 'attribute_exists'];
      expect(words.filter((word) => !functions.includes(word))).toEqual([]);
      // DynamoDB refuses values that no expression names.
      const used = new Set(`${UpdateExpression} ${ConditionExpression}`.match(/:\w+/g));
      expect([...used].sort()).toEqual(Object.keys(ExpressionAttributeValues).sort());
    }
  });
});

describe('imageFacts', () => {
  const uri = '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/team/xxxx:v1.2';
  const ask = (name: string) => imageFacts(name, { client: () => new ECRClient(region) });

  it('asks for the tag', async () => {
    const imagePushedAt = new Date('2026-11-09T04:00:00Z');
    const imageDetails = [{ imageDigest: 'sha256:1', imageSizeInBytes: 5, imagePushedAt }];
    ecr.on(DescribeImagesCommand).resolves({ imageDetails });
    expect(await ask(uri)).toEqual({ digest: 'sha256:1', sizeBytes: 5, pushedAt: '2026-11-09T04:00:00.000Z' });
    expect(ecr.commandCalls(DescribeImagesCommand)[0]?.args[0].input).toEqual({
      registryId: '123456789012',
      repositoryName: 'team/xxxx',
      imageIds: [{ imageTag: 'v1.2' }],
    });
  });

  it.each(['ImageNotFoundException', 'RepositoryNotFoundException'])('knows nothing on %s', async (name) => {
    ecr.on(DescribeImagesCommand).rejects(sdkError(name));
    expect(await ask(uri)).toBeUndefined();
  });

  it.each([
    'xxxx',
    'docker.io/library/python:3',
    uri.replace('ap-northeast-1', 'eu-west-1'),
    uri.replace(/:v1.2$/, ''),
    `${uri}@sha256:1`,
  ])('asks nobody about %s', async (name) => {
    expect([await ask(name), ecr.calls().length]).toEqual([undefined, 0]);
  });

  it('names the action where ECR refuses', async () => {
    ecr.on(DescribeImagesCommand).rejects(sdkError('AccessDeniedException'));
    await expect(ask(uri)).rejects.toMatchObject({ context: { action: 'ecr:DescribeImages', resource: uri } });
  });
});

describe('buildsById', () => {
  const ask = (...ids: string[]) => buildsById(ids, { client: () => new CodeBuildClient(region) });

  it('leaves out what CodeBuild does not know', async () => {
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ id: 'xxxx:1' }], buildsNotFound: ['xxxx:2'] });
    expect(await ask('xxxx:1', 'xxxx:2')).toEqual([{ id: 'xxxx:1' }]);
    expect(codeBuild.commandCalls(BatchGetBuildsCommand)[0]?.args[0].input).toEqual({ ids: ['xxxx:1', 'xxxx:2'] });
  });

  it('names the action where CodeBuild refuses', async () => {
    codeBuild.on(BatchGetBuildsCommand).rejects(sdkError('AccessDeniedException'));
    await expect(ask('xxxx:1')).rejects.toMatchObject({
      context: { action: 'codebuild:BatchGetBuilds', resource: 'xxxx:1' },
    });
  });
});
