import { CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRegistryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createAfterDelete } from '#functions/aws/after-delete.ts';
import { AwsFailure } from '#functions/errors.ts';
import { sdkError } from './sdk.ts';

const ecr = mockClient(ECRClient);
const logs = mockClient(CloudWatchLogsClient);
const afterDelete = createAfterDelete({ ecr: () => new ECRClient({}), logs: () => new CloudWatchLogsClient({}) });

beforeEach(() => {
  ecr.reset();
  logs.reset();
});

describe('replicas', () => {
  it('is one for each destination of each rule', async () => {
    ecr.on(DescribeRegistryCommand).resolves({
      replicationConfiguration: {
        rules: [
          {
            destinations: [
              { region: 'us-east-1', registryId: '1' },
              { region: 'us-west-2', registryId: '2' },
            ],
            repositoryFilters: [{ filter: 'team-a/', filterType: 'PREFIX_MATCH' }],
          },
          { destinations: [{ region: 'eu-west-1', registryId: '1' }] },
        ],
      },
    });
    expect(await afterDelete.replicas()).toEqual([
      { region: 'us-east-1', registryId: '1', prefixes: ['team-a/'] },
      { region: 'us-west-2', registryId: '2', prefixes: ['team-a/'] },
      { region: 'eu-west-1', registryId: '1', prefixes: [] },
    ]);
  });

  it('is empty where nothing is replicated', async () => {
    ecr.on(DescribeRegistryCommand).resolves({ registryId: '1' });
    expect(await afterDelete.replicas()).toEqual([]);
  });
});

describe('deleteLogGroup', () => {
  it('succeeds where it is gone already', async () => {
    logs.on(DeleteLogGroupCommand).rejects(sdkError('ResourceNotFoundException'));
    await expect(afterDelete.deleteLogGroup('/aws/lambda/f')).resolves.toBeUndefined();
  });

  it('tells every other refusal', async () => {
    logs.on(DeleteLogGroupCommand).rejects(sdkError('ValidationException'));
    await expect(afterDelete.deleteLogGroup('/aws/lambda/f')).rejects.toThrow(AwsFailure);
  });
});
