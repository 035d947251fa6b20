import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AwsFailure } from '#functions/errors.ts';
import type { FakeAccount } from '#test/fakes/index.ts';
import { clean, writtenTo } from './scene.ts';
import { allowed, build, resourceName, stackName, type World, world } from './world.ts';

async function run(given: World): Promise<FakeAccount> {
  const account = build(given);
  const roleArns = given.resources.flatMap(({ kind, isDeleteRole, path }, at) =>
    kind === 'role' && isDeleteRole ? [`arn:aws:iam::123456789012:role${path}${resourceName(at)}`] : [],
  );
  const { calls } = given;
  await clean(account, stackName(0), {
    options: { cause: given.cause },
    service: { functionName: 'clean-exit', roleArns },
    ...(calls === undefined ? {} : { remaining: () => calls - account.log.calls.length }),
  }).catch((thrown: unknown) => {
    // A listing that fails stops the run: that is an answer too. Anything else is a defect.
    if (!(thrown instanceof AwsFailure)) {
      throw thrown;
    }
  });
  return account;
}

describe('boundaries', () => {
  it('whatever the tree, the faults and the time: no write ever lands outside what may be cleaned', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const may = allowed(given);
        const outside = writtenTo(await run(given)).filter((name) => !may.has(name));
        expect(outside).toEqual([]);
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('and without faults and with enough time all of it is written to: the boundary is no wider than it must be', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const calm = { ...given, faults: [], calls: undefined };
        const written = await run(calm);
        const blocked = calm.resources.some(
          ({ kept, kind, profile, path }) => kept || (kind === 'role' && (profile || path.startsWith('/aws-'))),
        );
        const wanted = [...allowed(calm)].filter((name) => {
          // Log streams are kept as evidence while something blocks.
          const kind = calm.resources[Number(name.slice(1))]?.kind;
          return kind !== 'group' || !blocked;
        });
        expect(writtenTo(written)).toEqual(expect.arrayContaining(wanted));
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
