import { describe, expect, it } from '@jest/globals';
import { ecrRepository } from '#functions/cleaners/ecr-repository.ts';
import { cleanOne, codesOf, LOGICAL_ID, removedBy, resourceOf, runOn, STACK } from '#test/cleaners/scene.ts';
import type { RepositoryOptions } from '#test/fakes/ecr.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';

const REPO = 'team/job';
const LIST = 'ecr:DescribeImages';
const DELETE = 'ecr:BatchDeleteImage';
/** Valid, and without room for one statement more. */
const TOO_LONG = JSON.stringify({ Id: 'x'.repeat(10_150), Statement: [] });

function scene(options: RepositoryOptions = {}, properties: Readonly<Record<string, unknown>> = {}): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK)
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::ECR::Repository', physicalId: REPO, properties });
  account.ecr.addRepository(REPO, options);
  return account;
}

const clean = async (account: FakeAccount, time?: number) =>
  cleanOne(ecrRepository, account, await runOn(account, time === undefined ? {} : { time }));

/** Runs at the beginning of the nth listing. */
function atListing(account: FakeAccount, nths: readonly number[], script: (nth: number) => void): void {
  account.log.onCall(({ action }) => {
    const nth = account.log.count(LIST);
    if (action === LIST && nths.includes(nth)) {
      script(nth);
    }
  });
}

describe('what a run costs', () => {
  it.each([0, 1, 99, 100, 101, 999, 1_000, 1_001, 2_500])('%i images: the floor and two calls more', async (count) => {
    const account = scene();
    account.ecr.pageSize = 1_000;
    account.ecr.fill(REPO, Math.ceil(count / 2));
    for (let at = 0; at < Math.floor(count / 2); at += 1) {
      account.ecr.addImage(REPO, { digest: `sha256:index-${at}`, children: [`sha256:image-${at}`] });
    }
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true });
    expect(account.ecr.digests(REPO)).toEqual([]);
    const floor = Math.ceil(count / 1_000) + Math.ceil(count / 100);
    expect(account.log.count(LIST, DELETE)).toBeLessThanOrEqual(floor + 2);
    expect(account.clock.slept).toEqual([]);
  });

  it('100,000 images are no failure, and at most five deletes are under way at a time', async () => {
    const account = scene();
    account.ecr.pageSize = 1_000;
    account.ecr.fill(REPO, 100_000);
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ image: 100_000 });
    expect(account.log.count(LIST, DELETE)).toBe(100 + 1_000 + 1);
    expect(account.ecr.mostDeletesAtOnce).toBe(5);
  });
});

describe('the order', () => {
  it('seals before it deletes, and lists no more between inspection and the first delete', async () => {
    const account = scene();
    account.ecr.fill(REPO, 2);
    await clean(account);
    expect(account.log.actions().filter((action) => action.startsWith('ecr:'))).toEqual([
      'ecr:DescribeRepositories',
      LIST,
      'ecr:GetRepositoryPolicy',
      'ecr:SetRepositoryPolicy',
      DELETE,
      LIST,
    ]);
  });

  it('an empty repository is sealed and looked at again, because a push may be under way', async () => {
    const account = scene();
    account.ecr.pushLater(REPO, { afterCall: 3, count: 2 });
    const outcome = await clean(account);
    expect(outcome.finding).toMatchObject({ contents: [], blocks: false, stages: ['seal', 'verify'] });
    expect(account.ecr.digests(REPO)).toEqual([]);
    expect(removedBy(outcome)).toEqual({ image: 2 });
  });

  it('indexes go before what they name, level by level, without another listing', async () => {
    const account = scene();
    account.ecr
      .addImage(REPO, { digest: 'sha256:leaf' })
      .addImage(REPO, { digest: 'sha256:shared' })
      .addImage(REPO, { digest: 'sha256:inner', children: ['sha256:leaf', 'sha256:shared'] })
      .addImage(REPO, { digest: 'sha256:middle', children: ['sha256:inner'] })
      .addImage(REPO, { digest: 'sha256:outer', children: ['sha256:middle', 'sha256:shared'] });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ image: 5 });
    // Two pages to inspect and one empty page to verify; three levels of indexes and the rest.
    expect([account.log.count(LIST), account.log.count(DELETE)]).toEqual([3, 4]);
  });

  it('archived and untagged images go like any other', async () => {
    const account = scene();
    account.ecr.addImage(REPO, { digest: 'sha256:old', archived: true }).fill(REPO, 1);
    expect(removedBy(await clean(account))).toEqual({ image: 2 });
    expect(account.ecr.digests(REPO)).toEqual([]);
  });
});

