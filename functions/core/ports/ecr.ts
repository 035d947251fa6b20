export interface Repository {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Image {
  /** `sha256:…` */
  readonly digest: string;
  /** An image index (manifest list), which must go before the manifests it names. */
  readonly isIndex: boolean;
}

export interface ImageFailure {
  readonly digest: string;
  /** ImageFailureCode as AWS gives it, e.g. `ImageReferencedByManifestList`. */
  readonly code: string;
  readonly reason: string;
}

/** Repositories are named by their name (what CloudFormation calls the physical id). "Already gone" is a result, not an error. */
export interface EcrPort {
  /** undefined where there is no such repository. */
  repository(name: string): Promise<Repository | undefined>;
  /**
   * Pages of all images: tagged and untagged, active and archived, a digest once. Ends early where the repository is gone.
   * Do not delete between two pages of one listing.
   */
  images(name: string): AsyncIterable<readonly Image[]>;
  /** 1 to 100 digests. Those already gone count as deleted. */
  deleteImages(
    name: string,
    digests: readonly string[],
  ): Promise<{ readonly deleted: number; readonly failures: readonly ImageFailure[] }>;
  /** The policy document's JSON text; undefined where there is none. */
  policy(name: string): Promise<string | undefined>;
  setPolicy(name: string, policy: string): Promise<void>;
  deletePolicy(name: string): Promise<void>;
}
