import type { ImageIdentifier } from '@aws-sdk/client-ecr';
import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
} from '@aws-sdk/client-ecr';
import type { ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';

/** A client and a fresh repository. */
export async function repository(context: ScenarioContext) {
  const ecr = new ECRClient(clientConfig(context));
  const repositoryName = unique('repository');
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  return { ecr, repositoryName };
}

export type Fixture = Awaited<ReturnType<typeof repository>>;

/** The digests of every image in the repository, archived ones too. */
export async function digestsIn({ ecr, repositoryName }: Fixture): Promise<string[]> {
  const { imageDetails = [] } = await ecr.send(
    new DescribeImagesCommand({ repositoryName, filter: { imageStatus: 'ANY' } }),
  );
  return imageDetails.flatMap((detail) => detail.imageDigest ?? []);
}

/** BatchDeleteImage: what was removed, and digest and code of what was not. */
export async function remove({ ecr, repositoryName }: Fixture, ...imageIds: ImageIdentifier[]) {
  const { imageIds: removed = [], failures = [] } = await ecr.send(
    new BatchDeleteImageCommand({ repositoryName, imageIds }),
  );
  return { removed, failures: failures.map((failure) => [failure.imageId?.imageDigest, failure.failureCode]) };
}
