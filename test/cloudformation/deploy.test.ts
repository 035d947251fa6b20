import { describe, expect, it } from '@jest/globals';
import { addSeal } from '#functions/cleaners/ecr-seal.ts';
import { stackIdOf } from '#test/fakes/index.ts';
import { pipeline, RESPONSE_URL, type RequestType, request, STACK, scene, withProperties } from './scene.ts';

const OURS = { Sid: 'Ours', Effect: 'Allow', Principal: '*', Action: ['ecr:BatchGetImage'] };

describe.each<RequestType>(['Create', 'Update'])('a %s', (type) => {
  const status = type === 'Create' ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
  const id = type === 'Create' ? `${stackIdOf(STACK)}/CleanExit` : 'the-id-of-then';

  it('is answered with success, and removes nothing', async () => {
    const it = pipeline(scene(), { status });
    await it.invoke(request(type));
    expect(it.answer()).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: id,
      StackId: stackIdOf(STACK),
      RequestId: `${type}-1`,
      LogicalResourceId: 'CleanExit',
      Data: { NotCovered: '' },
    });
    expect(it.urls).toEqual([RESPONSE_URL]);
    expect(it.ecr.digests('xxxx')).toHaveLength(2);
    expect(it.log.count('ecr:BatchDeleteImage')).toBe(0);
  });

  it('tells which cleanable resources the custom resource does not depend on, in the log and as an attribute', async () => {
    const it = pipeline(scene(), { status, covered: false });
    await it.invoke(request(type));
    expect(it.answer()).toMatchObject({ Status: 'SUCCESS', Data: { NotCovered: 'Repository' } });
    const note = it.lines.find(({ fields }) => fields['note'] === 'NOT_COVERED');
    expect(note).toMatchObject({
      level: 'warn',
      fields: { sentence: expect.stringContaining('CleanExit does not depend on Repository') },
    });
  });

  it('takes back the seal that an abandoned teardown left, and nothing else of the policy', async () => {
    const it = pipeline(scene(), { status, images: 0 });
    const edit = addSeal(JSON.stringify({ Version: '2012-10-17', Statement: [OURS] }));
    it.ecr.addRepository('xxxx', edit.kind === 'write' ? { policy: edit.policy } : {});
    await it.invoke(request(type));
    expect(it.answer().Status).toBe('SUCCESS');
    expect(JSON.parse(it.ecr.policyNow('xxxx') ?? '{}')).toMatchObject({ Statement: [OURS] });
  });

  it.each(['cloudformation:GetTemplate', 'cloudformation:DescribeStacks', 'cloudformation:ListStackResources'])(
    'never fails because %s is denied',
    async (action) => {
      const it = pipeline(scene(), { status });
      it.log.deny(action);
      await it.invoke(request(type));
      expect(it.answer().Status).toBe('SUCCESS');
      expect(it.lines.filter(({ code, level }) => code === 'NOTE' && level === 'warn').length).toBeGreaterThan(0);
    },
  );

  it.each([
    ['Lambda gives', {}, { time: 400 }],
    ['CloudFormation gives', { ServiceTimeout: '2' }, {}],
  ])('succeeds although AWS does not answer within the time that %s', async (_, properties, invocation) => {
    const it = pipeline(scene({ handoverSeconds: 0.3 }), { status });
    it.cloudFormation.template = () => new Promise(() => {});
    await it.invoke(withProperties(type, properties), invocation);
    expect(it.answer()).toMatchObject({ Status: 'SUCCESS', Data: { NotCovered: '' } });
    expect(it.lines.find(({ fields }) => fields['note'] === 'OUT_OF_TIME')).toMatchObject({ level: 'warn' });
  });

  it('is refused for another resource type, with the one to use', async () => {
    const it = pipeline(scene(), { status });
    await it.invoke(request(type, { ResourceType: 'AWS::CloudFormation::CustomResource' }));
    expect(it.answer()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^CleanExit has the type AWS::CloudFormation::CustomResource: .*Custom::CleanExit/),
    });
    expect(it.log.calls).toEqual([]);
  });

  it('is refused for wrong properties, all of them in one sentence', async () => {
    const it = pipeline(scene(), { status });
    await it.invoke(withProperties(type, { DeleteLogStream: 'true', RemoveRolesFromInstanceProfiles: 'yes' }));
    expect(it.answer()).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: id,
      Reason: expect.stringMatching(
        /^Custom::CleanExit: RemoveRolesFromInstanceProfiles must be 'true' or 'false'; DeleteLogStream is unknown; known are ServiceToken, /,
      ),
    });
    expect(it.log.calls).toEqual([]);
  });

  it.each([
    ['account', 'arn:aws:lambda:eu-west-1:210987654321:function:clean-exit-custom-resource'],
    ['partition', 'arn:aws-us-gov:lambda:eu-west-1:123456789012:function:clean-exit-custom-resource'],
  ])('of a stack of another %s is refused', async (_, functionArn) => {
    const it = pipeline(scene(), { status });
    await it.invoke(request(type), { functionArn });
    expect(it.answer()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('deploy the service where the stack is'),
    });
    expect(it.codes()).toContain('REQUEST_REFUSED');
    expect(it.log.calls).toEqual([]);
  });

  it('has the same answer when it is delivered twice', async () => {
    const it = pipeline(scene(), { status, covered: false });
    await it.invoke(request(type));
    it.clock.advance(60_000);
    await it.invoke(request(type));
    expect(it.bodies).toHaveLength(2);
    expect(it.bodies[1]).toBe(it.bodies[0]);
  });
});
