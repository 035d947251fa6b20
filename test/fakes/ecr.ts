import type { EcrPort, Image, ImageFailure, Repository } from '#functions/core/ports/ecr.ts';
import { type CallLog, turn } from './call-log.ts';
import { arrive, type LatePushes, type Pushable } from './ecr-pushes.ts';

export interface FakeImage {
  readonly digest: string;
  readonly isIndex: boolean;
  /** Digests that an index names. */
  readonly children: readonly string[];
  /** Archived images stand in the listing like any other: the port asks for them. */
  readonly archived: boolean;
  /** BatchDeleteImage answers this code for the image … */
  readonly failsWith?: string | undefined;
  /** … so many times; for ever where absent. */
  readonly failsTimes?: number | undefined;
}

export interface RepositoryOptions {
  readonly tags?: Readonly<Record<string, string>>;
  readonly policy?: string;
  /** A policy that was set is known everywhere only so many calls later. */
  readonly policyTakesCalls?: number;
}

interface State extends Pushable {
  readonly tags: Readonly<Record<string, string>>;
  readonly failed: Map<string, number>;
  readonly policyTakesCalls: number;
  deletions: number;
}

/**
 * ECR as far as the port shows it, unkind where AWS is:
 * - pages hold 3 images (`pageSize`); a delete between two pages of one listing is an error of the test's subject;
 * - BatchDeleteImage takes 1 to 100 digests and answers `failures[]`; whether an index names an image is decided on the
 *   state in which the call began, so an index and its child in one call, or in two calls side by side, do not both go;
 * - late pushes, indexes over images of before among them, arrive while calls are made, until a policy that denies
 *   ecr:PutImage to everybody is known everywhere;
 * - a repository may vanish at any time: listings end, deletes count as done, policies are neither read nor written.
 */
export class FakeEcr implements EcrPort {
  pageSize = 3;
  readonly #log: CallLog;
  readonly #repositories = new Map<string, State>();
  #deletesNow = 0;
  /** The most BatchDeleteImage calls that were under way at one time. */
  mostDeletesAtOnce = 0;

  constructor(log: CallLog) {
    this.#log = log;
  }

