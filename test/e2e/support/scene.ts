import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { ECRClient } from '@aws-sdk/client-ecr';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals';
import { seedImages } from '#emulator/push-image.ts';
import type { EmulatorOptions } from '#emulator/start.ts';
import { countImages } from '#scripts/lib/census.ts';
import { deployDeleteRole, deployService, type LocalAccount, startLocalAccount } from '#scripts/lib/local-account.ts';
import { FunctionLog } from './function-log.ts';
import { Stacks } from './stacks.ts';
import { TeardownWatch } from './teardown-watch.ts';
import { TreeWatch } from './tree-watch.ts';
import { writesOf } from './writes.ts';

/** Long enough for any test and hook here on a machine that is busy with others. */
const PATIENCE_MS = 120_000;

/** An account with the service in it, and what a test does there. */
export interface Scene {
  readonly account: LocalAccount;
  readonly stacks: Stacks;
  readonly log: FunctionLog;
  readonly ecr: ECRClient;
  readonly logs: CloudWatchLogsClient;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  readonly codeBuild: CodeBuildClient;
  readonly s3: S3Client;
  /** Puts images into a repository, every second one the untagged child of an index. */
  seed(repository: string, count?: number): Promise<void>;
  /** Images in a repository, archived ones too; 0 where there is no such repository. */
  images(repository: string): Promise<number>;
  /** What the function wrote to while the work was done, the same write once. */
  writesDuring(work: () => Promise<unknown>): Promise<readonly string[]>;
  /** Makes log streams, with a line in each. */
  writeStreams(logGroupName: string, count: number): Promise<void>;
}

export interface SceneOptions {
  /** Parameters of the service's template. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly emulator?: EmulatorOptions;
  /** Deploys pipeline/delete-role.yaml and tells the service about it. */
  readonly deleteRole?: boolean;
  /** What happened in the account before the service was deployed. */
  readonly before?: (scene: Scene) => Promise<void>;
}

/**
 * Gives a test file an account of its own with the service deployed by `sam deploy`. After each test: the function wrote to
 * nothing outside of a stack tree that was being deleted, a teardown to nothing outside of the trees that it was asked for, and
 * neither an answer address nor a credential is in the custom resource's log.
 */
export function inAccount(options: SceneOptions = {}): () => Scene {
  const { parameters = {}, emulator = {}, deleteRole = false, before } = options;
  let scene: Scene | undefined;
  let watch: TreeWatch | undefined;
  let teardowns: TeardownWatch | undefined;
  const present = (): Scene => {
    if (scene === undefined) {
      throw new Error('the account is there from the first test on');
    }
    return scene;
  };
  jest.setTimeout(PATIENCE_MS);
  beforeAll(async () => {
    const account = await startLocalAccount(emulator);
    scene = sceneOf(account);
    watch = new TreeWatch(account);
    teardowns = new TeardownWatch(account);
    await before?.(scene);
    const role = deleteRole ? { DeleteRoleArn: await deployDeleteRole(account) } : {};
    await deployService(account, { ...role, ...parameters });
  });
  afterEach(async () => {
    expect(await watch?.strays()).toEqual([]);
    expect(await teardowns?.strays()).toEqual([]);
    expect(secretsIn(await present().log.text())).toEqual([]);
  });
  afterAll(async () => {
    const text = await scene?.log.text();
    await scene?.account.stop();
    expect(secretsIn(text ?? '')).toEqual([]);
  });
  return present;
}

/** Parts of answer addresses and of credentials, and fields that would hold them. */
function secretsIn(text: string): readonly string[] {
  return text.match(/cfn-response|ResponseURL\W+https?:|X-Amz-|SecretAccessKey|SESSION_TOKEN/g) ?? [];
}

/** What a test does in an account, whether the service is in it or not. */
export function sceneOf(account: LocalAccount): Scene {
  const { root } = account;
  const logs = new CloudWatchLogsClient(root);
  return {
    account,
    stacks: new Stacks(account),
    log: new FunctionLog(account),
    ecr: new ECRClient(root),
    logs,
    iam: new IAMClient(root),
    lambda: new LambdaClient(root),
    codeBuild: new CodeBuildClient(root),
    s3: new S3Client(root),
    seed: async (repository, count = 4) => {
      await seedImages(account.emulator.endpoint, repository, count);
    },
    images: (repository) => countImages(root, repository),
    writesDuring: async (work) => {
      const { next } = await account.emulator.calls();
      await work();
      const { calls } = await account.emulator.calls(next);
      return [...new Set(writesOf(calls).map(({ operation, name }) => `${operation} ${name}`))].toSorted();
    },
    writeStreams: async (logGroupName, count) => {
      for (let number = 1; number <= count; number += 1) {
        const logStreamName = `stream-${number}`;
        await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
        const logEvents = [{ timestamp: Date.now(), message: `line of ${logStreamName}` }];
        await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      }
    },
  };
}
