import { describe, expect, it } from '@jest/globals';
import { addImporter, addPipeline, place } from '#test/teardown/running.ts';
import { play } from './stage.ts';

describe('clean-exit plan', () => {
  it('shows what a delete would do, and changes nothing: plain lines where nobody looks', async () => {
    const where = addImporter(addPipeline(place(), 'xxxx'), 'xxxx');
    const { exit, stdout, stderr } = await play(['plan', 'xxxx-build', 'xxxx-deploy-user'], { where });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Wave 1\n {2}xxxx-deploy-user/);
    expect(stdout).toContain('removes     AWS::ECR::Repository xxxx: 5 images');
    expect(stderr).toContain(
      'Locally, with the rights of arn:aws:iam::123456789012:user/hanako (account 123456789012, eu-west-1): the service is not deployed there.',
    );
    expect(where.stackDeletion.begun).toEqual([]);
    expect(where.account.ecr.digests('xxxx')).toHaveLength(5);
  });

  it('shows a table on a terminal, wave by wave', async () => {
    const where = addImporter(addPipeline(place(), 'xxxx'), 'xxxx');
    const { exit, stdout } = await play(['plan', 'xxxx-build', 'xxxx-deploy-user'], { where, watched: true });
    expect(exit).toBe(0);
    expect(stdout).toMatchSnapshot();
  });

  it.each([60, 80, 200])('the table fits into %i columns', async (columns) => {
    const where = addPipeline(place(), 'xxxx');
    const { terminal } = await play(['plan', 'xxxx-build'], { where, watched: true, columns });
    const borders = terminal.stdout.filter((line) => /^[┌│└]/.test(line));
    expect(borders.length).toBeGreaterThan(4);
    expect(Math.max(...borders.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('a refusal is exit code 3, with its remedy, on a terminal as in a pipe', async () => {
    for (const watched of [true, false]) {
      const where = addImporter(addPipeline(place(), 'xxxx'), 'xxxx');
      const { exit, stdout } = await play(['plan', 'xxxx-build'], { where, watched });
      expect(exit).toBe(3);
      expect(stdout).toMatch(/Refused\n {2}IMPORTED xxxx-build\n {4}because {5}Export xxxx-ECR/);
      expect(stdout).toMatch(/remedy {6}Ask for xxxx-deploy-user as well/);
    }
  });

  it('consents are told where nothing is left to delete, on a terminal as in a pipe', async () => {
    for (const watched of [true, false]) {
      const where = addPipeline(place(), 'xxxx');
      await play(['delete', 'xxxx-build', '--yes', 'xxxx-build'], { where });
      const { stdout } = await play(['plan', 'xxxx-build', '--disable-protection'], { where, watched });
      expect(stdout).toContain('consent     termination protection is switched off');
    }
  });

  it('a stack that nobody knows is refused, not a fault', async () => {
    const { exit, stdout } = await play(['plan', 'nowhere']);
    expect(exit).toBe(3);
    expect(stdout).toContain('CloudFormation knows no stack nowhere');
  });

  it('--json gives the plan, exactly one document, whoever looks', async () => {
    for (const watched of [true, false]) {
      const where = addPipeline(place(), 'xxxx');
      const { exit, stdout } = await play(['plan', 'xxxx-build', '--json'], { where, watched });
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ version: 1, refusals: [], stacks: [{ stackName: 'xxxx-build' }] });
    }
  });

  it('hands every consent on', async () => {
    const role = 'arn:aws:iam::123456789012:role/deleter';
    const where = addPipeline(place(), 'xxxx');
    where.account.iam.addRole('deleter');
    const flags = [
      ...['--role-arn', role, '--disable-protection', '--disable-log-group-protection', '--keep-buckets'],
      ...['--remove-roles-from-instance-profiles', '--detach-policies-from-others', '--remove-permissions-boundaries'],
      '--delete-orphaned-log-groups',
    ];
    const { stdout } = await play(['plan', 'xxxx-build', '--json', ...flags], { where });
    expect(JSON.parse(stdout).options).toEqual({
      roleArn: role,
      disableTerminationProtection: true,
      disableLogGroupDeletionProtection: true,
      removeRolesFromInstanceProfiles: true,
      detachPoliciesFromOthers: true,
      removePermissionsBoundaries: true,
      deleteOrphanedLogGroups: true,
      emptyBuckets: false,
    });
  });

  it('without flags nothing is consented to, except that buckets are emptied', async () => {
    const { stdout } = await play(['plan', 'xxxx-build', '--json'], { where: addPipeline(place(), 'xxxx') });
    const { emptyBuckets, ...others } = JSON.parse(stdout).options;
    expect(emptyBuckets).toBe(true);
    expect(new Set(Object.values(others))).toEqual(new Set([false]));
  });
});
