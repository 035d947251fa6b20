import { describe, expect, it } from '@jest/globals';
import { failedResources, failureRemedy, retainCommands } from '#functions/teardown/failures.ts';
import { addPipeline, place, stackIdOf } from './running.ts';

/** Something failed in each of three levels, and in a nested stack of its own. */
function broken() {
  const { cloudFormation } = addPipeline(place(), 'xxxx').account;
  cloudFormation
    .addStack('Deep', { parent: 'xxxx-build-Ecr', status: 'DELETE_FAILED' })
    .addResource('Deep', { logicalId: 'Foreign', type: 'Custom::Foreign', physicalId: 'foreign-1' })
    .setResource('Deep', 'Foreign', { status: 'DELETE_FAILED', statusReason: 'no' })
    .setResource('xxxx-build-Ecr', 'Deep', { status: 'DELETE_FAILED' })
    .setResource('xxxx-build-Ecr', 'Repository', { status: 'DELETE_FAILED' })
    .setResource('xxxx-build', 'xxxx-build-Ecr', { status: 'DELETE_FAILED' })
    .setResource('xxxx-build', 'Logs', { status: 'DELETE_FAILED' });
  return cloudFormation;
}

describe('what failed', () => {
  it('is told from the deepest level up, without the stacks around it', async () => {
    const failed = await failedResources(broken(), stackIdOf('xxxx-build'));
    expect(failed.map(({ resource }) => resource.logicalId)).toEqual(['Foreign', 'Repository', 'Logs']);
  });

  it('is kept by commands in the order in which the stacks can go, each awaited', async () => {
    const failed = await failedResources(broken(), stackIdOf('xxxx-build'));
    const [deep, ecr, root] = [stackIdOf('Deep'), stackIdOf('xxxx-build-Ecr'), stackIdOf('xxxx-build')];
    expect(retainCommands(failed)).toEqual([
      `aws cloudformation delete-stack --stack-name ${deep} --retain-resources Foreign --region eu-west-1 && aws cloudformation wait stack-delete-complete --stack-name ${deep} --region eu-west-1`,
      `aws cloudformation delete-stack --stack-name ${ecr} --retain-resources Repository --region eu-west-1 && aws cloudformation wait stack-delete-complete --stack-name ${ecr} --region eu-west-1`,
      `aws cloudformation delete-stack --stack-name ${root} --retain-resources Logs --region eu-west-1`,
    ]);
    expect(failureRemedy(failed)).toContain('and then ask again for the rest');
  });

  it('is the nested stack itself where nothing in it failed', async () => {
    const { cloudFormation } = addPipeline(place(), 'xxxx').account;
    const statusReason = 'Delete canceled. Cannot delete export xxxx-ECR as it is in use by other.';
    cloudFormation.setResource('xxxx-build', 'xxxx-build-Ecr', { status: 'DELETE_FAILED', statusReason });
    expect(await failedResources(cloudFormation, stackIdOf('xxxx-build'))).toMatchObject([
      { resource: { logicalId: 'xxxx-build-Ecr' }, reason: statusReason },
    ]);
  });
});
