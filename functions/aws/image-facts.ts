import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { callUnlessGone } from './errors.ts';

/** One attempt and a repetition: what is read is worth a moment, not a wait. */
const containerClient = perContainer('ecr', () => new ECRClient({ ...CLIENT_SETTINGS, maxAttempts: 2 }));

const IMAGE = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9._/-]+):([\w.-]{1,128})$/;

/** `functions/builds/image.ts` says what it is for. */
interface ImageFacts {
  readonly digest: string;
  readonly sizeBytes?: number;
  /** ISO 8601. */
  readonly pushedAt?: string;
}

/**
 * What an ECR repository of this account and Region says of a tag.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
 *
 * @param uri of an image with its tag
 * @returns undefined for anything else than such an image, and where there is none of that tag
 * @throws AwsFailure where ECR does not answer or refuses
 */
export async function imageFacts(
  uri: string,
  { client = containerClient, signal }: AdapterOptions<ECRClient> = {},
): Promise<ImageFacts | undefined> {
  const [, registryId, region, repositoryName, imageTag] = IMAGE.exec(uri) ?? [];
  if (registryId === undefined || (await client().config.region()) !== region) {
    return undefined;
  }
  const answer = await callUnlessGone(
    'ecr:DescribeImages',
    uri,
    ['ImageNotFoundException', 'RepositoryNotFoundException'],
    () =>
      client().send(
        new DescribeImagesCommand({ registryId, repositoryName, imageIds: [{ imageTag }] }),
        sendOptions(signal),
      ),
  );
  const [{ imageDigest, imageSizeInBytes, imagePushedAt } = {}] = answer?.imageDetails ?? [];
  return imageDigest === undefined
    ? undefined
    : {
        digest: imageDigest,
        ...(imageSizeInBytes === undefined ? {} : { sizeBytes: imageSizeInBytes }),
        ...(imagePushedAt === undefined ? {} : { pushedAt: imagePushedAt.toISOString() }),
      };
}
