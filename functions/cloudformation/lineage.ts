import type { StackFacts } from '../core/model.ts';
import type { CloudFormationPort } from '../core/ports/index.ts';

/** What one stack is doing at this moment. */
export interface StackMoment extends Pick<StackFacts, 'stackId' | 'stackName' | 'status' | 'creationTime'> {
  /** ISO 8601; only for a stack whose update is being rolled back. */
  readonly updateStartedAt?: string | undefined;
}

/** A stack and the stacks that it is nested in. */
export interface Lineage {
  readonly own: StackMoment;
  /** The parent first, the root last; empty for a root stack. */
  readonly ancestors: readonly StackMoment[];
  /** False where a parent is named that CloudFormation does not know. */
  readonly complete: boolean;
}

/** Is the stack taking back an update at this moment? */
export function rollsBackUpdate(status: string): boolean {
  return status === 'UPDATE_ROLLBACK_IN_PROGRESS' || status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
}

/**
 * Reads what a stack and its ancestors are doing.
 *
 * @returns undefined where CloudFormation knows no such stack
 * @throws AwsFailure where it cannot be asked
 */
export async function readLineage(port: CloudFormationPort, stackId: string): Promise<Lineage | undefined> {
  const facts = await port.stack(stackId);
  if (!facts) {
    return undefined;
  }
  const ancestors: StackMoment[] = [];
  const seen = new Set([facts.stackId]);
  let parentId = facts.parentId;
  while (parentId !== undefined && !seen.has(parentId)) {
    const parent = await port.stack(parentId);
    if (!parent) {
      return { own: momentOf(facts), ancestors, complete: false };
    }
    seen.add(parent.stackId);
    const updateStartedAt = rollsBackUpdate(parent.status) ? await port.updateStartedAt(parent.stackId) : undefined;
    ancestors.push({ ...momentOf(parent), updateStartedAt });
    parentId = parent.parentId;
  }
  return { own: momentOf(facts), ancestors, complete: true };
}

function momentOf({ stackId, stackName, status, creationTime }: StackFacts): StackMoment {
  return { stackId, stackName, status, creationTime };
}
