import { DescribeExecutionCommand, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { type LocalAccount, TEARDOWN_MACHINE } from '#scripts/lib/local-account.ts';
import { knownStacks, rowsBelow } from './known-stacks.ts';
import { type Boundaries, learnBoundaries, TEARDOWN, type Write, writesOf } from './writes.ts';

/** The log group that Lambda or CodeBuild makes for what it belongs to. */
const LOGS_OF: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': '/aws/lambda/',
  'AWS::CodeBuild::Project': '/aws/codebuild/',
};

/** Whose calls are watched, and what they were asked for. */
export interface Watched {
  /** Part of the principal's ARN; the session of the teardown's function where absent. */
  readonly session?: string;
  /** Names or ARNs of the stacks that were to be deleted; what executions of the state machine were told where absent. */
  readonly asked?: () => Promise<ReadonlySet<string>>;
}

/**
 * Watches what a teardown does to an account: each of its writes must be to a stack that somebody asked to delete, or to
 * something in that stack's tree.
 */
export class TeardownWatch {
  readonly #account: LocalAccount;
  readonly #session: string;
  readonly #asked: () => Promise<ReadonlySet<string>>;
  readonly #boundaries: Boundaries = new Map();
  #next = 0;

  constructor(account: LocalAccount, { session = TEARDOWN, asked = () => askedOfMachine(account) }: Watched = {}) {
    this.#account = account;
    this.#session = session;
    this.#asked = asked;
  }

  /** The writes since the last check that nobody asked for. */
  async strays(): Promise<readonly Write[]> {
    const { next, calls } = await this.#account.emulator.calls(this.#next);
    this.#next = next;
    learnBoundaries(this.#boundaries, calls);
    const writes = writesOf(calls, this.#session, this.#boundaries);
    if (writes.length === 0) {
      return [];
    }
    const asked = await this.#trees();
    return writes.filter(({ type, name, otherSide = '' }) => !asked.has(`${type} ${name}`) && !asked.has(otherSide));
  }

  /** The stacks that were to be deleted, by name and by ARN, and what is in their trees. */
  async #trees(): Promise<ReadonlySet<string>> {
    const asked = await this.#asked();
    const stacks = await knownStacks(this.#account);
    return new Set(
      stacks
        .filter(({ id }) => asked.has(id) || asked.has(id.split('/')[1] ?? id))
        .flatMap(({ id }) => {
          const rows = rowsBelow(id, stacks);
          const logs = rows.flatMap((row) => {
            const [type = '', name = ''] = row.split(' ');
            return LOGS_OF[type] === undefined ? [] : [`AWS::Logs::LogGroup ${LOGS_OF[type]}${name}`];
          });
          const self = [id, id.split('/')[1]].map((name) => `AWS::CloudFormation::Stack ${name}`);
          return [...self, ...rows, ...logs];
        }),
    );
  }
}

async function askedOfMachine({ root }: LocalAccount): Promise<ReadonlySet<string>> {
  const client = new SFNClient(root);
  const asked = new Set<string>();
  for await (const page of paginateListExecutions({ client }, { stateMachineArn: TEARDOWN_MACHINE })) {
    for (const { executionArn } of page.executions ?? []) {
      const { input = '{}' } = await client.send(new DescribeExecutionCommand({ executionArn }));
      const { mode, stacks = [] }: { mode?: unknown; stacks?: readonly unknown[] } = JSON.parse(input);
      for (const stack of mode === 'execute' ? stacks : []) {
        asked.add(String(stack));
      }
    }
  }
  return asked;
}
