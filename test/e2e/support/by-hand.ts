import { randomUUID } from 'node:crypto';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

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

/** Invokes the custom resource's function with an event and waits for its end; the name of its error, if it ended in one. */
export async function invoke(lambda: LambdaClient, event: object): Promise<string | undefined> {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, Payload: JSON.stringify(event) }));
  if (answer.FunctionError === undefined) {
    return undefined;
  }
  const error: unknown = JSON.parse(answer.Payload?.transformToString() ?? '{}');
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, 'errorType')) : 'unknown';
}

/** Puts an event into the function's queue, as CloudFormation does: a failure is tried twice more. */
export async function send(lambda: LambdaClient, event: object): Promise<void> {
  const Payload = JSON.stringify(event);
  await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, InvocationType: 'Event', Payload }));
}
