/** What may be in the resources of a stack, and what AWS may say to the calls that take it out: drained, or an honest reason. */

import { CreateLogGroupCommand, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteProjectCommand, PutResourcePolicyCommand, StartBuildCommand } from '@aws-sdk/client-codebuild';
import {
  DeleteRepositoryCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import { AttachRolePolicyCommand, DeleteRoleCommand } from '@aws-sdk/client-iam';
import { afterEach, describe, expect, test } from '@jest/globals';
import { pushArtifact, pushImage, pushIndex } from '#emulator/push-image.ts';
import type { FaultRule } from '#emulator/start.ts';
import { asRole, until } from '#scripts/lib/local-account.ts';
import { inAccount } from './support/scene.ts';
import { logGroup, project, type Resources, repository, role, withCleanExit } from './support/templates.ts';
import { writesOf } from './support/writes.ts';

const scene = inAccount();
const S3_READER = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const LARGEST_POLICY = 10_240;

afterEach(async () => {
  await scene().account.emulator.setFaults([]);
});

/** What AWS answers to the function's calls of some operations. */
const answers = (service: string, operations: readonly string[], answer: Partial<FaultRule>) =>
  scene().account.emulator.setFaults(
    operations.map((operation) => ({ service, operation, principal: 'clean-exit-custom-resource', ...answer })),
  );
const DENIED = { code: 'AccessDeniedException', message: 'not authorized' };

/** One resource of each type, all of the same name. */
const oneOfEach = (name: string): Resources => ({
  Repository: repository(name),
  Group: logGroup(name),
  Role: role(name, 'codebuild.amazonaws.com'),
  Project: project(name, 'Role', {}, { LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: name } } }),
});

/** A stack with something in each of its resources. */
async function fullStack(name: string, properties: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { stacks, seed, writeStreams, iam } = scene();
  const { id } = await stacks.create(name, withCleanExit(oneOfEach(name), properties));
  await seed(name);
  await writeStreams(name, 3);
  await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: S3_READER }));
  return id;
}

const pullStatement = (bytes: number) => ({
  Sid: 'Pull',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::000000000000:root' },
  Action: ['ecr:BatchGetImage'],
  Condition: { StringLike: { 'aws:PrincipalArn': 'x'.repeat(bytes) } },
});

