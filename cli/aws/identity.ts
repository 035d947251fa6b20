import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CLIENT_SETTINGS } from '#functions/aws/clients.ts';
import { call } from '#functions/aws/errors.ts';
import { required } from '#functions/aws/values.ts';
import type { Identity } from '../place.ts';

/**
 * Asks AWS who the caller is: the cheapest question that proves credentials, Region and network. Needs no permission.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 *
 * @throws AwsFailure where there is no Region, there are no credentials, or AWS refuses them or does not answer
 */
export async function whoAmI(client: () => STSClient = () => new STSClient(CLIENT_SETTINGS)): Promise<Identity> {
  const action = 'sts:GetCallerIdentity';
  const region = await call(action, 'the Region', () => client().config.region());
  const answer = await call(action, 'the caller', () => client().send(new GetCallerIdentityCommand({})));
  const arn = required(answer.Arn, 'Arn', action, 'the caller');
  return {
    accountId: required(answer.Account, 'Account', action, 'the caller'),
    arn,
    partition: arn.split(':')[1] ?? 'aws',
    region,
  };
}
