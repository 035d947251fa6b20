import { randomUUID } from 'node:crypto';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';

const FUNCTION = 'clean-exit-custom-resource';

/** A request as CloudFormation writes it; whoever may invoke the function can write one too. */
export interface Request {
  readonly RequestType: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly ResponseURL: string;
  readonly RequestId?: string;
  readonly ResourceType?: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties?: Readonly<Record<string, unknown>>;
}

/** The whole request, with what a test leaves out as CloudFormation would have it. */
export function requestOf(request: Request): object {
  return {
    RequestId: randomUUID(),
    ResourceType: 'Custom::CleanExit',
    PhysicalResourceId: `${request.StackId}/${request.LogicalResourceId}`,
    ResourceProperties: {},
    ...request,
  };
}

/** Invokes the custom resource's function with an event and waits for its end; the words of its error, if it ended in one. */
export async function invoke(lambda: LambdaClient, event: object): Promise<string | undefined> {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, Payload: JSON.stringify(event) }));
  if (answer.FunctionError === undefined) {
    return undefined;
  }
  const error: unknown = JSON.parse(answer.Payload?.transformToString() ?? '{}');
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, 'errorMessage')) : 'unknown';
}

/** Puts an event into the function's queue, as CloudFormation does: a failure is tried twice more. */
export async function send(lambda: LambdaClient, event: object): Promise<void> {
  const Payload = JSON.stringify(event);
  await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, InvocationType: 'Event', Payload }));
}

/** Changes the function's environment and time limit (in seconds) for as long as the work takes. */
export async function withSettings<T>(
  lambda: LambdaClient,
  changes: { readonly environment: Readonly<Record<string, string>>; readonly timeout?: number },
  work: () => Promise<T>,
): Promise<T> {
  const FunctionName = FUNCTION;
  const before = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { Variables = {} } = before.Environment ?? {};
  const set = (Environment: { Variables: Record<string, string> }, Timeout: number | undefined) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment, Timeout }));
  await set({ Variables: { ...Variables, ...changes.environment } }, changes.timeout ?? before.Timeout);
  try {
    return await work();
  } finally {
    await set({ Variables }, before.Timeout);
  }
}
