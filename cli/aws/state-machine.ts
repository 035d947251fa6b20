import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  type ExecutionListItem,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CLIENT_SETTINGS } from '#functions/aws/clients.ts';
import { call, callUnlessGone } from '#functions/aws/errors.ts';
import { pagesOf } from '#functions/aws/paging.ts';
import { required } from '#functions/aws/values.ts';

/** One run of the state machine. */
export interface Execution {
  readonly name: string;
  readonly arn: string;
  /** `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED` or `PENDING_REDRIVE`. */
  readonly status: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly stoppedAt?: string | undefined;
}

export interface ExecutionDetails extends Execution {
  /** JSON texts, where they are known. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Name and cause of the error that ended it. */
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** Step Functions as the command line needs it. */
export interface StateMachinePort {
  /** Is there such a state machine? */
  exists(machineArn: string): Promise<boolean>;
  /** Starts a run; the same name with the same input starts nothing twice. */
  start(machineArn: string, name: string, input: string): Promise<string>;
  execution(executionArn: string): Promise<ExecutionDetails>;
  /** What the states and tasks of a run took and gave, oldest first, as JSON texts: those after the event with this id (0: all). */
  dataSince(
    executionArn: string,
    eventId: number,
  ): Promise<{ readonly texts: readonly string[]; readonly eventId: number }>;
  /** The latest first. */
  executions(machineArn: string, most: number): Promise<readonly Execution[]>;
}

export function createStateMachine(client: SFNClient = new SFNClient(CLIENT_SETTINGS)): StateMachinePort {
  return {
    async exists(stateMachineArn) {
      const found = await callUnlessGone(
        'states:DescribeStateMachine',
        stateMachineArn,
        ['StateMachineDoesNotExist'],
        () => client.send(new DescribeStateMachineCommand({ stateMachineArn })),
      );
      return found !== undefined;
    },

    async start(stateMachineArn, name, input) {
      const action = 'states:StartExecution';
      const answer = await call(action, stateMachineArn, () =>
        client.send(new StartExecutionCommand({ stateMachineArn, name, input })),
      );
      return required(answer.executionArn, 'executionArn', action, stateMachineArn);
    },

    async execution(executionArn) {
      const action = 'states:DescribeExecution';
      const answer = await call(action, executionArn, () =>
        client.send(new DescribeExecutionCommand({ executionArn })),
      );
      const { input, output, error, cause } = answer;
      return { ...executionOf(answer, action), input, output, error, cause };
    },

    async dataSince(executionArn, eventId) {
      const action = 'states:GetExecutionHistory';
      // Newest first: what was seen before need not be read again.
      // https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
      const pages = paginateGetExecutionHistory(
        { client },
        { executionArn, reverseOrder: true, includeExecutionData: true },
      );
      const fresh: HistoryEvent[] = [];
      for await (const page of pagesOf({ action, resource: executionArn, tokenOf: (each) => each.nextToken }, pages)) {
        const events = (page.events ?? []).filter(({ id = 0 }) => id > eventId);
        fresh.push(...events);
        if (events.length < (page.events ?? []).length) {
          break;
        }
      }
      return {
        texts: fresh.toReversed().flatMap((event) => dataOf(event) ?? []),
        eventId: Math.max(eventId, ...fresh.map(({ id = 0 }) => id)),
      };
    },

    async executions(stateMachineArn, most) {
      const action = 'states:ListExecutions';
      const pages = paginateListExecutions({ client }, { stateMachineArn, maxResults: most });
      const found: Execution[] = [];
      for await (const page of pagesOf(
        { action, resource: stateMachineArn, tokenOf: (each) => each.nextToken },
        pages,
      )) {
        found.push(...(page.executions ?? []).map((each) => executionOf(each, action)));
        if (found.length >= most) {
          break;
        }
      }
      return found.slice(0, most);
    },
  };
}

/** What went into a state or a task, or came out of it. */
function dataOf({
  stateEnteredEventDetails: entered,
  taskScheduledEventDetails: scheduled,
  taskSucceededEventDetails: succeeded,
  stateExitedEventDetails: exited,
}: HistoryEvent): string | undefined {
  return entered?.input ?? scheduled?.parameters ?? succeeded?.output ?? exited?.output;
}

function executionOf(
  { name, executionArn, status, startDate, stopDate }: Partial<ExecutionListItem>,
  action: 'states:DescribeExecution' | 'states:ListExecutions',
): Execution {
  const arn = required(executionArn, 'executionArn', action, name ?? 'an execution');
  return {
    arn,
    name: required(name, 'name', action, arn),
    status: required(status, 'status', action, arn),
    startedAt: required(startDate, 'startDate', action, arn).toISOString(),
    stoppedAt: stopDate?.toISOString(),
  };
}
