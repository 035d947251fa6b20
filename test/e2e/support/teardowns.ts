import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { TeardownPlan, TeardownReport } from '#functions/teardown/model.ts';
import { type LocalAccount, TEARDOWN_MACHINE, until } from '#scripts/lib/local-account.ts';

/** How an execution of the state machine ended. */
export interface Ended {
  readonly status: string;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Output of the state Report; fails where there is none. */
  readonly report: TeardownReport;
  /** The report with what came of telling people; fails where nothing is told. */
  readonly told: TeardownReport;
  /** What the state Plan tells; fails where there is none. */
  readonly plan: TeardownPlan;
}

/** What somebody may ask for. */
export interface Asked {
  readonly stacks: readonly string[];
  readonly mode?: 'plan' | 'execute';
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Teardowns by the deployed state machine, started as people start them. */
export class Teardowns {
  readonly #client: SFNClient;

  constructor(account: LocalAccount) {
    this.#client = new SFNClient(account.root);
  }

  /** @returns the execution's ARN */
  async start(asked: Asked | Readonly<Record<string, unknown>>): Promise<string> {
    const { executionArn = '' } = await this.#client.send(
      new StartExecutionCommand({ stateMachineArn: TEARDOWN_MACHINE, input: JSON.stringify(asked) }),
    );
    return executionArn;
  }

  async ended(executionArn: string): Promise<Ended> {
    const describe = () => this.#client.send(new DescribeExecutionCommand({ executionArn }));
    await until(async () => (await describe()).status !== 'RUNNING', `${executionArn} ends`, 90);
    const { status = '', error, cause } = await describe();
    const events = await this.#history(executionArn);
    return {
      status,
      error,
      cause,
      get report() {
        return JSON.parse(outputOf(events, 'Report'));
      },
      get told() {
        return JSON.parse(outputOf(events, 'Tell how it ended'));
      },
      get plan() {
        return JSON.parse(outputOf(events, 'Plan')).plan;
      },
    };
  }

  /** Asks for stacks to be deleted, and waits for the end. */
  async execute(stacks: readonly string[], options: Asked['options'] = {}): Promise<Ended> {
    return this.ended(await this.start({ stacks, mode: 'execute', options }));
  }

  async stop(executionArn: string): Promise<void> {
    await this.#client.send(new StopExecutionCommand({ executionArn }));
  }

  /** How often a task was begun so far. */
  async tasks(executionArn: string): Promise<number> {
    return (await this.#history(executionArn)).filter(({ type }) => type === 'TaskScheduled').length;
  }

  async #history(executionArn: string): Promise<readonly HistoryEvent[]> {
    const { events = [] } = await this.#client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, includeExecutionData: true }),
    );
    return events;
  }
}

function outputOf(events: readonly HistoryEvent[], state: string): string {
  const left = events.find(({ stateExitedEventDetails }) => stateExitedEventDetails?.name === state);
  if (left?.stateExitedEventDetails?.output === undefined) {
    throw new Error(`the execution never left its state ${state}`);
  }
  return left.stateExitedEventDetails.output;
}
