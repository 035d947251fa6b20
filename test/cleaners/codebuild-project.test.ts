import { describe, expect, it } from '@jest/globals';
import { codeBuildProject } from '#functions/cleaners/codebuild-project.ts';
import { cleanOne, codesOf, LOGICAL_ID, removedBy, resourceOf, runOn, STACK, writes } from '#test/cleaners/scene.ts';
import type { ProjectOptions } from '#test/fakes/codebuild.ts';
import { type FakeAccount, fakeAccount } from '#test/fakes/index.ts';

const PROJECT = 'job-build';
const MINUTE = 60_000;

function scene(options: ProjectOptions): FakeAccount {
  const account = fakeAccount();
  account.cloudFormation
    .addStack(STACK)
    .addResource(STACK, { logicalId: LOGICAL_ID, type: 'AWS::CodeBuild::Project', physicalId: PROJECT });
  account.codeBuild.addProject(PROJECT, options);
  return account;
}

const clean = async (account: FakeAccount, time?: number) =>
  cleanOne(codeBuildProject, account, await runOn(account, time === undefined ? {} : { time }));

describe('quiesce', () => {
  it('takes the webhook off before it stops builds, and waits for their end', async () => {
    const account = scene({ webhook: true, builds: [1_000, 9_000] });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({
      finding: { blocks: false, stages: ['quiesce'] },
      leftovers: [],
      notes: [],
      finished: true,
    });
    expect(writes(account)).toEqual(['codebuild:DeleteWebhook', 'codebuild:StopBuild', 'codebuild:StopBuild']);
    expect(removedBy(outcome)).toEqual({ webhook: 1, 'running build': 2 });
    expect(account.codeBuild.holds(PROJECT).running).toEqual([]);
  });

  it('stops a build that the webhook started after the inspection', async () => {
    const account = scene({ webhook: true });
    account.log.onCall(({ action }) => {
      if (action === 'codebuild:DeleteWebhook') {
        account.codeBuild.startBuild(PROJECT, 1_000);
      }
    });
    expect(removedBy(await clean(account))).toEqual({ webhook: 1, 'running build': 1 });
    expect(account.codeBuild.holds(PROJECT).running).toEqual([]);
  });

  it('is not needed without webhook and running builds', async () => {
    expect((await clean(scene({}))).finding.stages).toEqual([]);
  });

  it('does not ask for the webhook of a project that has none', async () => {
    const account = scene({ builds: [0] });
    await clean(account);
    expect(account.log.count('codebuild:DeleteWebhook')).toBe(0);
  });

  it('a dead token is a note that says where the webhook remains', async () => {
    const account = scene({ webhook: true, tokenDead: true, builds: [1_000] });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(codesOf(outcome.notes)).toEqual(['WEBHOOK_TOKEN_DEAD']);
    expect(outcome.notes[0]?.sentence).toContain('source repository');
    expect(removedBy(outcome)).toEqual({ 'running build': 1 });
  });

  it('a webhook that stays for another reason is left and blocks nothing', async () => {
    const account = scene({ webhook: true, builds: [1_000] });
    account.log.deny('codebuild:DeleteWebhook');
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: 'webhook', blocks: false }]);
    expect(removedBy(outcome)).toEqual({ 'running build': 1 });
  });

  it('a build that does not end is waited for five minutes, then a note names it', async () => {
    const account = scene({ builds: [60 * MINUTE, 1_000] });
    const begin = account.clock.now();
    const outcome = await clean(account);
    expect(account.clock.now() - begin).toBe(5 * MINUTE);
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
    expect(codesOf(outcome.notes)).toEqual(['BUILD_STILL_RUNNING']);
    expect(outcome.notes[0]?.sentence).toContain('1 build did not end within 5 minutes');
    expect(outcome.notes[0]?.sentence).toContain('job-build:build-0');
    expect(removedBy(outcome)).toEqual({ 'running build': 1 });
  });

  it('is unfinished where the deadline comes before the builds end', async () => {
    const account = scene({ builds: [10 * MINUTE] });
    const run = await runOn(account, { time: MINUTE });
    const outcome = await cleanOne(codeBuildProject, account, run);
    expect(outcome).toMatchObject({ removed: [], leftovers: [], notes: [], finished: false });
    expect(run.remaining()).toBe(0);
  });

  it('a build that cannot be stopped is left and not waited for', async () => {
    const account = scene({ builds: [1_000] });
    account.log.deny('codebuild:StopBuild');
    const outcome = await clean(account);
    expect(outcome.leftovers).toMatchObject([{ what: 'running build job-build:build-0', blocks: false }]);
    expect(account.clock.slept).toEqual([]);
    expect(account.log.count('codebuild:BatchGetBuilds')).toBe(0);
  });

  it('stops no further build once the deadline has come', async () => {
    const account = scene({ builds: [0, 0, 0] });
    account.log.onCall(({ action }) => account.clock.advance(action === 'codebuild:StopBuild' ? 900_000 : 0));
    expect(await clean(account)).toMatchObject({ finished: false });
    expect(account.log.count('codebuild:StopBuild')).toBe(1);
  });

  it('asks less and less often', async () => {
    const account = scene({ builds: [MINUTE] });
    await clean(account);
    expect(account.clock.slept).toEqual([2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
  });

  it.each(['codebuild:ListBuildsForProject', 'codebuild:BatchGetBuilds'])(
    '%s fails: left, and blocks nothing',
    async (action) => {
      const account = scene({ builds: [1_000] });
      const after = action === 'codebuild:ListBuildsForProject' ? 1 : 0;
      account.log.fail({ action, errorName: 'ServiceUnavailable', after });
      const outcome = await clean(account);
      expect(outcome.leftovers).toMatchObject([{ what: 'an unknown number of running builds', blocks: false }]);
      expect(outcome.leftovers[0]?.why).toContain(action);
    },
  );
});

describe('the resource policy of a shared project', () => {
  it('blocks CloudFormation and is deleted', async () => {
    const account = scene({ resourcePolicy: true });
    const outcome = await clean(account);
    expect(outcome).toMatchObject({ finding: { blocks: true, stages: ['drain'] }, leftovers: [] });
    expect(removedBy(outcome)).toEqual({ 'resource policy': 1 });
    expect(account.codeBuild.holds(PROJECT).resourcePolicy).toBe(false);
  });

  it('that stays blocks', async () => {
    const account = scene({ resourcePolicy: true });
    account.log.deny('codebuild:DeleteResourcePolicy');
    expect((await clean(account)).leftovers).toMatchObject([{ what: 'resource policy', blocks: true }]);
  });

  it('is not deleted where there is none any more', async () => {
    const account = scene({});
    const run = await runOn(account);
    await codeBuildProject.create(account.ports).work('drain', resourceOf(run), run);
    expect(writes(account)).toEqual([]);
  });

  it('of a kept project: the refusal says that CloudFormation cannot delete it', async () => {
    const { finding } = await clean(scene({ resourcePolicy: true, tags: { 'clean-exit:keep': '' } }));
    expect(finding.refusal).toMatchObject({ stops: 'resource', blocks: true });
  });
});
