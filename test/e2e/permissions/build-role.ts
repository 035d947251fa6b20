import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetImageCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
} from '@aws-sdk/client-ecr';
import { expect } from '@jest/globals';
import { pushImage } from '#emulator/push-image.ts';
import { countImages } from '#scripts/lib/census.ts';
import { ACCOUNT_ID, asRole, type LocalAccount } from '#scripts/lib/local-account.ts';
import { ROOT } from '#scripts/lib/sam.ts';
import { fillLogStreams } from '#scripts/lib/workload.ts';
import { Stacks } from '../support/stacks.ts';
import type { Scenario, Scenarios } from './loss.ts';

export const PROJECT = 'xxxx';
export const BUILD_ROLE = `${PROJECT}-codebuild`;
const REFUSED = { name: expect.stringMatching(/^AccessDenied/) };

/** What a build does, under its role. */
export interface Builds {
  readonly ecr: ECRClient;
  push(repository?: string): Promise<unknown>;
  /** As docker does it: the manifest, then the address of each layer. */
  pull(repository?: string): Promise<void>;
  logIn(): Promise<unknown>;
  writeLog(): Promise<void>;
  images(): Promise<number>;
  streams(): Promise<number>;
}

/**
 * The role as pipeline/codebuild-role.yaml makes it for every way of access to GitHub at once, with the repository and the
 * log group of its pipeline.
 */
export async function deployBuildRole(account: LocalAccount): Promise<void> {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${account.region}:${ACCOUNT_ID}:${resource}`;
  const parts: readonly (readonly [file: string, parameters: Readonly<Record<string, string>>])[] = [
    ['ecr', {}],
    ['build-logs', {}],
    [
      'codebuild-role',
      {
        RepositoryArn: arn('ecr', `repository/${PROJECT}`),
        BuildLogGroupName: `${PROJECT}-build`,
        ConnectionArn: arn('codeconnections', 'connection/00000000-0000-0000-0000-000000000000'),
        GitHubTokenSecretArn: arn('secretsmanager', 'secret:github'),
      },
    ],
  ];
  for (const [file, parameters] of parts) {
    const template = await readFile(join(ROOT, 'pipeline', `${file}.yaml`), 'utf8');
    const Parameters = Object.entries({ ProjectName: PROJECT, ...parameters }).map(
      ([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }),
    );
    expect(await new Stacks(account).create(file, template, { Parameters })).toMatchObject({
      status: 'CREATE_COMPLETE',
    });
  }
}

export async function buildsOf(account: LocalAccount): Promise<Builds> {
  const ecr = new ECRClient(await asRole(account, BUILD_ROLE));
  return {
    ecr,
    push: (repository = PROJECT) => pushImage(ecr, { repository, tags: ['latest'] }),
    async pull(repositoryName = PROJECT) {
      const imageIds = [{ imageTag: 'latest' }];
      const { images = [] } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
      const manifest: { layers: { digest: string }[] } = JSON.parse(images[0]?.imageManifest ?? '{"layers":[]}');
      expect(manifest.layers).not.toEqual([]);
      for (const { digest: layerDigest } of manifest.layers) {
        await ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }));
      }
    },
    logIn: () => ecr.send(new GetAuthorizationTokenCommand({})),
    writeLog: () => fillLogStreams(account, PROJECT, 1),
    images: () => countImages(account.root, PROJECT),
    async streams() {
      const logs = new CloudWatchLogsClient(account.root);
      const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: `${PROJECT}-build` }));
      return logStreams.length;
    },
  };
}

/** The push stops, and no image comes of it. */
const noPush: Scenario<Builds> = {
  shows: 'a push is refused, and leaves no image',
  async run({ push, images }, _action, lose) {
    const before = await images();
    await lose(() => expect(push()).rejects.toMatchObject(REFUSED));
    expect(await images()).toBe(before);
    await push();
    expect(await images()).toBe(before + 1);
  },
};

const noPull: Scenario<Builds> = {
  shows: 'a pull is refused',
  async run({ push, pull }, _action, lose) {
    await push();
    await lose(() => expect(pull()).rejects.toMatchObject(REFUSED));
    await pull();
  },
};

const noLogin: Scenario<Builds> = {
  shows: 'docker cannot log in',
  async run({ logIn }, _action, lose) {
    await lose(() => expect(logIn()).rejects.toMatchObject(REFUSED));
    await logIn();
  },
};

const noLog = (streamsLeft: 0 | 1): Scenario<Builds> => ({
  shows: streamsLeft === 0 ? 'the build has no log' : 'the log of the build stays empty',
  async run({ writeLog, streams }, _action, lose) {
    const before = await streams();
    await lose(() => expect(writeLog()).rejects.toMatchObject(REFUSED));
    expect(await streams()).toBe(before + streamsLeft);
    await writeLog();
  },
});

/** Every action of the build role that a build uses, and how it shows that it is missing. */
export const BUILD: Scenarios<Builds> = {
  'ecr:GetAuthorizationToken': noLogin,
  'ecr:BatchCheckLayerAvailability': noPush,
  'ecr:InitiateLayerUpload': noPush,
  'ecr:UploadLayerPart': noPush,
  'ecr:CompleteLayerUpload': noPush,
  'ecr:PutImage': noPush,
  'ecr:BatchGetImage': noPull,
  'ecr:GetDownloadUrlForLayer': noPull,
  'logs:CreateLogStream': noLog(0),
  'logs:PutLogEvents': noLog(1),
};

const CONNECTION = 'CodeBuild itself uses the connection to fetch the source; builds of the emulator fetch none.';

/** Rights that no scenario can take away on this machine. */
export const BUILD_EXEMPT = {
  'codeconnections:GetConnection': CONNECTION,
  'codeconnections:GetConnectionToken': CONNECTION,
  'codeconnections:UseConnection': CONNECTION,
  'codestar-connections:GetConnection': CONNECTION,
  'codestar-connections:GetConnectionToken': CONNECTION,
  'codestar-connections:UseConnection': CONNECTION,
  'secretsmanager:GetSecretValue':
    'CodeBuild itself reads the token to fetch the source; builds of the emulator fetch none.',
};