describe('the seal', () => {
  it('keeps the statements that were there, and lets nobody push', async () => {
    const theirs = { Sid: 'Pull', Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' };
    const account = scene({ policy: JSON.stringify({ Version: '2012-10-17', Statement: [theirs] }) });
    await clean(account);
    const sealed = JSON.parse(account.ecr.policyNow(REPO) ?? '{}');
    expect(sealed.Statement).toHaveLength(2);
    expect(sealed.Statement[0]).toEqual(theirs);
  });

  it('is not written twice', async () => {
    const account = scene();
    await clean(account);
    await clean(account);
    expect(account.log.count('ecr:SetRepositoryPolicy')).toBe(1);
  });

  it('a loop of pushes ends once the seal is known everywhere; what came in between goes too', async () => {
    const account = scene({ policyTakesCalls: 4 });
    account.ecr.fill(REPO, 4).pushLater(REPO, { afterCall: 1, every: 1, times: 1_000, count: 2 });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(account.ecr.digests(REPO)).toEqual([]);
  });

  it('after late pushes one empty listing is not believed', async () => {
    const account = scene({ policyTakesCalls: 100 });
    // Calls: 1 repository, 2 list, 3-4 policy, 5 delete, 6 list (late ones), 7 delete, 8 list (empty).
    account.ecr.fill(REPO, 1).pushLater(REPO, { afterCall: 6, count: 1 }).pushLater(REPO, { afterCall: 9, count: 1 });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ image: 3 });
    // One to inspect, two that find late ones, each followed by two empty ones – the first pair interrupted.
    expect(account.log.count(LIST)).toBe(6);
  });

  it.each([
    ['too long', TOO_LONG, '10240 characters'],
    ['unreadable', '{"Statement":', 'not a JSON document'],
  ])('a policy that is %s: no seal, a note, and the drain goes on', async (_, policy, why) => {
    const account = scene({ policy });
    account.ecr.fill(REPO, 2);
    const outcome = await clean(account);
    expect(codesOf(outcome.notes)).toEqual(['NOT_SEALED']);
    expect(outcome.notes[0]?.sentence).toContain(why);
    expect(account.ecr.policyNow(REPO)).toBe(policy);
    expect(account.ecr.digests(REPO)).toEqual([]);
  });

  it.each(['ecr:GetRepositoryPolicy', 'ecr:SetRepositoryPolicy'])(
    '%s denied: a note, and the drain goes on',
    async (action) => {
      const account = scene();
      account.ecr.fill(REPO, 2);
      account.log.deny(action);
      const outcome = await clean(account);
      expect(outcome).toMatchObject({ leftovers: [], finished: true });
      expect(codesOf(outcome.notes)).toEqual(['NOT_SEALED']);
      expect(outcome.notes[0]?.sentence).toContain(action);
      expect(account.ecr.digests(REPO)).toEqual([]);
    },
  );

  it('unsealed against an endless loop of pushes: never past the deadline, and unfinished', async () => {
    const account = scene({ policy: TOO_LONG });
    account.ecr.fill(REPO, 4).pushLater(REPO, { afterCall: 1, every: 1, times: 100_000, count: 1 });
    const run = await runOn(account, { time: 60_000 });
    const outcome = await cleanOne(ecrRepository, account, run);
    expect(outcome.finished).toBe(false);
    expect(run.remaining()).toBe(0);
    expect(account.clock.slept).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000, 8_000, 4_500]);
  });
});