  addRepository(name: string, options: RepositoryOptions = {}): this {
    this.#repositories.set(name, {
      tags: options.tags ?? {},
      images: new Map(),
      indexes: new Set(),
      failed: new Map(),
      policyTakesCalls: options.policyTakesCalls ?? 0,
      policy: options.policy,
      policyFrom: 0,
      calls: 0,
      deletions: 0,
      pushes: [],
      pushed: 0,
    });
    return this;
  }

  addImage(name: string, image: Partial<FakeImage> & { readonly digest: string }): this {
    const children = image.children ?? [];
    const full = { archived: false, isIndex: children.length > 0, ...image, children };
    this.#state(name).images.set(image.digest, full);
    if (full.isIndex) {
      this.#state(name).indexes.add(image.digest);
    }
    return this;
  }

  /** So many plain images. */
  fill(name: string, count: number, prefix = 'image'): this {
    for (let at = 0; at < count; at += 1) {
      this.addImage(name, { digest: `sha256:${prefix}-${at}` });
    }
    return this;
  }

  pushLater(name: string, pushes: LatePushes): this {
    this.#state(name).pushes.push(pushes);
    return this;
  }

  /** From now on no image refuses to go, and nobody pushes. */
  heal(): void {
    for (const state of this.#repositories.values()) {
      state.pushes = [];
      for (const image of state.images.values()) {
        state.images.set(image.digest, { ...image, failsWith: undefined });
      }
    }
  }

  /** Somebody else deletes an image. */
  removeImage(name: string, digest: string): void {
    this.#state(name).images.delete(digest);
    this.#state(name).indexes.delete(digest);
  }

  removeRepository(name: string): void {
    this.#repositories.delete(name);
  }

  /** Digests that are there now; none where the repository is gone. */
  digests(name: string): readonly string[] {
    return [...(this.#repositories.get(name)?.images.keys() ?? [])];
  }

  policyNow(name: string): string | undefined {
    return this.#repositories.get(name)?.policy;
  }

  async repository(name: string): Promise<Repository | undefined> {
    await this.#begin('ecr:DescribeRepositories', name);
    const state = this.#repositories.get(name);
    return state && { arn: `arn:aws:ecr:eu-west-1:123456789012:repository/${name}`, tags: state.tags };
  }

  async *images(name: string): AsyncIterable<readonly Image[]> {
    let deletions: number | undefined;
    for (let from = 0; ; from += this.pageSize) {
      await this.#begin('ecr:DescribeImages', name);
      const state = this.#repositories.get(name);
      if (state === undefined) {
        return;
      }
      deletions ??= state.deletions;
      if (deletions !== state.deletions) {
        throw new Error(`${name}: images were deleted between two pages of one listing`);
      }
      const all = [...state.images.values()];
      const page = all.slice(from, from + this.pageSize).map(({ digest, isIndex }) => ({ digest, isIndex }));
      if (page.length > 0) {
        yield page;
      }
      if (from + this.pageSize >= all.length) {
        return;
      }
    }
  }

  async deleteImages(
    name: string,
    digests: readonly string[],
  ): Promise<{ readonly deleted: number; readonly failures: readonly ImageFailure[] }> {
    if (digests.length < 1 || digests.length > 100) {
      throw new Error(`BatchDeleteImage takes 1 to 100 images, not ${digests.length}`);
    }
    const named = this.#named(name);
    this.#deletesNow += 1;
    this.mostDeletesAtOnce = Math.max(this.mostDeletesAtOnce, this.#deletesNow);
    try {
      await this.#begin('ecr:BatchDeleteImage', name);
      await turn();
    } finally {
      this.#deletesNow -= 1;
    }
    const state = this.#repositories.get(name);
    if (state === undefined) {
      return { deleted: digests.length, failures: [] };
    }
    const failures: ImageFailure[] = [];
    for (const digest of digests) {
      const code = named.has(digest) ? 'ImageReferencedByManifestList' : failureOf(state, digest);
      if (code === undefined) {
        state.indexes.delete(digest);
        state.deletions += state.images.delete(digest) ? 1 : 0;
      } else if (state.images.has(digest)) {
        failures.push({ digest, code, reason: `the fake says ${code} of ${digest}` });
      }
    }
    return { deleted: digests.length - failures.length, failures };
  }

  async policy(name: string): Promise<string | undefined> {
    await this.#begin('ecr:GetRepositoryPolicy', name);
    return this.#repositories.get(name)?.policy;
  }

  async setPolicy(name: string, policy: string): Promise<void> {
    await this.#begin('ecr:SetRepositoryPolicy', name);
    if (policy.length > 10_240) {
      throw new Error('a repository policy holds 10,240 characters at the most');
    }
    this.#write(name, policy);
  }

  async deletePolicy(name: string): Promise<void> {
    await this.#begin('ecr:DeleteRepositoryPolicy', name);
    this.#write(name, undefined);
  }

  #write(name: string, policy: string | undefined): void {
    const state = this.#repositories.get(name);
    if (state !== undefined) {
      state.policy = policy;
      state.policyFrom = state.calls + state.policyTakesCalls;
    }
  }

  async #begin(action: string, name: string): Promise<void> {
    const state = this.#repositories.get(name);
    if (state !== undefined) {
      state.calls += 1;
      arrive(state);
    }
    await this.#log.begin(action, name);
  }

  /** What the repository's indexes name at this moment. */
  #named(name: string): ReadonlySet<string> {
    const state = this.#repositories.get(name);
    const digests = [...(state?.indexes ?? [])];
    return new Set(digests.flatMap((digest) => state?.images.get(digest)?.children ?? []));
  }

  #state(name: string): State {
    const state = this.#repositories.get(name);
    if (state === undefined) {
      throw new Error(`the fake has no repository ${name}: call addRepository first`);
    }
    return state;
  }
}

function failureOf(state: State, digest: string): string | undefined {
  const image = state.images.get(digest);
  if (image?.failsWith === undefined) {
    return undefined;
  }
  const failed = (state.failed.get(digest) ?? 0) + 1;
  state.failed.set(digest, failed);
  return failed > (image.failsTimes ?? Number.POSITIVE_INFINITY) ? undefined : image.failsWith;
}
