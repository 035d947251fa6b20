/**
 * What CloudFormation may do with the delete role, shown: each action is taken out of the deployed role in turn, and a stack of
 * the pipeline's own templates stays. The emulator asks for what the delete handlers of the types name, as far as a table
 * says; AWS's own handlers were never tried.
 */
import { CloudFormationClient, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { deployDeleteRole } from '#scripts/lib/local-account.ts';
import { gapsOf } from './permissions/completeness.ts';
import { DELETE_ROLE_EXEMPT, deleteWith, PARTS, repository } from './permissions/delete-role.ts';
import { RoleRights } from './permissions/role-rights.ts';
import { inAccount } from './support/scene.ts';

const scene = inAccount();
let roleArn: string;
let rights: RoleRights;

beforeAll(async () => {
  roleArn = await deployDeleteRole(scene().account, 'team-');
  rights = new RoleRights(scene().account, roleArn.slice(roleArn.lastIndexOf('/') + 1));
});

const nameFor = (action: string) => `team-${action.toLowerCase().replace(':', '-')}`;

/** Everything that CloudFormation said about what failed in a stack and below it. */
async function reasons(stackId: string): Promise<string> {
  const { stacks, account } = scene();
  const client = new CloudFormationClient(account.root);
  const children = (await stacks.rows(stackId)).flatMap(({ ResourceType, PhysicalResourceId: id }) =>
    ResourceType === 'AWS::CloudFormation::Stack' && id ? [id] : [],
  );
  const told = await Promise.all(
    [stackId, ...children].map((StackName) => client.send(new DescribeStackEventsCommand({ StackName }))),
  );
  return told
    .flatMap(({ StackEvents = [] }) => StackEvents.map(({ ResourceStatusReason = '' }) => ResourceStatusReason))
    .join('\n');
}

test('every action of the role has a stack that shows it, or a reason', async () => {
  const held = await rights.actions();
  expect(gapsOf({ held, scenarios: Object.keys(PARTS), exempt: DELETE_ROLE_EXEMPT })).toEqual([]);
});

describe.each(Object.entries(PARTS))('without %s', (action, part) => {
  test('the stack stays, and AWS names the action; with it the stack goes', async () => {
    const { id, status } = await part(scene(), nameFor(action));
    expect(status).toBe('CREATE_COMPLETE');
    await rights.without(action, async () =>
      expect(await deleteWith(scene(), roleArn, id)).toMatchObject({ status: 'DELETE_FAILED' }),
    );
    expect(await reasons(id)).toContain(`is not authorized to perform: ${action} on resource: `);
    expect(await deleteWith(scene(), roleArn, id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

test('what does not begin with the prefix stays', async () => {
  const { id } = await repository(scene(), 'other');
  expect(await deleteWith(scene(), roleArn, id)).toMatchObject({ status: 'DELETE_FAILED' });
  expect(await reasons(id)).toContain(
    'ecr:DeleteRepository on resource: arn:aws:ecr:ap-northeast-1:000000000000:repository/other',
  );
});

test('the role is still there when its own stack is gone', async () => {
  const { stacks } = scene();
  expect(await stacks.delete('clean-exit-delete-role')).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect((await rights.actions()).length).toBeGreaterThan(30);
});
