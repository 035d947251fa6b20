/**
 * A pipeline whose creation fails, at each of its resources in turn: it rolls back and deletes, and what made it fail (a
 * repository, group, role or project of somebody else with the same name) is as it was before. That a failed row with a taken
 * name is not believed is shown in test/core/never-touched.test.ts: here such a row has no physical id.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { AttachRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { emptyByHand } from '#scripts/lib/by-hand.ts';
import { SERVICE_STACK } from '#scripts/lib/local-account.ts';
import { inAccount } from './support/scene.ts';
import type { CreateOptions } from './support/stacks.ts';
import { cleanExit, logGroup, project, type Resources, repository, role } from './support/templates.ts';

const PIPELINE = join(import.meta.dirname, '..', '..', 'pipeline');
const CHILDREN = ['ecr.yaml', 'build-logs.yaml', 'codebuild-role.yaml', 'codebuild.yaml'];
const PARAMETERS = { GitHubAccess: 'ACCOUNT', GitHubRepositoryUrl: 'https://github.com/example/half' };
const S3_READER = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';

const scene = inAccount();
let urls: ReadonlyMap<string, string>;

beforeAll(async () => {
  const { stacks } = scene();
  const uploaded = CHILDREN.map(async (child) => {
    return [child, await stacks.upload(await readFile(join(PIPELINE, child), 'utf8'))] as const;
  });
  urls = new Map(await Promise.all(uploaded));
});

/** The real pipeline, its children where the emulator finds them; one of them nowhere, where a test wants that. */
async function pipeline(missing?: string): Promise<string> {
  const main = await readFile(join(PIPELINE, 'main.yaml'), 'utf8');
  return main.replace(/TemplateURL: (\S+)/g, (_, child: string) => {
    const url = urls.get(child);
    return `TemplateURL: ${child === missing ? `${url}-that-nobody-uploaded` : url}`;
  });
}

const create = async (projectName: string, template: string, options: CreateOptions = {}) => {
  const parameters = Object.entries({ ...PARAMETERS, ProjectName: projectName });
  return scene().stacks.create(`${projectName}-build`, template, {
    Parameters: parameters.map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    ...options,
  });
};

/** The service, and the stack in which SAM keeps its bucket. */
const BEFORE = [SERVICE_STACK, 'aws-sam-cli-managed-default'];

/** Names of the stacks that a test left. */
async function present(): Promise<readonly string[]> {
  const client = new CloudFormationClient(scene().account.root);
  const { StackSummaries = [] } = await client.send(new ListStacksCommand({}));
  const living = StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  return living.flatMap(({ StackName = '' }) => (BEFORE.includes(StackName) ? [] : StackName));
}

describe('a name is taken: the create is rolled back, and whose it is keeps it', () => {
  const trusted = 'codebuild.amazonaws.com';
  const taken: readonly (readonly [string, Resources])[] = [
    ['repository', { Repository: repository('taken') }],
    ['log group', { Group: logGroup('taken-build') }],
    ['role', { Role: role('taken-codebuild', trusted) }],
    ['project', { Role: role('another-role', trusted), Project: project('taken', 'Role') }],
  ];
  test.each(taken)('of the %s', async (kind, resources) => {
    const { stacks, iam, seed, images, writeStreams, writesDuring } = scene();
    const somebody = await stacks.create('somebody', resources);
    expect(somebody.status).toBe('CREATE_COMPLETE');
    if (kind === 'repository') {
      await seed('taken', 6);
    } else if (kind === 'log group') {
      await writeStreams('taken-build', 3);
    } else if (kind === 'role') {
      await iam.send(new AttachRolePolicyCommand({ RoleName: 'taken-codebuild', PolicyArn: S3_READER }));
    }
    const writes = await writesDuring(async () => {
      const { id, status } = await create('taken', await pipeline());
      expect(status).toBe('ROLLBACK_COMPLETE');
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual([]);
    expect(await images('taken')).toBe(kind === 'repository' ? 6 : 0);
    expect(await present()).toEqual(['somebody']);
    if (kind === 'repository') {
      await emptyByHand(scene().account.root, 'taken');
    }
    expect(await stacks.delete(somebody.id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('in a stack with the custom resource: nothing is taken from whose it is', async () => {
    const { stacks, seed, images, writesDuring } = scene();
    await stacks.create('owner', { Repository: repository('owned') });
    await seed('owned', 6);
    const writes = await writesDuring(async () => {
      // The custom resource comes first, so that the rollback asks it, with the failed repository in its tree.
      const CleanExit = cleanExit([]);
      const { id, status } = await stacks.create('intruder', {
        CleanExit,
        Repository: repository('owned', { DependsOn: ['CleanExit'] }),
      });
      expect(status).toBe('ROLLBACK_COMPLETE');
      expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
    });
    expect(writes).toEqual([]);
    expect(await images('owned')).toBe(6);
  });
});

describe('the create fails and stays half made', () => {
  afterEach(async () => {
    expect(await present()).toEqual(['owner']);
  });

  test.each(CHILDREN)('at %s: it deletes', async (child) => {
    const { id, status } = await create('half', await pipeline(child), { DisableRollback: true });
    expect(status).toBe('CREATE_FAILED');
    expect(await scene().stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('at the custom resource, when images are there already: it deletes', async () => {
    const { stacks, seed } = scene();
    const template = (await pipeline()).replace(/(\n +)(ServiceToken: .*)/, '$1$2$1Surprise: true');
    const { id, status } = await create('half', template, { DisableRollback: true });
    expect(status).toBe('CREATE_FAILED');
    expect(await stacks.reasonOf(id, 'CleanExit', 'CREATE_FAILED')).toContain('Surprise is unknown');
    await seed('half');
    expect(await stacks.delete(id)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });
});
