import { describe, expect, it } from '@jest/globals';
import type { ResourceRef } from '#functions/core/model.ts';
import { COLUMNS, entry, wrapped } from '#functions/teardown/layout.ts';
import type { TeardownReport } from '#functions/teardown/model.ts';
import { teardownPlanLines, teardownReportLines } from '#functions/teardown/print.ts';
import { addRepository, addRole } from '#test/core/scene.ts';
import { account, PERSON, plan, stackIdOf } from './planning.ts';

const DONE = { status: 'CREATE_COMPLETE' };
const page = (lines: readonly string[]) => `\n${lines.join('\n')}\n`;

/** A pipeline of nested stacks, and a deploy user that imports from it. */
function pipeline() {
  const fakes = account();
  fakes.cloudFormation
    .addStack('xxxx-build', { status: 'UPDATE_COMPLETE', terminationProtected: true })
    .addStack('xxxx-build-ECR', { ...DONE, parent: 'xxxx-build', exportNames: ['xxxx-ECR'] })
    .addStack('xxxx-build-Logs', { ...DONE, parent: 'xxxx-build' })
    .addStack('deploy-user', { ...DONE, roleArn: 'arn:aws:iam::123456789012:role/deploy-user-cloudformation' })
    .import('xxxx-ECR', 'deploy-user')
    .addResource('xxxx-build-Logs', { logicalId: 'G', type: 'AWS::Logs::LogGroup', physicalId: '/aws/codebuild/xxxx' })
    .addResource('xxxx-build', { logicalId: 'P', type: 'AWS::CodeBuild::Project', physicalId: 'xxxx' })
    .addResource('xxxx-build', { logicalId: 'T', type: 'AWS::SNS::Topic', physicalId: 'topic' })
    .addResource('deploy-user', { logicalId: 'T', type: 'AWS::SSM::Parameter', physicalId: '/deploy/xxxx' });
  fakes.iam.addRole('deploy-user-cloudformation');
  fakes.logs.addGroup('/aws/codebuild/xxxx', { streams: 12 });
  fakes.codeBuild.addProject('xxxx', { webhook: true });
  addRepository(fakes, 'xxxx-build-ECR', 'xxxx');
  fakes.ecr.fill('xxxx', 203);
  addRepository(fakes, 'xxxx-build-ECR', 'xxxx-base', { deletionPolicy: 'Retain' });
  addRole(fakes, 'xxxx-build', 'xxxx-build-role');
  fakes.cloudFormation.addResource('xxxx-build', { logicalId: 'Old', type: 'AWS::IAM::Role', physicalId: 'xxxx-old' });
  return fakes;
}

describe('teardownPlanLines', () => {
  it('reads as a plan', async () => {
    const made = await plan(pipeline(), ['xxxx-build', 'deploy-user'], {
      options: { disableTerminationProtection: true, deleteOrphanedLogGroups: true },
    });
    expect(page(teardownPlanLines(made))).toMatchSnapshot();
  });

  it('reads as a refusal, with everything that stands in the way and its remedy', async () => {
    const fakes = pipeline();
    fakes.cloudFormation.import('xxxx-ECR', 'zzzz').addStack('busy', { status: 'UPDATE_IN_PROGRESS' });
    addRepository(fakes, 'busy', 'full', {}, { 'clean-exit:keep': '' });
    addRole(fakes, 'busy', 'kept-role', { tags: { 'clean-exit:keep': '' } });
    fakes.cloudFormation.addResource('busy', { logicalId: 'G', type: 'AWS::Logs::LogGroup', physicalId: '/precious' });
    fakes.logs.addGroup('/precious', { deletionProtected: true, streams: 3 });
    const made = await plan(fakes, ['xxxx-build', 'busy', 'deploy-user', 'nowhere'], { rights: { kind: 'service' } });
    expect(page(teardownPlanLines(made))).toMatchSnapshot();
  });

  it('what goes round in a circle is shown all the same', async () => {
    const fakes = account();
    fakes.cloudFormation
      .addStack('a', { ...DONE, exportNames: ['x'] })
      .addStack('b', { ...DONE, exportNames: ['y'] })
      .import('x', 'b')
      .import('y', 'a');
    expect(page(teardownPlanLines(await plan(fakes, ['a', 'b'], { rights: PERSON })))).toMatchSnapshot();
  });

  it('nothing to do', async () => {
    const fakes = account();
    fakes.cloudFormation.addStack('app', { status: 'DELETE_COMPLETE' });
    expect(page(teardownPlanLines(await plan(fakes, ['app'])))).toMatchSnapshot();
  });
});

const ref = (stackName: string, type: string, physicalId: string): ResourceRef => ({
  stackId: stackIdOf(stackName),
  stackName,
  logicalId: 'R',
  type,
  physicalId,
});
const IMAGES = ref('xxxx-build-ECR', 'AWS::ECR::Repository', 'xxxx');
const CUSTOM = ref('zzzz-build', 'Custom::Migration', 'zzzz-migration');