describe('a repository', () => {
  test('with indexes in indexes, signatures and SBOMs', async () => {
    const { account, stacks } = scene();
    const { id } = await stacks.create('woven', withCleanExit({ Repository: repository('woven') }));
    const push = new ECRClient(account.root);
    let subject = await pushImage(push, { repository: 'woven', tags: ['latest'], platforms: 3, attestations: true });
    for (let level = 1; level <= 4; level += 1) {
      await pushArtifact(push, { repository: 'woven', subject, kind: 'sig', attachment: 'tag' });
      await pushArtifact(push, { repository: 'woven', subject, kind: 'sbom', attachment: 'referrer' });
      subject = await pushIndex(push, { repository: 'woven', tags: [`level-${level}`], manifests: [subject] });
    }
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('that CloudFormation would empty itself is no reason to fail', async () => {
    const { stacks, seed } = scene();
    const own = repository('self-emptying');
    const template = withCleanExit({ Repository: { ...own, Properties: { ...own.Properties, EmptyOnDelete: true } } });
    const { id } = await stacks.create('self-emptying', template);
    await seed('self-emptying');
    await answers('ecr', ['BatchDeleteImage'], DENIED);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('with a policy: its statements stay while pushes are denied', async () => {
    const { account, stacks, ecr, seed } = scene();
    const Allow = { Effect: 'Allow', Action: 'ecr:*', Resource: '*' };
    const Policies = [{ PolicyName: 'push', PolicyDocument: { Version: '2012-10-17', Statement: [Allow] } }];
    await stacks.create('pusher', { Role: role('pusher', 'codebuild.amazonaws.com', {}, { Policies }) });
    const pusher = new ECRClient(await asRole(account, 'pusher'));
    const { id } = await stacks.create('shared', withCleanExit({ Repository: repository('shared') }));
    await pushImage(pusher, { repository: 'shared', tags: ['early'] });
    const statement = pullStatement(10);
    const policyText = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName: 'shared', policyText }));
    await seed('shared');
    await answers('ecr', ['BatchDeleteImage'], { delayMs: 1000 });
    const { next } = await account.emulator.calls();
    const deleting = stacks.delete(id);
    await until(async () => {
      const { calls } = await account.emulator.calls(next);
      return writesOf(calls).some(({ operation }) => operation === 'SetRepositoryPolicy');
    }, 'the repository is sealed');
    const sealed = await ecr.send(new GetRepositoryPolicyCommand({ repositoryName: 'shared' }));
    const push = expect.objectContaining({ Effect: 'Deny', Action: expect.arrayContaining(['ecr:PutImage']) });
    expect(JSON.parse(sealed.policyText ?? '{}')).toMatchObject({ Statement: [statement, push] });
    await expect(pushImage(pusher, { repository: 'shared', tags: ['late'] })).rejects.toThrow(/denied|not authorized/i);
    expect(await deleting).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('whose policy has no room for the seal is emptied without it, with a note', async () => {
    const { stacks, ecr, seed, log, writesDuring } = scene();
    const { id } = await stacks.create('wordy', withCleanExit({ Repository: repository('wordy') }));
    const room = LARGEST_POLICY - JSON.stringify({ Version: '2012-10-17', Statement: [pullStatement(0)] }).length;
    const policyText = JSON.stringify({ Version: '2012-10-17', Statement: [pullStatement(room)] });
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName: 'wordy', policyText }));
    await seed('wordy');
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual(['BatchDeleteImage wordy']);
    expect((await log.find(id, 'REPORT'))['report']).toMatchObject({ notes: [{ code: 'NOT_SEALED' }] });
  });

  test('whose images are throttled is drained all the same', async () => {
    const { stacks, seed } = scene();
    const { id } = await stacks.create('throttled', withCleanExit({ Repository: repository('throttled') }));
    await seed('throttled', 300);
    await answers('ecr', ['BatchDeleteImage'], { code: 'ThrottlingException', message: 'Rate exceeded', times: 4 });
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('whose images cannot be deleted is told with numbers and causes; the next delete goes on', async () => {
    const { account, stacks, seed, images } = scene();
    const { id } = await stacks.create('stubborn', withCleanExit({ Repository: repository('stubborn') }));
    await seed('stubborn', 10);
    await answers('ecr', ['BatchDeleteImage'], DENIED);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toContain('(stubborn): 10 images left: ecr:BatchDeleteImage on stubborn: AccessDenied');
    expect(await images('stubborn')).toBe(10);
    await account.emulator.setFaults([]);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('whose listing fails stops the run before the first removal', async () => {
    const { stacks, images, writesDuring } = scene();
    const id = await fullStack('unlisted');
    await answers('ecr', ['DescribeImages'], DENIED);
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
    });
    expect(writes).toEqual([]);
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toMatch(/administrator must allow ecr:DescribeImages/);
    expect(await images('unlisted')).toBe(4);
  });
});

describe('what does not stop CloudFormation is never a failure', () => {
  test.each<[string, string, readonly string[]]>([
    ['the seal', 'ecr', ['GetRepositoryPolicy', 'SetRepositoryPolicy']],
    ['policies of a role', 'iam', ['DetachRolePolicy', 'DeleteRolePolicy']],
    ['log streams', 'logs', ['DeleteLogStream']],
    ['webhook and builds', 'codebuild', ['DeleteWebhook', 'StopBuild']],
  ])('no right to %s', async (_, service, operations) => {
    const { stacks, codeBuild, log } = scene();
    const name = `denied-${service}`;
    const id = await fullStack(name);
    await codeBuild.send(new StartBuildCommand({ projectName: name }));
    await answers(service, operations, DENIED);
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    const report = JSON.stringify((await log.find(id, 'REPORT'))['report']);
    expect(report).toContain('"outcome":"clean"');
    expect(report).toContain('AccessDenied');
  });

  test('a GitHub token that is dead', async () => {
    const { stacks, log } = scene();
    const id = await fullStack('dead-token');
    await answers('codebuild', ['DeleteWebhook'], { code: 'OAuthProviderException', message: 'Bad credentials' });
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(JSON.stringify((await log.find(id, 'REPORT'))['report'])).toContain('WEBHOOK_TOKEN_DEAD');
  });

  test('resources that somebody deleted by hand', async () => {
    const { stacks, ecr, logs, iam, codeBuild } = scene();
    const { id } = await stacks.create('vanished', withCleanExit(oneOfEach('vanished')));
    await ecr.send(new DeleteRepositoryCommand({ repositoryName: 'vanished', force: true }));
    await logs.send(new DeleteLogGroupCommand({ logGroupName: 'vanished' }));
    // A name that begins with the other is not the same group.
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'vanished-not' }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'vanished' }));
    await codeBuild.send(new DeleteProjectCommand({ name: 'vanished' }));
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});

