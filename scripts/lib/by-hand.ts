import { BatchDeleteImageCommand, DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import type { ClientSettings } from './local-account.ts';

/**
 * What a person does today before a stack with images can be deleted: list, delete, and again, because an image index must
 * go before the images it names.
 *
 * @returns the number of calls it took
 */
export async function emptyByHand(settings: ClientSettings, repositoryName: string): Promise<number> {
  const client = new ECRClient(settings);
  for (let calls = 0; ; calls += 2) {
    const { imageDetails = [] } = await client.send(
      new DescribeImagesCommand({ repositoryName, maxResults: 100, filter: { imageStatus: 'ANY' } }),
    );
    if (imageDetails.length === 0) {
      return calls + 1;
    }
    const imageIds = imageDetails.flatMap(({ imageDigest }) => (imageDigest ? [{ imageDigest }] : []));
    await client.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
  }
}