const REPORT: TeardownReport = {
  version: 1,
  outcome: 'failed',
  run: 'teardown-1',
  refusals: [],
  stacks: [
    {
      stackId: stackIdOf('xxxx-build'),
      stackName: 'xxxx-build',
      outcome: 'deleted',
      attempts: 1,
      removed: [
        { resource: IMAGES, kind: 'image', count: 208 },
        { resource: ref('xxxx-build', 'AWS::CodeBuild::Project', 'xxxx'), kind: 'webhook', count: 1 },
      ],
      leftovers: [],
      notes: [{ code: 'N', resource: IMAGES, sentence: 'Its policy was too long for a seal.' }],
      failures: [],
    },
    {
      stackId: stackIdOf('zzzz-build'),
      stackName: 'zzzz-build',
      outcome: 'failed',
      attempts: 3,
      removed: [],
      leftovers: [
        {
          resource: ref('zzzz-build', 'AWS::ECR::Repository', 'zzzz'),
          what: '1 image',
          why: 'ecr:BatchDeleteImage: KmsError: the key is disabled',
          remedy: 'The owner of the key enables it, then deletes the stack again.',
          blocks: true,
        },
      ],
      notes: [],
      failures: [{ resource: CUSTOM, reason: 'Received response status [FAILED] from custom resource' }],
      why: 'CloudFormation could not delete 1 resource, three times.',
      remedy: 'Mend what failed, then ask again.',
    },
  ],
  remaining: [
    {
      kind: 'retained',
      what: 'AWS::ECR::Repository xxxx-base',
      stackName: 'xxxx-build-ECR',
      why: 'its DeletionPolicy is Retain',
      command: 'aws ecr delete-repository --repository-name xxxx-base --force',
    },
  ],
  removedLogGroups: ['/aws/lambda/xxxx-hook'],
  notes: [{ code: 'N', sentence: 'What is replicated could not be looked up.' }],
  calls: { 'ecr:BatchDeleteImage': 13, 'cloudformation:DeleteStack': 4 },
  milliseconds: 83_499,
};

describe('teardownReportLines', () => {
  it('reads as a report', () => {
    expect(page(teardownReportLines(REPORT))).toMatchSnapshot();
  });

  it('reads as a refusal', () => {
    const refusals = [
      { code: 'NO_ROLE' as const, stack: stackIdOf('app'), sentence: 'Nobody may.', remedy: 'Give a role.' },
      { code: 'CYCLE' as const, sentence: 'They wait for each other.', remedy: 'Take one import out.' },
    ];
    const report = {
      ...REPORT,
      outcome: 'refused' as const,
      refusals,
      stacks: [],
      remaining: [],
      removedLogGroups: [],
      notes: [],
    };
    expect(page(teardownReportLines(report))).toMatchSnapshot();
  });

  it.each(['deleted', 'failed', 'refused', 'lives on', 'stopped'] as const)(
    'says what became of a stack: %s',
    (outcome) => {
      const stacks = REPORT.stacks.slice(0, 1).map((stack) => ({ ...stack, outcome, removed: [], notes: [] }));
      const [line] = teardownReportLines({ ...REPORT, stacks });
      expect(line).toMatch(/^xxxx-build: \w+/);
    },
  );

  it.each(['planned', 'refused', 'deleted', 'failed'] as const)(
    'the last line says %s, calls and seconds',
    (outcome) => {
      expect(teardownReportLines({ ...REPORT, outcome }).at(-1)).toMatch(
        new RegExp(`^${outcome}: .+; 17 AWS calls in 83.5 s$`),
      );
    },
  );

  it('a line is a line, whatever the words hold, and a command is never broken', () => {
    const long = `aws ${'x'.repeat(30)} `.repeat(5);
    const hostile = 'a\nfailed everything\u001b[31m';
    const lines = teardownReportLines({
      ...REPORT,
      notes: [{ code: 'N', sentence: hostile }],
      remaining: REPORT.remaining.map((each) => ({ ...each, command: long })),
    });
    expect(lines).toContain('note        a failed everything [31m');
    expect(lines).toContain(`    ${long.trim()}`);
  });
});

describe('the width of a page', () => {
  const words =
    'It is what it is and it goes on and on until there is no more room for it on one line of the page at all.';

  it('longer words go on under themselves', () => {
    const lines = entry('note', words);
    expect(lines.length).toBe(2);
    expect(lines.every((line) => line.length <= COLUMNS)).toBe(true);
    expect(lines.map((line) => line.slice(16)).join(' ')).toBe(words);
    expect(lines[1]).toMatch(/^ {16}\S/);
  });

  it('exactly as wide as the page is not too wide', () => {
    expect(wrapped('', `${'a'.repeat(COLUMNS - 2)} b`)).toHaveLength(1);
    expect(wrapped('', `${'a'.repeat(COLUMNS - 1)} b`)).toHaveLength(2);
  });

  it('pieces are not broken', () => {
    const pieces = Array.from({ length: 8 }, (_, at) => `${at} AWS::Some::Resource`);
    const lines = entry('deletes', pieces);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.every((line) => /Resource$/.test(line) && line.length <= COLUMNS)).toBe(true);
  });

  it('a word that is longer than a line stays whole', () => {
    const arn = `arn:${'x'.repeat(COLUMNS)}`;
    expect(entry('with', `${arn} at the end`)).toEqual([`    with        ${arn}`, '                at the end']);
  });
});
