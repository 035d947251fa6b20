import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AwsFailure, Bug } from '../errors.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { call } from './errors.ts';

const containerClient = perContainer('lambda', () => new LambdaClient(CLIENT_SETTINGS));

/** 1 MB for asynchronous invocations. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_PAYLOAD_BYTES = 1_000_000;

const ACCEPTED = 202;

/**
 * Puts an event into a function's queue and returns when Lambda has accepted it. An attempt whose answer is lost is
 * repeated, and Lambda itself may deliver an event twice: the receiver must bear duplicates.
 *
 * @param functionArn name or ARN
 * @param payload anything that JSON can carry, at most 1 MB of it
 * @throws AwsFailure where Lambda refuses or does not answer
 * @throws Bug where the payload is too large or not JSON
 */
export async function invokeAsync(
  functionArn: string,
  payload: unknown,
  { client = containerClient, signal }: AdapterOptions<LambdaClient> = {},
): Promise<void> {
  const action = 'lambda:InvokeFunction';
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  if (bytes.length === 0 || bytes.length > LARGEST_PAYLOAD_BYTES) {
    throw new Bug(`${action}: a payload of ${bytes.length} bytes; 1 to ${LARGEST_PAYLOAD_BYTES} are possible`);
  }
  const answer = await call(action, functionArn, () =>
    client().send(
      new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: bytes }),
      sendOptions(signal),
    ),
  );
  if (answer.StatusCode !== ACCEPTED) {
    throw new AwsFailure(
      { action, resource: functionArn, errorName: 'NotAccepted', status: answer.StatusCode },
      `Lambda answered ${answer.StatusCode ?? 'without a status'} where ${ACCEPTED} was expected`,
    );
  }
}
