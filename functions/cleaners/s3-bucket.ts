import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, Note, StackResource, StackTree, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import type { OwnBucket } from '../core/ports/s3.ts';
import { assertNever } from '../errors.ts';
import { emptyShelf, sweepShelf } from './empty-out.ts';
import { collect, failureNote } from './failures.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { firstPage } from './pages.ts';
import { absent, inSum, noteAbout } from './results.ts';
import { emptiedByAnother } from './s3-others.ts';
import { refusalOf } from './s3-refusals.ts';
import { addBucketSeal, liftBucketSeal } from './s3-seal.ts';
import { kindOfVersion, MARKER, type Run, UPLOAD, uploadShelf, VERSION, versionShelf } from './s3-shelves.ts';

/**
 * Empties a bucket, where somebody consented: writes denied, multipart uploads aborted, all versions and delete markers
 * deleted, then listed until empty. Multipart uploads alone do not stop the delete of a bucket: S3 drops them with it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
 *
 * A run costs ceil(N / 1000) lists, one DeleteObjects for each 1,000 versions, and two lists that see it empty.
 */
export const s3Bucket = {
  type: 'AWS::S3::Bucket',
  create: (ports: Ports): Cleaner => new S3BucketCleaner(ports),
} as const satisfies CleanerDefinition;

class S3BucketCleaner implements Cleaner {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const { cloudFormation, s3 } = this.#ports;
    const bucket = await s3.bucket(ownBucket(resource));
    if (bucket === undefined) return absent(resource);
    const ofOther = await otherOwner(cloudFormation, resource, bucket.tags, run);
    if (ofOther !== undefined) return ofOther;

    const contents = await this.#contents(resource);
    const blocks = contents.some(({ kind }) => kind !== UPLOAD);
    const found = { resource: refOf(resource), exists: true, contents, blocks, stages: [], notes: [] } as const;
    if (carriesKeepTag(bucket.tags)) return { ...found, refusal: keptRefusal(resource, blocks) };
    const other = run.options.emptyBuckets ? undefined : emptiedByAnother(resource, run.tree);
    if (blocks && other !== undefined) {
      const sentence = `What is in it is left to ${other.logicalId} (${other.type}), which names it.`;
      return { ...found, blocks: false, notes: [noteAbout(resource, 'BUCKET_LEFT_TO_CUSTOM_RESOURCE', sentence)] };
    }
    const refusal = blocks ? refusalOf(resource, bucket, contents, run.options.emptyBuckets) : undefined;
    if (refusal !== undefined) return { ...found, refusal };
    if (!run.options.emptyBuckets) return found;
    // An empty bucket is sealed and looked at again too: what writes into it now may write before it is deleted.
    return { ...found, stages: contents.length === 0 ? ['seal', 'verify'] : ['seal', 'drain', 'verify'] };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    // A plan says what was consented to when it was made; what counts is what is consented to now.
    if (!run.options.emptyBuckets) return NOTHING_DONE;
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    const { clock } = this.#ports;
    switch (stage) {
      case 'seal':
        return this.#seal(resource);
      case 'drain':
        // Uploads first: one that is completed meanwhile is a version then.
        return inSum([
          await sweepShelf(resource, this.#uploads(stage, resource, run)),
          await sweepShelf(resource, this.#versions(stage, resource, run)),
        ]);
      case 'verify':
        return inSum([
          await emptyShelf(resource, this.#uploads(stage, resource, run), clock),
          await emptyShelf(resource, this.#versions(stage, resource, run), clock),
        ]);
      case 'quiesce':
      case 'logStreams':
        return NOTHING_DONE;
      default:
        return assertNever(stage);
    }
  }

  async restore(resource: StackResource, tree: StackTree): Promise<readonly Note[]> {
    const { cloudFormation, s3 } = this.#ports;
    const bucket = ownBucket(resource);
    return collect(
      async () => {
        const edit = liftBucketSeal(await s3.policy(bucket), resource);
        if (edit.kind !== 'write' && edit.kind !== 'delete') return [];
        // Asked only where there is a seal: it may be that of another stack's teardown.
        const found = await s3.bucket(bucket);
        if (found === undefined) return [];
        if (await otherOwner(cloudFormation, resource, found.tags, { tree })) {
          const sentence = 'Another stack has made it anew since: its seal is that stack’s, and was left.';
          return [noteAbout(resource, 'SEAL_OF_ANOTHER_STACK', sentence)];
        }
        if (edit.kind === 'write') await s3.setPolicy(bucket, edit.policy);
        else await s3.deletePolicy(bucket);
        return [
          noteAbout(resource, 'SEAL_LIFTED', 'It takes objects again: the seal of an earlier teardown was lifted.'),
        ];
      },
      (failure) => [
        failureNote(resource, failure, 'SEAL_NOT_LIFTED', 'It may still refuse objects after an earlier teardown.'),
      ],
    );
  }

  /** The first page of each listing, and whether there is a second: a bucket may hold more than anybody wants to count. */
  async #contents(resource: StackResource): Promise<readonly Content[]> {
    const { s3 } = this.#ports;
    const bucket = ownBucket(resource);
    const versions = await firstPage(s3.versions(bucket));
    const uploads = await firstPage(s3.uploads(bucket));
    const contentOf = (kind: string, count: number, orMore: boolean): readonly Content[] =>
      count === 0 ? [] : [orMore ? { kind, count, orMore } : { kind, count }];
    const ofKind = (kind: string): number => versions.things.filter((each) => kindOfVersion(each) === kind).length;
    return [
      ...contentOf(VERSION, ofKind(VERSION), versions.orMore),
      ...contentOf(MARKER, ofKind(MARKER), versions.orMore),
      ...contentOf(UPLOAD, uploads.things.length, uploads.orMore),
    ];
  }

  async #seal(resource: StackResource): Promise<StepResult> {
    const { s3 } = this.#ports;
    const bucket = ownBucket(resource);
    const unsealed = (note: Note): StepResult => ({ ...NOTHING_DONE, notes: [note] });
    return collect(
      async () => {
        const edit = addBucketSeal(await s3.policy(bucket), resource);
        if (edit.kind === 'impossible') {
          const sentence = `It is emptied without a seal, because ${edit.why}: new objects are not refused meanwhile.`;
          return unsealed(noteAbout(resource, 'NOT_SEALED', sentence));
        }
        if (edit.kind === 'write') await s3.setPolicy(bucket, edit.policy);
        return NOTHING_DONE;
      },
      (failure) => {
        const sentence = 'It is emptied without a seal: new objects are not refused meanwhile.';
        return unsealed(failureNote(resource, failure, 'NOT_SEALED', sentence));
      },
    );
  }

  #versions(stage: Stage, resource: StackResource, run: RunContext): ReturnType<typeof versionShelf> {
    return versionShelf(this.#ports.s3, ownBucket(resource), runOf(stage, VERSION, resource, run));
  }

  #uploads(stage: Stage, resource: StackResource, run: RunContext): ReturnType<typeof uploadShelf> {
    return uploadShelf(this.#ports.s3, ownBucket(resource), runOf(stage, UPLOAD, resource, run));
  }
}

/** The stack's ARN says whose the bucket must be. */
function ownBucket({ stackId, physicalId }: StackResource): OwnBucket {
  return { name: physicalId, owner: stackId.split(':')[4] ?? '' };
}

function runOf(stage: Stage, kind: string, { logicalId }: StackResource, { remaining, progress }: RunContext): Run {
  return { remaining, onRemoved: (done) => progress({ logicalId, stage, kind, done }) };
}
