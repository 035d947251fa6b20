import {
  BatchDeleteImageCommand,
  DeleteRepositoryPolicyCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  ListTagsForResourceCommand,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createEcr } from '#functions/aws/ecr.ts';
import { AwsFailure, Bug } from '#functions/errors.ts';
import { collect, sdkError, served } from './sdk.ts';

const sdk = mockClient(ECRClient);
const ecr = createEcr();
const ARN = 'arn:aws:ecr:eu-west-1:123456789012:repository/xxxx';
const digest = (n: number) => `sha256:${String(n).padStart(64, '0')}`;

beforeEach(() => {
  sdk.reset();
});

describe('repository', () => {
  it('gives ARN and tags', async () => {
    sdk.on(DescribeRepositoriesCommand, { repositoryNames: ['xxxx'] }).resolves({
      repositories: [{ repositoryArn: ARN, repositoryName: 'xxxx' }],
    });
    sdk.on(ListTagsForResourceCommand, { resourceArn: ARN }).resolves({ tags: [{ Key: 'team', Value: 'data' }] });
    expect(await ecr.repository('xxxx')).toEqual({ arn: ARN, tags: { team: 'data' } });
  });

  it('is undefined where there is none', async () => {
    sdk.on(DescribeRepositoriesCommand).rejects(sdkError('RepositoryNotFoundException'));
    expect(await ecr.repository('xxxx')).toBeUndefined();
  });

  it('is undefined where it goes between the two calls', async () => {
    sdk.on(DescribeRepositoriesCommand).resolves({ repositories: [{ repositoryArn: ARN }] });
    sdk.on(ListTagsForResourceCommand).rejects(sdkError('RepositoryNotFoundException'));
    expect(await ecr.repository('xxxx')).toBeUndefined();
  });

  it('fails where the rights are missing', async () => {
    sdk.on(DescribeRepositoriesCommand).rejects(sdkError('AccessDeniedException'));
    await expect(ecr.repository('xxxx')).rejects.toMatchObject({
      code: 'AWS_CALL_FAILED',
      accessDenied: true,
      context: {
        action: 'ecr:DescribeRepositories',
        resource: 'xxxx',
        errorName: 'AccessDeniedException',
        status: 400,
      },
    });
  });
});

describe('images', () => {
  it('gives every page, archived images included, a digest once', async () => {
    const pages = served('nextToken', {
      '': { imageDetails: [{ imageDigest: digest(1) }, { imageDigest: digest(2) }], nextToken: 'two' },
      two: { imageDetails: [{ imageDigest: digest(2) }, { imageDigest: digest(3) }] },
    });
    sdk.on(DescribeImagesCommand).callsFake(pages.answer);
    const images = await collect(ecr.images('xxxx'));
    expect(images.map((page) => page.map((image) => image.digest))).toEqual([[digest(1), digest(2)], [digest(3)]]);
    const asked = { repositoryName: 'xxxx', maxResults: 1_000, filter: { imageStatus: 'ANY' } };
    expect(pages.asked).toEqual([asked, { ...asked, nextToken: 'two' }]);
  });

  it('tells indexes by the media type of the manifest, not of the artifact', async () => {
    const types = [
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v2+json',
      undefined,
    ];
    sdk.on(DescribeImagesCommand).resolves({
      imageDetails: types.map((imageManifestMediaType, n) => ({
        imageDigest: digest(n),
        imageManifestMediaType,
        artifactMediaType: 'application/vnd.oci.image.index.v1+json',
      })),
    });
    const [page] = await collect(ecr.images('xxxx'));
    expect(page?.map((image) => image.isIndex)).toEqual([true, true, false, false, false]);
  });

  it('gives nothing for an empty repository, and nothing for one that is gone', async () => {
    sdk.on(DescribeImagesCommand).resolvesOnce({ imageDetails: [] }).rejects(sdkError('RepositoryNotFoundException'));
    expect(await collect(ecr.images('xxxx'))).toEqual([]);
    expect(await collect(ecr.images('xxxx'))).toEqual([]);
    expect(sdk.commandCalls(DescribeImagesCommand)).toHaveLength(2);
  });

  it('ends where the repository goes between two pages', async () => {
    sdk
      .on(DescribeImagesCommand)
      .resolvesOnce({ imageDetails: [{ imageDigest: digest(1) }], nextToken: 'two' })
      .rejects(sdkError('RepositoryNotFoundException'));
    expect(await collect(ecr.images('xxxx'))).toEqual([[{ digest: digest(1), isIndex: false }]]);
  });

  it('fails, and does not end, on anything else', async () => {
    sdk
      .on(DescribeImagesCommand)
      .resolvesOnce({ imageDetails: [{ imageDigest: digest(1) }], nextToken: 'two' })
      .rejects(sdkError('ServerException', { status: 500 }));
    await expect(collect(ecr.images('xxxx'))).rejects.toMatchObject({
      context: { action: 'ecr:DescribeImages', resource: 'xxxx', errorName: 'ServerException', status: 500 },
    });
  });
});

