/** The fakes keep what their comments promise: a test against a kinder fake would prove nothing. */
import { describe, expect, it } from '@jest/globals';
import { AwsFailure } from '#functions/errors.ts';
import { FakeClock, fakeAccount } from '#test/fakes/index.ts';

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly (readonly T[])[]> {
  const found: (readonly T[])[] = [];
  for await (const page of pages) {
    found.push(page);
  }
  return found;
}

describe('FakeClock', () => {
  it('wakes sleepers side by side in the order of their times', async () => {
    const clock = new FakeClock(0);
    const woken: string[] = [];
    const sleep = async (name: string, milliseconds: number) => {
      await clock.sleep(milliseconds);
      woken.push(`${name} ${clock.now()}`);
    };
    await Promise.all([sleep('late', 300), sleep('early', 100), sleep('twice', 50).then(() => sleep('twice', 200))]);
    expect(woken).toEqual(['twice 50', 'early 100', 'twice 250', 'late 300']);
  });
});

describe('FakeEcr', () => {
  it('gives three images a page, archived ones too', async () => {
    const { ecr, log } = fakeAccount();
    ecr.addRepository('r').fill('r', 3).addImage('r', { digest: 'sha256:old', archived: true });
    expect((await all(ecr.images('r'))).map((page) => page.length)).toEqual([3, 1]);
    expect(log.counts()).toEqual({ 'ecr:DescribeImages': 2 });
  });

  it('refuses a listing during which images were deleted', async () => {
    const { ecr } = fakeAccount();
    ecr.addRepository('r').fill('r', 4);
    const reading = async () => {
      for await (const [image] of ecr.images('r')) {
        await ecr.deleteImages('r', [image?.digest ?? '']);
      }
    };
    await expect(reading()).rejects.toThrow('deleted between two pages');
  });

  it('keeps what an index named when the call began: in the same call, and in one side by side', async () => {
    const { ecr } = fakeAccount();
    ecr
      .addRepository('r')
      .fill('r', 2, 'x')
      .addImage('r', { digest: 'i', children: ['sha256:x-0', 'sha256:x-1'] });
    const [first, second] = await Promise.all([
      ecr.deleteImages('r', ['i', 'sha256:x-0']),
      ecr.deleteImages('r', ['sha256:x-1']),
    ]);
    expect(first.failures).toMatchObject([{ digest: 'sha256:x-0', code: 'ImageReferencedByManifestList' }]);
    expect(second.failures).toMatchObject([{ digest: 'sha256:x-1', code: 'ImageReferencedByManifestList' }]);
    expect(await ecr.deleteImages('r', ['sha256:x-0', 'sha256:x-1'])).toEqual({ deleted: 2, failures: [] });
  });

  it('late indexes hold back what they name, also an image that was there before', async () => {
    const { ecr } = fakeAccount();
    ecr.addRepository('r').addImage('r', { digest: 'sha256:old' });
    ecr.pushLater('r', { afterCall: 1, count: 1, withIndex: true });
    await ecr.policy('r');
    const held = await ecr.deleteImages('r', ['sha256:old', 'sha256:late-1', 'sha256:late-2']);
    expect(held.failures.map(({ digest, code }) => [digest, code])).toEqual([
      ['sha256:old', 'ImageReferencedByManifestList'],
      ['sha256:late-1', 'ImageReferencedByManifestList'],
    ]);
    expect(held.deleted).toBe(1);
  });

  it('lets pushes in until the policy that denies them is known everywhere', async () => {
    const { ecr } = fakeAccount();
    ecr.addRepository('r', { policyTakesCalls: 2 }).pushLater('r', { afterCall: 1, every: 1, times: 10, count: 1 });
    const Statement = [{ Effect: 'Deny', Principal: '*', Action: ['ecr:PutImage'] }];
    await ecr.setPolicy('r', JSON.stringify({ Statement }));
    const seen: number[] = [];
    for (let at = 0; at < 4; at += 1) {
      await ecr.policy('r');
      seen.push(ecr.digests('r').length);
    }
    expect(seen).toEqual([2, 3, 3, 3]);
  });
});

describe('FakeLogs', () => {
  it('throttles the sixteenth delete within a second, all groups together', async () => {
    const { logs, clock } = fakeAccount();
    logs.addGroup('a', { streams: 20 }).addGroup('b', { streams: 20 });
    for (let at = 0; at < 15; at += 1) {
      await logs.deleteLogStream(at % 2 === 0 ? 'a' : 'b', `stream-${at}`);
    }
    await expect(logs.deleteLogStream('a', 'stream-0')).rejects.toThrow('ThrottlingException');
    clock.advance(1_000);
    await expect(logs.deleteLogStream('a', 'stream-1')).resolves.toBeUndefined();
  });

  it('a protected group keeps its streams', async () => {
    const { logs } = fakeAccount();
    logs.addGroup('a', { deletionProtected: true, streams: 1 });
    await expect(logs.deleteLogStream('a', 'stream-0')).rejects.toBeInstanceOf(AwsFailure);
    expect(logs.streams('a')).toEqual(['stream-0']);
  });
});

