import type { CleanDeps } from '../core/clean.ts';
import { BadRequest, CleanExitError, messageOf, Refused } from '../errors.ts';
import {
  AnswerAddress,
  CustomResourceRequest,
  faultsOf,
  HandedOver,
  type Handover,
} from '../schemas/custom-resource.ts';
import { CustomResourceConfig } from '../schemas/custom-resource-config.ts';
import { parseProperties } from '../schemas/custom-resource-properties.ts';
import { bodyOf, type Outcome } from './answer.ts';
import { type Home, homeOf, livesAt } from './arn.ts';
import { type Budget, budgetOf, mayContinue } from './budget.ts';
import { NOTHING_KNOWN, propertiesOfDelete, type Teardown, tearDown, type Unfinished } from './delete-request.ts';
import type { Dependencies, Invocation } from './dependencies.ts';
import { deploy, deployedUnseen } from './deploy.ts';
import { physicalIdOf } from './physical-id.ts';
import { isResponseUrl } from './response-url.ts';
import { type Deadlines, within } from './within.ts';
import { addUp, failureSentence, removedSentence } from './wording.ts';

/** One invocation: what came in, who we are, and what was set. */
interface Turn {
  readonly deps: Dependencies;
  readonly invocation: Invocation;
  readonly home: Home;
  readonly config: CustomResourceConfig;
  /** What is wrong with the environment: that, too, is answered. */
  readonly configFault?: unknown;
  readonly address: AnswerAddress;
  /** The request as it came, to be handed over unchanged. */
  readonly raw: unknown;
  readonly handover: Handover | undefined;
}

/**
 * One invocation of the custom resource. It ends in exactly one of three ways: one answer to CloudFormation; the work handed
 * over to a new invocation, which then owes the answer; or an error, where nobody can be answered or the answer was not taken:
 * Lambda repeats the invocation then, and puts the request into the failure queue in the end.
 *
 * @throws BadRequest, Refused where the request cannot be answered; AwsFailure where the answer was not taken
 */
export async function handle(deps: Dependencies, event: unknown, invocation: Invocation): Promise<void> {
  const turn = begin(deps, event, invocation);
  const { log } = deps;
  log.remember({
    requestId: invocation.awsRequestId,
    stackId: turn.address.StackId,
    logicalId: turn.address.LogicalResourceId,
    hop: turn.handover?.hop ?? 0,
  });
  const outcome = await outcomeOf(turn).catch((thrown: unknown): Outcome => {
    const code = thrown instanceof CleanExitError ? thrown.code : 'BUG';
    log.error('REQUEST_FAILED', { error: code, reason: messageOf(thrown) });
    return { status: 'FAILED', code, reason: failureSentence(thrown) };
  });
  if (outcome !== 'handed over') {
    await answer(turn, outcome);
  }
}

/** Reads as much as an answer needs, and makes sure that it would go to CloudFormation. */
function begin(deps: Dependencies, event: unknown, invocation: Invocation): Turn {
  const home = homeOf(invocation.invokedFunctionArn);
  const { config, configFault } = configOf(deps);
  const envelope = HandedOver.safeParse(event);
  const raw = envelope.success ? envelope.data.request : event;
  const address = AnswerAddress.safeParse(raw);
  if (!address.success) {
    const reason = faultsOf(address.error);
    deps.log.error('REQUEST_UNANSWERABLE', { reason });
    throw new BadRequest('REQUEST_UNANSWERABLE', `No request of CloudFormation to a custom resource: ${reason}.`);
  }
  if (!isResponseUrl(address.data.ResponseURL, home, config.EMULATOR_RESPONSE_HOST)) {
    const reason = 'its ResponseURL is not an address of CloudFormation in this Region';
    deps.log.error('REQUEST_UNANSWERABLE', { reason, stackId: address.data.StackId });
    throw new Refused('REQUEST_UNANSWERABLE', `The request is not answered: ${reason}.`);
  }
  const handover = envelope.success ? envelope.data.cleanExitHandover : undefined;
  return { deps, invocation, home, config, configFault, address: address.data, raw, handover };
}

/** Without a readable configuration the defaults are good enough for an answer to CloudFormation. */
function configOf(deps: Dependencies): Pick<Turn, 'config' | 'configFault'> {
  try {
    return { config: deps.config() };
  } catch (configFault) {
    return { config: CustomResourceConfig.parse({}), configFault };
  }
}

async function outcomeOf(turn: Turn): Promise<Outcome | 'handed over'> {
  const { deps, home, configFault } = turn;
  if (configFault !== undefined) {
    throw configFault;
  }
  const parsed = CustomResourceRequest.safeParse(turn.raw);
  if (!parsed.success) {
    return refuse(turn, 'REQUEST_INVALID', `The request cannot be read: ${faultsOf(parsed.error)}.`);
  }
  const request = parsed.data;
  deps.log.info('REQUEST_STARTED', { requestType: request.RequestType, resourceType: request.ResourceType });
  if (!livesAt(request.StackId, home)) {
    const refusal = refuse(
      turn,
      'STACK_ELSEWHERE',
      `This clean-exit works for stacks of account ${home.account} in ${home.region} only: deploy the service where the stack is.`,
    );
    // Nothing was ever done for that stack, so nothing stands in the way of its delete.
    return request.RequestType === 'Delete' ? { status: 'SUCCESS' } : refusal;
  }
  const stop = new AbortController();
  const core = coreFor(turn, stop.signal);
  switch (request.RequestType) {
    case 'Create':
    case 'Update': {
      const { properties } = parseProperties(request.ResourceProperties);
      const budget = budgetOf(properties.serviceTimeout, turn.handover, deps.now());
      const outcome = await within(deadlines(turn, budget), stop, deploy(core, deps.log, request), undefined);
      return outcome ?? deployedUnseen(deps.log);
    }
    case 'Delete': {
      const properties = propertiesOfDelete(deps.log, request);
      const budget = budgetOf(properties.serviceTimeout, turn.handover, deps.now());
      const remaining = () => Math.min(untilHandover(turn), budget.endsAt - deps.now());
      const work = tearDown(core, deps.log, request, properties, { remaining, signal: stop.signal });
      const teardown = await within<Teardown>(deadlines(turn, budget), stop, work, NOTHING_KNOWN);
      return teardown.kind === 'answer' ? teardown.outcome : await continueLater(turn, budget, teardown);
    }
    default:
      return request satisfies never;
  }
}

