import assert from 'node:assert/strict';
import {
  BatchGetImageCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  ListImagesCommand,
  PutImageCommand,
  SetRepositoryPolicyCommand,
  UpdateImageStorageClassCommand,
} from '@aws-sdk/client-ecr';
import { pushImage, seedImages } from '#emulator/push-image.ts';
import { remove, repository } from '#test/emulator/repositories.ts';
import type { Scenario } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const listing: Scenario[] = [
  {
    addition: 'ecr-listing',
    name: 'ListImages gives a row for each tag and pages at 100, at most 1000',
    async run(context) {
      const { ecr, repositoryName } = await repository(context);
      const image = await pushImage(ecr, { repository: repositoryName, tags: ['a', 'b'] });
      const { imageIds = [] } = await ecr.send(new ListImagesCommand({ repositoryName }));
      const row = { imageDigest: image.digest };
      assert.deepEqual(imageIds, [
        { ...row, imageTag: 'a' },
        { ...row, imageTag: 'b' },
      ]);
      await seedImages(context.endpoint, repositoryName, 1500);
      const sizes: number[] = [];
      let nextToken: string | undefined;
      do {
        const page = await ecr.send(new ListImagesCommand({ repositoryName, nextToken }));
        sizes.push(page.imageIds?.length ?? 0);
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      assert.deepEqual(sizes, [...Array.from({ length: 15 }, () => 100), 2]);
      const large = await ecr.send(new ListImagesCommand({ repositoryName, maxResults: 1000 }));
      assert.equal(large.imageIds?.length, 1000);
      await assert.rejects(ecr.send(new ListImagesCommand({ repositoryName, maxResults: 1001 })), {
        name: 'InvalidParameterException',
      });
      await assert.rejects(ecr.send(new ListImagesCommand({ repositoryName, nextToken: 'invented' })), {
        name: 'InvalidParameterException',
      });
    },
  },
  {
    addition: 'ecr-listing',
    name: 'a page boundary may fall between the tags of one image',
    async run(context) {
      const { ecr, repositoryName } = await repository(context);
      await pushImage(ecr, { repository: repositoryName, tags: ['a', 'b', 'c'] });
      const first = await ecr.send(new ListImagesCommand({ repositoryName, maxResults: 2 }));
      const rest = await ecr.send(new ListImagesCommand({ repositoryName, nextToken: first.nextToken }));
      assert.deepEqual(
        [first, rest].map((page) => page.imageIds?.map((id) => id.imageTag)),
        [['a', 'b'], ['c']],
      );
    },
  },
  {
    addition: 'ecr-listing',
    name: 'tagStatus filters, and DescribeImages tells the media types, sizes and tags',
    async run(context) {
      const { ecr, repositoryName } = await repository(context);
      const index = await pushImage(ecr, { repository: repositoryName, tags: ['v1'], platforms: 2 });
      const untagged = await ecr.send(new ListImagesCommand({ repositoryName, filter: { tagStatus: 'UNTAGGED' } }));
      assert.deepEqual(
        untagged.imageIds,
        index.children.map(({ digest }) => ({ imageDigest: digest })),
      );
      const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName, maxResults: 1000 }));
      const types = new Map(imageDetails.map((detail) => [detail.imageDigest, detail]));
      assert.equal(types.get(index.digest)?.imageManifestMediaType, 'application/vnd.oci.image.index.v1+json');
      assert.deepEqual(types.get(index.digest)?.imageTags, ['v1']);
      assert.equal(types.get(index.digest)?.imageStatus, 'ACTIVE');
      for (const { digest } of index.children) {
        const detail = types.get(digest);
        assert.equal(detail?.imageManifestMediaType, 'application/vnd.oci.image.manifest.v1+json');
        assert.equal(detail?.artifactMediaType, 'application/vnd.oci.image.config.v1+json');
        assert.equal(detail?.imageTags, undefined);
        assert.ok((detail?.imageSizeInBytes ?? 0) > 1000, `size ${detail?.imageSizeInBytes} counts the layers`);
      }
      const absent = { imageDigest: `sha256:${'0'.repeat(64)}` };
      await assert.rejects(ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [absent] })), {
        name: 'ImageNotFoundException',
      });
    },
  },
];

const archive: Scenario = {
  addition: 'ecr-archive',
  name: 'an archived image is not listed by default, cannot be pulled, fills the repository and can be deleted',
  async run(context) {
    const fixture = await repository(context);
    const { ecr, repositoryName } = fixture;
    const image = await pushImage(ecr, { repository: repositoryName, tags: ['old'] });
    const imageId = { imageDigest: image.digest };
    const change = { repositoryName, imageId, targetStorageClass: 'ARCHIVE' } as const;
    const { imageStatus } = await ecr.send(new UpdateImageStorageClassCommand(change));
    assert.equal(imageStatus, 'ARCHIVED');
    const list = async (filter?: { imageStatus: 'ANY' | 'ARCHIVED' }) =>
      (await ecr.send(new ListImagesCommand({ repositoryName, filter }))).imageIds?.length;
    assert.deepEqual(
      [await list(), await list({ imageStatus: 'ANY' }), await list({ imageStatus: 'ARCHIVED' })],
      [0, 1, 1],
    );
    const pulled = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [imageId] }));
    assert.deepEqual([pulled.images?.length, pulled.failures?.length], [0, 1]);
    await assert.rejects(ecr.send(new DeleteRepositoryCommand({ repositoryName })), {
      name: 'RepositoryNotEmptyException',
    });
    assert.deepEqual((await remove(fixture, imageId)).failures, []);
    await ecr.send(new DeleteRepositoryCommand({ repositoryName }));
  },
};

