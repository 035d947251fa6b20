import { CloudFormationClient, DescribeStacksCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { AwsFailure } from '#functions/errors.ts';
import { sdkError, served } from '#test/aws/sdk.ts';
import { whoAmI } from '../../cli/aws/identity.ts';
import { deniedActions } from '../../cli/aws/permissions.ts';
import { serviceStack } from '../../cli/aws/service-stack.ts';
import { createStateMachine } from '../../cli/aws/state-machine.ts';
import { stuckStacks } from '../../cli/aws/stuck-stacks.ts';

const settings = { region: 'eu-west-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' } };
const sfn = mockClient(SFNClient);
const iam = mockClient(IAMClient);
const cloudFormation = mockClient(CloudFormationClient);
const sts = mockClient(STSClient);
const machine = createStateMachine(new SFNClient(settings));
const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:clean-exit-teardown';
const RUN = 'arn:aws:states:eu-west-1:123456789012:execution:clean-exit-teardown:run-1';

afterEach(() => {
  for (const mock of [sfn, iam, cloudFormation, sts]) {
    mock.reset();
  }
});

describe('who am I', () => {
  it('is the caller, the account, the partition and the Region', async () => {
    sts.on(GetCallerIdentityCommand).resolves({ Arn: 'arn:aws-cn:iam::123456789012:user/x', Account: '123456789012' });
    expect(await whoAmI(() => new STSClient(settings))).toEqual({
      arn: 'arn:aws-cn:iam::123456789012:user/x',
      accountId: '123456789012',
      partition: 'aws-cn',
      region: 'eu-west-1',
    });
  });

  it('fails as an AwsFailure', async () => {
    sts.on(GetCallerIdentityCommand).rejects(sdkError('ExpiredToken'));
    await expect(whoAmI(() => new STSClient(settings))).rejects.toMatchObject({
      context: { errorName: 'ExpiredToken' },
    });
  });
});

