import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { budgetOf, MAX_HOPS, mayContinue } from '#functions/cloudformation/budget.ts';
import { type CleanerDefinition, NOTHING_DONE } from '#functions/core/cleaner.ts';
import { refOf } from '#functions/core/ownership.ts';
import type { EcrPort } from '#functions/core/ports/index.ts';
import { awsFailure } from '#test/fakes/index.ts';
import { FUNCTION_ARN, pipeline, request, type Scene, type SceneChanges, scene, withProperties } from './scene.ts';

interface Slowness {
  /** The work never ends; `call`: because an AWS call in it does not. */
  readonly hangs?: boolean | 'call';
  readonly blocks?: boolean;
}

/** Work on the repository: so many images, one second for each; a second of it cannot be interrupted. */
function slow(images: number, { hangs = false, blocks = true }: Slowness): readonly CleanerDefinition[] {
  let left = images;
  const definition: CleanerDefinition = {
    type: 'AWS::ECR::Repository',
    create: ({ clock, ecr }) => ({
      inspect: async (resource) => ({
        resource: refOf(resource),
        exists: true,
        contents: [{ kind: 'image', count: left }],
        blocks,
        stages: ['drain'],
        notes: [],
      }),
      work: async (_, resource, run) => {
        if (hangs === 'call') {
          await ecr.repository(resource.physicalId);
        } else if (hangs) {
          await new Promise(() => {});
        }
        let count = 0;
        while (left > 0 && run.remaining() > 0) {
          await clock.sleep(1000);
          left -= 1;
          count += 1;
        }
        const removed = [{ resource: refOf(resource), kind: 'image', count }];
        return { ...NOTHING_DONE, removed, finished: left === 0 };
      },
    }),
  };
  return [definition];
}

const slowScene = (images: number, changes: SceneChanges & Slowness = {}) =>
  pipeline(scene({ ...changes, cleaners: slow(images, changes) }));

/** Lets Lambda carry every handed-over event to a new invocation, until nobody hands over any more. */
async function untilAnswered(it: Scene, event: unknown, time?: number): Promise<number> {
  let invocations = 1;
  await it.invoke(event, time === undefined ? {} : { time });
  for (let next = it.handovers.shift(); next; next = it.handovers.shift()) {
    expect(next.functionArn).toBe(FUNCTION_ARN);
    invocations += 1;
    await it.invoke(next.payload, time === undefined ? {} : { time });
  }
  return invocations;
}

