import {
  CloudWatchLogsClient,
  paginateFilterLogEvents,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { type LocalAccount, until } from '#scripts/lib/local-account.ts';

const GROUP = '/aws/lambda/clean-exit-custom-resource';

/** A line of the custom resource's log, as queries see it. */
export interface LogLine {
  readonly code: string;
  readonly stackId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the deployed custom resource wrote into its log group. */
export class FunctionLog {
  readonly #client: CloudWatchLogsClient;

  constructor(account: LocalAccount) {
    this.#client = new CloudWatchLogsClient(account.root);
  }

  /** Everything in the group, as text; nothing once the service is gone. */
  async text(): Promise<string> {
    const messages: string[] = [];
    try {
      for await (const page of paginateFilterLogEvents({ client: this.#client }, { logGroupName: GROUP })) {
        messages.push(...(page.events ?? []).map(({ message = '' }) => message));
      }
    } catch (thrown) {
      if (!(thrown instanceof ResourceNotFoundException)) {
        throw thrown;
      }
    }
    return messages.join('\n');
  }

  /** The lines about one stack, in the order in which they were written. */
  async about(stackId: string): Promise<readonly LogLine[]> {
    const lines = (await this.text()).split('\n').flatMap((line) => parse(line) ?? []);
    return lines.filter((line) => line.stackId === stackId);
  }

  /** Waits until the log has a line about the stack: a function's log arrives after its answer. */
  async find(
    stackId: string,
    code: string,
    matches: (fields: LogLine['fields']) => boolean = () => true,
  ): Promise<LogLine['fields']> {
    let found: LogLine | undefined;
    await until(async () => {
      const lines = await this.about(stackId);
      found = lines.findLast((line) => line.code === code && matches(line.fields));
      return found !== undefined;
    }, `a log line ${code} about ${stackId}`);
    return found?.fields ?? {};
  }

  /** What the last Delete of a stack decided. */
  async decision(stackId: string): Promise<{ readonly empty: unknown; readonly code: unknown; readonly why: unknown }> {
    const { empty, decision, why } = await this.find(stackId, 'DECISION');
    return { empty, code: decision, why };
  }
}

function parse(line: string): LogLine | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  const fields: unknown = JSON.parse(line);
  if (typeof fields !== 'object' || fields === null) {
    return undefined;
  }
  const { code, stackId, ...rest }: Record<string, unknown> = { ...fields };
  return { code: String(code), stackId: String(stackId), fields: rest };
}
