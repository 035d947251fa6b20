import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_SETTINGS } from '#functions/aws/clients.ts';
import { call, callUnlessGone } from '#functions/aws/errors.ts';
import { required } from '#functions/aws/values.ts';
import { Refused } from '#functions/errors.ts';

/**
 * Bytes that a parameter of the standard tier holds; more needs the advanced tier, which AWS charges for and never takes back.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
 */
export const STANDARD_BYTES = 4_096;

export interface StoredText {
  readonly text: string;
  readonly version: number;
}

/** The SSM parameter that holds the routes document. */
export interface RoutesParameter {
  /**
   * @returns undefined where there is no such parameter
   * @throws Refused `PARAMETER_SECURE` where it is no String; AwsFailure
   */
  read(name: string): Promise<StoredText | undefined>;
  /**
   * Makes the parameter, or gives it a new version.
   *
   * @throws AwsFailure
   */
  put(name: string, text: string): Promise<{ readonly version: number; readonly tier: string }>;
}

export function createRoutesParameter(client: SSMClient = new SSMClient(CLIENT_SETTINGS)): RoutesParameter {
  return {
    async read(name) {
      const action = 'ssm:GetParameter';
      const answer = await callUnlessGone(action, name, ['ParameterNotFound'], () =>
        client.send(new GetParameterCommand({ Name: name })),
      );
      if (answer === undefined) {
        return undefined;
      }
      const { Type, Value, Version } = required(answer.Parameter, 'Parameter', action, name);
      if (Type !== 'String') {
        throw new Refused(
          'PARAMETER_SECURE',
          `The parameter ${name} is a ${Type ?? 'parameter of unknown type'}, and routes are read from a String: delete it, or name another one with --parameter.`,
        );
      }
      return { text: Value ?? '', version: Version ?? 0 };
    },
    async put(name, text) {
      const action = 'ssm:PutParameter';
      const { Version, Tier } = await call(action, name, () =>
        client.send(
          new PutParameterCommand({
            Name: name,
            Value: text,
            Type: 'String',
            // An advanced parameter stays one with either word; `Standard` would be refused for it.
            Tier: Buffer.byteLength(text) > STANDARD_BYTES ? 'Advanced' : 'Intelligent-Tiering',
            Overwrite: true,
          }),
        ),
      );
      return { version: required(Version, 'Version', action, name), tier: Tier ?? 'Standard' };
    },
  };
}
