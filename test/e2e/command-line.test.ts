/** The bundled command line as a person runs it: first where the service is not deployed, then where it is. */
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { seedImages } from '#emulator/push-image.ts';
import { countImages } from '#scripts/lib/census.ts';
import {
  ACCOUNT_ID,
  asRole,
  type ClientSettings,
  deployDeleteRole,
  deployService,
  type LocalAccount,
  startLocalAccount,
  until,
} from '#scripts/lib/local-account.ts';
import { cleanExit, type Ran } from './support/command-line.ts';
import { sceneOf } from './support/scene.ts';
import { Stacks } from './support/stacks.ts';
import { TeardownWatch } from './support/teardown-watch.ts';
import { logGroup, project, repository, role } from './support/templates.ts';
import { operator } from './teardown/operator.ts';

jest.setTimeout(120_000);

let account: LocalAccount;
let stacks: Stacks;
let root: ClientSettings;
/** Who deletes: the calls of a user of their own can be told from those of the tests. */
let person: ClientSettings;
let watches: readonly TeardownWatch[];
/** Stacks that the person has asked to delete. */
const asked = new Set<string>();

beforeAll(async () => {
  account = await startLocalAccount();
  person = await operator(sceneOf(account), 'operator');
  watches = [new TeardownWatch(account, { session: ':user/operator', asked: async () => asked })];
  stacks = new Stacks(account);
  root = account.root;
});

// Nothing outside of the trees that were asked for is ever written to, by the command line or by the service.
afterEach(async () => {
  for (const watch of watches) {
    const strays = await watch.strays();
    // The person may hand over to the service, whose own writes are watched as well.
    expect(strays.filter(({ operation }) => operation !== 'StartExecution')).toEqual([]);
  }
});

afterAll(() => account?.stop());

const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  cleanExit(words, { as: deleter(words), env });

/** The person, where stacks are to be deleted. */
function deleter(words: readonly string[]): ClientSettings {
  if (words[0] !== 'delete') {
    return root;
  }
  for (const [at, word] of words.entries()) {
    if (word === '--yes') asked.add(words[at + 1] ?? '');
  }
  return person;
}

/** The run, where it ended with this exit code; its words where it did not. */
function ended(exit: number, ran: Ran): Ran {
  if (ran.exit !== exit) {
    throw new Error(`exit code ${ran.exit} instead of ${exit}\n${ran.stdout}\n${ran.stderr}`);
  }
  return ran;
}

async function callsSince(next: number): Promise<readonly string[]> {
  const { calls } = await account.emulator.calls(next);
  return calls.map(({ operation }) => operation);
}

/** A stack with a repository full of images and nothing of clean-exit in it. */
async function fullStack(name: string, images = 12): Promise<string> {
  const { id, status } = await stacks.create(name, { Repository: repository(name), Logs: logGroup(`${name}-build`) });
  expect(status).toBe('CREATE_COMPLETE');
  await seedImages(account.emulator.endpoint, name, images);
  return id;
}

/** Gives a role these actions beside what it has. */
async function allow(roleName: string, ...actions: readonly string[]): Promise<void> {
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
  await new IAMClient(root).send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: 'more',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
}

