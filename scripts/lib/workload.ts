/** Fills a deployed pipeline with what a living one holds: images, builds with their logs, policies added by hand. */
import { createHash, randomUUID } from 'node:crypto';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { ECRClient } from '@aws-sdk/client-ecr';
import { AttachRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { pushArtifact, pushImage } from '#emulator/push-image.ts';
import { ACCOUNT_ID, asRole, type LocalAccount } from './local-account.ts';

/** Pushes that run side by side, as several builds would. */
const PUSHES_AT_ONCE = 4;

/**
 * Pushes images under the build role: `single` one-platform images (every third untagged), a signed multi-platform image
 * with attestations, and an untagged one.
 *
 * @returns the number of pushes
 */
export async function pushImages(
  account: LocalAccount,
  projectName: string,
  single: number,
  tell: (done: number, total: number) => void = () => {},
): Promise<number> {
  const ecr = new ECRClient(await asRole(account, `${projectName}-codebuild`));
  const repository = projectName;
  const multi = await pushImage(ecr, {
    repository,
    tags: ['latest', 'v1.2'],
    platforms: 2,
    attestations: true,
    layers: 3,
  });
  await pushArtifact(ecr, { repository, subject: multi, kind: 'sig', attachment: 'tag' });
  await pushArtifact(ecr, { repository, subject: multi, kind: 'sbom', attachment: 'referrer' });
  await pushImage(ecr, { repository, layers: 2 });
  let next = 0;
  let done = 4;
  const worker = async (): Promise<void> => {
    for (let number = next++; number < single; number = next++) {
      const tags = number % 3 === 2 ? [] : [`build-${number}`];
      await pushImage(ecr, { repository, tags, layers: 2, bytes: 512 });
      done += 1;
      tell(done, single + 4);
    }
  };
  await Promise.all(Array.from({ length: PUSHES_AT_ONCE }, worker));
  return done;
}

/** What a build of the demo ends as. */
export interface BuildEnd {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly branch: string;
  readonly commit: string;
  readonly subject: string;
  readonly author: string;
  /** Lines that the build printed. */
  readonly logLines: readonly string[];
}

/** Runs one build of the project to its end: events, phases and a log stream come from it. */
export async function runBuild(account: LocalAccount, projectName: string, end: BuildEnd): Promise<string> {
  const client = new CodeBuildClient(account.root);
  const { build } = await client.send(new StartBuildCommand({ projectName, sourceVersion: end.commit }));
  const id = build?.id;
  if (id === undefined) {
    throw new Error(`no build of ${projectName} was started`);
  }
  const failed = end.status === 'FAILED';
  const uri = `${ACCOUNT_ID}.dkr.ecr.${account.region}.amazonaws.com/${projectName}:latest`;
  const exported = {
    COMMIT_SHA: end.commit,
    BRANCH_NAME: end.branch,
    COMMIT_AUTHOR: end.author,
    COMMIT_AUTHOR_EMAIL: 'analyst@example.com',
    COMMIT_SUBJECT: end.subject,
    IMAGE_TAG: 'latest',
    // As the example's buildspec does it: a failed build offers no image.
    IMAGE_URI: failed ? '' : uri,
    IMAGE_DIGEST: failed ? '' : `sha256:${createHash('sha256').update(end.commit).digest('hex')}`,
  };
  await account.emulator.finishBuild({
    id,
    status: end.status,
    sourceVersion: end.commit,
    resolvedSourceVersion: end.commit,
    // Nobody typed a command: CodeBuild names GitHub's webhook.
    initiator: 'GitHub-Hookshot/1a2b3c4',
    logLines: [...end.logLines],
    phases: [
      { phaseType: 'DOWNLOAD_SOURCE', phaseStatus: 'SUCCEEDED', durationInSeconds: 3 },
      failed
        ? {
            phaseType: 'BUILD',
            phaseStatus: 'FAILED',
            durationInSeconds: 41,
            contexts: [
              {
                statusCode: 'COMMAND_EXECUTION_ERROR',
                message:
                  'Error while executing command: docker build --pull --tag "$IMAGE_REPO_NAME:build" .. Reason: exit status 1',
              },
            ],
          }
        : { phaseType: 'BUILD', phaseStatus: 'SUCCEEDED', durationInSeconds: 95 },
      { phaseType: 'POST_BUILD', phaseStatus: 'SUCCEEDED', durationInSeconds: 2 },
    ],
    exportedEnvironmentVariables: Object.entries(exported).map(([name, value]) => ({ name, value })),
  });
  return id;
}

/** Writes log streams as builds do, under the build role, into the project's log group. */
export async function fillLogStreams(account: LocalAccount, projectName: string, count: number): Promise<void> {
  const logs = new CloudWatchLogsClient(await asRole(account, `${projectName}-codebuild`));
  const logGroupName = `${projectName}-build`;
  for (let number = 0; number < count; number += 1) {
    const logStreamName = randomUUID();
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const logEvents = [{ timestamp: Date.now(), message: '[Container] Entering phase BUILD' }];
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  }
}

/** Adds two policies to the build role that no template knows, as a hurried person does in the console. */
export async function addForeignPolicies(account: LocalAccount, projectName: string): Promise<void> {
  const client = new IAMClient(account.root);
  const RoleName = `${projectName}-codebuild`;
  await client.send(
    new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
  );
  await client.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'added-by-hand',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::example-bucket/*' }],
      }),
    }),
  );
}