describe('what cannot be deleted', () => {
  it('is left with its cause, one leftover for each; what it holds back is said so', async () => {
    const account = scene();
    account.ecr
      .fill(REPO, 6)
      .addImage(REPO, { digest: 'sha256:kms', children: ['sha256:image-0', 'sha256:image-1'], failsWith: 'KmsError' });
    const outcome = await clean(account);
    expect(account.ecr.digests(REPO)).toEqual(['sha256:image-0', 'sha256:image-1', 'sha256:kms']);
    expect(outcome.leftovers).toMatchObject([
      {
        what: '1 image',
        why: expect.stringContaining('KmsError'),
        remedy: expect.stringContaining('KMS key'),
        blocks: true,
      },
      { what: '2 images', why: expect.stringContaining('ImageReferencedByManifestList'), blocks: true },
    ]);
    expect(outcome.finished).toBe(true);
  });

  it('but only for a while: it goes, and nothing is reported as left', async () => {
    const account = scene();
    account.ecr.fill(REPO, 2).addImage(REPO, { digest: 'sha256:later', failsWith: 'ImageInaccessible', failsTimes: 2 });
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true });
    expect(account.ecr.digests(REPO)).toEqual([]);
  });

  it('gets its tries after the last look that brought something', async () => {
    const account = scene();
    account.ecr.addImage(REPO, { digest: 'sha256:later', failsWith: 'ImageInaccessible', failsTimes: 6 });
    atListing(account, [2, 3, 4], (nth) => account.ecr.addImage(REPO, { digest: `sha256:late-${nth}` }));
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: true });
    expect(account.ecr.digests(REPO)).toEqual([]);
  });

  it('and what arrives at the very last look still goes', async () => {
    const account = scene();
    account.ecr.addImage(REPO, { digest: 'sha256:stuck', failsWith: 'KmsError' });
    atListing(account, [5], () => account.ecr.addImage(REPO, { digest: 'sha256:late' }));
    expect((await clean(account)).leftovers).toMatchObject([{ what: '1 image' }]);
    expect(account.ecr.digests(REPO)).toEqual(['sha256:stuck']);
  });

  it('is not reported once somebody else removed it, even where the time runs out then', async () => {
    const account = scene();
    account.ecr.addImage(REPO, { digest: 'sha256:stuck', failsWith: 'KmsError' });
    atListing(account, [2], () => account.ecr.addImage(REPO, { digest: 'sha256:late' }));
    atListing(account, [3], () => {
      account.ecr.removeImage(REPO, 'sha256:stuck');
      account.clock.advance(900_000);
    });
    expect(await clean(account)).toMatchObject({ leftovers: [], finished: false });
  });

  it('a batch that throws loses no other batch, and is tried again', async () => {
    const account = scene();
    account.ecr.fill(REPO, 450);
    account.log.fail({ action: DELETE, errorName: 'ThrottlingException', after: 1 });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ image: 450 });
    expect(account.log.count(DELETE)).toBe(6);
  });

  it('without the right to delete it asks a few times, not once for every batch', async () => {
    const account = scene();
    account.ecr.pageSize = 1_000;
    account.ecr.fill(REPO, 5_000);
    account.log.deny(DELETE);
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: '5,000 images', blocks: true }]);
    expect(account.log.count(DELETE)).toBeLessThanOrEqual(20);
  });

  it('a listing that fails while verifying leaves an unknown number', async () => {
    const account = scene();
    account.ecr.fill(REPO, 1);
    account.log.fail({ action: LIST, errorName: 'ServerException', after: 1, times: 100 });
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: 'an unknown number of images', blocks: true }]);
    expect(removedBy(outcome)).toEqual({ image: 1 });
  });

  it.each([
    [true, false],
    ['true', false],
    [false, true],
    [undefined, true],
    [{ Ref: 'Empty' }, true],
  ])('EmptyOnDelete %j in the template: blocks CloudFormation %j', async (EmptyOnDelete, blocks) => {
    const account = scene({}, { EmptyOnDelete });
    account.ecr.addImage(REPO, { digest: 'sha256:stuck', failsWith: 'KmsError' });
    const outcome = await clean(account);
    expect(outcome.finding.blocks).toBe(blocks);
    expect(outcome.leftovers).toMatchObject([{ blocks }]);
  });
});