describe('a teardown that is longer than an invocation', () => {
  it('hands over, and does not answer meanwhile', async () => {
    const it = slowScene(2000);
    const start = it.clock.now();
    await it.invoke(request('Delete'));
    expect(it.bodies).toEqual([]);
    expect(it.handovers).toEqual([
      {
        functionArn: FUNCTION_ARN,
        payload: {
          cleanExitHandover: { hop: 1, startedAt: start, removed: { image: 840 } },
          request: request('Delete'),
        },
      },
    ]);
    expect(it.codes()).toContain('HANDED_OVER');
  });

  it('is answered once, by the last invocation', async () => {
    const it = slowScene(2000);
    expect(await untilAnswered(it, request('Delete'))).toBe(3);
    expect(it.answer()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'the-id-of-then' });
  });

  it('invokes the function without version or alias', async () => {
    const it = slowScene(2000);
    await it.invoke(request('Delete'), { functionArn: `${FUNCTION_ARN}:live` });
    expect(it.handovers[0]?.functionArn).toBe(FUNCTION_ARN);
  });

  it("ends well before CloudFormation's hour with an honest answer", async () => {
    const it = slowScene(100_000);
    const start = it.clock.now();
    expect(await untilAnswered(it, request('Delete'))).toBe(4);
    const minutes = (it.clock.now() - start) / 60_000;
    expect(minutes).toBeGreaterThan(50);
    expect(minutes).toBeLessThanOrEqual(56);
    expect(it.answer().Status).toBe('FAILED');
    expect(it.answer().Reason).toMatch(
      /^CloudFormation's time for this is nearly over \(55 min, 4 invocations\)\. Delete the stack again: the work goes on where it stopped\. Removed so far: 3,300 images\. Left: Repository \(xxxx\): 96,700 images\./,
    );
    expect(it.codes()).toContain('HANDOVER_EXHAUSTED');
  });

  it('ends before ServiceTimeout', async () => {
    const it = slowScene(100_000);
    const start = it.clock.now();
    await untilAnswered(it, withProperties('Delete', { ServiceTimeout: '120' }));
    expect(it.answer()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('108 images') });
    expect(it.clock.now() - start).toBeLessThan(120_000);
  });

  it('does not fail for something that blocks nothing', async () => {
    const it = slowScene(100_000, { blocks: false });
    await untilAnswered(it, request('Delete'));
    expect(it.answer().Status).toBe('SUCCESS');
  });

  it('is capped even when no time passes between the invocations', async () => {
    const it = slowScene(100_000);
    expect(await untilAnswered(it, request('Delete'), 61_000)).toBe(MAX_HOPS);
    expect(it.answer().Status).toBe('FAILED');
  });

  it('fails when it cannot be handed over, and says what was removed', async () => {
    const it = slowScene(2000, {
      invokeAsync: async (functionArn) => {
        throw awsFailure('lambda:InvokeFunction', functionArn, 'AccessDeniedException');
      },
    });
    await it.invoke(request('Delete'));
    expect(it.answer()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('must allow lambda:InvokeFunction'),
    });
    expect(it.answer().Reason).toContain('Removed so far: 840 images. Left: Repository (xxxx): 1,160 images.');
  });

  it('is decided anew in every invocation', async () => {
    const it = slowScene(2000);
    await it.invoke(request('Delete'));
    it.cloudFormation.addStack('xxxx-build', { status: 'DELETE_FAILED' });
    await it.invoke(it.handovers[0]?.payload);
    expect(it.answer().Status).toBe('SUCCESS');
    expect(it.lines.filter(({ code }) => code === 'STEP_STARTED')).toHaveLength(1);
  });

  it('believes no envelope that claims to begin in the future: CloudFormation would stop waiting before', () => {
    const now = 1_000_000;
    const budget = budgetOf(undefined, { hop: 1, startedAt: now + 3_600_000, removed: {} }, now);
    expect(budget).toEqual({ ...budgetOf(undefined, undefined, now), hop: 1 });
  });

  it.each([{ hop: 0 }, { hop: 1.5 }, { startedAt: 'now' }, { removed: { image: -1 } }, {}])(
    'takes an envelope with %j for no request at all',
    async (changes) => {
      const it = slowScene(1);
      const cleanExitHandover =
        'hop' in changes || 'startedAt' in changes || 'removed' in changes
          ? { hop: 1, startedAt: 1, removed: {}, ...changes }
          : undefined;
      await expect(it.invoke({ cleanExitHandover, request: request('Delete') })).rejects.toThrow(
        'No request of CloudFormation',
      );
      expect(it.bodies).toEqual([]);
    },
  );
});

