import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  ListStacksCommand,
  type ResourceStatus,
  type StackEvent,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createStackDeletion } from '#functions/aws/stack-deletion.ts';
import { AwsFailure } from '#functions/errors.ts';
import { sdkError } from './sdk.ts';

const STACK = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/xxxx-build/1';
const sdk = mockClient(CloudFormationClient);
const deletion = createStackDeletion({ client: () => new CloudFormationClient({}) });

beforeEach(() => {
  sdk.reset();
});

describe('deleteStack', () => {
  it('passes the role and the token', async () => {
    sdk.on(DeleteStackCommand).resolves({});
    await deletion.deleteStack({ stackId: STACK, roleArn: 'arn:aws:iam::123456789012:role/delete', token: 't-1' });
    expect(sdk.commandCalls(DeleteStackCommand)[0]?.args[0].input).toEqual({
      StackName: STACK,
      RoleARN: 'arn:aws:iam::123456789012:role/delete',
      ClientRequestToken: 't-1',
    });
  });

  it("passes no role where none is given: CloudFormation then takes the stack's own", async () => {
    sdk.on(DeleteStackCommand).resolves({});
    await deletion.deleteStack({ stackId: STACK, token: 't-1' });
    expect(sdk.commandCalls(DeleteStackCommand)[0]?.args[0].input).not.toHaveProperty('RoleARN');
  });

  it('takes a token that is known for an accepted request', async () => {
    sdk.on(DeleteStackCommand).rejects(sdkError('TokenAlreadyExistsException'));
    await expect(deletion.deleteStack({ stackId: STACK, token: 't-1' })).resolves.toBeUndefined();
  });

  it('tells every other refusal', async () => {
    sdk.on(DeleteStackCommand).rejects(sdkError('ValidationError'));
    await expect(deletion.deleteStack({ stackId: STACK, token: 't-1' })).rejects.toThrow(AwsFailure);
  });
});

it.each([true, false])('switches termination protection to %s, and only that', async (on) => {
  sdk.on(UpdateTerminationProtectionCommand).resolves({});
  await deletion.setTerminationProtection(STACK, on);
  expect(sdk.commandCalls(UpdateTerminationProtectionCommand)[0]?.args[0].input).toEqual({
    StackName: STACK,
    EnableTerminationProtection: on,
  });
});

describe('operation', () => {
  const event = (status: ResourceStatus, token: string, physicalId = STACK, reason = ''): StackEvent => ({
    StackId: STACK,
    EventId: status,
    StackName: 'xxxx-build',
    Timestamp: new Date(0),
    PhysicalResourceId: physicalId,
    ResourceStatus: status,
    ResourceStatusReason: reason,
    ClientRequestToken: token,
  });

  it('is the newest event of the stack itself with the token', async () => {
    sdk.on(DescribeStackEventsCommand).resolves({
      StackEvents: [
        event('UPDATE_COMPLETE', 'other'),
        event('DELETE_COMPLETE', 'mine', 'some-resource'),
        event('DELETE_FAILED', 'mine', STACK, 'The following resource(s) failed to delete: [A].'),
        event('DELETE_IN_PROGRESS', 'mine'),
      ],
    });
    expect(await deletion.operation(STACK, 'mine')).toEqual({
      status: 'DELETE_FAILED',
      reason: 'The following resource(s) failed to delete: [A].',
    });
  });

  it('is undefined where no event of the stack carries the token', async () => {
    sdk.on(DescribeStackEventsCommand).resolves({ StackEvents: [event('DELETE_FAILED', 'before')] });
    expect(await deletion.operation(STACK, 'mine')).toBeUndefined();
  });
});

describe('deletedStacks', () => {
  it('finds all of the name on all pages, the latest first', async () => {
    const gone = (name: string, id: string, day: number) => ({
      StackName: name,
      StackId: id,
      CreationTime: new Date(0),
      DeletionTime: new Date(day * 86_400_000),
      StackStatus: 'DELETE_COMPLETE' as const,
    });
    sdk
      .on(ListStacksCommand)
      .resolves({ StackSummaries: [gone('xxxx-build', 'a', 1), gone('xxxx-build-2', 'b', 9)], NextToken: 'more' })
      .on(ListStacksCommand, { NextToken: 'more' })
      .resolves({ StackSummaries: [gone('xxxx-build', 'c', 2)] });
    expect(await deletion.deletedStacks('xxxx-build')).toEqual(['c', 'a']);
  });
});
