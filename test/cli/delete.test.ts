import { describe, expect, it } from '@jest/globals';
import { addImporter, addPipeline, place, statusOf } from '#test/teardown/running.ts';
import { Interrupted } from '../../cli/errors.ts';
import { FakeProcess, play } from './stage.ts';

const pipeline = () => addPipeline(place(), 'xxxx');
const pair = () => addImporter(pipeline(), 'xxxx');

describe('consent', () => {
  it('one stack: its name is typed, then it goes', async () => {
    const where = pipeline();
    const { exit, terminal, stdout, stderr } = await play(['delete', 'xxxx-build'], {
      where,
      watched: true,
      types: ['xxxx-build'],
    });
    expect(exit).toBe(0);
    expect(terminal.questions).toEqual(['To delete, type the name of the stack:']);
    // The plan comes before the question, and the report on stdout after it.
    expect(stderr).toContain('5 images');
    expect(stdout).toMatch(/^xxxx-build: deleted\n {2}removed {5}AWS::ECR::Repository xxxx: 5 images/);
    expect(statusOf(where, 'xxxx-build')).toBe('DELETE_COMPLETE');
  });

  it('several stacks: how many, and where', async () => {
    const where = pair();
    const stacks = ['xxxx-build', 'xxxx-deploy-user'];
    const { exit, terminal } = await play(['delete', ...stacks], {
      where,
      watched: true,
      types: ['2 stacks in eu-west-1'],
    });
    expect(exit).toBe(0);
    expect(terminal.questions).toEqual(['To delete, type 2 stacks in eu-west-1:']);
    expect(where.stackDeletion.begun.map(({ stack }) => stack)).toEqual(['xxxx-deploy-user', 'xxxx-build']);
  });

  it.each([
    ['another word', 'yes', 'what was typed is not xxxx-build'],
    ['a part of the name', 'xxxx', 'what was typed is not xxxx-build'],
    ['another spelling', 'XXXX-build', 'what was typed is not xxxx-build'],
    ['nothing', '', 'what was typed is not xxxx-build'],
    ['the end of the input', undefined, 'nothing was typed'],
  ])('%s: exit code 3, and nothing was touched', async (_, typed, words) => {
    const where = pipeline();
    const { exit, stdout, stderr } = await play(['delete', 'xxxx-build'], { where, watched: true, types: [typed] });
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' });
    expect(stderr).toContain(`clean-exit: Nothing was deleted: ${words}.`);
    expect(where.stackDeletion.begun).toEqual([]);
    expect(where.account.ecr.digests('xxxx')).toHaveLength(5);
  });

  it('Ctrl-C at the question: exit code 130, and nothing was touched', async () => {
    const where = pipeline();
    const { exit, stderr } = await play(['delete', 'xxxx-build'], {
      where,
      watched: true,
      types: [new Interrupted()],
    });
    expect(exit).toBe(130);
    expect(stderr).toMatch(/Interrupted; nothing was deleted\.$/);
    expect(where.stackDeletion.begun).toEqual([]);
  });

  it('nobody to ask: refused before anything is asked of AWS, with the words that consent', async () => {
    const identity = async () => {
      throw new Error('asked');
    };
    const { exit, stderr } = await play(['delete', 'a', 'b'], { kit: { identity } });
    expect(exit).toBe(3);
    expect(stderr).toBe(
      'clean-exit: Nothing was deleted: nobody can be asked here. Consent on the command line: --yes a --yes b',
    );
  });

  it('--yes for each stack: no question', async () => {
    const where = pair();
    const words = ['delete', 'xxxx-build', 'xxxx-deploy-user', '--yes', 'xxxx-build', '--yes', 'xxxx-deploy-user'];
    const { exit, terminal } = await play(words, { where });
    expect({ exit, questions: terminal.questions }).toEqual({ exit: 0, questions: [] });
  });

  it.each([
    [['a', 'b', '--yes', 'a'], '--yes b is missing'],
    [['a', '--yes', 'A'], '--yes a is missing; --yes A names none of the stacks to delete'],
    [['a', '--yes', 'a', '--yes', 'b'], '--yes b names none of the stacks to delete'],
  ])('%j: wrong usage, also on a terminal', async (words, sentence) => {
    const { exit, stderr, terminal } = await play(['delete', ...words], { watched: true });
    expect({ exit, questions: terminal.questions }).toEqual({ exit: 2, questions: [] });
    expect(stderr).toContain(sentence);
  });
});

