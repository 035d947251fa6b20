import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A blob with its address and media type, as a manifest refers to it. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { architecture: string; os: string; variant?: string };
  annotations?: Record<string, string>;
}

/** A blob that is still to be pushed. */
export interface Blob {
  descriptor: Descriptor;
  content: Buffer;
}

/** The media types of the two families of images. */
export const MEDIA_TYPES = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
} as const;

export type MediaTypeFamily = keyof typeof MEDIA_TYPES;

/** The content's address: `sha256:` and 64 hexadecimal digits. */
export function sha256(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** A blob of the given content and media type. */
export function blob(mediaType: string, content: Buffer): Blob {
  return { content, descriptor: { mediaType, digest: sha256(content), size: content.length } };
}

/** A blob of a value written as JSON. */
export function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

/** A tar archive (ustar) of one regular file. */
function tar(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148); // the checksum is computed with spaces in its place
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)]);
}

/** A gzipped layer with one file of random bytes, and the digest of its tar, which the configuration names. */
export function randomLayer(mediaType: string, bytes: number): { blob: Blob; diffId: string } {
  const archive = tar(`layer-${randomBytes(4).toString('hex')}`, randomBytes(bytes));
  return { blob: blob(mediaType, gzipSync(archive)), diffId: sha256(archive) };
}
