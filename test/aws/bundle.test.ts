import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

/** A function's bundle holds only what it imports: one adapter must not bring the other services' clients along. */
const CLIENT_OF = {
  cloudformation: 'cloudformation',
  'build-log': 'cloudwatch-logs',
  builds: 'codebuild',
  codebuild: 'codebuild',
  dynamodb: 'dynamodb',
  ecr: 'ecr',
  iam: 'iam',
  'image-facts': 'ecr',
  lambda: 'lambda',
  logs: 'cloudwatch-logs',
  s3: 's3',
  ssm: 'ssm',
} as const;

describe.each(Object.entries(CLIENT_OF))('%s.ts', (file, client) => {
  it(`brings client-${client} alone`, async () => {
    const { metafile } = await build({
      entryPoints: [`functions/aws/${file}.ts`],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      logLevel: 'silent',
    });
    const clients = Object.keys(metafile.inputs).flatMap((input) => /@aws-sdk\/client-([^/]+)/.exec(input)?.[1] ?? []);
    expect([...new Set(clients)]).toEqual([client]);
  });
});