describe('the state machine', () => {
  it('is there, or not; a refusal is neither', async () => {
    sfn
      .on(DescribeStateMachineCommand)
      .resolvesOnce({ name: 'x' })
      .rejectsOnce(sdkError('StateMachineDoesNotExist'))
      .rejectsOnce(sdkError('AccessDeniedException'));
    expect(await machine.exists(MACHINE)).toBe(true);
    expect(await machine.exists(MACHINE)).toBe(false);
    await expect(machine.exists(MACHINE)).rejects.toThrow(AwsFailure);
  });

  it('starts a run by its name', async () => {
    sfn.on(StartExecutionCommand).resolves({ executionArn: RUN });
    expect(await machine.start(MACHINE, 'run-1', '{}')).toBe(RUN);
    expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
      stateMachineArn: MACHINE,
      name: 'run-1',
      input: '{}',
    });
  });

  it('tells of a run what it took, gave, and why it failed', async () => {
    const startDate = new Date('2026-11-23T08:00:00Z');
    sfn
      .on(DescribeExecutionCommand)
      .resolves({ executionArn: RUN, name: 'run-1', status: 'FAILED', startDate, input: '{}', error: 'E', cause: 'C' });
    expect(await machine.execution(RUN)).toEqual({
      arn: RUN,
      name: 'run-1',
      status: 'FAILED',
      startedAt: '2026-11-23T08:00:00.000Z',
      stoppedAt: undefined,
      input: '{}',
      output: undefined,
      error: 'E',
      cause: 'C',
    });
  });

  it('reads the history newest first, all pages the first time, and afterwards only what is new', async () => {
    const events: readonly HistoryEvent[] = [
      { stateEnteredEventDetails: { name: 'Step', input: 'in-1' }, type: 'TaskStateEntered' as const },
      {
        taskScheduledEventDetails: { parameters: 'in-2', resource: 'invoke', resourceType: 'lambda', region: 'x' },
        type: 'TaskScheduled' as const,
      },
      { taskStartedEventDetails: { resource: 'invoke', resourceType: 'lambda' }, type: 'TaskStarted' as const },
      {
        taskSucceededEventDetails: { output: 'out-4', resource: 'invoke', resourceType: 'lambda' },
        type: 'TaskSucceeded' as const,
      },
      { stateExitedEventDetails: { name: 'Step', output: 'out-5' }, type: 'TaskStateExited' as const },
      { stateEnteredEventDetails: { name: 'Report', input: 'in-6' }, type: 'TaskStateEntered' as const },
    ].map((each, at) => ({ ...each, id: at + 1, timestamp: new Date(0) }));
    const page = (...ids: readonly number[]) => ids.flatMap((id) => events[id - 1] ?? []);
    const { asked, answer } = served('nextToken', {
      '': { events: page(6, 5), nextToken: 'two' },
      two: { events: page(4, 3), nextToken: 'three' },
      three: { events: page(2, 1) },
    });
    sfn.on(GetExecutionHistoryCommand).callsFake(answer);
    expect(await machine.dataSince(RUN, 0)).toEqual({
      texts: ['in-1', 'in-2', 'out-4', 'out-5', 'in-6'],
      eventId: 6,
    });
    expect(asked).toHaveLength(3);
    expect(asked[0]).toMatchObject({ reverseOrder: true, includeExecutionData: true });
    asked.length = 0;
    expect(await machine.dataSince(RUN, 3)).toEqual({ texts: ['out-4', 'out-5', 'in-6'], eventId: 6 });
    expect(asked).toHaveLength(2);
    expect(await machine.dataSince(RUN, 6)).toEqual({ texts: [], eventId: 6 });
  });

  it('lists as many runs as are wanted, over pages', async () => {
    const row = (name: string) => ({
      name,
      executionArn: `arn:${name}`,
      stateMachineArn: MACHINE,
      status: 'RUNNING' as const,
      startDate: new Date(0),
    });
    const { answer } = served('nextToken', {
      '': { executions: [row('a'), row('b')], nextToken: 'two' },
      two: { executions: [row('c'), row('d')] },
    });
    sfn.on(ListExecutionsCommand).callsFake(answer);
    expect((await machine.executions(MACHINE, 3)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});

describe('stuck stacks', () => {
  it('are root stacks in DELETE_FAILED, of all pages', async () => {
    const row = (StackName: string, more = {}) => ({
      StackName,
      CreationTime: new Date(0),
      StackStatus: 'DELETE_FAILED' as const,
      ...more,
    });
    const { asked, answer } = served('NextToken', {
      '': { StackSummaries: [row('a', { StackStatusReason: 'why' })], NextToken: 'two' },
      two: { StackSummaries: [row('nested', { ParentId: 'arn:b' }), row('b')] },
    });
    cloudFormation.on(ListStacksCommand).callsFake(answer);
    expect(await stuckStacks(new CloudFormationClient(settings))).toEqual([
      { stackName: 'a', reason: 'why', since: undefined },
      { stackName: 'b', reason: '', since: undefined },
    ]);
    expect(asked[0]).toMatchObject({ StackStatusFilter: ['DELETE_FAILED'] });
  });
});

describe("the service's stack", () => {
  const client = new CloudFormationClient(settings);

  it('tells its status, parameters and outputs', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves({
      Stacks: [
        {
          StackName: 'clean-exit',
          CreationTime: new Date(0),
          LastUpdatedTime: new Date('2026-11-23T08:00:00Z'),
          StackStatus: 'UPDATE_COMPLETE',
          Parameters: [{ ParameterKey: 'A', ParameterValue: 'a' }],
          Outputs: [{ OutputKey: 'Version', OutputValue: '1' }],
        },
      ],
    });
    expect(await serviceStack(client)).toEqual({
      status: 'UPDATE_COMPLETE',
      deployedAt: '2026-11-23T08:00:00.000Z',
      parameters: { A: 'a' },
      outputs: { Version: '1' },
    });
  });

  it('is not there; any other refusal is a failure', async () => {
    cloudFormation
      .on(DescribeStacksCommand)
      .rejectsOnce(sdkError('ValidationError', { message: 'Stack with id clean-exit does not exist' }))
      .rejectsOnce(sdkError('ValidationError', { message: 'Something else' }));
    expect(await serviceStack(client)).toBeUndefined();
    await expect(serviceStack(client)).rejects.toThrow(AwsFailure);
  });
});

describe('what IAM would deny', () => {
  const decisions = {
    '': {
      EvaluationResults: [{ EvalActionName: 'a:A', EvalDecision: 'allowed' as const }],
      IsTruncated: true,
      Marker: 'two',
    },
    two: {
      EvaluationResults: [
        { EvalActionName: 'b:B', EvalDecision: 'implicitDeny' as const },
        { EvalActionName: 'c:C', EvalDecision: 'explicitDeny' as const },
      ],
    },
  };

  it('is asked for a user, over pages', async () => {
    const { asked, answer } = served('Marker', decisions);
    iam.on(SimulatePrincipalPolicyCommand).callsFake(answer);
    expect(await deniedActions('arn:aws:iam::123456789012:user/x', ['a:A', 'b:B', 'c:C'])).toEqual(['b:B', 'c:C']);
    expect(asked[0]).toMatchObject({ PolicySourceArn: 'arn:aws:iam::123456789012:user/x' });
  });

  it("is asked for a session's role, with the role's path", async () => {
    const { asked, answer } = served('Marker', decisions);
    iam.on(SimulatePrincipalPolicyCommand).callsFake(answer);
    const Role = {
      Arn: 'arn:aws:iam::123456789012:role/team/dev',
      Path: '/team/',
      RoleName: 'dev',
      RoleId: 'x',
      CreateDate: new Date(0),
    };
    iam.on(GetRoleCommand, { RoleName: 'dev' }).resolves({ Role });
    await deniedActions('arn:aws:sts::123456789012:assumed-role/dev/session', ['a:A']);
    expect(asked[0]).toMatchObject({ PolicySourceArn: Role.Arn });
  });
});