describe('how it ends', () => {
  it('a plan that refuses ends it before the question: exit code 3, with the remedy', async () => {
    const where = pair();
    const { exit, terminal, stderr, stdout } = await play(['delete', 'xxxx-build'], { where, watched: true });
    // Whoever looks at a terminal sees the plan; nothing is said twice.
    expect({ exit, questions: terminal.questions, stdout }).toEqual({ exit: 3, questions: [], stdout: '' });
    expect(stderr).toMatch(/remedy {6}Ask for xxxx-deploy-user as well/);
    const piped = await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where });
    expect(piped.exit).toBe(3);
    expect(piped.stdout).toMatch(/remedy {6}Ask for xxxx-deploy-user as well/);
    expect(where.account.ecr.digests('xxxx')).toHaveLength(5);
  });

  it('a stack that is gone already: exit code 0, and no question', async () => {
    const where = pipeline();
    await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where });
    const { exit, terminal, stderr } = await play(['delete', 'xxxx-build'], { where, watched: true });
    expect({ exit, questions: terminal.questions }).toEqual({ exit: 0, questions: [] });
    expect(stderr).toContain('was deleted before: there is nothing to do');
    // An interrupted run told nothing of what the stack left, and this one looks at no stack.
    expect(stderr.replaceAll(/[│\s]+/g, ' ')).toContain('clean-exit leftovers xxxx-build --region eu-west-1');
  });

  it('something that CloudFormation cannot delete: exit code 1, and what to do', async () => {
    const where = pipeline();
    where.stubborn.set('xxxx-build', 'The log group is stubborn.');
    const { exit, stdout } = await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where });
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^xxxx-build: not deleted/);
    expect(stdout).toContain('The log group is stubborn.');
  });

  it('--json gives the report, exactly one document, also for a refusal', async () => {
    const consent = ['--yes', 'xxxx-build', '--json'];
    const done = await play(['delete', 'xxxx-build', ...consent], { where: pipeline() });
    expect(JSON.parse(done.stdout)).toMatchObject({
      version: 1,
      outcome: 'deleted',
      run: 'run-1',
      stacks: [{ outcome: 'deleted' }],
    });
    const refused = await play(['delete', 'xxxx-build', ...consent], { where: pair() });
    expect(refused.exit).toBe(3);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      outcome: 'refused',
      stacks: [],
      refusals: [{ code: 'IMPORTED' }],
    });
  });
});

describe('progress', () => {
  it('off a terminal: one line for each change, on stderr', async () => {
    const { stderr } = await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where: pipeline() });
    const lines = stderr.split('\n');
    expect(lines.slice(lines.findIndex((line) => line.startsWith('removed')))).toEqual([
      'removed  AWS::ECR::Repository xxxx: 5 images',
      'stack    xxxx-build: asking CloudFormation to delete it',
      'stack    xxxx-build: CloudFormation deletes it',
      'stack    xxxx-build: deleted',
    ]);
  });

  it('on a terminal: a live board, which ends with what became of each stack', async () => {
    const { terminal } = await play(['delete', 'xxxx-build'], {
      where: pipeline(),
      watched: true,
      types: ['xxxx-build'],
    });
    const first = terminal.drawn.at(0)?.split('\n');
    expect(first).toContain('· xxxx-build  waiting');
    expect(first).toContain('    AWS::ECR::Repository xxxx: found 5 images');
    const last = terminal.drawn.at(-1)?.split('\n');
    expect(last).toContain('✔ xxxx-build  deleted');
    expect(last).toContain('    AWS::ECR::Repository xxxx: found 5 images · removed 5 images');
  });
});

describe('Ctrl-C while stacks go, locally', () => {
  it('begins nothing new, says what state things are in, and the same command goes on', async () => {
    const where = pair();
    const process = new FakeProcess();
    // While the first wave is deleted.
    where.account.log.onCall(({ action }) => {
      if (action === 'cloudformation:DeleteStack') {
        process.interrupt();
      }
    });
    const words = ['delete', 'xxxx-build', 'xxxx-deploy-user', '--yes', 'xxxx-build', '--yes', 'xxxx-deploy-user'];
    const { exit, stderr, stdout } = await play(words, { where }, process);
    expect(exit).toBe(130);
    expect(stderr).toContain('Stopping: what is under way is finished, nothing new is begun.');
    expect(stderr).toContain(
      'xxxx-deploy-user (stopped): CloudFormation was asked to delete it, and goes on with that.',
    );
    expect(stderr).toContain('xxxx-build (stopped): not begun; nothing was removed from it.');
    expect(stderr).toMatch(/Give the same command again: it goes on where it stopped\.$/);
    expect(stdout).toContain('xxxx-build: stopped before its end');
    expect(where.account.ecr.digests('xxxx')).toHaveLength(5);
    const again = await play(words, { where });
    expect(again.exit).toBe(0);
    expect(statusOf(where, 'xxxx-build')).toBe('DELETE_COMPLETE');
  });

  it('the second time ends the process at once', async () => {
    const where = pipeline();
    const process = new FakeProcess();
    where.account.log.onCall(({ action }) => {
      if (action === 'cloudformation:DeleteStack') {
        process.interrupt();
        process.interrupt();
      }
    });
    await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where }, process);
    expect(process.exits).toEqual([130]);
  });

  it('during the plan nothing was deleted, and that is said', async () => {
    const where = pipeline();
    const process = new FakeProcess();
    where.account.log.onCall(() => process.interrupt());
    const { exit, stderr } = await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where }, process);
    expect(exit).toBe(130);
    expect(stderr).toMatch(/Interrupted; nothing was deleted\.$/);
    expect(where.stackDeletion.begun).toEqual([]);
  });
});
