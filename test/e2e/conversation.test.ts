/** The conversation with CloudFormation: one answer for each request, honest, in time, and to nobody else. */

import { GetRepositoryPolicyCommand, SetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addSeal } from '#functions/cleaners/ecr-seal.ts';
import { SERVICE_STACK, until } from '#scripts/lib/local-account.ts';
import { invoke, requestOf, send, withSettings } from './support/by-hand.ts';
import { Gate } from './support/gate.ts';
import { Recorder } from './support/recorder.ts';
import { inAccount } from './support/scene.ts';
import { cleanExit, logGroup, type Resources, repository, withCleanExit } from './support/templates.ts';

const scene = inAccount();
let gate: Gate;
let recorder: Recorder;

beforeAll(async () => {
  gate = await Gate.start();
  recorder = await Recorder.start();
  await scene().stacks.create('gate', Gate.service);
});

afterAll(async () => {
  await gate?.stop();
  await recorder?.stop();
  expect(gate?.failures).toEqual([]);
});

const answersTo = <T>(place: Recorder, work: () => Promise<T>) =>
  withSettings(scene().lambda, { environment: { EMULATOR_RESPONSE_HOST: place.host } }, work);

describe('properties', () => {
  test('wrong ones fail the create, each named with what it must be, and the rollback is not held up', async () => {
    const { stacks } = scene();
    const wrong = { ServiceTimeout: 'soon', DeleteLogStreams: 'perhaps', RepositoryName: 'somebody' };
    const { id, status } = await stacks.create('wrong', withCleanExit({ Repository: repository('wrong') }, wrong));
    expect(status).toBe('ROLLBACK_COMPLETE');
    const reason = await stacks.reasonOf(id, 'CleanExit', 'CREATE_FAILED');
    expect(reason).toContain('ServiceTimeout must be a whole number of seconds from 1 to 3600');
    expect(reason).toContain("DeleteLogStreams must be 'true' or 'false'");
    expect(reason).toContain('RepositoryName is unknown');
  });

  test('wrong ones fail an update, and the stack goes back and deletes', async () => {
    const { stacks } = scene();
    const resources = { Repository: repository('mistyped') };
    const { id } = await stacks.create('mistyped', withCleanExit(resources));
    const after = await stacks.update('mistyped', withCleanExit(resources, { DeleteLogStream: 'true' }));
    expect(after.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await stacks.reasonOf(id, 'CleanExit', 'UPDATE_FAILED')).toContain('DeleteLogStream is unknown');
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('resources that the custom resource does not depend on are named on create', async () => {
    const { stacks } = scene();
    const resources = { Tied: repository('tied'), Loose: repository('loose'), CleanExit: cleanExit(['Tied']) };
    const outputs = { NotCovered: { Value: { 'Fn::GetAtt': ['CleanExit', 'NotCovered'] } } };
    const { id } = await stacks.create('coverage', resources, { outputs });
    expect((await stacks.describe(id)).Outputs).toMatchObject([{ OutputValue: 'Loose' }]);
  });

  test('a redeploy lifts the seal that a teardown left, and nothing else of the policy', async () => {
    const { stacks, ecr } = scene();
    const repositoryName = 'resealed';
    const resources = { Repository: repository(repositoryName) };
    await stacks.create(repositoryName, withCleanExit(resources));
    const pull = { Sid: 'Pull', Effect: 'Allow', Principal: '*', Action: ['ecr:BatchGetImage'] };
    const sealed = addSeal(JSON.stringify({ Version: '2012-10-17', Statement: [pull] }));
    const policyText = sealed.kind === 'write' ? sealed.policy : '';
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
    await stacks.update(repositoryName, withCleanExit(resources, { DeleteLogStreams: 'false' }));
    const after = await ecr.send(new GetRepositoryPolicyCommand({ repositoryName }));
    expect(JSON.parse(after.policyText ?? '')).toEqual({ Version: '2012-10-17', Statement: [pull] });
  });
});

describe('duplicates', () => {
  /** Deletes a stack; while CloudFormation has not asked yet, the same request comes twice at the same time. */
  const twice = async (name: string, resources: Resources) => {
    const { stacks, lambda, seed } = scene();
    let bodies: readonly string[] = [];
    const Last = gate.at(name, ['CleanExit'], async (requestType) => {
      if (requestType === 'Delete') {
        await answersTo(recorder, async () => {
          const event = requestOf({
            RequestType: 'Delete',
            StackId: id,
            LogicalResourceId: 'CleanExit',
            ResponseURL: recorder.urlOf(name),
          });
          await Promise.all([send(lambda, event), send(lambda, event)]);
          bodies = (await recorder.received(name, 2)).map(({ body }) => body);
        });
      }
      return 'SUCCESS';
    });
    const { id } = await stacks.create(name, { ...withCleanExit(resources), Last });
    await seed(name, 40);
    const { status } = await stacks.delete(id);
    return { id, status, bodies };
  };

  test('of a teardown end in the same bytes', async () => {
    const { status, bodies, id } = await twice('doubled', { Repository: repository('doubled') });
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toBe(bodies[1]);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: `${id}/CleanExit` });
    expect(status).toBe('DELETE_COMPLETE');
  });

  test('of a refusal are equal but for the pointer to the log', async () => {
    const group = logGroup('doubly-refused', {}, { DeletionProtectionEnabled: true });
    const { bodies, id, status } = await twice('doubly-refused', {
      Repository: repository('doubly-refused'),
      Group: group,
    });
    expect(status).toBe('DELETE_FAILED');
    const [first, second] = bodies.map((body) => JSON.parse(body.replace(/request [0-9a-f-]{36}/, 'request')));
    expect(first).toMatchObject({ Status: 'FAILED', PhysicalResourceId: `${id}/CleanExit` });
    expect(second).toEqual(first);
    expect(await scene().images('doubly-refused')).toBe(40);
  });
});

