import type { AfterDeletePort, Replica } from '#functions/core/ports/after-delete.ts';
import type { Operation, StackDeletionPort } from '#functions/core/ports/stack-deletion.ts';
import type { ResourceOptions } from './cloudformation.ts';
import { awsFailure, type CallLog, type FakeClock, type FakeCloudFormation, type FakeLogs } from './index.ts';

const NESTED_STACK = 'AWS::CloudFormation::Stack';
/** Milliseconds from a request to the end of its delete. */
const DELETE_TAKES = 10_000;

interface Deletion {
  readonly stack: string;
  readonly token: string;
  readonly former: string;
  readonly endsAt: number;
  operation: Operation;
}

export interface Removal {
  /** AWS's words where a resource cannot be deleted as it is; asked when its turn comes. */
  readonly blocks: (resource: ResourceOptions) => string | undefined;
  /** Told of everything that is deleted. */
  readonly gone: (resource: ResourceOptions) => void;
}

/**
 * CloudFormation's deletes, unkind where AWS is:
 * - a delete takes 10 seconds; it goes on although nobody looks, and ends at the first call after its time;
 * - a stack whose export is imported falls back to its former status with `Delete canceled`; a nested one fails instead;
 * - what blocks fails with its reason, everything else is deleted all the same, what it depends on included;
 * - Retain and its sisters end in DELETE_SKIPPED; a nested stack that failed makes its parents fail;
 * - a token is taken once; protected stacks, and stacks in another operation, are refused.
 */
export class FakeStackDeletion implements StackDeletionPort {
  readonly #log: CallLog;
  readonly #clock: FakeClock;
  readonly #cloudFormation: FakeCloudFormation;
  readonly #removal: Removal;
  readonly #deletions: Deletion[] = [];
  /** Requests that began a delete, in their order, with the role that was passed. */
  readonly begun: { readonly stack: string; readonly roleArn: string | undefined }[] = [];

