import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CLIENT_SETTINGS } from '#functions/aws/clients.ts';
import { call } from '#functions/aws/errors.ts';
import { AwsFailure } from '#functions/errors.ts';

/** The stack that the README deploys the service as. */
export const SERVICE_STACK = 'clean-exit';

/** What the service's stack says of itself. */
export interface ServiceStack {
  readonly status: string;
  /** ISO 8601: when it was deployed last. */
  readonly deployedAt?: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * @returns undefined where there is no such stack
 * @throws AwsFailure
 */
export async function serviceStack(
  client: CloudFormationClient = new CloudFormationClient(CLIENT_SETTINGS),
): Promise<ServiceStack | undefined> {
  try {
    const { Stacks } = await call('cloudformation:DescribeStacks', SERVICE_STACK, () =>
      client.send(new DescribeStacksCommand({ StackName: SERVICE_STACK })),
    );
    const stack = Stacks?.[0];
    return (
      stack && {
        status: stack.StackStatus ?? 'unknown',
        deployedAt: (stack.LastUpdatedTime ?? stack.CreationTime)?.toISOString(),
        parameters: record(stack.Parameters?.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue])),
        outputs: record(stack.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
      }
    );
  } catch (thrown) {
    // CloudFormation has no error name of its own for "there is none".
    if (thrown instanceof AwsFailure && thrown.message.includes(`Stack with id ${SERVICE_STACK} does not exist`)) {
      return undefined;
    }
    throw thrown;
  }
}

function record(
  pairs: readonly (readonly [string | undefined, string | undefined])[] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(pairs.flatMap(([key, value]) => (key === undefined ? [] : [[key, value ?? '']])));
}
