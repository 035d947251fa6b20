import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient } from '@aws-sdk/client-ecr';
import { IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { callsFromNow, iamAction } from '#functions/aws/call-counter.ts';
import { CLIENT_SETTINGS, instrument, perContainer } from '#functions/aws/clients.ts';
import { createEcr } from '#functions/aws/ecr.ts';
import { createIam } from '#functions/aws/iam.ts';
import { createLogs } from '#functions/aws/logs.ts';
import { type Answer, type LocalAws, localAws } from './server.ts';

const json = (status: number, body: object): Answer => ({ status, body: JSON.stringify(body) });
const iamError = (status: number, code: string): Answer => ({
  status,
  body: `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${code}!</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});

let aws: LocalAws | undefined;

/** Settings of the project's clients, aimed at a server that answers as told. */
async function aimed(answer: (request: number) => Answer) {
  aws = await localAws(answer);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { ...CLIENT_SETTINGS, endpoint: aws.endpoint, region: 'eu-west-1', credentials };
}

beforeEach(() => {
  // The SDK's waits between attempts are a random part of a growing bound: now none.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await aws?.close();
  aws = undefined;
});

describe('attempts', () => {
  it('are six, each counted, where AWS goes on throttling', async () => {
    const settings = await aimed(() => json(400, { __type: 'ThrottlingException', message: 'Rate exceeded' }));
    const client = instrument('ecr', new ECRClient(settings));
    const calls = callsFromNow();
    await expect(createEcr({ client: () => client }).policy('xxxx')).rejects.toMatchObject({
      context: { action: 'ecr:GetRepositoryPolicy', errorName: 'ThrottlingException', status: 400 },
    });
    expect(aws?.requests()).toBe(6);
    expect(calls()).toEqual({ 'ecr:GetRepositoryPolicy': 6 });
  });

  it('end with the first answer', async () => {
    const settings = await aimed((request) => (request < 3 ? json(503, {}) : json(200, { policyText: '{}' })));
    const client = instrument('ecr', new ECRClient(settings));
    const calls = callsFromNow();
    expect(await createEcr({ client: () => client }).policy('xxxx')).toBe('{}');
    expect(calls()).toEqual({ 'ecr:GetRepositoryPolicy': 3 });
  });

  it('are one where repeating is no use', async () => {
    const settings = await aimed(() => json(400, { __type: 'AccessDeniedException', Message: 'no' }));
    const client = instrument('ecr', new ECRClient(settings));
    await expect(createEcr({ client: () => client }).policy('xxxx')).rejects.toMatchObject({ accessDenied: true });
    expect(aws?.requests()).toBe(1);
  });

  it('go on after a concurrent change in Logs', async () => {
    const settings = await aimed((request) =>
      request < 3 ? json(400, { __type: 'OperationAbortedException', message: 'concurrent' }) : json(200, {}),
    );
    const client = instrument('logs', new CloudWatchLogsClient(settings));
    const calls = callsFromNow();
    await createLogs({ client: () => client }).deleteLogStream('xxxx-build', 'a');
    expect(calls()).toEqual({ 'logs:DeleteLogStream': 3 });
  });

  it('go on after a concurrent change in IAM', async () => {
    const settings = await aimed((request) =>
      request < 2 ? iamError(409, 'ConcurrentModification') : { status: 200, body: '<R/>' },
    );
    const client = instrument('iam', new IAMClient(settings));
    const calls = callsFromNow();
    await createIam({ client: () => client }).detachPolicy('role', 'arn:aws:iam::aws:policy/ReadOnlyAccess');
    expect(calls()).toEqual({ 'iam:DetachRolePolicy': 2 });
  });
});

it("takes IAM's NoSuchEntity, as it comes over the wire, for gone", async () => {
  const settings = await aimed(() => iamError(404, 'NoSuchEntity'));
  const client = instrument('iam', new IAMClient(settings));
  expect(await createIam({ client: () => client }).role('role')).toBeUndefined();
});

it('does not take a 404 without a name for gone', async () => {
  const settings = await aimed(() => ({ status: 404, body: '' }));
  const client = instrument('iam', new IAMClient(settings));
  await expect(createIam({ client: () => client }).role('role')).rejects.toMatchObject({
    context: { action: 'iam:GetRole', status: 404 },
  });
});

describe('time-outs', () => {
  it('are set, and are errors', () => {
    expect(CLIENT_SETTINGS.requestHandler).toEqual({
      connectionTimeout: 3_000,
      requestTimeout: 20_000,
      socketTimeout: 20_000,
      throwOnRequestTimeout: true,
    });
  });

  it('end a request that is never answered', async () => {
    const settings = await aimed(() => 'silence');
    const requestHandler = { ...settings.requestHandler, requestTimeout: 50 };
    const client = instrument('ecr', new ECRClient({ ...settings, maxAttempts: 2, requestHandler }));
    const calls = callsFromNow();
    await expect(createEcr({ client: () => client }).policy('xxxx')).rejects.toMatchObject({
      context: { errorName: 'TimeoutError', status: undefined },
    });
    expect(calls()).toEqual({ 'ecr:GetRepositoryPolicy': 2 });
  });

  it('of the caller end calls at once', async () => {
    const settings = await aimed(() => 'silence');
    const client = instrument('ecr', new ECRClient(settings));
    const ecr = createEcr({ client: () => client, signal: AbortSignal.timeout(50) });
    await expect(ecr.policy('xxxx')).rejects.toMatchObject({ context: { errorName: 'AbortError' } });
    expect(aws?.requests()).toBe(1);
  });

  it('of the caller end listings too', async () => {
    const settings = await aimed(() => 'silence');
    const client = instrument('iam', new IAMClient(settings));
    const iam = createIam({ client: () => client, signal: AbortSignal.timeout(50) });
    await expect(iam.inlinePolicies('role')).rejects.toMatchObject({ context: { errorName: 'AbortError' } });
  });
});

describe('a client', () => {
  it('is made once, when it is first used', () => {
    const make = jest.fn(() => new ECRClient({}));
    const client = perContainer('ecr', make);
    expect(make).not.toHaveBeenCalled();
    expect(client()).toBe(client());
    expect(make).toHaveBeenCalledTimes(1);
  });
});

describe('counting', () => {
  it('begins anew for each run', async () => {
    const settings = await aimed(() => json(200, { policyText: '{}' }));
    const client = instrument('ecr', new ECRClient(settings));
    const ecr = createEcr({ client: () => client });
    const first = callsFromNow();
    await ecr.policy('xxxx');
    const second = callsFromNow();
    await ecr.policy('xxxx');
    expect(first()).toEqual({ 'ecr:GetRepositoryPolicy': 2 });
    expect(second()).toEqual({ 'ecr:GetRepositoryPolicy': 1 });
    expect(callsFromNow()()).toEqual({});
  });

  it("uses IAM's names", () => {
    expect(iamAction('ecr', 'DescribeImagesCommand')).toBe('ecr:DescribeImages');
    expect(iamAction('lambda', 'InvokeCommand')).toBe('lambda:InvokeFunction');
  });
});