describe('the answer', () => {
  const STRANGER = 'The request is not answered: its ResponseURL is not an address of CloudFormation in this Region.';
  const UNANSWERABLE = /^No request of CloudFormation to a custom resource: ResponseURL must be an absolute URL/;
  const request = (StackId: string, ResponseURL: string) =>
    requestOf({ RequestType: 'Update', StackId, LogicalResourceId: 'CleanExit', ResponseURL });

  test('that is refused once is given again by the next invocation, in the same bytes, without a content type', async () => {
    const { stacks, lambda } = scene();
    const { id } = await stacks.create('refusing', withCleanExit({ Repository: repository('refusing') }));
    await answersTo(recorder, async () => {
      await send(lambda, request(id, recorder.urlOf('refusing', 403)));
      const [first, second] = await recorder.received('refusing', 2);
      expect(second).toEqual(first);
      expect(first?.contentType).toBeUndefined();
      expect(JSON.parse(first?.body ?? '')).toMatchObject({ Status: 'SUCCESS' });
    });
  });

  test('that meets a failure of the place is repeated in the same invocation', async () => {
    const { stacks, lambda } = scene();
    const { id } = await stacks.create('stumbling', withCleanExit({ Repository: repository('stumbling') }));
    await answersTo(recorder, async () => {
      expect(await invoke(lambda, request(id, recorder.urlOf('stumbling', 503, 429)))).toBeUndefined();
      expect(recorder.answersAt('stumbling')).toHaveLength(3);
    });
  });

  test('is not given to a stranger: the request goes into the failure queue', async () => {
    const { account, stacks, lambda } = scene();
    const { id } = await stacks.create('lured', withCleanExit({ Repository: repository('lured') }));
    await send(lambda, request(id, recorder.urlOf('lured')));
    const elsewhere = request(id, 'https://s3.example.com/answer');
    expect(await invoke(lambda, elsewhere)).toBe(STRANGER);
    const QueueUrl = await stacks.physicalId(SERVICE_STACK, 'CustomResourceFailures');
    const sqs = new SQSClient(account.root);
    let message = '{}';
    await until(async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
      message = Messages.map(({ Body = '' }) => Body).find((body) => body.includes(id)) ?? message;
      return message !== '{}';
    }, 'a message about the request');
    expect(JSON.parse(message)).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { StackId: id },
      responsePayload: { errorMessage: STRANGER },
    });
    expect(recorder.answersAt('lured')).toEqual([]);
  });

  test.each([
    ['no request of CloudFormation', { hello: 'world' }],
    ['a request without an address', { RequestType: 'Delete', StackId: 'x', RequestId: 'y', LogicalResourceId: 'z' }],
  ])('%s ends in an error that says so', async (_, event) => {
    expect(await invoke(scene().lambda, event)).toMatch(UNANSWERABLE);
  });

  test('to a request that cannot be read names the field', async () => {
    const { lambda, log } = scene();
    const id = `arn:aws:cloudformation:ap-northeast-1:000000000000:stack/unread/${crypto.randomUUID()}`;
    await answersTo(recorder, async () => {
      await invoke(lambda, { ...request(id, recorder.urlOf('unread')), RequestType: 'Destroy' });
      const [{ body = '{}' } = {}] = recorder.answersAt('unread');
      expect(JSON.parse(body)).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringMatching(/^The request cannot be read: RequestType must be Create, Update or Delete\./),
      });
    });
    await log.find(id, 'REQUEST_REFUSED');
  });
});
