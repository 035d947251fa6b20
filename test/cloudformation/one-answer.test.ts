import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CleanerDefinition } from '#functions/core/cleaner.ts';
import { AwsFailure, Bug } from '#functions/errors.ts';
import { awsFailure } from '#test/fakes/index.ts';
import { pipeline, RESPONSE_URL, type RequestType, request, type Scene, scene } from './scene.ts';

type Ending = 'answered' | 'handed over' | 'thrown';

/** How an invocation ended; fails the test where it ended in two ways, or in none. */
async function endingOf(it: Scene, event: unknown): Promise<Ending> {
  const thrown = await it.invoke(event).then(
    () => false,
    () => true,
  );
  expect(it.bodies.length + it.handovers.length + Number(thrown)).toBe(1);
  for (const body of it.bodies) {
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
  }
  expect(JSON.stringify(it.lines)).not.toContain('X-Amz-Signature');
  return thrown ? 'thrown' : it.bodies.length === 1 ? 'answered' : 'handed over';
}

const TYPES: readonly RequestType[] = ['Create', 'Update', 'Delete'];
const requestType = fc.constantFrom(...TYPES);

describe('an invocation ends in one answer', () => {
  it('whichever call fails, in whatever way, with whatever else', async () => {
    const failure = fc.record({
      nth: fc.integer({ min: 1, max: 40 }),
      errorName: fc.constantFrom('AccessDeniedException', 'ThrottlingException', 'TimeoutError', 'ValidationError'),
      crashes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(requestType, fc.nat(9), fc.array(failure, { maxLength: 3 }), async (type, images, failures) => {
        const it = pipeline(scene(), { images });
        it.log.onCall(({ action, target }, nth) => {
          const hit = failures.find((each) => each.nth === nth);
          if (hit) {
            throw hit.crashes
              ? new TypeError('undefined is not a function')
              : awsFailure(action, target, hit.errorName);
          }
        });
        expect(await endingOf(it, request(type))).toBe('answered');
      }),
      { numRuns: 200 },
    );
  });

  it.each(TYPES)('when a cleaner is broken (%s)', async (type) => {
    const broken: CleanerDefinition = {
      type: 'AWS::ECR::Repository',
      create: () => {
        throw new Error('a bug');
      },
    };
    const it = pipeline(scene({ cleaners: [broken] }));
    expect(await endingOf(it, request(type))).toBe('answered');
    expect(it.answer()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('A defect in clean-exit: a bug'),
    });
    expect(it.lines.find(({ code }) => code === 'REQUEST_FAILED')).toMatchObject({
      level: 'error',
      fields: { error: 'BUG' },
    });
  });

  it('when the environment is wrong', async () => {
    const it = pipeline(scene({ environment: { HANDOVER_SECONDS: 'soon' } }));
    expect(await endingOf(it, request('Delete'))).toBe('answered');
    expect(it.answer()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('HANDOVER_SECONDS: must be'),
    });
    expect(it.ecr.digests('xxxx')).toHaveLength(2);
  });

  it.each([
    ['RequestType', 'Destroy'],
    ['RequestType', undefined],
    ['ResourceType', undefined],
    ['ResourceType', 7],
    ['ResourceProperties', 'none'],
    ['PhysicalResourceId', undefined],
    ['PhysicalResourceId', ''],
    ['PhysicalResourceId', 'x'.repeat(1025)],
    ['PhysicalResourceId', '消'.repeat(342)],
    ['PhysicalResourceId', 'a\u0000b'],
  ])('when %s is %j', async (field, value) => {
    const it = pipeline(scene());
    expect(await endingOf(it, request('Delete', { [field]: value }))).toBe('answered');
    expect(it.answer()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(field) });
    expect(it.ecr.digests('xxxx')).toHaveLength(2);
  });

  it('whatever stands in a request that can be answered', async () => {
    const field = fc.constantFrom('RequestType', 'ResourceType', 'ResourceProperties', 'PhysicalResourceId', 'Extra');
    const changes = fc.dictionary(field, fc.anything());
    await fc.assert(
      fc.asyncProperty(requestType, changes, async (type, changed) => {
        expect(await endingOf(pipeline(scene()), request(type, changed))).toBe('answered');
      }),
    );
  });
});