describe('a teardown that hangs', () => {
  /** A tenth of a second of work, then 300 ms of real time for everything else. */
  const time = 400;
  const handoverSeconds = 0.3;

  it('is left behind in time to hand over', async () => {
    const it = slowScene(10, { hangs: true, handoverSeconds });
    await it.invoke(request('Delete'), { time });
    expect(it.codes()).toContain('STEP_STARTED');
    expect(it.bodies).toEqual([]);
    expect(it.handovers).toMatchObject([{ payload: { cleanExitHandover: { hop: 1, removed: {} } } }]);
  });

  it('hands over, too, where not even what CloudFormation is doing could be read', async () => {
    const stack = (signal: AbortSignal) => () =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () =>
          reject(awsFailure('cloudformation:DescribeStacks', 'xxxx', 'AbortError')),
        );
      });
    const it = pipeline(
      scene({
        handoverSeconds,
        ports: (signal) => {
          it.cloudFormation.stack = stack(signal);
          return {};
        },
      }),
    );
    await it.invoke(request('Delete'), { time });
    expect(it.bodies).toEqual([]);
    expect(it.handovers).toHaveLength(1);
  });

  it.each(['deleteImages', 'repository'] as const)(
    'has its calls ended first, and what they then say (%s) is not taken for a failure of AWS',
    async (method) => {
      const it = pipeline(
        scene({ handoverSeconds, ports: (signal, { ecr }) => ({ ecr: hanging(ecr, method, signal) }) }),
      );
      const ended = Date.now() + 200;
      await it.invoke(request('Delete'), { time });
      expect(Date.now()).toBeGreaterThanOrEqual(ended - 5);
      expect(it.codes().includes('REPORT')).toBe(method === 'deleteImages');
      expect(it.bodies).toEqual([]);
      expect(it.handovers).toHaveLength(1);
    },
  );
});

describe('a cleaner that takes the end of its calls for a failure of AWS', () => {
  it('does not make the time that is up a reason to fail', async () => {
    const it = slowScene(10, {
      hangs: 'call',
      handoverSeconds: 0.3,
      ports: (signal, { ecr }) => ({ ecr: hanging(ecr, 'repository', signal) }),
    });
    await it.invoke(request('Delete'), { time: 400 });
    const report = it.lines.find(({ code }) => code === 'REPORT')?.fields['report'];
    expect(report).toMatchObject({ outcome: 'blocked' });
    expect(it.bodies).toEqual([]);
    expect(it.handovers).toHaveLength(1);
  });
});

/** Repositories one of whose calls does not end by itself; after the signal nothing goes any more, as with the SDK. */
function hanging(ecr: EcrPort, method: 'deleteImages' | 'repository', signal: AbortSignal): EcrPort {
  const aborted = () => awsFailure(`ecr:${method}`, 'xxxx', 'AbortError');
  const untilAborted = () =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(aborted()));
    });
  const unlessAborted = <T>(call: () => T): T => {
    if (signal.aborted) {
      throw aborted();
    }
    return call();
  };
  return {
    repository: async (name) => unlessAborted(() => ecr.repository(name)),
    images: (name) => unlessAborted(() => ecr.images(name)),
    deleteImages: async (name, digests) => unlessAborted(() => ecr.deleteImages(name, digests)),
    policy: async (name) => unlessAborted(() => ecr.policy(name)),
    setPolicy: async (name, policy) => unlessAborted(() => ecr.setPolicy(name, policy)),
    deletePolicy: async (name) => unlessAborted(() => ecr.deletePolicy(name)),
    [method]: untilAborted,
  };
}

describe('budgetOf', () => {
  it('keeps a tenth back, within bounds, and counts from the first invocation', () => {
    const ends = (timeout?: number) => budgetOf(timeout, undefined, 0).endsAt / 1000;
    expect([ends(), ends(3600), ends(1200), ends(60), ends(10)]).toEqual([3300, 3300, 1080, 54, 7]);
    const later = budgetOf(600, { hop: 3, startedAt: 1000, removed: {} }, 99_999);
    expect(later).toMatchObject({ startedAt: 1000, endsAt: 541_000, hop: 3 });
  });

  it('never lets anything go on for ever', () => {
    fc.assert(
      fc.property(fc.nat(3600), fc.nat(1000), fc.nat(5_000_000), (timeout, hop, now) => {
        const budget = budgetOf(timeout, { hop, startedAt: 0, removed: {} }, now);
        if (mayContinue(budget, now)) {
          expect(hop).toBeLessThan(MAX_HOPS);
          expect(now).toBeLessThan(timeout * 1000);
        }
      }),
    );
  });
});
