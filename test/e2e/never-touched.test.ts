/**
 * What is never touched, row by row. Rows that have no stack here that leads to them are shown on the core alone
 * (test/core/never-touched.test.ts, test/cleaners/iam-role.test.ts): Snapshot, which none of the cleaned types takes, and
 * service-linked and reserved roles, which no template can make.
 */

import { CloudFormationClient, DeleteStackCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { PutLogGroupDeletionProtectionCommand } from '@aws-sdk/client-cloudwatch-logs';
import { StartBuildCommand } from '@aws-sdk/client-codebuild';
import { UntagResourceCommand } from '@aws-sdk/client-ecr';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  GetInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT_ID, SERVICE_STACK } from '#scripts/lib/local-account.ts';
import { Gate } from './support/gate.ts';
import { inAccount } from './support/scene.ts';
import { cleanExit, logGroup, nested, project, repository, role, withCleanExit } from './support/templates.ts';

const scene = inAccount();
let gate: Gate;

beforeAll(async () => {
  gate = await Gate.start();
  await scene().stacks.create('gate', Gate.service);
});

afterAll(async () => {
  await gate?.stop();
  expect(gate?.failures).toEqual([]);
});

const S3_READER = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

describe('DeletionPolicy', () => {
  test.each(['Retain', 'RetainExceptOnCreate'])('%s keeps a repository when its stack is deleted', async (policy) => {
    const { stacks, seed, images, writesDuring } = scene();
    const [kept, going] = [`kept-${policy.toLowerCase()}`, `going-${policy.toLowerCase()}`];
    await stacks.create(
      kept,
      withCleanExit({ Kept: repository(kept, { DeletionPolicy: policy }), Going: repository(going) }),
    );
    await seed(kept);
    await seed(going);
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(kept)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual([`BatchDeleteImage ${going}`, `SetRepositoryPolicy ${going}`]);
    expect(await images(kept)).toBe(4);
  });

  test('RetainExceptOnCreate goes with the rollback of its own create', async () => {
    const { stacks, seed, images } = scene();
    const fails = gate.at('fresh', ['CleanExit'], async (requestType) => {
      if (requestType === 'Create') {
        await seed('fresh');
        return 'FAILED';
      }
      return 'SUCCESS';
    });
    const template = withCleanExit({ Fresh: repository('fresh', { DeletionPolicy: 'RetainExceptOnCreate' }) });
    expect(await stacks.create('fresh', { ...template, Last: fails })).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(await images('fresh')).toBe(0);
  });

  test('Retain on a nested stack keeps everything below it', async () => {
    const { stacks, log, seed, images, writesDuring } = scene();
    const leaf = await stacks.upload({ Repository: repository('leaf') });
    const child = await stacks.upload({ Leaf: nested(leaf), Repository: repository('child') });
    const { id } = await stacks.create(
      'retaining',
      withCleanExit({ Child: nested(child, { DeletionPolicy: 'Retain' }), Repository: repository('parent') }),
    );
    for (const name of ['leaf', 'child', 'parent']) {
      await seed(name);
    }
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual(['BatchDeleteImage parent', 'SetRepositoryPolicy parent']);
    expect([await images('leaf'), await images('child')]).toEqual([4, 4]);
    expect((await log.find(id, 'REPORT'))['report']).toMatchObject({
      untouched: [{ code: 'STACK_RETAINED' }, { code: 'STACK_RETAINED' }],
    });
  });
});

describe('the tag clean-exit:keep', () => {
  test.each(['', 'no'])('with the value "%s" keeps repository, group, role and project as they are', async (Value) => {
    const { stacks, seed, images, writeStreams, iam, codeBuild, ecr, writesDuring } = scene();
    const name = `tagged${Value}`;
    const Tags = [{ Key: 'clean-exit:keep', Value }];
    const { id } = await stacks.create(
      name,
      withCleanExit({
        Repository: repository(name, {}, Tags),
        Group: logGroup(name, {}, { Tags }),
        Role: role(name, 'codebuild.amazonaws.com', {}, { Tags }),
        Project: project(name, 'Role', {}, { Tags }),
      }),
    );
    await seed(name);
    await writeStreams(name, 2);
    await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: S3_READER }));
    await codeBuild.send(new StartBuildCommand({ projectName: name }));
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
    });
    expect(writes).toEqual([]);
    expect(await images(name)).toBe(4);
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toContain(`Repository (${name}): It carries the tag clean-exit:keep and is left as it is.`);
    expect(reason).toContain('whoever set the tag removes the tag');
    const resourceArn = `arn:aws:ecr:ap-northeast-1:${ACCOUNT_ID}:repository/${name}`;
    await ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: ['clean-exit:keep'] }));
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

