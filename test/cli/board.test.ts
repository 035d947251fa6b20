import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import type { ResourceRef } from '#functions/core/model.ts';
import { beginJourneys } from '#functions/teardown/journey.ts';
import { addImporter, addPipeline, place, planIn } from '#test/teardown/running.ts';
import { afterSign, type Board, boardOf, changesBetween, type Sign } from '../../cli/show/board.ts';
import { boardLines } from '../../cli/show/watch.ts';

const SCREEN = { columns: 120, rows: 40, errColours: picocolors.createColors(false) };

async function scene() {
  const where = addPipeline(addImporter(addPipeline(place(), 'xxxx'), 'xxxx'), 'zzzz');
  const plan = await planIn(where, ['xxxx-build', 'xxxx-deploy-user', 'zzzz-build']);
  const board = boardOf(plan);
  const journeys = new Map(
    beginJourneys(plan, 'run-1')
      .flat()
      .map((journey) => [journey.stackName, journey]),
  );
  const journey = journeys.get('xxxx-build');
  const repository = board.stacks
    .flatMap(({ resources }) => resources)
    .find(({ resource }) => resource.physicalId === 'xxxx')?.resource;
  if (!journey || !repository) {
    throw new Error('the plan has no xxxx-build with a repository');
  }
  return { board, journey, repository };
}

const signed = (board: Board, ...signs: readonly Sign[]): Board => signs.reduce(afterSign, board);
const started = (resource: ResourceRef): Sign => ({
  kind: 'step',
  event: 'started',
  step: { stage: 'drain', resource },
});
const completed = (resource: ResourceRef, count: number, left: readonly string[] = []): Sign => ({
  kind: 'step',
  event: 'completed',
  step: { stage: 'drain', resource },
  result: {
    removed: [{ resource, kind: 'image', count }],
    leftovers: left.map((what) => ({ resource, what, why: 'AccessDenied', remedy: '', blocks: true })),
    notes: [],
    finished: true,
  },
});

const lineOf = (board: Board, name: string) => boardLines(board, SCREEN, '⠋').find((line) => line.includes(name));

describe('a board', () => {
  it('has importers first', async () => {
    const { board } = await scene();
    const names = board.stacks.map(({ stackName }) => stackName);
    expect(names.indexOf('xxxx-deploy-user')).toBeLessThan(names.indexOf('xxxx-build'));
  });

  it('shows found, what is being done, removed, left', async () => {
    const { board, journey, repository } = await scene();
    const name = 'Repository xxxx';
    expect(lineOf(board, name)).toBe('    AWS::ECR::Repository xxxx: found 5 images');
    const working = signed(board, started(repository));
    expect(lineOf(working, name)).toMatch(/found 5 images · draining$/);
    const progress = { logicalId: repository.logicalId, stage: 'drain', kind: 'image', done: 3, total: 5 } as const;
    const counting = signed(working, { kind: 'progress', target: journey.stackId, progress });
    expect(lineOf(counting, name)).toMatch(/found 5 images · draining 3 of 5$/);
    const done = signed(counting, completed(repository, 3, ['2 images']));
    expect(lineOf(done, name)).toMatch(/found 5 images · removed 3 images · left 2 images: AccessDenied$/);
  });

  it('does not mix stacks whose resources have the same logical id', async () => {
    const { board, journey, repository } = await scene();
    const other = board.stacks.find(({ stackName }) => stackName === 'zzzz-build');
    const others = other?.resources.find(({ resource }) => resource.physicalId === 'zzzz')?.resource;
    expect(others?.logicalId).toBe(repository.logicalId);
    const progress = { logicalId: repository.logicalId, stage: 'drain', kind: 'image', done: 3 } as const;
    const both = others ? signed(board, started(repository), started(others)) : board;
    const counting = signed(both, { kind: 'progress', target: journey.stackId, progress });
    expect(lineOf(counting, 'Repository xxxx')).toMatch(/draining 3$/);
    expect(lineOf(counting, 'Repository zzzz')).toMatch(/draining$/);
  });

  it('counts nothing twice when a journey tells what steps have told before', async () => {
    const { board, journey, repository } = await scene();
    const removed = [{ resource: repository, kind: 'image', count: 5 }];
    const seen = signed(board, completed(repository, 5), { kind: 'journey', journey: { ...journey, removed } });
    expect(lineOf(seen, 'Repository xxxx')).toMatch(/removed 5 images$/);
  });

  it('shows resources that only a journey knows', async () => {
    const { board, journey, repository } = await scene();
    const resource = { ...repository, logicalId: 'Late', physicalId: 'late' };
    const seen = signed(board, {
      kind: 'journey',
      journey: { ...journey, removed: [{ resource, kind: 'image', count: 1 }] },
    });
    expect(lineOf(seen, 'late')).toMatch(/removed 1 image$/);
  });

  it('fits onto a low screen: what is at rest gives way, what is worked on stays', async () => {
    const { board, repository } = await scene();
    const lines = boardLines(signed(board, started(repository)), { ...SCREEN, rows: 9 }, '⠋');
    expect(lines.length).toBeLessThanOrEqual(4);
    expect(lines.join('\n')).toMatch(/… \d+ more$/);
  });

  it('has no line wider than the screen', async () => {
    const { board, repository } = await scene();
    const wordy = signed(board, completed(repository, 1, ['x'.repeat(300)]));
    expect(
      Math.max(...boardLines(wordy, { ...SCREEN, columns: 60 }, '⠋').map((line) => line.length)),
    ).toBeLessThanOrEqual(60);
  });
});

describe('changes, for those who do not watch live', () => {
  it('are told once', async () => {
    const { board, journey, repository } = await scene();
    const first = signed(board, started(repository), completed(repository, 3, ['2 images']));
    expect(changesBetween(board, first)).toEqual([
      'removed  AWS::ECR::Repository xxxx: 3 images',
      'left     AWS::ECR::Repository xxxx: 2 images: AccessDenied',
    ]);
    const second = signed(first, completed(repository, 2), {
      kind: 'journey',
      journey: { ...journey, phase: 'delete' },
    });
    expect(changesBetween(first, second)).toEqual([
      'removed  AWS::ECR::Repository xxxx: 2 images',
      'stack    xxxx-build: asking CloudFormation to delete it',
    ]);
    expect(changesBetween(second, second)).toEqual([]);
  });

  it('of attempts name the attempt', async () => {
    const { board, journey } = await scene();
    const again = signed(board, { kind: 'journey', journey: { ...journey, phase: 'watch', attempt: 2 } });
    expect(changesBetween(board, again)).toEqual(['stack    xxxx-build: CloudFormation deletes it (attempt 2)']);
  });
});
