import { describe, expect, it } from '@jest/globals';
import { readTree } from '#functions/core/inventory.ts';
import type { StackFacts } from '#functions/core/model.ts';
import type { CloudFormationPort } from '#functions/core/ports/index.ts';
import { AwsFailure, BadRequest, Refused } from '#functions/errors.ts';
import { awsFailure, fakeAccount, stackIdOf } from '#test/fakes/index.ts';
import { accountWithApp, addRepository, clean } from './scene.ts';

const names = (tree: { stacks: readonly { stackName: string }[] }) => tree.stacks.map(({ stackName }) => stackName);
const STACK = 'AWS::CloudFormation::Stack';

/** The port of an account with some answers changed. */
function changed(port: CloudFormationPort, changes: Partial<CloudFormationPort>): CloudFormationPort {
  return {
    stack: (id) => port.stack(id),
    resources: (id) => port.resources(id),
    template: (id) => port.template(id),
    importers: (name) => port.importers(name),
    updateStartedAt: (id) => port.updateStartedAt(id),
    madeAt: (id, logicalId) => port.madeAt(id, logicalId),
    ...changes,
  };
}

describe('readTree', () => {
  it('reads the stack and what is nested below it, level by level', async () => {
    const { cloudFormation } = fakeAccount();
    cloudFormation.addStack('root').addStack('a', { parent: 'root' }).addStack('b', { parent: 'root' });
    cloudFormation.addStack('a1', { parent: 'a' }).addStack('b1', { parent: 'b' });
    expect(names(await readTree(cloudFormation, stackIdOf('root'), 'stack delete'))).toEqual([
      'root',
      'a',
      'b',
      'a1',
      'b1',
    ]);
    expect(names(await readTree(cloudFormation, stackIdOf('a'), 'stack delete'))).toEqual(['a', 'a1']);
  });

  it('gives each resource its stack, policy and declared properties, and drops rows without a physical id', async () => {
    const { cloudFormation } = accountWithApp();
    cloudFormation.addResource('app', { logicalId: 'Never', type: 'AWS::ECR::Repository' }).addResource('app', {
      logicalId: 'Repo',
      type: 'AWS::ECR::Repository',
      physicalId: 'images',
      deletionPolicy: 'Retain',
      properties: { EmptyOnDelete: true },
    });
    const { stacks } = await readTree(cloudFormation, 'app', 'stack delete');
    expect(stacks[0]?.resources).toEqual([
      {
        stackId: stackIdOf('app'),
        stackName: 'app',
        logicalId: 'Repo',
        type: 'AWS::ECR::Repository',
        physicalId: 'images',
        status: 'CREATE_COMPLETE',
        deletionPolicy: 'Retain',
        declared: { EmptyOnDelete: true },
      },
    ]);
  });

  it('a logical id that every object has is not in the template for that', async () => {
    const { cloudFormation } = accountWithApp();
    cloudFormation.addResource('app', { logicalId: 'toString', type: 'AWS::ECR::Repository', physicalId: 'x' });
    const port = changed(cloudFormation, { template: async () => '{"Resources":{"Other":{"Type":"T"}}}' });
    const { stacks } = await readTree(port, 'app', 'stack delete');
    expect(stacks[0]?.resources[0]?.deletionPolicy).toBe('Unknown');
  });

  it('fifty stacks, ten levels deep: each is described, listed and read once', async () => {
    const { cloudFormation, log } = fakeAccount();
    cloudFormation.addStack('s0');
    for (let at = 1; at < 50; at += 1) {
      cloudFormation.addStack(`s${at}`, { parent: `s${Math.max(0, at - 5)}` });
    }
    const tree = await readTree(cloudFormation, stackIdOf('s0'), 'stack delete');
    expect(new Set(names(tree)).size).toBe(50);
    expect(log.count('cloudformation:DescribeStacks')).toBe(50);
    expect(log.count('cloudformation:ListStackResources')).toBe(50);
    expect(log.count('cloudformation:GetTemplate')).toBeLessThanOrEqual(50);
  });

  it('ends where stacks name each other as parent, and reads a stack once that two rows name', async () => {
    const { cloudFormation } = fakeAccount();
    cloudFormation.addStack('root').addStack('child', { parent: 'root' });
    cloudFormation
      .addResource('child', { logicalId: 'Up', type: STACK, physicalId: stackIdOf('root') })
      .addResource('root', { logicalId: 'Again', type: STACK, physicalId: stackIdOf('child') });
    const inCircle: CloudFormationPort = changed(cloudFormation, {
      stack: async (id): Promise<StackFacts | undefined> => {
        const facts = await cloudFormation.stack(id);
        return facts?.stackName === 'root' ? { ...facts, parentId: stackIdOf('child') } : facts;
      },
    });
    expect(names(await readTree(inCircle, stackIdOf('root'), 'stack delete'))).toEqual(['root', 'child']);
  });

  it('leaves out a nested stack that is gone by the time it is read', async () => {
    const { cloudFormation } = fakeAccount();
    cloudFormation.addStack('root').addStack('going', { parent: 'root' }).addStack('staying', { parent: 'root' });
    let gone = false;
    const port = changed(cloudFormation, {
      stack: async (id) => (gone && id === stackIdOf('going') ? undefined : cloudFormation.stack(id)),
      resources: async (id) => {
        if (id !== stackIdOf('going')) {
          return cloudFormation.resources(id);
        }
        gone = true;
        throw awsFailure('cloudformation:ListStackResources', id, 'ValidationError');
      },
    });
    expect(names(await readTree(port, stackIdOf('root'), 'stack delete'))).toEqual(['root', 'staying']);
  });

  it('stops where a stack that is still there cannot be listed', async () => {
    const { cloudFormation, log } = fakeAccount();
    cloudFormation.addStack('root').addStack('child', { parent: 'root' });
    log.deny('cloudformation:ListStackResources', stackIdOf('child'));
    await expect(readTree(cloudFormation, stackIdOf('root'), 'stack delete')).rejects.toThrow(AwsFailure);
  });

  it('leaves out nested stacks that are deleted, and their exports', async () => {
    const account = fakeAccount();
    account.cloudFormation
      .addStack('root')
      .addStack('deleted', { parent: 'root', status: 'DELETE_COMPLETE', exportNames: ['taken-over'] })
      .import('taken-over', 'somebody');
    const { report } = await clean(account, 'root');
    expect(report.outcome).toBe('clean');
  });

  it('a deleted stack, found by its ARN: nothing in it is ours', async () => {
    const account = fakeAccount();
    account.cloudFormation.addStack('app', { status: 'DELETE_COMPLETE', exportNames: ['x'] }).import('x', 'other');
    addRepository(account, 'app', 'reused');
    const { report } = await clean(account, 'app');
    expect(report).toMatchObject({ outcome: 'clean', removed: [] });
    expect(account.ecr.digests('reused')).toHaveLength(5);
  });

  it('refuses a stack that CloudFormation does not know, by name', async () => {
    const error = await readTree(fakeAccount().cloudFormation, 'nobody', 'stack delete').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ code: 'STACK_NOT_FOUND', message: expect.stringContaining('nobody') });
  });

  it('names the stack whose template cannot be read, and asks for none where there are no resources', async () => {
    const { cloudFormation } = accountWithApp();
    const port = changed(cloudFormation, { template: async () => 'Parameters: {}' });
    await expect(readTree(port, 'app', 'stack delete')).resolves.toMatchObject({ stacks: [{ resources: [] }] });
    cloudFormation.addResource('app', { logicalId: 'R', type: 'AWS::ECR::Repository', physicalId: 'r' });
    const error = await readTree(port, 'app', 'stack delete').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(BadRequest);
    expect(error).toMatchObject({ code: 'TEMPLATE_UNREADABLE', message: expect.stringContaining('Stack app: ') });
  });
});
