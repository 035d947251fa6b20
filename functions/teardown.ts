import type { Context } from 'aws-lambda';
import { createAfterDelete } from './aws/after-delete.ts';
import { createPorts } from './aws/index.ts';
import { createStackDeletion } from './aws/stack-deletion.ts';
import { CLEANERS } from './cleaners/index.ts';
import { readConfig } from './config.ts';
import { AwsFailure, CleanExitError, messageOf, Refused } from './errors.ts';
import { createLog } from './log.ts';
import { TeardownConfig } from './schemas/teardown-config.ts';
import { stackNotices } from './stack-notices.ts';
import { runTask, type TaskDeps } from './teardown/task.ts';

/** Milliseconds before the end of an invocation at which no work begins any more: what is under way ends by itself mostly. */
const STOP_BEFORE = 30_000;
/** Then calls under way are ended, so that the state machine is told something before Lambda ends the invocation. */
const ABORT_BEFORE = 10_000;

const log = createLog('teardown');
const openMessenger = stackNotices(log);

/** For one invocation; the signal ends all AWS calls under way. */
function dependencies(signal: AbortSignal, functionName: string): TaskDeps {
  const { SERVICE_ROLE_ARN, DELETE_ROLE_ARN } = readConfig(TeardownConfig);
  const roleArns = [SERVICE_ROLE_ARN, DELETE_ROLE_ARN].filter((arn) => arn !== '');
  return {
    log,
    openMessenger,
    ports: {
      ...createPorts({ signal }),
      stackDeletion: createStackDeletion({ signal }),
      afterDelete: createAfterDelete({ signal }),
    },
    cleaners: CLEANERS,
    service: { functionName, roleArns },
    rights: { kind: 'service', deleteRoleArn: DELETE_ROLE_ARN === '' ? undefined : DELETE_ROLE_ARN },
    onProgress: ({ logicalId, ...progress }) => log.info('PROGRESS', { resource: logicalId, ...progress }),
  };
}

async function carryOut(event: unknown, context: Context): Promise<unknown> {
  log.remember({ requestId: context.awsRequestId });
  const left = () => context.getRemainingTimeInMillis();
  try {
    const signal = AbortSignal.timeout(Math.max(0, left() - ABORT_BEFORE));
    return await runTask(dependencies(signal, context.functionName), event, () => left() - STOP_BEFORE);
  } catch (thrown) {
    const code = thrown instanceof CleanExitError ? thrown.code : 'BUG';
    log.error('TASK_FAILED', { error: code, reason: messageOf(thrown) });
    // Trying again does not help until an administrator acts: the state machine tells the two apart by their names.
    throw thrown instanceof AwsFailure && thrown.accessDenied ? denied(thrown) : thrown;
  }
}

function denied(failure: AwsFailure): Refused {
  const remedy = `An administrator must allow ${failure.context.action} to the role of the function clean-exit-teardown.`;
  return new Refused('ACCESS_DENIED', `${failure.message.replace(/\.?$/, '.')} ${remedy}`, { cause: failure });
}

/** One task of the state machine `clean-exit-teardown`, which waits for the answer. */
export const handler = (event: unknown, context: Context): Promise<unknown> => carryOut(event, context);