describe('another stack', () => {
  test('whose names begin with the same letters keeps everything', async () => {
    const { stacks, seed, images, writeStreams, writesDuring } = scene();
    for (const name of ['app', 'app-2']) {
      await stacks.create(name, withCleanExit({ Repository: repository(name), Group: logGroup(name) }));
      await seed(name);
      await writeStreams(name, 2);
    }
    const writes = await writesDuring(async () => {
      expect(await stacks.delete('app')).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual(['BatchDeleteImage app', 'DeleteLogStream app', 'SetRepositoryPolicy app']);
    expect(await images('app-2')).toBe(4);
    expect(await stacks.delete('app-2')).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

describe('roles', () => {
  test('the role that deletes the stack keeps its policies, although the stack owns it', async () => {
    const { account, stacks, iam, log, writesDuring } = scene();
    const { id } = await stacks.create(
      'self-deleting',
      withCleanExit({
        Deleter: role('deleter', 'cloudformation.amazonaws.com'),
        Other: role('not-deleter', 'cloudformation.amazonaws.com'),
      }),
    );
    for (const RoleName of ['deleter', 'not-deleter']) {
      await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR }));
    }
    const client = new CloudFormationClient(account.root);
    const RoleARN = `arn:aws:iam::${ACCOUNT_ID}:role/deleter`;
    const writes = await writesDuring(async () => {
      await client.send(new DeleteStackCommand({ StackName: id, RoleARN }));
      expect(await stacks.settled(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual(['DetachRolePolicy not-deleter']);
    const report = (await log.find(id, 'REPORT'))['report'];
    expect(report).toMatchObject({ untouched: [{ code: 'STACK_ROLE', resource: { physicalId: 'deleter' } }] });
  });

  describe('in an instance profile of somebody else', () => {
    const inProfile = async (name: string, properties: Readonly<Record<string, unknown>>) => {
      const { stacks, iam } = scene();
      const template = withCleanExit({ Role: role(name, 'ec2.amazonaws.com') }, properties);
      const { id } = await stacks.create(name, template);
      const names = { InstanceProfileName: `${name}-profile`, RoleName: name };
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: names.InstanceProfileName }));
      await iam.send(new AddRoleToInstanceProfileCommand(names));
      return { id, names };
    };

    test('is left there, and the refusal names both', async () => {
      const { stacks, iam, writesDuring } = scene();
      const { id, names } = await inProfile('server', {});
      const writes = await writesDuring(async () => {
        expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
      });
      expect(writes).toEqual([]);
      const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
      expect(reason).toContain('Role (server): It is in 1 instance profile that');
      expect(reason).toContain('server-profile');
      await iam.send(new RemoveRoleFromInstanceProfileCommand(names));
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });

    test('is taken out where the template consents; the profile stays', async () => {
      const { stacks, iam } = scene();
      const { id, names } = await inProfile('consenting', { RemoveRolesFromInstanceProfiles: true });
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
      const { InstanceProfileName } = names;
      const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
      expect(InstanceProfile?.Roles).toEqual([]);
    });
  });
});

describe('a log group with deletion protection', () => {
  const protectedStack = async (name: string, properties: Readonly<Record<string, unknown>>) => {
    const { stacks, logs, seed, writeStreams } = scene();
    const { id } = await stacks.create(
      name,
      withCleanExit({ Group: logGroup(name), Repository: repository(name) }, properties),
    );
    await seed(name);
    await writeStreams(name, 2);
    const protection = { logGroupIdentifier: name, deletionProtectionEnabled: true };
    await logs.send(new PutLogGroupDeletionProtectionCommand(protection));
    return id;
  };

  test('is refused by name before anything is emptied', async () => {
    const { stacks, logs, images, writesDuring } = scene();
    const id = await protectedStack('guarded', {});
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
    });
    expect(writes).toEqual([]);
    expect(await images('guarded')).toBe(4);
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toContain('Group (guarded): It has deletion protection');
    expect(reason).toContain('Whoever owns it switches the protection off');
    const off = { logGroupIdentifier: 'guarded', deletionProtectionEnabled: false };
    await logs.send(new PutLogGroupDeletionProtectionCommand(off));
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('goes where the template consents', async () => {
    const { stacks } = scene();
    const id = await protectedStack('unguarded', { DisableLogGroupDeletionProtection: 'true' });
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

// The last one: the service is gone after it.
test('the service itself: a custom resource in its own stack removes nothing of it', async () => {
  const { account, stacks, writesDuring } = scene();
  const client = new CloudFormationClient(account.root);
  const { TemplateBody = '{}' } = await client.send(
    new GetTemplateCommand({ StackName: SERVICE_STACK, TemplateStage: 'Processed' }),
  );
  const template: { Resources: Record<string, unknown> } = JSON.parse(TemplateBody);
  const own = cleanExit(['BuildNoticeLogs', 'BuildNoticeRole']);
  template.Resources['CleanExit'] = {
    ...own,
    Properties: { ServiceToken: { 'Fn::GetAtt': ['CustomResource', 'Arn'] } },
  };
  await stacks.update(SERVICE_STACK, JSON.stringify(template));
  const writes = await writesDuring(async () => {
    expect(await stacks.delete(SERVICE_STACK)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
  expect(writes).toEqual([]);
});