describe('the deadline', () => {
  it('comes while draining: calls that are under way end, no new one starts, and it is unfinished', async () => {
    const account = scene();
    account.ecr.pageSize = 1_000;
    account.ecr.fill(REPO, 3_000);
    account.log.onCall(() => {
      if (account.log.count(DELETE) === 3) {
        account.clock.advance(900_000);
      }
    });
    const run = await runOn(account);
    const cleaner = ecrRepository.create(account.ports);
    await cleaner.inspect(resourceOf(run), run);
    const result = await cleaner.work('drain', resourceOf(run), run);
    expect(result).toMatchObject({ leftovers: [], finished: false });
    expect(account.log.count(DELETE)).toBeLessThanOrEqual(5);
    expect(removedBy(result)).toEqual({ image: 3_000 - account.ecr.digests(REPO).length });
  });
});

describe('a kept repository', () => {
  it('is looked into no further than its first page', async () => {
    const account = scene({ tags: { 'clean-exit:keep': '' } });
    account.ecr.fill(REPO, 10);
    const { finding } = await clean(account);
    expect(finding).toMatchObject({ blocks: true, contents: [{ kind: 'image', count: 3, orMore: true }] });
    expect(account.log.count(LIST)).toBe(1);
  });
});

describe('without what inspection saw', () => {
  it('the drain lists for itself', async () => {
    const account = scene();
    account.ecr.fill(REPO, 4);
    const run = await runOn(account);
    const cleaner = ecrRepository.create(account.ports);
    expect(await cleaner.work('drain', resourceOf(run), run)).toMatchObject({
      removed: [{ count: 4 }],
      finished: true,
    });
  });

  it('a drain that cannot list leaves the word to the stage that verifies', async () => {
    const account = scene();
    account.ecr.fill(REPO, 4);
    account.log.fail({ action: LIST, errorName: 'ServerException' });
    const run = await runOn(account);
    const cleaner = ecrRepository.create(account.ports);
    expect(await cleaner.work('drain', resourceOf(run), run)).toMatchObject({ removed: [], leftovers: [] });
    expect(await cleaner.work('verify', resourceOf(run), run)).toMatchObject({
      removed: [{ count: 4 }],
      leftovers: [],
    });
  });
});

describe('restore', () => {
  const restore = async (account: FakeAccount) => {
    const run = await runOn(account);
    return (await ecrRepository.create(account.ports).restore?.(resourceOf(run), run.tree)) ?? [];
  };

  it('lifts the seal of an abandoned teardown', async () => {
    const account = scene();
    await clean(account);
    expect(codesOf(await restore(account))).toEqual(['SEAL_LIFTED']);
    expect(account.ecr.policyNow(REPO)).toBeUndefined();
  });

  it('gives back the policy that was there', async () => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'x' }],
    });
    const account = scene({ policy });
    await clean(account);
    await restore(account);
    expect(account.ecr.policyNow(REPO)).toBe(policy);
  });

  it('writes nothing where there is no seal, or no repository', async () => {
    const account = scene();
    expect(await restore(account)).toEqual([]);
    account.ecr.removeRepository(REPO);
    expect(await restore(account)).toEqual([]);
    expect(account.log.count('ecr:SetRepositoryPolicy', 'ecr:DeleteRepositoryPolicy')).toBe(0);
  });

  it('that fails is a note that names the right', async () => {
    const account = scene();
    await clean(account);
    account.log.deny('ecr:DeleteRepositoryPolicy');
    const notes = await restore(account);
    expect(codesOf(notes)).toEqual(['SEAL_NOT_LIFTED']);
    expect(notes[0]?.sentence).toContain('ecr:DeleteRepositoryPolicy');
  });
});
