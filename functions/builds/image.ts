/** What a build made, as people need it. Every string is outside text. */
export interface BuildImage {
  readonly uri: string;
  /** `sha256:…`, checked. */
  readonly digest?: string;
  /** What has to be transferred, in bytes. */
  readonly sizeBytes?: number;
  /** ISO 8601. */
  readonly pushedAt?: string;
}

/** What the registry says of a tag. */
export interface ImageFacts {
  readonly digest: string;
  readonly sizeBytes?: number;
  /** ISO 8601. */
  readonly pushedAt?: string;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** A name that may stand in a command to copy: nothing that a shell could take for more. */
const SAFE_URI = /^[a-z0-9][a-z0-9._:/-]*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

export function isDigest(text: string | undefined): text is string {
  return text !== undefined && DIGEST.test(text);
}

/** Adds what the registry says; what the build itself told stays. */
export function withFacts(image: BuildImage, facts: ImageFacts | undefined): BuildImage {
  if (facts === undefined || (image.digest !== undefined && facts.digest !== image.digest)) {
    // The tag has moved on: size and age would be those of another image.
    return image;
  }
  return {
    ...image,
    ...(isDigest(facts.digest) ? { digest: facts.digest } : {}),
    ...(facts.sizeBytes === undefined ? {} : { sizeBytes: facts.sizeBytes }),
    ...(facts.pushedAt === undefined ? {} : { pushedAt: facts.pushedAt }),
  };
}

/** The line to copy; undefined for a name that must not be put into a shell. */
export function pullCommand({ uri }: BuildImage): string | undefined {
  return SAFE_URI.test(uri) ? `docker pull ${uri}` : undefined;
}

/** The tag; `latest` is what Docker takes where none is written. */
export function tagOf({ uri }: BuildImage): string | undefined {
  const [name = '', digest] = uri.split('@');
  const last = name.slice(name.lastIndexOf('/') + 1);
  const [, tag] = /:(.+)$/.exec(last) ?? [];
  return tag ?? (digest === undefined && last !== '' ? 'latest' : undefined);
}

/** Megabytes as people read them: `98`, `1,240`, `0.4`. */
export function megabytes(bytes: number): string {
  const size = bytes / 1_000_000;
  return size.toLocaleString('en-US', { maximumFractionDigits: size < 10 ? 1 : 0 });
}