describe('a project', () => {
  test('that is shared loses its resource policy, which would stop its delete', async () => {
    const { stacks, codeBuild, writesDuring } = scene();
    const id = await fullStack('lent');
    const resourceArn = 'arn:aws:codebuild:ap-northeast-1:000000000000:project/lent';
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: ['codebuild:BatchGetProjects'],
      Resource: resourceArn,
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await codeBuild.send(new StartBuildCommand({ projectName: 'lent' }));
    await codeBuild.send(new PutResourcePolicyCommand({ policy, resourceArn }));
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual(
      expect.arrayContaining(['DeleteResourcePolicy lent', 'DeleteWebhook lent', 'StopBuild lent']),
    );
  });
});

describe('a log group', () => {
  test('keeps its streams for CloudFormation where the template says so', async () => {
    const { stacks, writesDuring } = scene();
    const id = await fullStack('unread', { DeleteLogStreams: false });
    const writes = await writesDuring(async () => {
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes.filter((write) => write.startsWith('DeleteLogStream'))).toEqual([]);
  });
});

describe('many refusals', () => {
  test('fit into one answer, the rest is counted', async () => {
    const { stacks, seed } = scene();
    const names = Array.from({ length: 40 }, (_, number) => `kept-number-${number}`);
    const tag = [{ Key: 'clean-exit:keep', Value: 'レポート' }];
    const { id } = await stacks.create(
      'crowd',
      withCleanExit(Object.fromEntries(names.map((name, at) => [`Repository${at}`, repository(name, {}, tag)]))),
    );
    await Promise.all(names.map((name) => seed(name, 2)));
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_FAILED' });
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toContain('Repository0 (kept-number-0): ');
    expect(reason).toMatch(/\(\d+ more in the log\.\) \(Log group \/aws\/lambda\/clean-exit-custom-resource, request /);
  });
});

describe('an export of the root stack', () => {
  test('that is imported: CloudFormation cancels, and nothing is emptied', async () => {
    const { stacks, seed, images } = scene();
    const outputs = { Name: { Value: { Ref: 'Repository' }, Export: { Name: 'wanted' } } };
    const { id } = await stacks.create('exporter', withCleanExit({ Repository: repository('exporter') }), { outputs });
    const group = { ...logGroup(''), Properties: { LogGroupName: { 'Fn::ImportValue': 'wanted' } } };
    await stacks.create('importer', { Group: group });
    await seed('exporter');
    expect(await stacks.delete(id)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(await images('exporter')).toBe(4);
    expect(await stacks.delete('importer')).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});
