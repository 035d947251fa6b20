import {
  BatchDeleteImageCommand,
  DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  type ImageDetail,
  ListTagsForResourceCommand,
  paginateDescribeImages,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import type { EcrPort, Image, ImageFailure } from '../core/ports/ecr.ts';
import { Bug } from '../errors.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { callUnlessGone } from './errors.ts';
import { pagesOf } from './paging.ts';
import { required, tagRecord } from './values.ts';

/** The container's own client. */
export const ecrClient = perContainer('ecr', () => new ECRClient(CLIENT_SETTINGS));

const NO_REPOSITORY = ['RepositoryNotFoundException'];
const NO_POLICY = ['RepositoryPolicyNotFoundException', ...NO_REPOSITORY];

/** DescribeImages gives at most 1,000 a page. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html */
const IMAGES_PER_PAGE = 1_000;
/** BatchDeleteImage takes 1 to 100. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html */
const IMAGES_PER_DELETE = 100;

/** Media types of a manifest that names manifests. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html */
const INDEX_TYPES: ReadonlySet<string | undefined> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/** The ECR port over the SDK. */
export function createEcr({ client = ecrClient, signal }: AdapterOptions<ECRClient> = {}): EcrPort {
  const options = sendOptions(signal);
  return {
    async repository(name) {
      const answer = await callUnlessGone('ecr:DescribeRepositories', name, NO_REPOSITORY, () =>
        client().send(new DescribeRepositoriesCommand({ repositoryNames: [name] }), options),
      );
      const repository = answer?.repositories?.[0];
      if (repository === undefined) {
        return undefined;
      }
      const arn = required(repository.repositoryArn, 'repositoryArn', 'ecr:DescribeRepositories', name);
      const tagged = await callUnlessGone('ecr:ListTagsForResource', name, NO_REPOSITORY, () =>
        client().send(new ListTagsForResourceCommand({ resourceArn: arn }), options),
      );
      return tagged && { arn, tags: tagRecord(tagged.tags?.map((tag) => [tag.Key, tag.Value])) };
    },

    async *images(name) {
      const seen = new Set<string>();
      const pages = paginateDescribeImages(
        { client: client(), pageSize: IMAGES_PER_PAGE },
        // Without the filter archived images are not listed, and they too make DeleteRepository fail.
        { repositoryName: name, filter: { imageStatus: 'ANY' } },
        options,
      );
      const listing = { action: 'ecr:DescribeImages', resource: name, gone: NO_REPOSITORY } as const;
      for await (const page of pagesOf({ ...listing, tokenOf: (answer) => answer.nextToken }, pages)) {
        const images = newImages(page.imageDetails ?? [], seen);
        if (images.length > 0) {
          yield images;
        }
      }
    },

    async deleteImages(name, digests) {
      if (digests.length < 1 || digests.length > IMAGES_PER_DELETE) {
        throw new Bug(`ecr:BatchDeleteImage takes 1 to ${IMAGES_PER_DELETE} digests, not ${digests.length}`);
      }
      const answer = await callUnlessGone('ecr:BatchDeleteImage', name, NO_REPOSITORY, () =>
        client().send(
          new BatchDeleteImageCommand({
            repositoryName: name,
            imageIds: digests.map((imageDigest) => ({ imageDigest })),
          }),
          options,
        ),
      );
      if (answer === undefined) {
        return { deleted: digests.length, failures: [] };
      }
      return outcomeOf(digests, answer);
    },

    async policy(name) {
      const answer = await callUnlessGone('ecr:GetRepositoryPolicy', name, NO_POLICY, () =>
        client().send(new GetRepositoryPolicyCommand({ repositoryName: name }), options),
      );
      return answer?.policyText;
    },

    async setPolicy(name, policy) {
      // No `force`: that is for a policy which denies SetRepositoryPolicy to the caller, and ours never may.
      await callUnlessGone('ecr:SetRepositoryPolicy', name, NO_REPOSITORY, () =>
        client().send(new SetRepositoryPolicyCommand({ repositoryName: name, policyText: policy }), options),
      );
    },

    async deletePolicy(name) {
      await callUnlessGone('ecr:DeleteRepositoryPolicy', name, NO_POLICY, () =>
        client().send(new DeleteRepositoryPolicyCommand({ repositoryName: name }), options),
      );
    },
  };
}

function newImages(details: readonly ImageDetail[], seen: Set<string>): readonly Image[] {
  const images: Image[] = [];
  for (const { imageDigest, imageManifestMediaType } of details) {
    if (imageDigest !== undefined && !seen.has(imageDigest)) {
      seen.add(imageDigest);
      // The artifact's type plays no part: a signature or a chart in an index is still an index.
      images.push({ digest: imageDigest, isIndex: INDEX_TYPES.has(imageManifestMediaType) });
    }
  }
  return images;
}

interface DeleteAnswer {
  /** Once for every tag that an image had. */
  readonly imageIds?: readonly { readonly imageDigest?: string | undefined }[] | undefined;
  readonly failures?:
    | readonly {
        readonly imageId?: { readonly imageDigest?: string | undefined } | undefined;
        readonly failureCode?: string | undefined;
        readonly failureReason?: string | undefined;
      }[]
    | undefined;
}

/** BatchDeleteImage answers 200 with the failures inside: each digest is looked up, none is taken for granted. */
function outcomeOf(digests: readonly string[], answer: DeleteAnswer): { deleted: number; failures: ImageFailure[] } {
  const deleted = new Set(answer.imageIds?.map((image) => image.imageDigest));
  const failed = new Map(answer.failures?.map((failure) => [failure.imageId?.imageDigest, failure]));
  const failures: ImageFailure[] = [];
  for (const digest of digests) {
    const failure = failed.get(digest) ?? (deleted.has(digest) ? undefined : failed.get(undefined));
    if (failure?.failureCode === 'ImageNotFound' || (failure === undefined && deleted.has(digest))) {
      continue;
    }
    failures.push({
      digest,
      code: failure?.failureCode ?? 'Unanswered',
      reason: failure?.failureReason ?? 'ECR named the image neither among the deleted nor among the failed',
    });
  }
  return { deleted: digests.length - failures.length, failures };
}
