import { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { callsFromNow } from '#functions/aws/call-counter.ts';
import { CLIENT_SETTINGS, perContainer } from '#functions/aws/clients.ts';
import { createIam } from '#functions/aws/iam.ts';
import { AwsFailure } from '#functions/errors.ts';
import { IAM_METHODS } from './iam-methods.ts';
import { type LocalAws, localAws } from './server.ts';

/**
 * What actions.test.ts shows, for more methods of one service than a client has retries for: each method has a client of its
 * own, because the SDK stops repeating where too many calls of one client have failed.
 */
let aws: LocalAws;

beforeAll(async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0);
  aws = await localAws(() => ({ status: 429, body: '' }));
});

afterAll(async () => {
  jest.restoreAllMocks();
  await aws.close();
});

function clientOf(): () => IAMClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const settings = { ...CLIENT_SETTINGS, endpoint: aws.endpoint, region: 'eu-west-1', credentials };
  return perContainer('iam', () => new IAMClient(settings));
}

describe.each(IAM_METHODS)('%s', (action, method) => {
  it('is what is called, six times, and what the failure names', async () => {
    const callsMade = callsFromNow();
    const requests = aws.requests();
    const failed = method(createIam({ client: clientOf() }));
    await expect(failed).rejects.toBeInstanceOf(AwsFailure);
    await expect(failed).rejects.toMatchObject({ context: { action, status: 429 } });
    expect(callsMade()).toEqual({ [action]: 6 });
    expect(aws.requests() - requests).toBe(6);
  });

  it("ends with its caller's signal", async () => {
    const requests = aws.requests();
    const iam = createIam({ client: clientOf(), signal: AbortSignal.abort() });
    await expect(method(iam)).rejects.toMatchObject({ context: { action, errorName: 'AbortError' } });
    expect(aws.requests()).toBe(requests);
  });
});