describe('an invocation ends in an error', () => {
  it.each([
    ['ResponseURL', undefined],
    ['ResponseURL', 'https://example.com/?X-Amz-Signature=x'],
    ['ResponseURL', 'http://127.0.0.1:4566/?X-Amz-Signature=x'],
    ['ResponseURL', 7],
    ['StackId', 'xxxx-build'],
    ['StackId', undefined],
    ['RequestId', ''],
    ['LogicalResourceId', null],
  ])('and nobody is told, when %s is %j', async (field, value) => {
    const it = pipeline(scene());
    expect(await endingOf(it, request('Delete', { [field]: value }))).toBe('thrown');
    expect(it.codes()).toEqual(['REQUEST_UNANSWERABLE']);
    expect(it.log.calls).toEqual([]);
  });

  it('whatever comes in that is no request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (event) => {
        const it = scene();
        expect(await endingOf(it, event)).toBe('thrown');
        expect(it.log.calls).toEqual([]);
      }),
    );
  });

  it('when the answer is not taken: Lambda repeats the invocation, and it is answered then', async () => {
    let times = 0;
    const it = pipeline(
      scene({
        send: async () => {
          times += 1;
          if (times === 1) {
            throw new AwsFailure(
              { action: 's3:PutObject', resource: 'the ResponseURL', errorName: 'HTTP503' },
              'S3 answered 503',
            );
          }
        },
      }),
    );
    await expect(it.invoke(request('Delete'))).rejects.toThrow('S3 answered 503');
    expect(it.codes()).toContain('ANSWER_FAILED');
    expect(it.codes()).not.toContain('ANSWER_SENT');
    await it.invoke(request('Delete'));
    expect(it.answer().Status).toBe('SUCCESS');
  });

  it('when it is not told who it is', async () => {
    await expect(scene().invoke(request('Create'), { functionArn: '' })).rejects.toThrow(Bug);
  });
});

describe('the emulator', () => {
  const event = request('Create', { ResponseURL: 'http://127.0.0.1:4566/answer' });

  it('is answered where it is switched on', async () => {
    const it = pipeline(scene({ environment: { EMULATOR_RESPONSE_HOST: '127.0.0.1:4566' } }));
    expect(await endingOf(it, event)).toBe('answered');
  });

  it('cannot be a host that is not on the loopback interface', async () => {
    const it = pipeline(scene({ environment: { EMULATOR_RESPONSE_HOST: 'example.com:8080' } }));
    expect(await endingOf(it, request('Create', { ResponseURL: 'http://example.com:8080/answer' }))).toBe('thrown');
  });
});

describe('the sample events', () => {
  it.each([
    ['create', 'answered', 'SUCCESS'],
    ['update', 'answered', 'SUCCESS'],
    ['delete', 'answered', 'SUCCESS'],
    ['handed-over', 'answered', 'SUCCESS'],
    ['wrong-properties', 'answered', 'FAILED'],
  ])('custom-resource-%s.json is %s with %s', async (name, ending, status) => {
    const event: unknown = JSON.parse(readFileSync(`events/custom-resource-${name}.json`, 'utf8'));
    const it = scene();
    const functionArn = 'arn:aws:lambda:ap-northeast-1:123456789012:function:clean-exit-custom-resource';
    await it.invoke(event, { functionArn });
    expect(it.bodies.length === 1 ? 'answered' : 'silent').toBe(ending);
    expect(it.answer().Status).toBe(status);
    expect(RESPONSE_URL).toMatch(/^https:/);
  });
});

describe('the entry', () => {
  it('declares two parameters: Node 24 on Lambda refuses a third', async () => {
    const { handler } = await import('#functions/custom-resource.ts');
    expect(handler).toHaveLength(2);
  });
});
