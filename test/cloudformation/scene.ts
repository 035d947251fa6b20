import { CLEANERS } from '#functions/cleaners/index.ts';
import type { Dependencies, Invocation } from '#functions/cloudformation/dependencies.ts';
import { handle } from '#functions/cloudformation/handle.ts';
import { readConfig } from '#functions/config.ts';
import type { CleanerDefinition } from '#functions/core/cleaner.ts';
import type { Ports } from '#functions/core/ports/index.ts';
import type { Log, LogCode, LogFields } from '#functions/log.ts';
import { CustomResourceConfig } from '#functions/schemas/custom-resource-config.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';

export const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:clean-exit-custom-resource';
export const RESPONSE_URL =
  'https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/answer?X-Amz-Signature=secret';
export const STACK = 'xxxx-build';

/** An answer as CloudFormation reads it. */
interface Answer {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly code: LogCode;
  readonly fields: LogFields;
}

/** One account with the function in it, and everything that leaves the function. */
export interface Scene extends FakeAccount {
  readonly bodies: string[];
  readonly urls: string[];
  readonly handovers: { readonly functionArn: string; readonly payload: unknown }[];
  readonly lines: Line[];
  readonly codes: () => readonly LogCode[];
  /** The one answer; fails the test where there is another number of them. */
  readonly answer: () => Answer;
  readonly invoke: (event: unknown, changes?: InvocationChanges) => Promise<void>;
}

export interface SceneChanges {
  readonly environment?: Readonly<Record<string, string>>;
  /** Instead of the environment: shorter than anything it admits, for tests in real time. */
  readonly handoverSeconds?: number;
  readonly cleaners?: readonly CleanerDefinition[];
  /** Ports that differ from the fakes, e.g. because they hang until the signal. */
  readonly ports?: (signal: AbortSignal, fakes: Ports) => Partial<Ports>;
  readonly send?: Dependencies['send'];
  readonly invokeAsync?: Dependencies['invokeAsync'];
}

interface InvocationChanges {
  /** Milliseconds that Lambda gives; fifteen minutes where absent. */
  readonly time?: number;
  readonly functionArn?: string;
}

/** Time stands still but for the fake clock's sleeps and `clock.advance`. */
export function scene(changes: SceneChanges = {}): Scene {
  const account = fakeAccount();
  const bodies: string[] = [];
  const urls: string[] = [];
  const handovers: Scene['handovers'] = [];
  const lines: Line[] = [];
  const write =
    (level: Line['level']) =>
    (code: LogCode, fields: LogFields = {}) => {
      lines.push({ level, code, fields });
    };
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error'), remember: () => {} };
  const deps: Dependencies = {
    config: () => ({
      ...readConfig(CustomResourceConfig, changes.environment ?? {}),
      ...(changes.handoverSeconds === undefined ? {} : { HANDOVER_SECONDS: changes.handoverSeconds }),
    }),
    log,
    core: ({ functionName, roleArns, signal }) => ({
      ports: { ...account.ports, ...changes.ports?.(signal, account.ports) },
      cleaners: changes.cleaners ?? CLEANERS,
      service: { functionName, roleArns },
    }),
    invokeAsync: async (functionArn, payload) => {
      await changes.invokeAsync?.(functionArn, payload);
      handovers.push({ functionArn, payload: JSON.parse(JSON.stringify(payload)) });
    },
    send: async (url, body, options) => {
      await changes.send?.(url, body, options);
      urls.push(url);
      bodies.push(body);
    },
    now: () => account.clock.now(),
  };
  const invoke: Scene['invoke'] = async (event, { time = 900_000, functionArn = FUNCTION_ARN } = {}) => {
    const end = account.clock.now() + time;
    const invocation: Invocation = {
      invokedFunctionArn: functionArn,
      awsRequestId: 'b3c1a5de-0000-4000-8000-000000000001',
      logGroupName: '/aws/lambda/clean-exit-custom-resource',
      getRemainingTimeInMillis: () => end - account.clock.now(),
    };
    await handle(deps, event, invocation);
  };
  const answer = () => {
    const [body, ...more] = bodies;
    if (body === undefined || more.length > 0) {
      throw new Error(`${bodies.length} answers: ${bodies.join('\n')}`);
    }
    const parsed: Answer = JSON.parse(body);
    return parsed;
  };
  return { ...account, bodies, urls, handovers, lines, codes: () => lines.map(({ code }) => code), answer, invoke };
}

interface PipelineChanges {
  readonly status?: string;
  readonly images?: number;
  readonly covered?: boolean;
  /** What the template gives to the custom resource. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** A stack with a custom resource and, where wanted, a repository of so many images. */
export function pipeline(
  it: Scene,
  { status = 'DELETE_IN_PROGRESS', images = 2, covered = true, properties = {} }: PipelineChanges = {},
): Scene {
  it.cloudFormation
    .addStack(STACK, { status })
    .addResource(STACK, { logicalId: 'Repository', type: 'AWS::ECR::Repository', physicalId: 'xxxx' })
    .addResource(STACK, {
      logicalId: 'CleanExit',
      type: 'Custom::CleanExit',
      physicalId: 'clean-exit',
      properties: { ...properties, ...(covered ? { Order: { Ref: 'Repository' } } : {}) },
    });
  it.ecr.addRepository('xxxx');
  for (let n = 0; n < images; n += 1) {
    it.ecr.addImage('xxxx', { digest: `sha256:${n}` });
  }
  return it;
}

export type RequestType = 'Create' | 'Update' | 'Delete';

export function request(type: RequestType, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    RequestType: type,
    ServiceToken: FUNCTION_ARN,
    ResponseURL: RESPONSE_URL,
    StackId: stackIdOf(STACK),
    RequestId: `${type}-1`,
    LogicalResourceId: 'CleanExit',
    ResourceType: 'Custom::CleanExit',
    ResourceProperties: { ServiceToken: FUNCTION_ARN },
    ...(type === 'Create' ? {} : { PhysicalResourceId: 'the-id-of-then' }),
    ...changes,
  };
}

export function withProperties(
  type: RequestType,
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return request(type, { ResourceProperties: { ServiceToken: FUNCTION_ARN, ...properties } });
}