const push: Scenario[] = [
  {
    addition: 'ecr-push',
    name: 'an image is refused while a layer is missing, an index while a child is',
    async run(context) {
      const { ecr, repositoryName } = await repository(context);
      const other = await repository(context);
      const index = await pushImage(other.ecr, { repository: other.repositoryName, platforms: 2 });
      const { images = [] } = await ecr.send(
        new BatchGetImageCommand({
          repositoryName: other.repositoryName,
          imageIds: [index, ...index.children].map(({ digest }) => ({ imageDigest: digest })),
        }),
      );
      const [outer, child] = images;
      await assert.rejects(ecr.send(new PutImageCommand({ repositoryName, imageManifest: child?.imageManifest })), {
        name: 'LayersNotFoundException',
      });
      await assert.rejects(
        ecr.send(
          new PutImageCommand({
            repositoryName,
            imageManifest: outer?.imageManifest,
            imageManifestMediaType: outer?.imageManifestMediaType,
          }),
        ),
        { name: 'ReferencedImagesNotFoundException' },
      );
    },
  },
  {
    addition: 'ecr-push',
    name: 'the same manifest with another tag adds the tag; with the same tag it is refused; a tag moves',
    async run(context) {
      const fixture = await repository(context);
      const { ecr, repositoryName } = fixture;
      const image = await pushImage(ecr, { repository: repositoryName, tags: ['a', 'b'], mediaTypes: 'docker' });
      const { images = [] } = await ecr.send(
        new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: 'b' }] }),
      );
      assert.equal(images[0]?.imageId?.imageDigest, image.digest);
      const imageManifest = images[0]?.imageManifest;
      await assert.rejects(ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: 'a' })), {
        name: 'ImageAlreadyExistsException',
      });
      const newer = await pushImage(ecr, { repository: repositoryName, tags: ['a'] });
      const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
      assert.deepEqual(
        new Map(imageDetails.map((detail) => [detail.imageDigest, detail.imageTags])),
        new Map([
          [image.digest, ['b']],
          [newer.digest, ['a']],
        ]),
      );
    },
  },
];

const repositories: Scenario[] = [
  {
    addition: 'ecr-repositories',
    name: 'CloudFormation fails to delete a repository with images unless EmptyOnDelete is set, and tells the reason',
    async run(context) {
      const stacks = stackFixture(context);
      const ecr = new ECRClient(clientConfig(context));
      for (const EmptyOnDelete of [false, true]) {
        const RepositoryName = unique('repository');
        const template = {
          Resources: { Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName, EmptyOnDelete } } },
        };
        const stack = await stacks.create(unique('ecr'), template);
        await pushImage(ecr, { repository: RepositoryName, tags: ['latest'] });
        const again = await stacks.create(unique('ecr'), template);
        assert.equal(again.StackStatus, 'ROLLBACK_COMPLETE');
        const removed = await stacks.remove(stack);
        assert.equal(removed.StackStatus, EmptyOnDelete ? 'DELETE_COMPLETE' : 'DELETE_FAILED');
        const reason = (await stacks.rows(stack.StackId)).get('Repository')?.ResourceStatusReason ?? '';
        if (!EmptyOnDelete) {
          assert.match(
            reason,
            /^Resource handler returned message: "The repository with name '.*' in registry with id '\d{12}' cannot be deleted because it still contains images \(Service: Ecr, Status Code: 400, Request ID: [-0-9a-f]{36}\)" \(RequestToken: [-0-9a-f]{36}, HandlerErrorCode: GeneralServiceException\)$/,
          );
        }
      }
    },
  },
  {
    addition: 'ecr-repositories',
    name: 'a repository with images is refused in the words of ECR, and goes with force',
    async run(context) {
      const { ecr, repositoryName } = await repository(context);
      await pushImage(ecr, { repository: repositoryName });
      await assert.rejects(ecr.send(new DeleteRepositoryCommand({ repositoryName })), {
        name: 'RepositoryNotEmptyException',
        message: `The repository with name '${repositoryName}' in registry with id '000000000000' cannot be deleted because it still contains images`,
      });
      await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    },
  },
  {
    addition: 'ecr-repositories',
    name: 'a repository policy of more than 10,240 characters is refused',
    async run(context) {
      const { ecr, repositoryName } = await repository(context);
      const policy = (length: number) => {
        const text = JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Sid: '', Effect: 'Deny', Principal: '*', Action: 'ecr:PutImage' }],
        });
        return text.replace('"Sid":""', `"Sid":"${'x'.repeat(length - text.length)}"`);
      };
      const set = (policyText: string) => ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
      await set(policy(10_240));
      await assert.rejects(set(policy(10_241)), { name: 'InvalidParameterException' });
    },
  },
];

export const ecrScenarios: readonly Scenario[] = [...listing, archive, ...push, ...repositories];
