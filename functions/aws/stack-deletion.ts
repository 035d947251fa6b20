import {
  type CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  paginateListStacks,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import type { StackDeletionPort } from '../core/ports/stack-deletion.ts';
import { type AdapterOptions, sendOptions } from './clients.ts';
import { cloudFormationClient } from './cloudformation.ts';
import { call, callUnlessGone } from './errors.ts';
import { allOf, pagesOf } from './paging.ts';
import { required } from './values.ts';

/** The port that deletes stacks, over the SDK. */
export function createStackDeletion({
  client = cloudFormationClient,
  signal,
}: AdapterOptions<CloudFormationClient> = {}): StackDeletionPort {
  const options = sendOptions(signal);
  return {
    async deleteStack({ stackId, roleArn, token }) {
      // The token was used before: the request has been accepted, and its answer was lost.
      const accepted = ['TokenAlreadyExistsException'];
      await callUnlessGone('cloudformation:DeleteStack', stackId, accepted, () =>
        client().send(
          new DeleteStackCommand({
            StackName: stackId,
            ClientRequestToken: token,
            ...(roleArn === undefined ? {} : { RoleARN: roleArn }),
          }),
          options,
        ),
      );
    },

    // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html
    async setTerminationProtection(stackId, on) {
      await call('cloudformation:UpdateTerminationProtection', stackId, () =>
        client().send(
          new UpdateTerminationProtectionCommand({ StackName: stackId, EnableTerminationProtection: on }),
          options,
        ),
      );
    },

    async operation(stackId, token) {
      const action = 'cloudformation:DescribeStackEvents';
      // Newest first, and an operation's last event is the stack's own: the first page is enough.
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
      const { StackEvents = [] } = await call(action, stackId, () =>
        client().send(new DescribeStackEventsCommand({ StackName: stackId }), options),
      );
      const own = StackEvents.find(
        (event) => event.PhysicalResourceId === event.StackId && event.ClientRequestToken === token,
      );
      return (
        own && {
          status: required(own.ResourceStatus, 'ResourceStatus', action, stackId),
          reason: own.ResourceStatusReason,
        }
      );
    },

    async deletedStacks(stackName) {
      const action = 'cloudformation:ListStacks';
      const pages = paginateListStacks({ client: client() }, { StackStatusFilter: ['DELETE_COMPLETE'] }, options);
      const all = await allOf(
        pagesOf({ action, resource: stackName, tokenOf: (page) => page.NextToken }, pages),
        (page) => page.StackSummaries,
      );
      return all
        .filter((stack) => stack.StackName === stackName)
        .toSorted((a, b) => (b.DeletionTime?.getTime() ?? 0) - (a.DeletionTime?.getTime() ?? 0))
        .map((stack) => required(stack.StackId, 'StackId', action, stackName));
    },
  };
}
