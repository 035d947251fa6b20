/**
 * An AWS account on this machine, with the service deployed as its users deploy it: the emulator, a stand-in for Slack,
 * `sam build` and `sam deploy`. The demo, the end-to-end tests and the bench stand on it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';

import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '#emulator/start.ts';
import { overrides, ROOT, sam } from './sam.ts';

export const ACCOUNT_ID = '000000000000';
export const SERVICE_STACK = 'clean-exit';
/** ARN of the state machine, where `region` is the emulator's default one. */
export const TEARDOWN_MACHINE = `arn:aws:states:ap-northeast-1:${ACCOUNT_ID}:stateMachine:clean-exit-teardown`;
export const SLACK_PARAMETER = '/clean-exit/slack-webhook';
/** How long a stack of the tests may take to appear or go, in seconds. */
const STACK_SECONDS = 180;

export interface LocalAccount {
  readonly emulator: Emulator;
  readonly slack: SlackStandIn;
  /** The incoming webhook that the service is told of: a secret, as Slack's are. */
  readonly webhook: string;
  readonly region: string;
  /** What an SDK client needs to act as the account's owner. */
  readonly root: ClientSettings;
  /** Everything that SAM printed. */
  readonly logFile: string;
  stop(): Promise<void>;
}

export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Starts the emulator and the stand-in for Slack on free ports of the loopback interface. */
export async function startLocalAccount(options: EmulatorOptions = {}): Promise<LocalAccount> {
  const folder = await mkdtemp(join(tmpdir(), 'clean-exit-account-'));
  const slack = await startSlackStandIn();
  const emulator = await startEmulator(options).catch(async (thrown: unknown) => {
    await slack.stop();
    throw thrown;
  });
  const region = emulator.env['AWS_REGION'] ?? 'ap-northeast-1';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return {
    emulator,
    slack,
    webhook: slack.createWebhook('C0BUILDS'),
    region,
    root: { endpoint: emulator.endpoint, region, credentials },
    logFile: join(folder, 'sam.log'),
    stop: async () => {
      await emulator.stop();
      await slack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `sam build` of the service. Once is enough for any number of accounts; two at the same time disturb each other. */
export async function buildService(logFile: string): Promise<void> {
  await sam(['build'], { env: { AWS_DEFAULT_REGION: 'ap-northeast-1' }, logFile });
}

/** `sam deploy` of the service as samconfig.toml has it, told where the emulator and the stand-in answer. */
export async function deployService(
  account: LocalAccount,
  parameters: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ssm = new SSMClient(account.root);
  await ssm.send(
    new PutParameterCommand({
      Name: SLACK_PARAMETER,
      Type: 'SecureString',
      Value: account.webhook,
      Overwrite: true,
    }),
  );
  const all = {
    SlackWebhookParameter: SLACK_PARAMETER,
    EmulatorResponseHost: new URL(account.emulator.endpoint).host,
    EmulatorSlackHost: account.slack.host,
    ...parameters,
  };
  await deploy(account, overrides(all));
}

/** `sam deploy --config-env pipeline` for one project; from another template where one is given. */
export async function deployPipeline(
  account: LocalAccount,
  projectName: string,
  parameters: Readonly<Record<string, string>> = {},
  template?: string,
): Promise<void> {
  const all = {
    ProjectName: projectName,
    GitHubRepositoryUrl: `https://github.com/example/${projectName}`,
    GitHubAccess: 'ACCOUNT',
    ...parameters,
  };
  await deploy(account, [
    ...['--config-env', 'pipeline', '--stack-name', `${projectName}-build`],
    ...(template === undefined ? [] : ['--template-file', template]),
    ...overrides(all),
  ]);
}

/** `sam deploy --config-env deploy-user` for one project and up to nine further ones. */
export async function deployDeployUser(
  account: LocalAccount,
  projectName: string,
  further: readonly string[] = [],
): Promise<string> {
  const stackName = `${projectName}-deploy-user`;
  const numbered = Object.fromEntries(further.map((name, index) => [`FurtherProject${index + 1}`, name]));
  await deploy(account, [
    ...['--config-env', 'deploy-user', '--stack-name', stackName],
    ...overrides({ ProjectName: projectName, ...numbered }),
  ]);
  return stackName;
}

/**
 * `sam deploy --config-env delete-role`.
 *
 * @param projectPrefix the beginning of the names of the projects that may be deleted
 * @returns the role's ARN, which the service takes as DeleteRoleArn
 */
export async function deployDeleteRole(account: LocalAccount, projectPrefix = ''): Promise<string> {
  const parameters = projectPrefix === '' ? [] : overrides({ ProjectPrefix: projectPrefix });
  await deploy(account, ['--config-env', 'delete-role', ...parameters]);
  const stack = await describe(new CloudFormationClient(account.root), 'clean-exit-delete-role');
  const arn = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'DeleteRoleArn')?.OutputValue;
  if (arn === undefined) {
    throw new Error('the stack clean-exit-delete-role has no output DeleteRoleArn');
  }
  return arn;
}

async function deploy(account: LocalAccount, args: readonly string[]): Promise<void> {
  // SAM looks for its configuration beside the template; a copy of a template has none.
  const fixed = ['--no-progressbar', '--no-confirm-changeset', '--config-file', join(ROOT, 'samconfig.toml')];
  await sam(['deploy', ...fixed, ...args], { env: account.emulator.env, logFile: account.logFile });
}

/** Settings of a client that acts under a role, as a build or a function would. */
export async function asRole(account: LocalAccount, roleName: string): Promise<ClientSettings> {
  const sts = new STSClient(account.root);
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${roleName}`,
      RoleSessionName: 'clean-exit-local',
    }),
  );
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken) {
    throw new Error(`the emulator gave no credentials for role ${roleName}`);
  }
  const credentials = {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
  };
  return { ...account.root, credentials };
}

export interface DeleteOutcome {
  readonly status: string;
  /** The stack's own reason. */
  readonly reason: string;
  /** Reasons of the stack's resources that failed to delete, by logical id. */
  readonly failures: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/**
 * Asks for a stack's delete and waits for its end: gone, failed, or back in its former state because an export is in use.
 *
 * @param nameOrId a stack's name or ARN
 */
export async function deleteStack(
  account: LocalAccount,
  nameOrId: string,
  onWait: (stack: Stack) => void = () => {},
): Promise<DeleteOutcome> {
  const client = new CloudFormationClient(account.root);
  const started = Date.now();
  const before = await describe(client, nameOrId);
  if (!before?.StackId) {
    throw new Error(`there is no stack ${nameOrId}`);
  }
  await client.send(new DeleteStackCommand({ StackName: before.StackId }));
  for (;;) {
    // A deleted stack is found by its ARN only.
    const stack = await describe(client, before.StackId);
    const seconds = (Date.now() - started) / 1000;
    if (stack?.StackStatus !== 'DELETE_IN_PROGRESS') {
      const failures = await failedResources(client, before.StackId);
      return {
        status: stack?.StackStatus ?? 'DELETE_COMPLETE',
        reason: stack?.StackStatusReason ?? '',
        failures,
        seconds,
      };
    }
    if (seconds > STACK_SECONDS) {
      throw new Error(`stack ${nameOrId} is still DELETE_IN_PROGRESS after ${STACK_SECONDS} s`);
    }
    onWait(stack);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** Why resources are in DELETE_FAILED at this moment. */
async function failedResources(
  client: CloudFormationClient,
  stackId: string,
): Promise<Readonly<Record<string, string>>> {
  const failures: Record<string, string> = {};
  for await (const page of paginateListStackResources({ client }, { StackName: stackId })) {
    for (const row of page.StackResourceSummaries ?? []) {
      if (row.ResourceStatus === 'DELETE_FAILED' && row.LogicalResourceId) {
        failures[row.LogicalResourceId] = row.ResourceStatusReason ?? '';
      }
    }
  }
  return failures;
}

/** A stack by name or ARN; undefined where there is none. */
export async function describe(client: CloudFormationClient, nameOrId: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: nameOrId }));
    return Stacks?.[0];
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.includes('does not exist')) {
      return undefined;
    }
    throw thrown;
  }
}

/**
 * Waits for something that happens by itself.
 *
 * @throws Error with the sentence when it has not happened in time
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  sentence: string,
  seconds = 30,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`${sentence}: not within ${seconds} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
