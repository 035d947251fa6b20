import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AwsFailure, BadRequest, Refused } from '../errors.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { call, callUnlessGone } from './errors.ts';
import { required } from './values.ts';

const containerClient = perContainer('ssm', () => new SSMClient(CLIENT_SETTINGS));

/**
 * Reads a secret from Systems Manager.
 *
 * @param name the parameter's name or ARN
 * @returns its value, decrypted
 * @throws BadRequest `PARAMETER_NOT_FOUND`, `PARAMETER_NOT_SECURE`
 * @throws Refused `PARAMETER_DENIED` where the function may not read or decrypt it
 * @throws AwsFailure where Systems Manager does not answer
 */
export async function secureParameter(
  name: string,
  { client = containerClient, signal }: AdapterOptions<SSMClient> = {},
): Promise<string> {
  const action = 'ssm:GetParameter';
  try {
    const answer = await call(action, name, () =>
      client().send(new GetParameterCommand({ Name: name, WithDecryption: true }), sendOptions(signal)),
    );
    const parameter = required(answer.Parameter, 'Parameter', action, name);
    if (parameter.Type !== 'SecureString') {
      throw new BadRequest(
        'PARAMETER_NOT_SECURE',
        `The parameter ${name} is a ${parameter.Type ?? 'parameter of unknown type'}: delete it and create it as a SecureString, because everybody who may read Systems Manager can read it now.`,
      );
    }
    return required(parameter.Value, 'Value', action, name);
  } catch (thrown) {
    throw explained(name, thrown);
  }
}

/**
 * Reads a parameter that is no secret.
 *
 * @param name the parameter's name
 * @returns its value; undefined where there is no such parameter
 * @throws BadRequest `PARAMETER_SECURE` where it is encrypted
 * @throws Refused `PARAMETER_DENIED` where the function may not read it
 * @throws AwsFailure where Systems Manager does not answer
 */
export async function plainParameter(
  name: string,
  { client = containerClient, signal }: AdapterOptions<SSMClient> = {},
): Promise<string | undefined> {
  const action = 'ssm:GetParameter';
  try {
    const answer = await callUnlessGone(action, name, ['ParameterNotFound'], () =>
      client().send(new GetParameterCommand({ Name: name }), sendOptions(signal)),
    );
    if (answer?.Parameter?.Type === 'SecureString') {
      throw new BadRequest(
        'PARAMETER_SECURE',
        `The parameter ${name} is a SecureString: delete it and create it as a String, it holds no secret.`,
      );
    }
    return answer?.Parameter?.Value;
  } catch (thrown) {
    throw explained(name, thrown);
  }
}

function explained(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof AwsFailure)) {
    return thrown;
  }
  const { errorName } = thrown.context;
  const options = { cause: thrown };
  if (errorName === 'ParameterNotFound' || errorName === 'ParameterVersionNotFound') {
    const sentence = `There is no parameter ${name} in this account and Region: create it as a SecureString, or correct the name.`;
    return new BadRequest('PARAMETER_NOT_FOUND', sentence, options);
  }
  if (thrown.accessDenied) {
    const sentence = `The function may not read the parameter ${name}: its role needs ssm:GetParameter on it, and kms:Decrypt where it is encrypted with a key of your own.`;
    return new Refused('PARAMETER_DENIED', sentence, options);
  }
  if (errorName === 'InvalidKeyId') {
    const sentence = `The parameter ${name} cannot be decrypted: its KMS key is disabled, deleted or not accessible.`;
    return new Refused('PARAMETER_DENIED', sentence, options);
  }
  return thrown;
}

/** Values by name, kept for a while. */
export interface Cached {
  /** The kept value, or a fresh one where it is too old. Calls that meet share one reading; a failure is not kept. */
  get(name: string): Promise<string>;
  /** A fresh value, e.g. where the kept one was refused. */
  refresh(name: string): Promise<string>;
}

/**
 * @param read where values come from, e.g. `secureParameter`
 * @param keepMs how long a value is kept, in milliseconds
 * @param now for tests
 */
export function cached(read: (name: string) => Promise<string>, keepMs: number, now: () => number = Date.now): Cached {
  const kept = new Map<string, { readonly value: Promise<string>; readonly until: number }>();
  const refresh = (name: string): Promise<string> => {
    const entry = { value: read(name), until: now() + keepMs };
    kept.set(name, entry);
    entry.value.catch(() => {
      if (kept.get(name) === entry) {
        kept.delete(name);
      }
    });
    return entry.value;
  };
  return {
    get: (name) => {
      const entry = kept.get(name);
      return entry !== undefined && now() < entry.until ? entry.value : refresh(name);
    },
    refresh,
  };
}
