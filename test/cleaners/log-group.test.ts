import { describe, expect, it } from '@jest/globals';
import { logGroup } from '#functions/cleaners/log-group.ts';
import {
  cleanOne,
  codesOf,
  LOGICAL_ID,
  type RunOptions,
  removedBy,
  resourceOf,
  runOn,
  STACK,
  writes,
} from '#test/cleaners/scene.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';
import type { GroupOptions } from '#test/fakes/logs.ts';

const GROUP = '/codebuild/job';
const TYPE = 'AWS::Logs::LogGroup';
const DELETE = 'logs:DeleteLogStream';
const KEEP = { 'clean-exit:keep': 'yes' };

function scene(options: GroupOptions): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation.addStack(STACK).addResource(STACK, { logicalId: LOGICAL_ID, type: TYPE, physicalId: GROUP });
  account.logs.addGroup(GROUP, options);
  return account;
}

const clean = async (account: FakeAccount, options: RunOptions = {}) =>
  cleanOne(logGroup, account, await runOn(account, options));

describe('log streams', () => {
  it('never block CloudFormation and are the last stage', async () => {
    const { finding } = await clean(scene({ streams: 2 }));
    expect(finding).toMatchObject({ blocks: false, stages: ['logStreams'] });
  });

  it('are counted to the second page and no further', async () => {
    const account = scene({ streams: 100 });
    const run = await runOn(account);
    const { contents } = await logGroup.create(account.ports).inspect(resourceOf(run), run);
    expect(contents).toEqual([{ kind: 'log stream', count: 6, orMore: true }]);
    expect(account.log.count('logs:DescribeLogStreams')).toBe(2);
  });

  it('go at ten a second, though the quota throttles above fifteen', async () => {
    const account = scene({ streams: 50 });
    const begin = account.clock.now();
    expect(removedBy(await clean(account))).toEqual({ 'log stream': 50 });
    expect(account.clock.now() - begin).toBe(4_900);
  });

  it('get a minute; what is left then is CloudFormation’s, with a note that says how many', async () => {
    const account = scene({ streams: 602 });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(removedBy(outcome)).toEqual({ 'log stream': 600 });
    expect(codesOf(outcome.notes)).toEqual(['LOG_STREAMS_LEFT']);
    expect(outcome.notes[0]?.sentence).toContain(
      'Left to CloudFormation, which deletes them with the group: 2 or more log streams.',
    );
  });

  it('are listed only as far as there is time to delete them', async () => {
    const account = scene({ streams: 10_000 });
    account.logs.pageSize = 50;
    await clean(account);
    expect(account.log.count('logs:DescribeLogStreams')).toBe(2 + 13);
    const short = scene({ streams: 10_000 });
    short.logs.pageSize = 50;
    expect(removedBy(await clean(short, { time: 5_000 }))).toEqual({ 'log stream': 50 });
    expect(short.log.count('logs:DescribeLogStreams')).toBe(2 + 2);
  });

  it('of two groups share one minute and one rate', async () => {
    const account = scene({ streams: 400 });
    account.cloudFormation.addResource(STACK, { logicalId: 'Other', type: TYPE, physicalId: 'other' });
    account.logs.addGroup('other', { streams: 400 });
    const run = await runOn(account);
    const cleaner = logGroup.create(account.ports);
    const begin = account.clock.now();
    const results = await Promise.all(
      [LOGICAL_ID, 'Other'].map((id) => cleaner.work('logStreams', resourceOf(run, id), run)),
    );
    expect(account.clock.now() - begin).toBeLessThanOrEqual(60_000);
    expect(results.flatMap((result) => result.leftovers)).toEqual([]);
    expect(account.log.count(DELETE)).toBe(600);
    expect(account.logs.streams(GROUP).length + account.logs.streams('other').length).toBe(200);
  });

  it('stay where the run does not want them deleted, without a word', async () => {
    const account = scene({ streams: 5 });
    const outcome = await clean(account, { deleteLogStreams: false });
    expect(outcome).toMatchObject({ finding: { stages: [] }, removed: [], leftovers: [], notes: [], finished: true });
    const run = await runOn(account, { deleteLogStreams: false });
    await logGroup.create(account.ports).work('logStreams', resourceOf(run), run);
    expect(writes(account)).toEqual([]);
  });

  it('without the right to delete them: asked once or a few times, left without blocking, the remedy says so', async () => {
    const account = scene({ streams: 300 });
    account.log.deny(DELETE);
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([
      { what: '300 log streams', blocks: false, remedy: expect.stringContaining('they go with the group') },
    ]);
    expect(account.log.count(DELETE)).toBeLessThanOrEqual(5);
  });

  it('that cannot be listed at the end are a leftover that blocks nothing', async () => {
    const account = scene({ streams: 2 });
    account.log.fail({ action: 'logs:DescribeLogStreams', errorName: 'ServiceUnavailableException', after: 1 });
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: 'an unknown number of log streams', blocks: false }]);
    expect(outcome.finished).toBe(true);
  });
});

