import pMap from 'p-map';
import type { Image } from '../core/ports/ecr.ts';
import type { EcrPort } from '../core/ports/index.ts';
import { AwsFailure } from '../errors.ts';
import { clip, remedyFor } from './failures.ts';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html */
const BATCH = 100;
/** ECR publishes no rate for these calls; a few side by side leave room for the account's other work. */
const SIDE_BY_SIDE = 5;
const REFERENCED = 'ImageReferencedByManifestList';

/** Digests by the order in which they must go. */
export interface Images {
  /** Image indexes (manifest lists): first, because ECR refuses to delete what an index still names. */
  readonly indexes: readonly string[];
  readonly others: readonly string[];
}

/** Why an image could not be deleted. */
export interface Problem {
  /** AWS's code: the reason names single images, the code does not. */
  readonly code: string;
  readonly why: string;
  readonly remedy: string;
}

export interface Deletion {
  readonly deleted: number;
  /** By digest. */
  readonly problems: ReadonlyMap<string, Problem>;
  /** The deadline came: what is neither deleted nor a problem was not tried. */
  readonly outOfTime: boolean;
}

/** What one deletion needs to know besides the digests. */
export interface Deleting {
  readonly ecr: EcrPort;
  readonly repository: string;
  readonly remaining: () => number;
  /** Told after each batch: how many went since the start. */
  readonly onDeleted: (deleted: number) => void;
}

/** All pages of one listing, digests only. */
export async function listImages(ecr: EcrPort, repository: string): Promise<Images> {
  const indexes: string[] = [];
  const others: string[] = [];
  for await (const page of ecr.images(repository)) {
    for (const image of page) placeOf(image, indexes, others).push(image.digest);
  }
  return { indexes, others };
}

export function sizeOf(images: Images): number {
  return images.indexes.length + images.others.length;
}

/** Deletes images: indexes level by level as far as one names another, then the rest. Failures are collected. */
export async function deleteImages(images: Images, deleting: Deleting): Promise<Deletion> {
  const problems = new Map<string, Problem>();
  let deleted = 0;
  let outOfTime = false;
  let pending = images.indexes;
  // An index inside an index goes once the outer one is gone; a pass without progress was the last.
  while (pending.length > 0 && !outOfTime) {
    const pass = await deletePass(pending, withOffset(deleting, deleted));
    for (const digest of pending) problems.delete(digest);
    for (const [digest, problem] of pass.problems) problems.set(digest, problem);
    deleted += pass.deleted;
    outOfTime = pass.outOfTime;
    pending = pass.deleted > 0 ? pass.referenced : [];
  }
  if (images.others.length > 0) {
    const pass = await deletePass(images.others, withOffset(deleting, deleted));
    for (const [digest, problem] of pass.problems) problems.set(digest, problem);
    deleted += pass.deleted;
    outOfTime = pass.outOfTime;
  }
  return { deleted, problems, outOfTime };
}

interface Pass extends Deletion {
  /** Refused because an index that was there when the call began names them. */
  readonly referenced: readonly string[];
}

async function deletePass(digests: readonly string[], deleting: Deleting): Promise<Pass> {
  const problems = new Map<string, Problem>();
  const referenced: string[] = [];
  let deleted = 0;
  let outOfTime = false;
  let denied: Problem | undefined;

  const deleteBatch = async (batch: readonly string[]): Promise<void> => {
    if (deleting.remaining() <= 0) {
      outOfTime = true;
      return;
    }
    if (denied !== undefined) {
      // The right is missing for the whole repository: asking a thousand times more does not help.
      for (const digest of batch) problems.set(digest, denied);
      return;
    }
    try {
      const answer = await deleting.ecr.deleteImages(deleting.repository, batch);
      deleted += answer.deleted;
      for (const failure of answer.failures) {
        problems.set(failure.digest, problemOf(failure.code, failure.reason));
        if (failure.code === REFERENCED) referenced.push(failure.digest);
      }
    } catch (thrown) {
      if (!(thrown instanceof AwsFailure)) throw thrown;
      const problem = { code: thrown.context.errorName, why: clip(thrown.message), remedy: remedyFor(thrown) };
      if (thrown.accessDenied) denied = problem;
      for (const digest of batch) problems.set(digest, problem);
    }
    deleting.onDeleted(deleted);
  };

  await pMap(batchesOf(digests), deleteBatch, { concurrency: SIDE_BY_SIDE });
  return { deleted, problems, referenced, outOfTime };
}

function problemOf(code: string, reason: string): Problem {
  return { code, why: clip(`ecr:BatchDeleteImage: ${code}: ${reason}`), remedy: remedyByCode(code) };
}

function remedyByCode(code: string): string {
  if (code === REFERENCED) return 'Goes once the image index that names it is gone: delete again after that.';
  if (code === 'KmsError')
    return 'The owner of the repository’s KMS key must enable it and let ECR use it, then delete again.';
  return 'Whoever owns the repository deletes the image by hand after mending what ECR names, then deletes again.';
}

function placeOf(image: Image, indexes: string[], others: string[]): string[] {
  return image.isIndex ? indexes : others;
}

function withOffset(deleting: Deleting, offset: number): Deleting {
  return { ...deleting, onDeleted: (deleted) => deleting.onDeleted(offset + deleted) };
}

function batchesOf(digests: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(digests.length / BATCH) }, (_, at) =>
    digests.slice(at * BATCH, (at + 1) * BATCH),
  );
}
