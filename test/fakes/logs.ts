import type { Clock } from '#functions/core/ports/index.ts';
import type { LogGroup, LogsPort } from '#functions/core/ports/logs.ts';
import { awsFailure, type CallLog } from './call-log.ts';

export interface GroupOptions {
  readonly deletionProtected?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly streams?: number;
}

interface State {
  deletionProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly streams: Set<string>;
  deletions: number;
}

/**
 * CloudWatch Logs as far as the port shows it, unkind where AWS is:
 * - pages hold 3 streams (`pageSize`); a delete between two pages of one listing is an error of the test's subject;
 * - a group under deletion protection refuses to lose streams (ValidationException);
 * - more than 15 stream deletes within a second, all groups together, are throttled;
 * - a group may vanish at any time: listings end, deletes succeed.
 */
export class FakeLogs implements LogsPort {
  pageSize = 3;
  readonly #log: CallLog;
  readonly #clock: Clock;
  readonly #groups = new Map<string, State>();
  #deleteTimes: number[] = [];

  constructor(log: CallLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  addGroup(name: string, options: GroupOptions = {}): this {
    this.#groups.set(name, {
      deletionProtected: options.deletionProtected ?? false,
      tags: options.tags ?? {},
      streams: new Set(Array.from({ length: options.streams ?? 0 }, (_, at) => `stream-${at}`)),
      deletions: 0,
    });
    return this;
  }

  removeGroup(name: string): void {
    this.#groups.delete(name);
  }

  streams(name: string): readonly string[] {
    return [...(this.#groups.get(name)?.streams ?? [])];
  }

  isProtected(name: string): boolean {
    return this.#groups.get(name)?.deletionProtected ?? false;
  }

  async logGroup(name: string): Promise<LogGroup | undefined> {
    await this.#log.begin('logs:DescribeLogGroups', name);
    const group = this.#groups.get(name);
    return (
      group && {
        arn: `arn:aws:logs:eu-west-1:123456789012:log-group:${name}`,
        deletionProtected: group.deletionProtected,
        tags: group.tags,
      }
    );
  }

  async *logStreams(groupName: string): AsyncIterable<readonly string[]> {
    let deletions: number | undefined;
    for (let from = 0; ; from += this.pageSize) {
      await this.#log.begin('logs:DescribeLogStreams', groupName);
      const group = this.#groups.get(groupName);
      if (group === undefined) {
        return;
      }
      deletions ??= group.deletions;
      if (deletions !== group.deletions) {
        throw new Error(`${groupName}: streams were deleted between two pages of one listing`);
      }
      const all = [...group.streams];
      const page = all.slice(from, from + this.pageSize);
      if (page.length > 0) {
        yield page;
      }
      if (from + this.pageSize >= all.length) {
        return;
      }
    }
  }

  async deleteLogStream(groupName: string, streamName: string): Promise<void> {
    const action = 'logs:DeleteLogStream';
    await this.#log.begin(action, groupName);
    const now = this.#clock.now();
    this.#deleteTimes = [...this.#deleteTimes.filter((time) => time > now - 1000), now];
    if (this.#deleteTimes.length > 15) {
      throw awsFailure(action, groupName, 'ThrottlingException');
    }
    const group = this.#groups.get(groupName);
    if (group?.deletionProtected) {
      throw awsFailure(action, groupName, 'ValidationException');
    }
    if (group?.streams.delete(streamName)) {
      group.deletions += 1;
    }
  }

  async disableDeletionProtection(groupName: string): Promise<void> {
    await this.#log.begin('logs:PutLogGroupDeletionProtection', groupName);
    const group = this.#groups.get(groupName);
    if (group !== undefined) {
      group.deletionProtected = false;
    }
  }
}
