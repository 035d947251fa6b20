import assert from 'node:assert/strict';
import { BatchDeleteImageCommand, ListImagesCommand } from '@aws-sdk/client-ecr';
import { pushArtifact, pushImage, pushIndex, seedImages } from '#emulator/push-image.ts';
import type { Fixture } from '#test/emulator/repositories.ts';
import { digestsIn, remove, repository } from '#test/emulator/repositories.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';

const deletion: Scenario[] = [
  {
    addition: 'ecr-deletion',
    name: 'BatchDeleteImage refuses no identifiers, and more than 100',
    async run(context) {
      const { ecr, repositoryName } = await repository(context);
      const imageIds = Array.from({ length: 101 }, (_, index) => ({ imageTag: `tag-${index}` }));
      for (const wrong of [[], imageIds]) {
        await assert.rejects(ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: wrong })), {
          name: 'InvalidParameterException',
        });
      }
      const { failures = [] } = await ecr.send(
        new BatchDeleteImageCommand({ repositoryName, imageIds: imageIds.slice(1) }),
      );
      assert.deepEqual(new Set(failures.map((failure) => failure.failureCode)), new Set(['ImageNotFound']));
      assert.equal(failures.length, 100);
    },
  },
  {
    addition: 'ecr-deletion',
    name: 'an index protects its children, also when both are named in one call',
    async run(context) {
      const fixture = await repository(context);
      const index = await pushImage(fixture.ecr, {
        repository: fixture.repositoryName,
        tags: ['latest'],
        platforms: 2,
        attestations: true,
      });
      assert.equal(index.children.length, 4);
      const ids = [index, ...index.children].map(({ digest }) => ({ imageDigest: digest }));
      const first = await remove(fixture, ...ids);
      assert.deepEqual(
        first.failures,
        index.children.map(({ digest }) => [digest, 'ImageReferencedByManifestList']),
      );
      assert.deepEqual(first.removed, [{ imageDigest: index.digest, imageTag: 'latest' }]);
      const second = await remove(fixture, ...ids.slice(1));
      assert.deepEqual(second.failures, []);
      assert.deepEqual(await digestsIn(fixture), []);
    },
  },
  {
    addition: 'ecr-deletion',
    name: 'an index inside an index is protected in the same way',
    async run(context) {
      const fixture = await repository(context);
      const inner = await pushImage(fixture.ecr, { repository: fixture.repositoryName, platforms: 2 });
      const outer = await pushIndex(fixture.ecr, { repository: fixture.repositoryName, manifests: [inner] });
      const refused = await remove(fixture, { imageDigest: inner.digest });
      assert.deepEqual(refused.failures, [[inner.digest, 'ImageReferencedByManifestList']]);
      assert.deepEqual((await remove(fixture, { imageDigest: outer.digest })).failures, []);
      assert.deepEqual((await remove(fixture, { imageDigest: inner.digest })).failures, []);
    },
  },
  {
    addition: 'ecr-deletion',
    name: 'a tag is removed alone; the image goes with its last tag, or by its digest with all of them',
    async run(context) {
      const fixture = await repository(context);
      const spec = { repository: fixture.repositoryName };
      const one = await pushImage(fixture.ecr, { ...spec, tags: ['a', 'b'] });
      const two = await pushImage(fixture.ecr, { ...spec, tags: ['c', 'd'] });
      await remove(fixture, { imageTag: 'a' });
      assert.deepEqual((await digestsIn(fixture)).sort(), [one.digest, two.digest].sort());
      await remove(fixture, { imageTag: 'b' });
      assert.deepEqual(await digestsIn(fixture), [two.digest]);
      await remove(fixture, { imageDigest: two.digest });
      assert.deepEqual(await digestsIn(fixture), []);
    },
  },
  {
    addition: 'ecr-deletion',
    name: 'a signature does not protect the image it is for',
    async run(context) {
      const fixture = await repository(context);
      const subject = await pushImage(fixture.ecr, { repository: fixture.repositoryName, tags: ['v1'] });
      const signature = { repository: fixture.repositoryName, subject, kind: 'sig' } as const;
      const tagged = await pushArtifact(fixture.ecr, { ...signature, attachment: 'tag' });
      const referrer = await pushArtifact(fixture.ecr, { ...signature, attachment: 'referrer' });
      assert.deepEqual((await remove(fixture, { imageDigest: subject.digest })).failures, []);
      assert.deepEqual((await digestsIn(fixture)).sort(), [tagged.digest, referrer.digest].sort());
      const { failures } = await remove(fixture, { imageTag: 'v1' }, { imageDigest: 'nonsense' }, {});
      assert.deepEqual(
        failures.map(([, code]) => code),
        ['ImageNotFound', 'InvalidImageDigest', 'MissingDigestAndTag'],
      );
    },
  },
];

const scale: Scenario = {
  addition: 'ecr-deletion',
  name: '10,000 images, half of them children of indexes, are listed and deleted in a few seconds',
  async run(context) {
    const fixture = await repository(context);
    const { ecr, repositoryName } = fixture;
    const [first] = await seedAndRefuse(context, fixture);
    assert.equal(first, 'ImageReferencedByManifestList');
    assert.equal(await seedImages(context.endpoint, repositoryName, 9_998), 10_000);
    const started = performance.now();
    for (const tagStatus of ['TAGGED', 'UNTAGGED'] as const) {
      for (;;) {
        const command = new ListImagesCommand({ repositoryName, maxResults: 100, filter: { tagStatus } });
        const { imageIds = [] } = await ecr.send(command);
        if (imageIds.length === 0) {
          break;
        }
        const digests = imageIds.map(({ imageDigest }) => ({ imageDigest }));
        assert.deepEqual((await remove(fixture, ...digests)).failures, []);
      }
    }
    const took = performance.now() - started;
    assert.ok(took < 20_000, `took ${Math.round(took)} ms`);
  },
};

/** Seed an index with its child, and try to remove the child first. */
async function seedAndRefuse(context: ScenarioContext, fixture: Fixture) {
  await seedImages(context.endpoint, fixture.repositoryName, 2);
  const [child] = await digestsIn(fixture);
  const { failures } = await remove(fixture, { imageDigest: child });
  return failures.map(([, code]) => code);
}

export const ecrDeletionScenarios: readonly Scenario[] = [...deletion, scale];