  constructor(log: CallLog, clock: FakeClock, cloudFormation: FakeCloudFormation, removal: Removal) {
    this.#log = log;
    this.#clock = clock;
    this.#cloudFormation = cloudFormation;
    this.#removal = removal;
    log.onCall(() => this.#settle());
  }

  async deleteStack({
    stackId,
    roleArn,
    token,
  }: {
    readonly stackId: string;
    readonly roleArn?: string | undefined;
    readonly token: string;
  }): Promise<void> {
    await this.#log.begin('cloudformation:DeleteStack', stackId);
    if (!/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/.test(token)) {
      throw new Error(`no ClientRequestToken: ${token}`);
    }
    const stack = stackId.split('/')[1] ?? stackId;
    const { facts } = this.#cloudFormation.peek(stack);
    if (facts.status === 'DELETE_COMPLETE' || this.#deletions.some((each) => each.token === token)) {
      return;
    }
    if (
      facts.terminationProtected ||
      (facts.status.endsWith('_IN_PROGRESS') && facts.status !== 'REVIEW_IN_PROGRESS')
    ) {
      throw awsFailure('cloudformation:DeleteStack', stackId, 'ValidationError');
    }
    this.begun.push({ stack, roleArn });
    this.beginFor(stack, token);
  }

  /** Somebody else has a stack deleted: no call of ours. */
  beginFor(stack: string, token: string): void {
    this.#deletions.push({
      stack,
      token,
      former: this.#cloudFormation.peek(stack).facts.status,
      endsAt: this.#clock.now() + DELETE_TAKES,
      operation: { status: 'DELETE_IN_PROGRESS' },
    });
    this.#cloudFormation.setStatus(stack, 'DELETE_IN_PROGRESS');
  }

  async setTerminationProtection(stackId: string, on: boolean): Promise<void> {
    await this.#log.begin('cloudformation:UpdateTerminationProtection', stackId);
    const stack = stackId.split('/')[1] ?? stackId;
    const { facts } = this.#cloudFormation.peek(stack);
    this.#cloudFormation.setStatus(stack, facts.status, { terminationProtected: on });
  }

  async operation(stackId: string, token: string): Promise<Operation | undefined> {
    await this.#log.begin('cloudformation:DescribeStackEvents', stackId);
    return this.#deletions.find((each) => each.token === token)?.operation;
  }

  async deletedStacks(stackName: string): Promise<readonly string[]> {
    await this.#log.begin('cloudformation:ListStacks', stackName);
    const known = this.#cloudFormation.stackNames().includes(stackName);
    const facts = known ? this.#cloudFormation.peek(stackName).facts : undefined;
    return facts?.status === 'DELETE_COMPLETE' ? [facts.stackId] : [];
  }

  #settle(): void {
    for (const each of this.#deletions) {
      if (each.operation.status === 'DELETE_IN_PROGRESS' && this.#clock.now() >= each.endsAt) {
        each.operation = this.#end(each);
      }
    }
  }

  #end({ stack, former }: Deletion): Operation {
    const used = this.#importedBy(stack);
    if (used !== undefined) {
      this.#cloudFormation.setStatus(stack, former, { statusReason: used });
      return { status: former, reason: used };
    }
    const failed = this.#deleteResources(stack);
    if (failed.length === 0) {
      this.#cloudFormation.setStatus(stack, 'DELETE_COMPLETE');
      return { status: 'DELETE_COMPLETE' };
    }
    const reason = `The following resource(s) failed to delete: [${failed.join(', ')}]. `;
    this.#cloudFormation.setStatus(stack, 'DELETE_FAILED', { statusReason: reason });
    return { status: 'DELETE_FAILED', reason };
  }

  #importedBy(stack: string): string | undefined {
    for (const name of this.#cloudFormation.peek(stack).facts.exportNames) {
      const [importer] = this.#cloudFormation.importersNow(name);
      if (importer !== undefined) {
        return `Delete canceled. Cannot delete export ${name} as it is in use by ${importer}.`;
      }
    }
    return undefined;
  }

  /** Logical ids of what could not be deleted. */
  #deleteResources(stack: string): readonly string[] {
    const failed: string[] = [];
    for (const resource of this.#cloudFormation.peek(stack).resources) {
      const { logicalId, status = 'CREATE_COMPLETE', deletionPolicy = 'Delete' } = resource;
      if (status === 'DELETE_COMPLETE' || status === 'DELETE_SKIPPED') continue;
      if (deletionPolicy !== 'Delete') {
        this.#cloudFormation.setResource(stack, logicalId, { status: 'DELETE_SKIPPED' });
        continue;
      }
      const reason = resource.type === NESTED_STACK ? this.#deleteNested(logicalId) : this.#removal.blocks(resource);
      if (reason === undefined) {
        this.#removal.gone(resource);
        this.#cloudFormation.setResource(stack, logicalId, { status: 'DELETE_COMPLETE' });
      } else {
        failed.push(logicalId);
        this.#cloudFormation.setResource(stack, logicalId, { status: 'DELETE_FAILED', statusReason: reason });
      }
    }
    return failed;
  }

  #deleteNested(stack: string): string | undefined {
    const used = this.#importedBy(stack);
    const failed = used === undefined ? this.#deleteResources(stack) : [];
    if (used !== undefined) {
      return `Embedded stack ${stack} was not successfully deleted: ${used}`;
    }
    if (failed.length === 0) {
      this.#cloudFormation.setStatus(stack, 'DELETE_COMPLETE');
      return undefined;
    }
    this.#cloudFormation.setStatus(stack, 'DELETE_FAILED');
    return `Embedded stack ${stack} was not successfully deleted: The following resource(s) failed to delete: [${failed.join(', ')}].`;
  }
}

/** The registry's replication rules, and the deletion of log groups. */
export class FakeAfterDelete implements AfterDeletePort {
  readonly #log: CallLog;
  readonly #logs: FakeLogs;
  readonly rules: Replica[] = [];

  constructor(log: CallLog, logs: FakeLogs) {
    this.#log = log;
    this.#logs = logs;
  }

  async replicas(): Promise<readonly Replica[]> {
    await this.#log.begin('ecr:DescribeRegistry', 'registry');
    return this.rules;
  }

  async deleteLogGroup(groupName: string): Promise<void> {
    await this.#log.begin('logs:DeleteLogGroup', groupName);
    this.#logs.removeGroup(groupName);
  }
}