/** A person with a role of their own that may do these actions. */
async function personWho(name: string, ...actions: readonly string[]): Promise<ClientSettings> {
  const iam = new IAMClient(root);
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT_ID}:root` }, Action: 'sts:AssumeRole' };
  await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  await allow(name, ...actions);
  return asRole(account, name);
}

describe('without the service', () => {
  test('a plan changes nothing, and says by whom it was made', async () => {
    await fullStack('planned');
    const before = (await account.emulator.calls()).next;
    const { stdout, stderr } = ended(0, await run(['plan', 'planned']));
    expect(stdout).toMatch(/^Wave 1\n {2}planned \(CREATE_COMPLETE\)\n/);
    expect(stdout).toContain('removes     AWS::ECR::Repository planned: 12 images');
    expect(stderr).toContain(`Locally, with the rights of arn:aws:iam::${ACCOUNT_ID}:root`);
    const { calls } = await account.emulator.calls(before);
    expect(
      calls.map(({ operation }) => operation).filter((name) => !/^(Get|List|Describe|BatchGet)/.test(name)),
    ).toEqual([]);
    // A pipe gets no colour and no cursor code.
    expect(stdout + stderr).not.toContain('\u001B');
  });

  test('a full repository goes with its stack', async () => {
    const id = await fullStack('going');
    const { stdout, stderr } = ended(0, await run(['delete', 'going', '--yes', 'going']));
    expect(stdout).toMatch(/^going: deleted\n {2}removed {5}AWS::ECR::Repository going: 12 images/);
    expect(stderr).toContain('removed  AWS::ECR::Repository going: 12 images\n');
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
  });

  test('--json gives one document, and the same request again is done at once', async () => {
    await fullStack('twice');
    const words = ['delete', 'twice', '--yes', 'twice', '--json'];
    const first = await run(words);
    expect(JSON.parse(first.stdout)).toMatchObject({
      outcome: 'deleted',
      stacks: [{ stackName: 'twice', outcome: 'deleted' }],
    });
    const again = await run(words);
    expect(again.exit).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'deleted', stacks: [] });
  });

  test('a reader that has read enough is no fault', async () => {
    const { exit, stderr } = await cleanExit(['plan', 'planned'], {
      as: root,
      onStart: (child) => void child.stdout?.destroy(),
    });
    expect(stderr).not.toMatch(/EPIPE|\n\s+at /);
    expect(exit).toBe(0);
  });

  test('nobody can be asked in a pipe: refused before AWS is asked', async () => {
    const { next } = await account.emulator.calls();
    const { stdout, stderr } = ended(3, await run(['delete', 'planned']));
    expect(stdout).toBe('');
    expect(stderr).toBe(
      'clean-exit: Nothing was deleted: nobody can be asked here. Consent on the command line: --yes planned\n',
    );
    expect((await account.emulator.calls(next)).calls).toEqual([]);
  });

  test('an importer that stays refuses it, with the remedy', async () => {
    const outputs = { Name: { Value: { Ref: 'Repository' }, Export: { Name: 'exporter-ECR' } } };
    await stacks.create('exporter', { Repository: repository('exporter') }, { outputs });
    const imported = { ...logGroup(''), Properties: { LogGroupName: { 'Fn::ImportValue': 'exporter-ECR' } } };
    await stacks.create('importer', { Group: imported });
    const refused = await run(['delete', 'exporter', '--yes', 'exporter']);
    expect(refused.exit).toBe(3);
    expect(refused.stdout).toContain('Ask for importer as well');
    const both = await run(['delete', 'exporter', 'importer', '--yes', 'exporter', '--yes', 'importer']);
    expect(both.exit).toBe(0);
    expect(both.stdout).toMatch(/^importer: deleted[\s\S]*^exporter: deleted/m);
  });

  test('what a stack left is told afterwards', async () => {
    const resources = { Role: role('leaving', 'codebuild.amazonaws.com'), Project: project('leaving', 'Role') };
    await stacks.create('leaving', { ...resources, Kept: repository('leaving-kept', { DeletionPolicy: 'Retain' }) });
    expect((await run(['delete', 'leaving', '--yes', 'leaving'])).exit).toBe(0);
    await new CloudWatchLogsClient(root).send(new CreateLogGroupCommand({ logGroupName: '/aws/codebuild/leaving' }));
    const { exit, stdout } = await run(['leftovers', 'leaving']);
    expect(exit).toBe(0);
    expect(stdout).toContain('aws ecr delete-repository --repository-name leaving-kept --force');
    expect(stdout).toContain('aws logs delete-log-group --log-group-name /aws/codebuild/leaving');
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'unknown keys',
      { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'wrong' },
      /AWS does not accept these credentials: sign in again/,
    ],
    ['no credentials', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, /No AWS credentials were found: sign in/],
    ['no Region', { AWS_REGION: '' }, /No Region is set: give one with --region/],
    [
      'a Region that is none',
      { AWS_REGION: 'not a region' },
      /"not a region" is not a Region: give one with --region, such as eu-west-1\./,
    ],
    ['nobody there', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /AWS cannot be reached \(ECONNREFUSED\)/],
  ])('%s: exit code 4, one sentence with the fix, no key', async (_, env, words) => {
    const { exit, stdout, stderr } = await run(['plan', 'planned'], env);
    expect({ exit, stdout }).toEqual({ exit: 4, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/AKIA[A-Z0-9]|\n\s+at /);
  });

  test('a person who may look but not delete learns which right is missing, and nothing is lost', async () => {
    const as = await personWho(
      'looker',
      'cloudformation:Describe*',
      'cloudformation:List*',
      'cloudformation:GetTemplate',
      'ecr:Describe*',
      'ecr:Get*',
      'ecr:List*',
      'logs:Describe*',
      'logs:List*',
      'iam:GetRole',
      'iam:SimulatePrincipalPolicy',
    );
    const plan = await cleanExit(['plan', 'planned'], { as });
    expect(plan.exit).toBe(0);
    expect(plan.stderr).toContain('whether the service is deployed, these credentials may not see');
    const deleted = await cleanExit(['delete', 'planned', '--yes', 'planned'], { as });
    expect(deleted.exit).toBe(1);
    expect(deleted.stdout).toContain('ecr:BatchDeleteImage');
    expect(await countImages(root, 'planned')).toBe(12);
    const doctor = await cleanExit(['doctor'], { as });
    expect(doctor.exit).toBe(1);
    expect(doctor.stdout).toMatch(/problem Permissions {2}not allowed: [^\n]*ecr:BatchDeleteImage/);
    expect(doctor.stdout).not.toMatch(/not allowed: [^\n]*cloudformation:DescribeStacks\b/);
  });

  test('Ctrl-C: what is under way is finished, and the same command goes on', async () => {
    const id = await fullStack('stopped', 300);
    const words = ['delete', 'stopped', '--yes', 'stopped'];
    const { stderr } = ended(
      130,
      await cleanExit(words, {
        as: deleter(words),
        onStart: (child, said) => {
          const watching = setInterval(() => {
            if (said().includes('asking CloudFormation')) {
              clearInterval(watching);
              child.kill('SIGINT');
            }
          }, 5);
          child.once('close', () => clearInterval(watching));
        },
      }),
    );
    expect(stderr).toContain('Give the same command again: it goes on where it stopped.');
    expect((await run(words)).exit).toBe(0);
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
  });

  test('status and doctor say that the service is not there, and that this is no fault', async () => {
    const status = await run(['status']);
    expect(status.exit).toBe(0);
    expect(status.stdout).toContain('The service is not deployed here');
    const { exit, stdout } = await run(['doctor']);
    expect({ exit, stdout }).toMatchObject({ exit: 0 });
    expect(stdout).toMatch(/^note {4}Service {6}not deployed in ap-northeast-1/m);
  });

  test('--service is refused as wrong usage', async () => {
    expect(await run(['plan', 'planned', '--service'])).toMatchObject({ exit: 2, stdout: '' });
  });
});

describe('with the service', () => {
  let deleteRoleArn: string;

  beforeAll(async () => {
    deleteRoleArn = await deployDeleteRole(account);
    await deployService(account, { DeleteRoleArn: deleteRoleArn });
    watches = [...watches, new TeardownWatch(account)];
  });

  test('a person who may only start it has a full repository and its stack deleted', async () => {
    const id = await fullStack('served');
    const as = await personWho('starter', 'states:*', 'iam:SimulatePrincipalPolicy', 'iam:GetRole');
    const { stdout, stderr } = ended(0, await cleanExit(['delete', 'served', '--yes', 'served'], { as }));
    expect(stderr).toContain('By the service, state machine clean-exit-teardown');
    expect(stderr).toContain('removed  AWS::ECR::Repository served: 12 images');
    expect(stderr).toContain('stack    served: deleted');
    expect(stdout).toMatch(/^served: deleted\n {2}removed {5}AWS::ECR::Repository served: 12 images/);
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
    const direct = ended(4, await cleanExit(['plan', 'served', '--local'], { as }));
    expect(direct.stderr).toContain('These credentials may not do cloudformation:DescribeStacks');
  });

  test('a plan and a refusal come from the service', async () => {
    await fullStack('seen');
    const plan = ended(0, await run(['plan', 'seen', '--json']));
    expect(JSON.parse(plan.stdout)).toMatchObject({ stacks: [{ deletesAs: { kind: 'delete role' } }] });
    const own = await run(['delete', 'clean-exit', '--yes', 'clean-exit', '--json']);
    expect(own.exit).toBe(3);
    expect(JSON.parse(own.stdout)).toMatchObject({ outcome: 'refused', refusals: [{ code: 'OWN_SERVICE' }] });
  });

  test('what the delete role may not delete is told with the report; the same command goes on once it may', async () => {
    await stacks.create('beyond', { Repository: repository('beyond'), Logs: logGroup('beyond-its-rights') });
    const words = ['delete', 'beyond', '--yes', 'beyond'];
    const { stdout } = ended(1, await run(words));
    expect(stdout).toMatch(/^beyond: not deleted/);
    expect(stdout).toContain('is not authorized to perform: logs:DeleteLogGroup');
    const { stdout: status } = ended(0, await run(['status']));
    expect(status).toMatch(/^In DELETE_FAILED:\n {2}beyond /m);
    expect(status).toMatch(/^failed +execute .* beyond {2}\(/m);
    await allow(deleteRoleArn.slice(deleteRoleArn.lastIndexOf('/') + 1), 'logs:DeleteLogGroup');
    ended(0, await run(words));
  });

  test('Ctrl-C leaves it working; status tells how it ended', async () => {
    const id = await fullStack('left-alone');
    const { next } = await account.emulator.calls();
    await account.emulator.setFaults([{ service: 'ecr', operation: 'BatchDeleteImage', delayMs: 3_000, times: 1 }]);
    const { stderr } = ended(
      130,
      await cleanExit(['delete', 'left-alone', '--yes', 'left-alone'], {
        as: root,
        onStart: async (child) => {
          // The call is written down before it is delayed: the service is at work now.
          await until(async () => (await callsSince(next)).includes('BatchDeleteImage'), 'the service begins', 30);
          child.kill('SIGINT');
        },
      }),
    );
    expect(stderr).toContain('The service goes on without this terminal.');
    const arn = /--execution-arn (\S+)/.exec(stderr)?.[1] ?? '';
    await until(async () => (await stacks.status(id)) === 'DELETE_COMPLETE', 'the stack goes all the same', 60);
    const name = arn.split(':').at(-1) ?? 'none';
    let told: Ran = { exit: undefined, stdout: '', stderr: '' };
    await until(
      async () => {
        told = await run(['status', '--json']);
        return !told.stdout.includes('RUNNING');
      },
      'the run ends',
      60,
    );
    expect(JSON.parse(told.stdout).runs).toContainEqual(
      expect.objectContaining({ name, status: 'SUCCEEDED', mode: 'execute', stacks: ['left-alone'] }),
    );
  });

  test('doctor: the service is there, Slack’s parameter can be read, and its value is nowhere', async () => {
    const { exit, stdout, stderr } = await run(['doctor']);
    expect({ exit, stdout }).toMatchObject({ exit: 0 });
    expect(stdout).toMatch(/^ok {6}Service {6}stack clean-exit is (CREATE|UPDATE)_COMPLETE/m);
    expect(stdout).toMatch(/^ok {6}Slack {8}\/clean-exit\/slack-webhook can be read/m);
    expect(stdout + stderr).not.toContain(account.webhook);
  });
});