function coreFor({ deps, home, config }: Turn, signal: AbortSignal): CleanDeps {
  const { log } = deps;
  const roleArns = config.SERVICE_ROLE_ARN === '' ? [] : [config.SERVICE_ROLE_ARN];
  return {
    ...deps.core({ signal, functionName: home.functionName, roleArns }),
    onPlan: (plan) => log.info('PLAN', { plan }),
    onStep: (event, step, result) => {
      const { stage, resource } = step;
      const fields = { stage, type: resource.type, physicalId: resource.physicalId };
      if (event === 'started') {
        log.info('STEP_STARTED', fields);
      } else {
        log.info('STEP_COMPLETED', { ...fields, result });
      }
    },
    onProgress: ({ logicalId, ...progress }) => log.info('PROGRESS', { resource: logicalId, ...progress }),
  };
}

/** Milliseconds until work must stop so that handing over or answering still fits into this invocation. */
function untilHandover({ invocation, config }: Turn): number {
  return invocation.getRemainingTimeInMillis() - config.HANDOVER_SECONDS * 1000;
}

/** When to end calls that go on although the time for work is over, and when to stop waiting even for that. */
function deadlines(turn: Turn, budget: Budget): Deadlines {
  const at = (share: number) =>
    Math.min(
      untilHandover(turn) + share * turn.config.HANDOVER_SECONDS * 1000,
      budget.endsAt - turn.deps.now() + share * budget.reserve,
    );
  return { abortIn: at(1 / 3), leaveIn: at(1 / 2) };
}

/** Hands the request to a new invocation, or says honestly that its time is used up. */
async function continueLater(turn: Turn, budget: Budget, teardown: Unfinished): Promise<Outcome | 'handed over'> {
  const { deps, home, raw } = turn;
  const removed = addUp(turn.handover?.removed ?? {}, teardown.removed);
  const invocations = budget.hop + 1;
  if (!mayContinue(budget, deps.now())) {
    deps.log.warn('HANDOVER_EXHAUSTED', { invocations, removed, blocked: teardown.blocked });
    if (!teardown.blocked) {
      return { status: 'SUCCESS' };
    }
    const minutes = Math.round((deps.now() - budget.startedAt) / 60_000);
    const reason = `CloudFormation's time for this is nearly over (${minutes} min, ${invocations} invocations). Delete the stack again: the work goes on where it stopped. ${removedSentence(removed)}. ${teardown.left}`;
    return { status: 'FAILED', code: 'TIME_USED_UP', reason: reason.trim() };
  }
  const cleanExitHandover: Handover = { hop: invocations, startedAt: budget.startedAt, removed };
  try {
    await deps.invokeAsync(home.functionArn, { cleanExitHandover, request: raw });
  } catch (thrown) {
    const reason = `The work could not be continued. ${failureSentence(thrown)} ${removedSentence(removed)}. ${teardown.left}`;
    deps.log.error('REQUEST_FAILED', { error: 'HANDOVER_FAILED', reason: messageOf(thrown) });
    return { status: 'FAILED', code: 'HANDOVER_FAILED', reason: reason.trim() };
  }
  deps.log.info('HANDED_OVER', { nextHop: invocations, removed });
  return 'handed over';
}

function refuse({ deps }: Turn, code: string, reason: string): Outcome {
  deps.log.warn('REQUEST_REFUSED', { refusal: code, reason });
  return { status: 'FAILED', code, reason };
}

async function answer({ deps, invocation, address }: Turn, outcome: Outcome): Promise<void> {
  const { log } = deps;
  const pointer = { logGroup: invocation.logGroupName, requestId: invocation.awsRequestId };
  const body = bodyOf(address, physicalIdOf(address), outcome, pointer);
  const fields = {
    status: outcome.status,
    ...(outcome.status === 'FAILED' ? { error: outcome.code, reason: outcome.reason } : {}),
  };
  try {
    await deps.send(address.ResponseURL, body, {
      budgetMs: invocation.getRemainingTimeInMillis() - 2_000,
      attemptMs: 5_000,
      firstWaitMs: 500,
      onRetry: (failure, attempt) => log.warn('ANSWER_RETRIED', { attempt, error: failure.context.errorName }),
    });
  } catch (thrown) {
    log.error('ANSWER_FAILED', { ...fields, cause: messageOf(thrown) });
    throw thrown;
  }
  log.info('ANSWER_SENT', { ...fields, bytes: Buffer.byteLength(body) });
  log.info('REQUEST_COMPLETED', fields);
}
