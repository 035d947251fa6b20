import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRegistryCommand } from '@aws-sdk/client-ecr';
import type { AfterDeletePort } from '../core/ports/after-delete.ts';
import { sendOptions } from './clients.ts';
import { ecrClient } from './ecr.ts';
import { call, callUnlessGone } from './errors.ts';
import { logsClient } from './logs.ts';
import { required } from './values.ts';

/** The port for what deleted stacks leave behind, over the clients of the other adapters. */
export function createAfterDelete({
  ecr = ecrClient,
  logs = logsClient,
  signal,
}: {
  readonly ecr?: typeof ecrClient;
  readonly logs?: typeof logsClient;
  readonly signal?: AbortSignal | undefined;
} = {}): AfterDeletePort {
  const options = sendOptions(signal);
  return {
    // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ReplicationRule.html
    async replicas() {
      const action = 'ecr:DescribeRegistry';
      const answer = await call(action, 'registry', () => ecr().send(new DescribeRegistryCommand({}), options));
      return (answer.replicationConfiguration?.rules ?? []).flatMap(({ destinations, repositoryFilters }) =>
        (destinations ?? []).map((destination) => ({
          registryId: required(destination.registryId, 'registryId', action, 'registry'),
          region: required(destination.region, 'region', action, 'registry'),
          prefixes: (repositoryFilters ?? []).flatMap(({ filter }) => filter ?? []),
        })),
      );
    },

    async deleteLogGroup(groupName) {
      await callUnlessGone('logs:DeleteLogGroup', groupName, ['ResourceNotFoundException'], () =>
        logs().send(new DeleteLogGroupCommand({ logGroupName: groupName }), options),
      );
    },
  };
}
