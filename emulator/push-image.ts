import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  type ECRClient,
  ImageAlreadyExistsException,
  InitiateLayerUploadCommand,
  LayerAlreadyExistsException,
  PutImageCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import type { Blob, Descriptor, MediaTypeFamily } from '#emulator/image-blobs.ts';
import { blob, jsonBlob, MEDIA_TYPES, randomLayer } from '#emulator/image-blobs.ts';

/** What to push. Every image is new: its layers hold random bytes. */
export interface ImageSpec {
  repository: string;
  /** Tags of the outermost manifest; none leaves it untagged. */
  tags?: readonly string[];
  /** With more than one platform the tags name an index, and the platforms' manifests are untagged. Default 1. */
  platforms?: number;
  /** Add an attestation manifest for each platform, as buildx does by default: then even one platform gets an index. */
  attestations?: boolean;
  /** Layers of each platform's image. Default 1. */
  layers?: number;
  /** Bytes in each layer before compression. Default 1024. */
  bytes?: number;
  /** Default `oci`. */
  mediaTypes?: MediaTypeFamily;
}

/** A manifest in the repository, with the manifests below it. */
export interface PushedImage extends Descriptor {
  tags: readonly string[];
  children: readonly PushedImage[];
}

const PLATFORMS = [
  { architecture: 'amd64', os: 'linux' },
  { architecture: 'arm64', os: 'linux' },
  { architecture: 'arm', os: 'linux', variant: 'v7' },
  { architecture: 's390x', os: 'linux' },
  { architecture: 'ppc64le', os: 'linux' },
] as const;

/**
 * Push an image as a build does, through the ECR API with the rights of the client that is given.
 *
 * @throws RangeError when `platforms` is not between 1 and 5; ECR's errors as they are.
 */
export async function pushImage(ecr: ECRClient, spec: ImageSpec): Promise<PushedImage> {
  const wanted = spec.platforms ?? 1;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > PLATFORMS.length) {
    throw new RangeError(`platforms: ${wanted} is not a whole number from 1 to ${PLATFORMS.length}`);
  }
  const tags = spec.tags ?? [];
  const isIndex = wanted > 1 || spec.attestations === true;
  const children: PushedImage[] = [];
  for (const platform of PLATFORMS.slice(0, wanted)) {
    const image = await pushPlatform(ecr, spec, platform, isIndex ? [] : tags);
    children.push(image);
  }
  const [only] = children;
  if (!isIndex && only !== undefined) {
    return only;
  }
  for (const image of spec.attestations === true ? [...children] : []) {
    children.push(await pushAttestation(ecr, spec, image));
  }
  return pushIndex(ecr, { ...spec, tags, manifests: children });
}

/** Push an index (or Docker manifest list) of manifests that are in the repository, indexes among them. */
export function pushIndex(
  ecr: ECRClient,
  spec: Pick<ImageSpec, 'repository' | 'tags' | 'mediaTypes'> & { manifests: readonly PushedImage[] },
): Promise<PushedImage> {
  const mediaType = MEDIA_TYPES[spec.mediaTypes ?? 'oci'].index;
  const index = jsonBlob(mediaType, { schemaVersion: 2, mediaType, manifests: spec.manifests.map(descriptorOf) });
  return putManifest(ecr, spec.repository, index, spec.tags ?? [], spec.manifests);
}

/** How a signature or a bill of materials is attached: by cosign's tag `sha256-….sig`, or by OCI 1.1's `subject`. */
export type Attachment = 'tag' | 'referrer';

/** Push a signature (`kind: 'sig'`) or an SBOM (`kind: 'sbom'`) of an image. Nothing but its content refers to the image. */
export async function pushArtifact(
  ecr: ECRClient,
  spec: { repository: string; subject: Descriptor; kind: 'sig' | 'sbom'; attachment: Attachment },
): Promise<PushedImage> {
  const { repository, subject, kind, attachment } = spec;
  const types = {
    sig: {
      artifact: 'application/vnd.dev.cosign.artifact.sig.v1+json',
      layer: 'application/vnd.dev.cosign.simplesigning.v1+json',
    },
    sbom: { artifact: 'application/spdx+json', layer: 'application/spdx+json' },
  }[kind];
  const content = jsonBlob(types.layer, { critical: { image: { 'docker-manifest-digest': subject.digest } }, kind });
  const config =
    attachment === 'tag'
      ? jsonBlob(MEDIA_TYPES.oci.config, {
          architecture: '',
          os: '',
          rootfs: { type: 'layers', diff_ids: [content.descriptor.digest] },
        })
      : blob('application/vnd.oci.empty.v1+json', Buffer.from('{}'));
  await pushBlobs(ecr, repository, [config, content]);
  const mediaType = MEDIA_TYPES.oci.manifest;
  const manifest = jsonBlob(mediaType, {
    schemaVersion: 2,
    mediaType,
    ...(attachment === 'referrer' ? { artifactType: types.artifact } : {}),
    config: config.descriptor,
    layers: [content.descriptor],
    ...(attachment === 'referrer' ? { subject: descriptorOf(subject) } : {}),
  });
  const tags = attachment === 'tag' ? [`${subject.digest.replace(':', '-')}.${kind}`] : [];
  return putManifest(ecr, repository, manifest, tags, []);
}

