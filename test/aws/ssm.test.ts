import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { cached, plainParameter, secureParameter } from '#functions/aws/ssm.ts';
import { AwsFailure, BadRequest, Refused } from '#functions/errors.ts';
import { sdkError } from './sdk.ts';

const sdk = mockClient(SSMClient);
const NAME = '/clean-exit/slack-webhook';

beforeEach(() => {
  sdk.reset();
});

describe('secureParameter', () => {
  it('gives the decrypted value', async () => {
    sdk.on(GetParameterCommand).resolves({ Parameter: { Name: NAME, Type: 'SecureString', Value: 'secret' } });
    expect(await secureParameter(NAME)).toBe('secret');
    expect(sdk.commandCalls(GetParameterCommand)[0]?.args[0].input).toEqual({ Name: NAME, WithDecryption: true });
  });

  it.each(['ParameterNotFound', 'ParameterVersionNotFound'])('names the parameter on %s', async (name) => {
    sdk.on(GetParameterCommand).rejects(sdkError(name));
    const failed = secureParameter(NAME);
    await expect(failed).rejects.toBeInstanceOf(BadRequest);
    await expect(failed).rejects.toMatchObject({
      code: 'PARAMETER_NOT_FOUND',
      message: expect.stringContaining(`no parameter ${NAME}`),
      cause: expect.any(AwsFailure),
    });
  });

  it.each(['String', 'StringList'] as const)('refuses a %s and does not tell its value', async (Type) => {
    sdk.on(GetParameterCommand).resolves({ Parameter: { Name: NAME, Type, Value: 'secret' } });
    const failed = secureParameter(NAME);
    await expect(failed).rejects.toBeInstanceOf(BadRequest);
    await expect(failed).rejects.toMatchObject({
      code: 'PARAMETER_NOT_SECURE',
      message: expect.stringContaining(`${NAME} is a ${Type}`),
    });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  it.each([
    ['AccessDeniedException', 'ssm:GetParameter'],
    ['InvalidKeyId', 'KMS key'],
  ])('says who must act on %s', async (name, hint) => {
    sdk.on(GetParameterCommand).rejects(sdkError(name));
    const failed = secureParameter(NAME);
    await expect(failed).rejects.toBeInstanceOf(Refused);
    await expect(failed).rejects.toMatchObject({ code: 'PARAMETER_DENIED', message: expect.stringContaining(hint) });
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining(NAME) });
  });

  it('passes on what may pass by itself', async () => {
    sdk.on(GetParameterCommand).rejects(sdkError('InternalServerError', { status: 500 }));
    await expect(secureParameter(NAME)).rejects.toMatchObject({
      whoActs: 'retry',
      context: { action: 'ssm:GetParameter', resource: NAME, errorName: 'InternalServerError', status: 500 },
    });
  });

  it('fails on an answer without a value', async () => {
    sdk.on(GetParameterCommand).resolves({ Parameter: { Type: 'SecureString' } });
    await expect(secureParameter(NAME)).rejects.toMatchObject({ context: { errorName: 'IncompleteAnswer' } });
  });
});

describe('cached', () => {
  /** Counts readings and answers `name` with the count; `fails` makes the next ones fail. */
  function source() {
    const state = { now: 0, readings: 0, fails: false };
    const values = cached(
      async (name) => {
        state.readings += 1;
        if (state.fails) {
          throw new Error('down');
        }
        return `${name} ${state.readings}`;
      },
      60_000,
      () => state.now,
    );
    return { state, values };
  }

  it('keeps a value for its time, each name for itself', async () => {
    const { state, values } = source();
    expect(await values.get('a')).toBe('a 1');
    state.now = 59_999;
    expect(await values.get('a')).toBe('a 1');
    expect(await values.get('b')).toBe('b 2');
    state.now = 60_000;
    expect(await values.get('a')).toBe('a 3');
  });

  it('shares one reading among calls that meet', async () => {
    const { state, values } = source();
    expect(await Promise.all([values.get('a'), values.get('a')])).toEqual(['a 1', 'a 1']);
    expect(state.readings).toBe(1);
  });

  it('reads anew when told, and keeps that', async () => {
    const { values } = source();
    await values.get('a');
    expect(await values.refresh('a')).toBe('a 2');
    expect(await values.get('a')).toBe('a 2');
  });

  it('does not keep a failure', async () => {
    const { state, values } = source();
    state.fails = true;
    await expect(values.get('a')).rejects.toThrow('down');
    state.fails = false;
    expect(await values.get('a')).toBe('a 2');
  });
});

describe('plainParameter', () => {
  it('gives the value, and asks for no decryption', async () => {
    sdk.on(GetParameterCommand).resolves({ Parameter: { Name: NAME, Type: 'String', Value: '{}' } });
    expect(await plainParameter(NAME)).toBe('{}');
    expect(sdk.commandCalls(GetParameterCommand)[0]?.args[0].input).toEqual({ Name: NAME });
  });

  it('gives nothing where there is none', async () => {
    sdk.on(GetParameterCommand).rejects(sdkError('ParameterNotFound'));
    expect(await plainParameter(NAME)).toBeUndefined();
  });

  it('refuses what is encrypted, without its value', async () => {
    sdk.on(GetParameterCommand).resolves({ Parameter: { Name: NAME, Type: 'SecureString', Value: 'cipher' } });
    const failed = plainParameter(NAME);
    await expect(failed).rejects.toMatchObject({ code: 'PARAMETER_SECURE', message: expect.stringContaining(NAME) });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('cipher') });
  });

  it('says what right is missing', async () => {
    sdk.on(GetParameterCommand).rejects(sdkError('AccessDeniedException'));
    await expect(plainParameter(NAME)).rejects.toMatchObject({ code: 'PARAMETER_DENIED' });
  });
});
