import { describe, expect, it } from '@jest/globals';
import type { Report } from '#functions/core/model.ts';
import { planLines, reportLines } from '#functions/core/print.ts';
import type { FakeAccount } from '#test/fakes/index.ts';
import { accountWithApp, addRepository, addRole, clean, plan } from './scene.ts';

const OUTSIDE = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

/** A pipeline with a bit of everything: content, things gone, kept, refused, and a build that runs. */
function pipeline(): FakeAccount {
  const account = accountWithApp();
  const { cloudFormation, ecr, logs, iam, codeBuild } = account;
  for (const nested of ['app-ECR', 'app-BuildLogs', 'app-CodeBuild']) {
    cloudFormation.addStack(nested, { parent: 'app' });
  }
  cloudFormation.addStack('app-Archive', { parent: 'app', deletionPolicy: 'Retain' });
  addRepository(account, 'app-ECR', 'xxxx');
  ecr.fill('xxxx', 1200, 'more');
  cloudFormation.addResource('app-BuildLogs', {
    logicalId: 'LogGroup',
    type: 'AWS::Logs::LogGroup',
    physicalId: '/aws/codebuild/xxxx',
  });
  logs.addGroup('/aws/codebuild/xxxx', { streams: 40 });
  cloudFormation.addResource('app-CodeBuild', {
    logicalId: 'Project',
    type: 'AWS::CodeBuild::Project',
    physicalId: 'xxxx',
  });
  codeBuild.addProject('xxxx', { webhook: true, tokenDead: true, builds: [4_000] });
  addRole(account, 'app', 'xxxx-build');
  cloudFormation.addResource('app', { logicalId: 'Gone', type: 'AWS::IAM::Role', physicalId: 'xxxx-gone' });
  cloudFormation.addResource('app', { logicalId: 'Host', type: 'AWS::IAM::Role', physicalId: 'xxxx-host' });
  iam.addRole('xxxx-host', { attached: [OUTSIDE], profiles: ['fleet'] });
  addRepository(account, 'app', 'xxxx-base', { deletionPolicy: 'Retain' });
  addRepository(account, 'app', 'xxxx-pinned', {}, { 'clean-exit:keep': '' });
  addRepository(account, 'app-Archive', 'xxxx-archive');
  return account;
}

describe('planLines', () => {
  it('reads as a plan: the tree, what is there, what stays, what is refused, what will be done', async () => {
    const lines = planLines(await plan(pipeline(), 'app'));
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
  });

  it('a refusal that stops everything: no step, and it says why', async () => {
    const account = pipeline();
    account.cloudFormation.addStack('shared', { parent: 'app', exportNames: ['xxxx-ECR'] });
    account.cloudFormation.import('xxxx-ECR', 'deploy-user').import('xxxx-ECR', 'reports');
    const lines = planLines(await plan(account, 'app'));
    expect(lines.filter((line) => /^(step|refuse) .*(Export|none)/.test(line))).toEqual([
      'refuse   Export xxxx-ECR of stack shared is imported by deploy-user, reports, so CloudFormation cannot delete it; nothing is removed. Delete these stacks first, or take the import out of them, then delete this stack again.',
      'step     none: a refusal stops everything',
    ]);
  });

  it('names the consents that were given', async () => {
    const options = { disableLogGroupDeletionProtection: true, removeRolesFromInstanceProfiles: true };
    expect(planLines(await plan(accountWithApp(), 'app', { options })).slice(0, -1)).toEqual([
      'stack app',
      'consent  deletion protection of log groups is switched off',
      'consent  roles are taken out of instance profiles outside the stack tree',
    ]);
  });

  it('an empty stack', async () => {
    expect(planLines(await plan(accountWithApp(), 'app'))).toEqual([
      'stack app',
      'step     none: there is nothing to do',
    ]);
  });
});

describe('reportLines', () => {
  it('reads as a report: what went, what is left and who must act, what it cost', async () => {
    const account = pipeline();
    account.ecr.addImage('xxxx', { digest: 'sha256:locked', failsWith: 'KmsError' });
    const { report } = await clean(account, 'app');
    expect(`\n${reportLines({ ...report, milliseconds: 83_499 }).join('\n')}\n`).toMatchSnapshot();
  });

  it.each(['clean', 'blocked', 'refused', 'unfinished'] as const)('the last line says %s in words', (outcome) => {
    const report: Report = {
      version: 1,
      outcome,
      removed: [],
      leftovers: [],
      refusals: [],
      untouched: [],
      notes: [],
      calls: { 'ecr:ListImages': 1 },
      milliseconds: 3149,
    };
    expect(reportLines(report)).toEqual([expect.stringMatching(new RegExp(`^${outcome}: .+; 1 AWS call in 3.1 s$`))]);
  });

  it('a line is a line, whatever the words hold', async () => {
    const account = accountWithApp();
    addRepository(account, 'app', 'images');
    const { report } = await clean(account, 'app');
    const hostile = 'a\nremoved  everything\u001b[31m';
    const [note] = reportLines({ ...report, removed: [], notes: [{ code: 'N', sentence: hostile }] });
    expect(note).toBe('note     a removed everything [31m');
  });
});
