import { describe, expect, it } from '@jest/globals';
import { AwsFailure } from '#functions/errors.ts';
import { readOnce } from '#functions/teardown/read-once.ts';
import { account, addStacks, stackIdOf } from './planning.ts';

function world() {
  const fakes = account();
  addStacks(fakes, 'app');
  return { ...fakes, port: readOnce(fakes.cloudFormation) };
}

describe('readOnce', () => {
  it('a stack asked for by name is known by its ARN too', async () => {
    const { port, log } = world();
    expect(await port.stack('app')).toMatchObject({ stackName: 'app' });
    expect(await port.stack(stackIdOf('app'))).toMatchObject({ stackName: 'app' });
    expect(await port.stack('nowhere')).toBeUndefined();
    expect(await port.stack('nowhere')).toBeUndefined();
    expect(log.actions()).toEqual(['cloudformation:DescribeStacks', 'cloudformation:DescribeStacks']);
  });

  it('two who ask at the same time share one call', async () => {
    const { port, log } = world();
    const id = stackIdOf('app');
    await Promise.all([port.resources(id), port.resources(id), port.template(id), port.template(id)]);
    await Promise.all([port.importers('x'), port.importers('x'), port.stack(id), port.stack(id)]);
    expect(log.calls).toHaveLength(4);
  });

  it('a failure is not remembered', async () => {
    const { port, log } = world();
    log.fail({ action: 'cloudformation:DescribeStacks', errorName: 'Throttling' });
    await expect(port.stack('app')).rejects.toThrow(AwsFailure);
    await expect(port.stack('app')).resolves.toMatchObject({ stackName: 'app' });
  });

  it.each(['resources', 'template'] as const)(
    'a stack whose %s cannot be read is asked for anew: it may be gone',
    async (what) => {
      const { port, log, cloudFormation } = world();
      const id = stackIdOf('app');
      await port.stack(id);
      cloudFormation.setStatus('app', 'DELETE_COMPLETE');
      log.fail({
        action: `cloudformation:${what === 'resources' ? 'ListStackResources' : 'GetTemplate'}`,
        errorName: 'ValidationError',
      });
      await expect(port[what](id)).rejects.toThrow(AwsFailure);
      expect(await port.stack(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    },
  );

  it('passes on what is not remembered', async () => {
    const { port, cloudFormation } = world();
    cloudFormation.addStack('new', { updateStartedAt: '2026-01-02T00:00:00.000Z' });
    expect(await port.updateStartedAt(stackIdOf('new'))).toBe('2026-01-02T00:00:00.000Z');
    expect(await port.madeAt(stackIdOf('new'), 'R')).toBeUndefined();
  });
});