describe('deletion protection', () => {
  it('stops everything, because CloudFormation would refuse anyway', async () => {
    const account = scene({ deletionProtected: true, streams: 5 });
    const { finding } = await clean(account);
    expect(finding).toMatchObject({
      blocks: true,
      stages: [],
      refusal: { code: 'LOG_GROUP_PROTECTED', stops: 'everything', blocks: true },
    });
    expect(finding.refusal?.remedy).toContain('DisableLogGroupDeletionProtection');
    expect(writes(account)).toEqual([]);
  });

  it('with consent is switched off before any stream is deleted, and a note says so', async () => {
    const account = scene({ deletionProtected: true, streams: 2 });
    const outcome = await clean(account, { disableLogGroupDeletionProtection: true });
    expect(outcome.finding).toMatchObject({ blocks: true, stages: ['drain', 'logStreams'] });
    expect(outcome.finding.refusal).toBeUndefined();
    expect(codesOf(outcome.notes)).toEqual(['LOG_GROUP_UNPROTECTED']);
    expect(writes(account)).toEqual(['logs:PutLogGroupDeletionProtection', DELETE, DELETE]);
    expect(account.logs.isProtected(GROUP)).toBe(false);
  });

  it('is never switched off without consent, whatever a plan says', async () => {
    const account = scene({ deletionProtected: true });
    const run = await runOn(account);
    await logGroup.create(account.ports).work('drain', resourceOf(run), run);
    expect(account.logs.isProtected(GROUP)).toBe(true);
    expect(writes(account)).toEqual([]);
  });

  it('with consent, also where the streams stay', async () => {
    const account = scene({ deletionProtected: true, streams: 2 });
    await clean(account, { disableLogGroupDeletionProtection: true, deleteLogStreams: false });
    expect(writes(account)).toEqual(['logs:PutLogGroupDeletionProtection']);
  });

  it('that cannot be switched off blocks', async () => {
    const account = scene({ deletionProtected: true });
    account.log.deny('logs:PutLogGroupDeletionProtection');
    const outcome = await clean(account, { disableLogGroupDeletionProtection: true });
    expect(outcome.leftovers).toMatchObject([{ what: 'deletion protection', blocks: true }]);
  });

  it('of a kept group stops everything even with consent: the tag has the last word', async () => {
    const account = scene({ deletionProtected: true, tags: KEEP });
    const { finding } = await clean(account, { disableLogGroupDeletionProtection: true });
    expect(finding.refusal).toMatchObject({ code: 'LOG_GROUP_PROTECTED', stops: 'everything', blocks: true });
    expect(finding.refusal?.remedy).toContain('the tag that keeps it');
    expect(writes(account)).toEqual([]);
  });
});

it('a kept group blocks nothing, and is told that CloudFormation deletes it all the same', async () => {
  const { finding } = await clean(scene({ tags: KEEP, streams: 1 }));
  expect(finding.refusal).toMatchObject({ code: 'RESOURCE_KEPT', stops: 'resource', blocks: false });
  expect(finding.refusal?.remedy).toContain('CloudFormation deletes the resource all the same');
});
