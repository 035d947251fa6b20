import { AwsFailure } from '#functions/errors.ts';
import type { TeardownPlan, TeardownReport, TeardownRequest } from '#functions/teardown/model.ts';
import type { ExecutionDetails, StateMachinePort } from '../aws/state-machine.ts';
import { Interrupted, LostSight, RunFailed } from '../errors.ts';
import { executionArn, type Identity, STATE_MACHINE, stateMachineArn } from '../place.ts';
import { commandWord } from '../words.ts';
import type { Door, Going } from './door.ts';
import { journeysIn, planIn, reportIn } from './read-output.ts';

/**
 * So long between two looks at a run, in milliseconds: a plan is often made at once, a teardown takes minutes, and
 * DescribeExecution is throttled for the whole account.
 */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2_000;

export interface ServiceParts {
  readonly identity: Identity;
  readonly machine: StateMachinePort;
  readonly sentence: string;
  /** Ends early when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** The deployed state machine: it plans and deletes with its own rights, and goes on without this process. */
export function serviceDoor(parts: ServiceParts): Door {
  const { identity, machine, sentence } = parts;
  const start = (request: TeardownRequest, run: string): Promise<string> =>
    machine.start(stateMachineArn(identity), run, JSON.stringify(request));
  return {
    kind: 'service',
    sentence,
    async plan(request, { run, signal }) {
      const arn = await start({ ...request, mode: 'plan' }, `${run}-plan`);
      const ended = await untilEnded(parts, arn, signal, async () => {});
      const { texts } = await machine.dataSince(arn, 0);
      const plan = texts.flatMap((text) => planIn(text) ?? [])[0];
      if (plan === undefined && reportIn(ended.output) !== undefined) {
        throw new RunFailed(
          'The plan is too long for the state machine to hand over; it stands in the log group /aws/lambda/clean-exit-teardown. Ask for fewer stacks at once, or take --local.',
        );
      }
      return found<TeardownPlan>(ended, plan);
    },
    async execute(request, _plan, going) {
      const arn = await start({ ...request, mode: 'execute' }, going.run);
      const ended = await untilEnded(parts, arn, going.signal, followerOf(parts, arn, going)).catch(
        (thrown: unknown) => {
          throw thrown instanceof AwsFailure ? new LostSight(goesOn(identity, going.run), { cause: thrown }) : thrown;
        },
      );
      return found<TeardownReport>(ended, reportIn(ended.output) ?? (await lastReport(parts, arn)));
    },
    onInterrupt: (run) => goesOn(identity, run),
  };
}

function goesOn(identity: Identity, run: string): string {
  return (
    `The service goes on without this terminal. Follow it: ${commandWord('status', identity)}. ` +
    `Stop it: aws stepfunctions stop-execution --execution-arn ${executionArn(identity, run)} --region ${identity.region}`
  );
}

/** A run that failed has no output; its report is what one of its last states gave. */
async function lastReport({ machine }: ServiceParts, arn: string): Promise<TeardownReport | undefined> {
  const { texts } = await machine.dataSince(arn, 0);
  return texts.flatMap((text) => reportIn(text) ?? []).at(-1);
}

/** Hands on what the states took and gave since the last look. */
function followerOf({ machine }: ServiceParts, arn: string, { onSign }: Going): () => Promise<void> {
  let seen = 0;
  return async () => {
    const { texts, eventId } = await machine.dataSince(arn, seen);
    seen = eventId;
    for (const journey of texts.flatMap(journeysIn)) {
      onSign({ kind: 'journey', journey });
    }
  };
}

async function untilEnded(
  { machine, sleep }: ServiceParts,
  arn: string,
  signal: AbortSignal,
  follow: () => Promise<void>,
): Promise<ExecutionDetails> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    if (signal.aborted) {
      // Said by onInterrupt already.
      throw new Interrupted('');
    }
    const execution = await machine.execution(arn);
    await follow();
    if (execution.status !== 'RUNNING' && execution.status !== 'PENDING_REDRIVE') {
      return execution;
    }
    await sleep(wait, signal);
  }
}

/** @throws AwsFailure where the run ended without an answer */
function found<T>({ arn, status, error, cause }: ExecutionDetails, answer: T | undefined): T {
  if (answer !== undefined) {
    return answer;
  }
  const why =
    status === 'ABORTED'
      ? 'somebody stopped it; the same command goes on where it stopped'
      : `it ended as ${status}${error === undefined ? '' : ` with ${error}`}${cause === undefined ? '' : `: ${messageIn(cause).replace(/\.$/, '')}`}`;
  throw new RunFailed(`The state machine ${STATE_MACHINE} gave no answer: ${why}. The run: ${arn}`);
}

/** Lambda's cause is JSON with an errorMessage in it. */
function messageIn(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    const message = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'errorMessage') : undefined;
    return typeof message === 'string' ? message : cause;
  } catch {
    return cause;
  }
}
