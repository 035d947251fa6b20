import { describe, expect, it } from '@jest/globals';
import { addPipeline, place, stackIdOf } from '#test/teardown/running.ts';
import { play } from './stage.ts';

/** A deleted pipeline whose project's log group nobody deleted. */
async function deleted() {
  const where = addPipeline(place(), 'xxxx');
  await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where });
  where.account.logs.addGroup('/aws/codebuild/xxxx');
  return where;
}

describe('clean-exit leftovers', () => {
  it.each([
    ['its name', 'xxxx-build'],
    ['its ARN', stackIdOf('xxxx-build')],
  ])('of a deleted stack by %s: what is left, and the command that removes it', async (_, asked) => {
    const { exit, stdout } = await play(['leftovers', asked], { where: await deleted() });
    expect(exit).toBe(0);
    expect(stdout).toBe(
      'AWS::Logs::LogGroup /aws/codebuild/xxxx (stack xxxx-build): It holds the log of xxxx, and belongs to no stack.\n' +
        '    aws logs delete-log-group --log-group-name /aws/codebuild/xxxx --region eu-west-1',
    );
  });

  it('--json gives one document', async () => {
    const { stdout } = await play(['leftovers', 'xxxx-build', '--json'], { where: await deleted() });
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      living: [],
      remaining: [{ kind: 'log group', stackName: 'xxxx-build' }],
    });
  });

  it.each([
    ['its name', 'xxxx-build'],
    ['its ARN', stackIdOf('xxxx-build')],
  ])('of a stack that lives, by %s: says so, and names the command that tells', async (_, asked) => {
    const where = addPipeline(place(), 'xxxx');
    where.account.logs.addGroup('/aws/codebuild/xxxx');
    const { exit, stdout, stderr } = await play(['leftovers', asked], { where });
    expect(exit).toBe(0);
    expect(stderr).toContain(
      'xxxx-build is not deleted; what it would leave, a plan tells: clean-exit plan xxxx-build',
    );
    expect(stdout).toContain('Nothing is left');
  });

  it('of a name that lives again: nothing of the old one is named, which may be the new one’s by now', async () => {
    const where = await deleted();
    where.account.cloudFormation.addStack('xxxx-build', { status: 'CREATE_COMPLETE' });
    const { exit, stdout, stderr } = await play(['leftovers', 'xxxx-build'], { where });
    expect(exit).toBe(0);
    expect(stderr).toContain('xxxx-build is not deleted');
    expect(stdout).toContain('Nothing is left');
  });

  it('of a stack that nobody knows: wrong usage, with the place that was asked', async () => {
    const { exit, stderr } = await play(['leftovers', 'nowhere', 'xxxx-build'], { where: await deleted() });
    expect(exit).toBe(2);
    expect(stderr).toContain('account 123456789012, eu-west-1 knows no stack nowhere, and deleted none of that name');
  });
});