describe('FakeIam', () => {
  it('refuses the second of two changes side by side', async () => {
    const { iam } = fakeAccount();
    iam.addRole('r', { attached: ['a'], inline: ['b'] });
    const results = await Promise.allSettled([iam.detachPolicy('r', 'a'), iam.deleteInlinePolicy('r', 'b')]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected']);
    expect(iam.holds('r')).toEqual({ attached: [], inline: ['b'], profiles: [] });
    await iam.deleteInlinePolicy('r', 'b');
    expect(iam.holds('r').inline).toEqual([]);
  });
});

describe('FakeCodeBuild', () => {
  it('a stopped build goes on for a while', async () => {
    const { codeBuild, clock } = fakeAccount();
    codeBuild.addProject('p', { builds: [1_000] });
    await codeBuild.stopBuild('p', 'p:build-0');
    expect(await codeBuild.stillRunning('p', ['p:build-0'])).toEqual(['p:build-0']);
    clock.advance(1_000);
    expect(await codeBuild.stillRunning('p', ['p:build-0'])).toEqual([]);
  });
});

describe('FakeCodeBuild: report groups', () => {
  it('gives three reports a page, and refuses a listing during which one was deleted', async () => {
    const { codeBuild } = fakeAccount();
    codeBuild.addReportGroup('g', 4);
    expect((await all(codeBuild.reports('g'))).map((page) => page.length)).toEqual([3, 1]);
    const reading = async () => {
      for await (const [report = ''] of codeBuild.reports('g')) await codeBuild.deleteReport('g', report);
    };
    await expect(reading()).rejects.toThrow('deleted between two pages');
  });
});

describe('FakeS3', () => {
  const bucket = { name: 'b', owner: '123456789012' };
  const SEALED = JSON.stringify({ Statement: [{ Effect: 'Deny', Principal: '*', Action: ['s3:PutObject'] }] });

  it('keeps versions and makes delete markers only where there is versioning', async () => {
    for (const [versioning, kept] of [
      ['Enabled', ['v1', 'v2', 'v3']],
      ['Suspended', ['null']],
      [undefined, []],
    ] as const) {
      const { s3 } = fakeAccount();
      s3.addBucket('b', versioning === undefined ? {} : { versioning });
      s3.put('b', 'k').put('b', 'k').deleteObject('b', 'k');
      expect(s3.holds('b').versions.map(({ versionId }) => versionId)).toEqual(kept);
      expect(s3.holds('b').versions.filter(({ isMarker }) => isMarker)).toHaveLength(versioning === undefined ? 0 : 1);
    }
  });

  it('gives three versions a page, and refuses a listing during which one was deleted', async () => {
    const { s3 } = fakeAccount();
    s3.addBucket('b').fill('b', 4);
    expect((await all(s3.versions(bucket))).map((page) => page.length)).toEqual([3, 1]);
    const reading = async () => {
      for await (const page of s3.versions(bucket)) await s3.deleteVersions(bucket, page);
    };
    await expect(reading()).rejects.toThrow('deleted between two pages');
  });

  it('names what it did not delete, for as often as it was told', async () => {
    const { s3 } = fakeAccount();
    s3.addBucket('b').fill('b', 2).breakVersion('b', 'object-0', { code: 'SlowDown', times: 1 });
    const { versions } = s3.holds('b');
    expect((await s3.deleteVersions(bucket, versions)).failures).toMatchObject([
      { version: { key: 'object-0' }, code: 'SlowDown' },
    ]);
    expect(await s3.deleteVersions(bucket, versions)).toEqual({ failures: [] });
    expect(s3.holds('b').versions).toEqual([]);
  });

  it('takes writes until the policy that denies them is known everywhere, and delete markers after that too', async () => {
    const { s3 } = fakeAccount();
    s3.addBucket('b', { policyTakesCalls: 2, versioning: 'Enabled' });
    s3.writeLater('b', { afterCall: 1, every: 1, times: 9, what: 'put' });
    s3.writeLater('b', { afterCall: 1, every: 1, times: 5, what: 'delete' });
    s3.writeLater('b', { afterCall: 1, every: 1, times: 9, what: 'upload' });
    await s3.setPolicy(bucket, SEALED);
    const seen: (readonly number[])[] = [];
    for (let at = 0; at < 4; at += 1) {
      await s3.policy(bucket);
      const { versions, uploads } = s3.holds('b');
      seen.push([
        versions.filter((each) => !each.isMarker).length,
        versions.filter((each) => each.isMarker).length,
        uploads.length,
      ]);
    }
    expect(seen).toEqual([
      [2, 2, 2],
      [2, 3, 2],
      [2, 4, 2],
      [2, 5, 2],
    ]);
  });

  it('refuses every call on the bucket of another account', async () => {
    const { s3 } = fakeAccount();
    s3.addBucket('b', { owner: '999999999999' }).fill('b', 1);
    const calls = [
      s3.bucket(bucket),
      all(s3.versions(bucket)),
      s3.deleteVersions(bucket, s3.holds('b').versions),
      s3.policy(bucket),
      s3.setPolicy(bucket, SEALED),
      s3.deletePolicy(bucket),
    ];
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
    expect(s3.holds('b').versions).toHaveLength(1);
  });
});

describe('CallLog', () => {
  it('writes a call down before it fails, and lets it succeed after its failures', async () => {
    const { iam, log } = fakeAccount();
    log.fail({ action: 'iam:GetRole', errorName: 'ServiceFailure', after: 1, times: 1 });
    await iam.role('r');
    await expect(iam.role('r')).rejects.toMatchObject({ context: { action: 'iam:GetRole', resource: 'r' } });
    await iam.role('r');
    expect(log.count('iam:GetRole')).toBe(3);
  });
});
