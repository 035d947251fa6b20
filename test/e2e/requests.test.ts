/** Requests that CloudFormation did not send: whoever may invoke the function can write one, and it removes nothing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ACCOUNT_ID } from '#scripts/lib/local-account.ts';
import { invoke, requestOf } from './support/by-hand.ts';
import { Gate } from './support/gate.ts';
import { inAccount } from './support/scene.ts';
import { repository, withCleanExit } from './support/templates.ts';

const scene = inAccount();
let gate: Gate;

beforeAll(async () => {
  gate = await Gate.start();
  await scene().stacks.create('gate', Gate.service);
});

afterAll(async () => {
  await gate?.stop();
  expect(gate?.failures).toEqual([]);
});

const url = () => `${scene().account.emulator.endpoint}/_ministack/cfn-response/by-hand`;
const answerTo = async (changes: object) => {
  const { lambda, log } = scene();
  const request = { RequestType: 'Delete', LogicalResourceId: 'CleanExit', ResponseURL: url(), StackId: '' };
  const event = requestOf({ ...request, ...changes });
  expect(await invoke(lambda, event)).toBeUndefined();
  return log.find(String(Reflect.get(event, 'StackId')), 'ANSWER_SENT');
};

test('a Delete for a stack that lives', async () => {
  const { stacks, seed, images, writesDuring, log } = scene();
  const { id } = await stacks.create('alive', withCleanExit({ Repository: repository('alive') }));
  await seed('alive');
  const writes = await writesDuring(async () => {
    expect(await answerTo({ StackId: id })).toMatchObject({ status: 'SUCCESS' });
    expect(await answerTo({ StackId: id, ResourceProperties: { RepositoryName: 'alive' } })).toMatchObject({
      status: 'SUCCESS',
    });
  });
  expect(writes).toEqual([]);
  expect(await log.decision(id)).toMatchObject({ empty: false, code: 'STACK_LIVES' });
  expect(await images('alive')).toBe(4);
});

test('a Delete that names another resource of a stack that goes, or another type', async () => {
  const { stacks, seed, writesDuring, log } = scene();
  const writes: (readonly string[])[] = [];
  const holds = gate.at('going', ['CleanExit'], async (requestType) => {
    if (requestType === 'Delete') {
      writes.push(
        await writesDuring(async () => {
          await answerTo({ StackId: id, LogicalResourceId: 'Repository', ResourceType: 'AWS::ECR::Repository' });
          await answerTo({ StackId: id, LogicalResourceId: 'Elsewhere' });
          await answerTo({ StackId: id, ResourceType: 'Custom::Gate' });
        }),
      );
      expect(await log.decision(id)).toMatchObject({ empty: false, code: 'NOT_ITS_RESOURCE' });
    }
    return 'SUCCESS';
  });
  const { id } = await stacks.create('going', {
    ...withCleanExit({ Repository: repository('going') }),
    Last: holds,
  });
  await seed('going');
  expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(writes).toEqual([[]]);
  expect(gate.failures).toEqual([]);
});

test('a Delete for a stack that nobody knows, and for stacks elsewhere', async () => {
  const { writesDuring, log } = scene();
  const stackId = (region: string, account: string) =>
    `arn:aws:cloudformation:${region}:${account}:stack/nobody/11111111-1111-1111-1111-111111111111`;
  const unknown = stackId('ap-northeast-1', ACCOUNT_ID);
  const writes = await writesDuring(async () => {
    expect(await answerTo({ StackId: unknown })).toMatchObject({ status: 'SUCCESS' });
    for (const elsewhere of [stackId('eu-west-1', ACCOUNT_ID), stackId('ap-northeast-1', '123456789012')]) {
      expect(await answerTo({ StackId: elsewhere })).toMatchObject({ status: 'SUCCESS' });
      expect(await answerTo({ StackId: elsewhere, RequestType: 'Create' })).toMatchObject({
        status: 'FAILED',
        error: 'STACK_ELSEWHERE',
      });
    }
  });
  expect(await log.decision(unknown)).toMatchObject({ empty: false, code: 'STACK_UNKNOWN' });
  expect(writes).toEqual([]);
});