async function pushPlatform(
  ecr: ECRClient,
  spec: ImageSpec,
  platform: NonNullable<Descriptor['platform']>,
  tags: readonly string[],
): Promise<PushedImage> {
  const types = MEDIA_TYPES[spec.mediaTypes ?? 'oci'];
  const layers = Array.from({ length: spec.layers ?? 1 }, () => randomLayer(types.layer, spec.bytes ?? 1024));
  const config = jsonBlob(types.config, {
    ...platform,
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  });
  await pushBlobs(ecr, spec.repository, [config, ...layers.map((layer) => layer.blob)]);
  const manifest = jsonBlob(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: config.descriptor,
    layers: layers.map((layer) => layer.blob.descriptor),
  });
  return { ...(await putManifest(ecr, spec.repository, manifest, tags, [])), platform };
}

/** The provenance that buildx adds: an untagged manifest for an unknown platform, annotated with the image's digest. */
async function pushAttestation(ecr: ECRClient, spec: ImageSpec, image: PushedImage): Promise<PushedImage> {
  const types = MEDIA_TYPES.oci;
  const predicateType = 'https://slsa.dev/provenance/v1';
  const statement = jsonBlob('application/vnd.in-toto+json', {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: spec.repository, digest: { sha256: image.digest.slice('sha256:'.length) } }],
  });
  const config = jsonBlob(types.config, {
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: [statement.descriptor.digest] },
  });
  await pushBlobs(ecr, spec.repository, [config, statement]);
  const manifest = jsonBlob(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: config.descriptor,
    layers: [{ ...statement.descriptor, annotations: { 'in-toto.io/predicate-type': predicateType } }],
  });
  return {
    ...(await putManifest(ecr, spec.repository, manifest, [], [])),
    platform: { architecture: 'unknown', os: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': image.digest },
  };
}

function descriptorOf({ mediaType, digest, size, platform, annotations }: Descriptor): Descriptor {
  return {
    mediaType,
    digest,
    size,
    ...(platform === undefined ? {} : { platform }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

async function pushBlobs(ecr: ECRClient, repositoryName: string, blobs: readonly Blob[]): Promise<void> {
  const layerDigests = [...new Set(blobs.map((one) => one.descriptor.digest))];
  const { layers = [] } = await ecr.send(new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }));
  const available = new Set(
    layers.filter((layer) => layer.layerAvailability === 'AVAILABLE').map((layer) => layer.layerDigest),
  );
  for (const one of blobs) {
    if (!available.has(one.descriptor.digest)) {
      await uploadBlob(ecr, repositoryName, one);
    }
  }
}

async function uploadBlob(ecr: ECRClient, repositoryName: string, { descriptor, content }: Blob): Promise<void> {
  const { uploadId, partSize = content.length } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  for (let first = 0; first < content.length; first += partSize) {
    const part = content.subarray(first, first + partSize);
    const partLastByte = first + part.length - 1;
    await ecr.send(
      new UploadLayerPartCommand({ repositoryName, uploadId, partFirstByte: first, partLastByte, layerPartBlob: part }),
    );
  }
  try {
    await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [descriptor.digest] }));
  } catch (error) {
    if (!(error instanceof LayerAlreadyExistsException)) {
      throw error; // somebody else uploading the same layer in the meantime is no failure
    }
  }
}

async function putManifest(
  ecr: ECRClient,
  repositoryName: string,
  manifest: Blob,
  tags: readonly string[],
  children: readonly PushedImage[],
): Promise<PushedImage> {
  const { descriptor, content } = manifest;
  for (const imageTag of tags.length === 0 ? [undefined] : tags) {
    try {
      await ecr.send(
        new PutImageCommand({
          repositoryName,
          imageManifest: content.toString(),
          imageManifestMediaType: descriptor.mediaType,
          imageDigest: descriptor.digest,
          ...(imageTag === undefined ? {} : { imageTag }),
        }),
      );
    } catch (error) {
      if (!(error instanceof ImageAlreadyExistsException)) {
        throw error;
      }
    }
  }
  return { ...descriptor, tags, children };
}

/**
 * Fill a repository of the emulator quickly: `count` images, every second one the untagged child of a tagged index.
 * For benches and tests only: it goes past the ECR API, its permissions and policies, and the images have no layers.
 *
 * @param endpoint the emulator's address, such as `http://127.0.0.1:4566`
 * @returns the number of images that the repository then holds
 */
export async function seedImages(
  endpoint: string,
  repository: string,
  count: number,
  tagPrefix?: string,
): Promise<number> {
  const response = await fetch(`${endpoint}/_clean-exit/ecr/seed`, {
    method: 'POST',
    body: JSON.stringify({ repository, count, ...(tagPrefix === undefined ? {} : { tagPrefix }) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok || typeof answer !== 'object' || answer === null || !('images' in answer)) {
    throw new Error(`${repository} could not be seeded: ${response.status} ${JSON.stringify(answer)}`);
  }
  return Number(answer.images);
}
