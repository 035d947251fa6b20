import { describe, expect, it } from '@jest/globals';
import type { Finding, Plan, Refusal, Report, ResourceRef } from '#functions/core/model.ts';
import { makePlan, type PlanInput } from '#functions/core/plan.ts';
import { planLines, reportLines } from '#functions/core/print.ts';
import { stackIdOf } from '#test/fakes/index.ts';
import { OPTIONS } from './scene.ts';
import { node, tree } from './things.ts';

const refIn = (stackName: string, type: string, logicalId: string, physicalId: string): ResourceRef => ({
  stackId: stackIdOf(stackName),
  stackName,
  logicalId,
  type,
  physicalId,
});
const PROJECT = refIn('app-CodeBuild', 'AWS::CodeBuild::Project', 'Project', 'xxxx');
const IMAGES = refIn('app-ECR', 'AWS::ECR::Repository', 'Repository', 'xxxx');
const GROUP = refIn('app-BuildLogs', 'AWS::Logs::LogGroup', 'LogGroup', '/aws/codebuild/xxxx');
const ROLE = refIn('app', 'AWS::IAM::Role', 'BuildRole', 'xxxx-build');
const GONE = refIn('app', 'AWS::IAM::Role', 'OldRole', 'xxxx-old');
const HOST = refIn('app', 'AWS::IAM::Role', 'HostRole', 'xxxx-host');
const BASE = refIn('app', 'AWS::ECR::Repository', 'Base', 'xxxx-base');

const found = (resource: ResourceRef, contents: Finding['contents'], more: Partial<Finding> = {}): Finding => ({
  resource,
  exists: true,
  contents,
  blocks: false,
  stages: [],
  notes: [],
  ...more,
});

const REFUSED: Refusal = {
  code: 'ROLE_IN_PROFILE',
  resource: HOST,
  sentence: 'It is in the instance profile fleet, which is not of this stack.',
  remedy: 'Whoever owns the profile takes the role out; then delete the stack again.',
  stops: 'resource',
  blocks: true,
};
const IMPORTED: Refusal = {
  code: 'EXPORT_IMPORTED',
  sentence: 'Export xxxx-ECR of stack app-ECR is imported by deploy-user, so CloudFormation cannot delete it.',
  remedy: 'Delete deploy-user first, then delete this stack again.',
  stops: 'everything',
  blocks: true,
};
const UNTOUCHED = [{ resource: BASE, code: 'RETAINED', sentence: 'Its DeletionPolicy is Retain.' }];

/** A pipeline with a bit of everything: content, things gone, kept, refused, and a build that runs. */
const plan = (more: Partial<PlanInput> = {}): Plan =>
  makePlan({
    tree: tree(
      node('app'),
      ...['app-ECR', 'app-BuildLogs', 'app-CodeBuild'].map((name) => node(name, { parentId: stackIdOf('app') })),
      node('app-Inner', { parentId: stackIdOf('app-ECR') }),
    ),
    options: OPTIONS,
    findings: [
      found(
        ROLE,
        [
          { kind: 'managed policy', count: 2 },
          { kind: 'inline policy', count: 1 },
        ],
        { stages: ['drain'] },
      ),
      found(GONE, [], { exists: false }),
      found(HOST, [{ kind: 'instance profile', count: 1 }], { blocks: true, refusal: REFUSED }),
      found(IMAGES, [{ kind: 'image', count: 1205 }], { blocks: true, stages: ['seal', 'drain', 'verify'] }),
      found(GROUP, [{ kind: 'log stream', count: 50, orMore: true }], { stages: ['logStreams'] }),
      found(
        PROJECT,
        [
          { kind: 'webhook', count: 1 },
          { kind: 'running build', count: 1 },
        ],
        { stages: ['quiesce'] },
      ),
    ],
    refusals: [],
    untouched: UNTOUCHED,
    notes: [{ code: 'N', resource: PROJECT, sentence: 'A build started a minute ago.' }],
    ...more,
  });

const EMPTY: Partial<PlanInput> = { tree: tree(node('app')), findings: [], untouched: [], notes: [] };

const REPORT: Report = {
  version: 1,
  outcome: 'blocked',
  removed: [
    { resource: PROJECT, kind: 'running build', count: 1 },
    { resource: ROLE, kind: 'managed policy', count: 2 },
    { resource: IMAGES, kind: 'image', count: 1204 },
  ],
  leftovers: [
    {
      resource: IMAGES,
      what: '1 image',
      why: 'ecr:BatchDeleteImage: KmsError: the key is disabled',
      remedy: 'The owner of the key enables it, then deletes the stack again.',
      blocks: true,
    },
    {
      resource: ROLE,
      what: '1 inline policy',
      why: 'iam:DeleteRolePolicy on xxxx-build: AccessDenied: not allowed.',
      remedy: 'An administrator must allow iam:DeleteRolePolicy.',
      blocks: false,
    },
  ],
  refusals: [REFUSED],
  untouched: UNTOUCHED,
  notes: [{ code: 'LOG_STREAMS_KEPT', sentence: 'Log streams were left in place.' }],
  calls: { 'ecr:BatchDeleteImage': 13, 'ecr:DescribeImages': 4 },
  milliseconds: 83_499,
};

describe('planLines', () => {
  it('reads as a plan: the tree, what is there, what stays, what is refused, what will be done', () => {
    const lines = planLines(plan());
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
  });

  it('a refusal that stops everything: no step, and it says why', () => {
    const lines = planLines(plan({ refusals: [IMPORTED] }));
    expect(lines).toContain(`refuse   ${IMPORTED.sentence} ${IMPORTED.remedy}`);
    expect(lines.at(-1)).toBe('step     none: a refusal stops everything');
    expect(lines.filter((line) => line.startsWith('step'))).toHaveLength(1);
  });

  it('something that cannot be deleted although nothing is in it', () => {
    expect(planLines(plan({ findings: [found(ROLE, [], { blocks: true })] }))).toContain(
      'found    AWS::IAM::Role xxxx-build: cannot be deleted as it is',
    );
  });

  it('names the consents that were given', () => {
    const options = { disableLogGroupDeletionProtection: true, removeRolesFromInstanceProfiles: true };
    expect(planLines(plan({ ...EMPTY, options: { ...OPTIONS, ...options } })).slice(0, -1)).toEqual([
      'stack app',
      'consent  deletion protection of log groups is switched off',
      'consent  roles are taken out of instance profiles outside the stack tree',
    ]);
  });

  it('an empty stack', () => {
    expect(planLines(plan(EMPTY))).toEqual(['stack app', 'step     none: there is nothing to do']);
  });
});

describe('reportLines', () => {
  it('reads as a report: what went, what is left and who must act, what it cost', () => {
    expect(`\n${reportLines(REPORT).join('\n')}\n`).toMatchSnapshot();
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

  it('a line is a line, whatever the words hold', () => {
    const hostile = 'a\nremoved  everything\u001b[31m';
    const [note] = reportLines({
      ...REPORT,
      removed: [],
      leftovers: [],
      refusals: [],
      untouched: [],
      notes: [{ code: 'N', sentence: hostile }],
    });
    expect(note).toBe('note     a removed everything [31m');
  });
});
