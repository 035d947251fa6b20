/** Deletes the same stack in several ways, one after the other, and tells what each took and what it left. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { AddUserToGroupCommand, CreateUserCommand, IAMClient, UploadSSHPublicKeyCommand } from '@aws-sdk/client-iam';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { seedImages } from '#emulator/push-image.ts';
import { deleteStack, describe, type LocalAccount } from '../lib/local-account.ts';
import { ROOT } from '../lib/sam.ts';
import { LATENCY_MS } from './drain.ts';

const IMAGES = 500;
const VERSIONS = 300;
/** After so many seconds a contestant is ended. */
const PATIENCE_S = 180;

/** What one way of deleting took. */
export interface RivalResult {
  readonly rival: string;
  /** Absent where it could not be run: the sentence says why. */
  readonly sentence?: string;
  /** Calls of AWS's API, without those that CloudFormation makes itself. */
  readonly calls?: number;
  readonly seconds?: number;
  /** Resources of the stack that are still there, and what is in them. */
  readonly left?: readonly string[];
}

interface Rival {
  readonly name: string;
  /** Undefined where it is ready; else why it is not. */
  readonly missing: () => string | undefined;
  readonly run: (account: LocalAccount, stack: string) => Promise<void>;
}

const RIVALS: readonly Rival[] = [
  {
    name: 'clean-exit delete --local',
    missing: () => (existsSync(CLEAN_EXIT) ? undefined : 'dist/clean-exit.mjs is missing: run npm run build.'),
    run: (account, stack) =>
      command(account, process.execPath, [CLEAN_EXIT, 'delete', stack, '--yes', stack, '--local']),
  },
  {
    name: 'delstack',
    missing: () =>
      onPath('delstack')
        ? undefined
        : 'There is no delstack on PATH: install it (https://github.com/go-to-k/delstack) to see it beside.',
    run: (account, stack) => command(account, 'delstack', ['-s', stack, '-r', account.region]),
  },
  {
    name: 'sam delete',
    missing: () => (existsSync(SAM) ? undefined : 'The SAM CLI is missing: run npm run setup.'),
    run: (account, stack) =>
      command(account, SAM, ['delete', '--stack-name', stack, '--no-prompts', '--region', account.region]),
  },
  {
    name: 'CloudFormation alone',
    missing: () => undefined,
    run: async (account, stack) => void (await deleteStack(account, stack)),
  },
];

const CLEAN_EXIT = join(ROOT, 'dist', 'clean-exit.mjs');
const SAM = join(ROOT, '.venv', 'sam', 'bin', 'sam');

/** Runs every rival on a stack of its own that is filled alike. A rival that is not installed is told with a sentence. */
export async function measureRivals(
  account: LocalAccount,
  tell: (rival: string) => void,
): Promise<readonly RivalResult[]> {
  const results: RivalResult[] = [];
  for (const [at, { name, missing, run }] of RIVALS.entries()) {
    tell(name);
    const sentence = missing();
    if (sentence !== undefined) {
      results.push({ rival: name, sentence });
      continue;
    }
    const stack = `bench-rival-${at}`;
    await fill(account, stack);
    await account.emulator.setLatency(LATENCY_MS);
    const { next } = await account.emulator.calls();
    const started = Date.now();
    await run(account, stack);
    const seconds = (Date.now() - started) / 1000;
    await account.emulator.setLatency(0);
    const { calls } = await account.emulator.calls(next);
    results.push({ rival: name, calls: calls.length, seconds, left: await leftOf(account, stack) });
  }
  return results;
}

/** A stack with what keeps stacks from being deleted: images, object versions, a member from outside, an SSH key. */
async function fill(account: LocalAccount, stack: string): Promise<void> {
  const cloudFormation = new CloudFormationClient(account.root);
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: stack,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      TemplateBody: JSON.stringify({
        Resources: {
          Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: stack } },
          Bucket: {
            Type: 'AWS::S3::Bucket',
            Properties: { BucketName: stack, VersioningConfiguration: { Status: 'Enabled' } },
          },
          Group: { Type: 'AWS::IAM::Group', Properties: { GroupName: `${stack}-group` } },
          User: { Type: 'AWS::IAM::User', Properties: { UserName: `${stack}-user` } },
          Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: stack } },
        },
      }),
    }),
  );
  await waitUntilStackCreateComplete(
    { client: cloudFormation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName: stack },
  );
  await seedImages(account.emulator.endpoint, stack, IMAGES);
  const s3 = new S3Client({ ...account.root, forcePathStyle: true });
  await pMap(
    Array.from({ length: VERSIONS }, (_, at) => `key-${at % 100}`),
    (Key) => s3.send(new PutObjectCommand({ Bucket: stack, Key, Body: 'x' })),
    { concurrency: 5 },
  );
  const iam = new IAMClient(account.root);
  await iam.send(new CreateUserCommand({ UserName: `${stack}-outsider` }));
  await iam.send(new AddUserToGroupCommand({ GroupName: `${stack}-group`, UserName: `${stack}-outsider` }));
  await iam.send(
    new UploadSSHPublicKeyCommand({ UserName: `${stack}-user`, SSHPublicKeyBody: 'ssh-rsa AAAAB3NzaC1yc2E bench' }),
  );
}

/** What is still there of a stack, by CloudFormation's own list. */
async function leftOf(account: LocalAccount, stack: string): Promise<readonly string[]> {
  const cloudFormation = new CloudFormationClient(account.root);
  const found = await describe(cloudFormation, stack);
  if (found === undefined) return [];
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
  return [`stack (${Stacks?.[0]?.StackStatus}): ${Stacks?.[0]?.StackStatusReason ?? ''}`.trim()];
}

function onPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** Runs a command to its end, whatever its exit code: what it left is what counts. */
async function command(account: LocalAccount, name: string, args: readonly string[]): Promise<void> {
  const child = spawn(name, args, {
    cwd: ROOT,
    env: {
      ...process.env,
      ...account.emulator.env,
      SAM_CLI_TELEMETRY: '0',
      __SAM_CLI_APP_DIR: join(ROOT, '.clean-exit', 'sam'),
    },
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: PATIENCE_S * 1000,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}
