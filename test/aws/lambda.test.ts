import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { beforeEach, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { invokeAsync } from '#functions/aws/lambda.ts';
import { Bug } from '#functions/errors.ts';
import { sdkError } from './sdk.ts';

const sdk = mockClient(LambdaClient);
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:clean-exit-custom-resource';

beforeEach(() => {
  sdk.reset();
});

it('puts the payload into the queue as JSON', async () => {
  sdk.on(InvokeCommand).resolves({ StatusCode: 202 });
  await invokeAsync(ARN, { hop: 2, name: 'ログ' });
  expect(sdk.commandCalls(InvokeCommand)[0]?.args[0].input).toEqual({
    FunctionName: ARN,
    InvocationType: 'Event',
    Payload: new TextEncoder().encode('{"hop":2,"name":"ログ"}'),
  });
});

it.each([200, 204, undefined])('fails where Lambda answers %s', async (StatusCode) => {
  sdk.on(InvokeCommand).resolves({ StatusCode });
  await expect(invokeAsync(ARN, {})).rejects.toMatchObject({
    context: { action: 'lambda:InvokeFunction', resource: ARN, errorName: 'NotAccepted', status: StatusCode },
  });
});

it('wraps what Lambda throws', async () => {
  sdk.on(InvokeCommand).rejects(sdkError('ResourceNotFoundException', { status: 404 }));
  await expect(invokeAsync(ARN, {})).rejects.toMatchObject({
    context: { action: 'lambda:InvokeFunction', resource: ARN, errorName: 'ResourceNotFoundException', status: 404 },
  });
});

it.each([
  ['more than 1 MB, counted in bytes', 'グ'.repeat(333_333)],
  ['nothing', undefined],
])('refuses %s without a call', async (_, payload) => {
  await expect(invokeAsync(ARN, payload)).rejects.toBeInstanceOf(Bug);
  expect(sdk.commandCalls(InvokeCommand)).toHaveLength(0);
});

it('takes exactly 1 MB', async () => {
  sdk.on(InvokeCommand).resolves({ StatusCode: 202 });
  await invokeAsync(ARN, 'x'.repeat(999_998));
  expect(sdk.commandCalls(InvokeCommand)).toHaveLength(1);
});