describe('deleteImages', () => {
  it('asks by digest and counts images, not tags', async () => {
    sdk.on(BatchDeleteImageCommand).resolves({
      imageIds: [
        { imageDigest: digest(1), imageTag: 'latest' },
        { imageDigest: digest(1), imageTag: 'v1.2' },
        { imageDigest: digest(2) },
      ],
      failures: [],
    });
    expect(await ecr.deleteImages('xxxx', [digest(1), digest(2)])).toEqual({ deleted: 2, failures: [] });
    expect(sdk.commandCalls(BatchDeleteImageCommand)[0]?.args[0].input).toEqual({
      repositoryName: 'xxxx',
      imageIds: [{ imageDigest: digest(1) }, { imageDigest: digest(2) }],
    });
  });

  it('reads the failures of an answer that says 200, and counts what is already gone as deleted', async () => {
    sdk.on(BatchDeleteImageCommand).resolves({
      imageIds: [{ imageDigest: digest(1) }],
      failures: [
        {
          imageId: { imageDigest: digest(2) },
          failureCode: 'ImageNotFound',
          failureReason: 'Requested image not found',
        },
        {
          imageId: { imageDigest: digest(3) },
          failureCode: 'ImageReferencedByManifestList',
          failureReason: 'Requested image referenced by manifest list',
        },
      ],
    });
    expect(await ecr.deleteImages('xxxx', [digest(1), digest(2), digest(3)])).toEqual({
      deleted: 2,
      failures: [
        {
          digest: digest(3),
          code: 'ImageReferencedByManifestList',
          reason: 'Requested image referenced by manifest list',
        },
      ],
    });
  });

  it('reports a digest that the answer does not mention', async () => {
    sdk.on(BatchDeleteImageCommand).resolves({ imageIds: [{ imageDigest: digest(1) }] });
    const outcome = await ecr.deleteImages('xxxx', [digest(1), digest(2)]);
    expect(outcome).toMatchObject({ deleted: 1, failures: [{ digest: digest(2), code: 'Unanswered' }] });
  });

  it('puts a failure that names no image on the images that are not mentioned otherwise', async () => {
    sdk.on(BatchDeleteImageCommand).resolves({
      imageIds: [{ imageDigest: digest(1) }],
      failures: [{ failureCode: 'KmsError', failureReason: 'key disabled' }],
    });
    expect(await ecr.deleteImages('xxxx', [digest(1), digest(2)])).toEqual({
      deleted: 1,
      failures: [{ digest: digest(2), code: 'KmsError', reason: 'key disabled' }],
    });
  });

  it('takes all as deleted where the repository is gone', async () => {
    sdk.on(BatchDeleteImageCommand).rejects(sdkError('RepositoryNotFoundException'));
    expect(await ecr.deleteImages('xxxx', [digest(1), digest(2)])).toEqual({ deleted: 2, failures: [] });
  });

  it.each([0, 101])('refuses %i digests without a call', async (count) => {
    const digests = Array.from({ length: count }, (_, n) => digest(n));
    await expect(ecr.deleteImages('xxxx', digests)).rejects.toBeInstanceOf(Bug);
    expect(sdk.commandCalls(BatchDeleteImageCommand)).toHaveLength(0);
  });

  it('takes 100', async () => {
    const digests = Array.from({ length: 100 }, (_, n) => digest(n));
    sdk.on(BatchDeleteImageCommand).resolves({ imageIds: digests.map((imageDigest) => ({ imageDigest })) });
    expect(await ecr.deleteImages('xxxx', digests)).toEqual({ deleted: 100, failures: [] });
  });
});

describe('policy', () => {
  it('gives the text', async () => {
    sdk.on(GetRepositoryPolicyCommand, { repositoryName: 'xxxx' }).resolves({ policyText: '{"Statement":[]}' });
    expect(await ecr.policy('xxxx')).toBe('{"Statement":[]}');
  });

  it.each(['RepositoryPolicyNotFoundException', 'RepositoryNotFoundException'])('is undefined on %s', async (name) => {
    sdk.on(GetRepositoryPolicyCommand).rejects(sdkError(name));
    expect(await ecr.policy('xxxx')).toBeUndefined();
  });

  it('is set without force', async () => {
    sdk.on(SetRepositoryPolicyCommand).resolves({});
    await ecr.setPolicy('xxxx', '{}');
    expect(sdk.commandCalls(SetRepositoryPolicyCommand)[0]?.args[0].input).toEqual({
      repositoryName: 'xxxx',
      policyText: '{}',
    });
  });

  it('setting succeeds where the repository is gone, and fails otherwise', async () => {
    sdk
      .on(SetRepositoryPolicyCommand)
      .rejectsOnce(sdkError('RepositoryNotFoundException'))
      .rejects(sdkError('InvalidParameterException'));
    await ecr.setPolicy('xxxx', '{}');
    await expect(ecr.setPolicy('xxxx', '{}')).rejects.toBeInstanceOf(AwsFailure);
  });

  it.each(['RepositoryPolicyNotFoundException', 'RepositoryNotFoundException'])(
    'deleting succeeds on %s',
    async (name) => {
      sdk.on(DeleteRepositoryPolicyCommand).rejects(sdkError(name));
      await ecr.deletePolicy('xxxx');
      expect(sdk.commandCalls(DeleteRepositoryPolicyCommand)[0]?.args[0].input).toEqual({ repositoryName: 'xxxx' });
    },
  );

  it('deleting fails on anything else', async () => {
    sdk.on(DeleteRepositoryPolicyCommand).rejects(sdkError('ServerException', { status: 500 }));
    await expect(ecr.deletePolicy('xxxx')).rejects.toBeInstanceOf(AwsFailure);
  });
});
