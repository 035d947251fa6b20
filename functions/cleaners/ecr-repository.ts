import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Finding, Leftover, Note, StackResource, StackTree, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import { counted } from '../core/report.ts';
import { assertNever } from '../errors.ts';
import type { Deleting, Images, Problem } from './ecr-passes.ts';
import { deleteImages, listImages, sizeOf } from './ecr-passes.ts';
import { addSeal, liftSeal } from './ecr-seal.ts';
import { emptyOut } from './ecr-verify.ts';
import { collect, failureNote, leftoverOf } from './failures.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { absent, noteAbout, removedOf } from './results.ts';

const KIND = 'image';
/**
 * Empties a repository: pushes denied, image indexes first, then the rest, then listed until empty.
 * A run costs ceil(N / 1000) lists, one BatchDeleteImage for each 100 images, and one list that sees it empty.
 */
export const ecrRepository = {
  type: 'AWS::ECR::Repository',
  create: (ports: Ports): Cleaner => new EcrRepositoryCleaner(ports),
} as const satisfies CleanerDefinition;

class EcrRepositoryCleaner implements Cleaner {
  readonly #ports: Ports;
  /** What inspect saw, by repository: the drain's first pass needs no listing of its own. */
  readonly #seen = new Map<string, Images>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const name = resource.physicalId;
    const repository = await this.#ports.ecr.repository(name);
    if (repository === undefined) return absent(resource);
    const ofOther = await otherOwner(this.#ports.cloudFormation, resource, repository.tags, run);
    if (ofOther !== undefined) return ofOther;
    if (carriesKeepTag(repository.tags)) return this.#inspectKept(resource);

    const images = await listImages(this.#ports.ecr, name);
    this.#seen.set(name, images);
    const count = sizeOf(images);
    return {
      resource: refOf(resource),
      exists: true,
      contents: count === 0 ? [] : [{ kind: KIND, count }],
      blocks: count > 0 && !emptiedByCloudFormation(resource),
      // An empty repository is sealed and looked at again too: a build that runs now may push before it is deleted.
      stages: count === 0 ? ['seal', 'verify'] : ['seal', 'drain', 'verify'],
      notes: [],
    };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    switch (stage) {
      case 'seal':
        return this.#seal(resource);
      case 'drain':
        return this.#drain(resource, run);
      case 'verify':
        return this.#verify(resource, run);
      case 'quiesce':
      case 'logStreams':
        return NOTHING_DONE;
      default:
        return assertNever(stage);
    }
  }

  async restore(resource: StackResource, tree: StackTree): Promise<readonly Note[]> {
    const name = resource.physicalId;
    return collect(
      async () => {
        const edit = liftSeal(await this.#ports.ecr.policy(name));
        if (edit.kind !== 'write' && edit.kind !== 'delete') return [];
        // Asked only where there is a seal: it may be that of another stack's teardown.
        const repository = await this.#ports.ecr.repository(name);
        if (repository === undefined) return [];
        if (await otherOwner(this.#ports.cloudFormation, resource, repository.tags, { tree })) {
          const sentence = 'Another stack has made it anew since: its seal is that stack’s, and was left.';
          return [noteAbout(resource, 'SEAL_OF_ANOTHER_STACK', sentence)];
        }
        if (edit.kind === 'write') await this.#ports.ecr.setPolicy(name, edit.policy);
        else await this.#ports.ecr.deletePolicy(name);
        const sentence = 'It takes pushes again: the seal of an earlier teardown was lifted.';
        return [noteAbout(resource, 'SEAL_LIFTED', sentence)];
      },
      (failure) => [
        failureNote(resource, failure, 'SEAL_NOT_LIFTED', 'It may still refuse pushes after an earlier teardown.'),
      ],
    );
  }

  /** Only whether there is anything at all: one page is enough. */
  async #inspectKept(resource: StackResource): Promise<Finding> {
    let count = 0;
    for await (const page of this.#ports.ecr.images(resource.physicalId)) {
      count = page.length;
      if (count > 0) break;
    }
    const blocks = count > 0 && !emptiedByCloudFormation(resource);
    return {
      resource: refOf(resource),
      exists: true,
      contents: count === 0 ? [] : [{ kind: KIND, count, orMore: true }],
      blocks,
      stages: [],
      refusal: keptRefusal(resource, blocks),
      notes: [],
    };
  }

  async #seal(resource: StackResource): Promise<StepResult> {
    const name = resource.physicalId;
    const unsealed = (note: Note): StepResult => ({ ...NOTHING_DONE, notes: [note] });
    return collect(
      async () => {
        const edit = addSeal(await this.#ports.ecr.policy(name));
        if (edit.kind === 'impossible') {
          const sentence = `It is emptied without a seal, because ${edit.why}: pushes are not refused meanwhile.`;
          return unsealed(noteAbout(resource, 'NOT_SEALED', sentence));
        }
        if (edit.kind === 'write') await this.#ports.ecr.setPolicy(name, edit.policy);
        return NOTHING_DONE;
      },
      (failure) =>
        unsealed(
          failureNote(
            resource,
            failure,
            'NOT_SEALED',
            'It is emptied without a seal: pushes are not refused meanwhile.',
          ),
        ),
    );
  }

  async #drain(resource: StackResource, run: RunContext): Promise<StepResult> {
    const name = resource.physicalId;
    const seen = this.#seen.get(name);
    this.#seen.delete(name);
    return collect<StepResult>(
      async () => {
        const images = seen ?? (await listImages(this.#ports.ecr, name));
        const deletion = await deleteImages(images, this.#deleting('drain', sizeOf(images), resource, run));
        const removed = removedOf(resource, KIND, deletion.deleted);
        // No leftovers yet: the next stage lists again and says what really stayed.
        return { ...NOTHING_DONE, removed, finished: !deletion.outOfTime };
      },
      () => NOTHING_DONE,
    );
  }

  async #verify(resource: StackResource, run: RunContext): Promise<StepResult> {
    const { removed, problems, unlisted, finished } = await emptyOut({
      clock: this.#ports.clock,
      remaining: run.remaining,
      deletingOf: (total) => this.#deleting('verify', total, resource, run),
    });
    const unknown =
      unlisted === undefined
        ? []
        : [leftoverOf(resource, unlisted, 'an unknown number of images', !emptiedByCloudFormation(resource))];
    return {
      removed: removedOf(resource, KIND, removed),
      leftovers: [...leftoversOf(resource, problems), ...unknown],
      notes: [],
      finished,
    };
  }

  #deleting(stage: Stage, total: number, resource: StackResource, run: RunContext): Deleting {
    return {
      ecr: this.#ports.ecr,
      repository: resource.physicalId,
      remaining: run.remaining,
      onDeleted: (done) => run.progress({ logicalId: resource.logicalId, stage, kind: KIND, done, total }),
    };
  }
}

/** With EmptyOnDelete in the deployed template CloudFormation empties the repository itself. */
function emptiedByCloudFormation(resource: StackResource): boolean {
  const declared = resource.declared['EmptyOnDelete'];
  return declared === true || declared === 'true';
}

/** One leftover for each cause, however many images share it. */
function leftoversOf(resource: StackResource, problems: readonly Problem[]): readonly Leftover[] {
  const byCode = new Map<string, { readonly first: Problem; count: number }>();
  for (const problem of problems) {
    const same = byCode.get(problem.code);
    if (same === undefined) byCode.set(problem.code, { first: problem, count: 1 });
    else same.count += 1;
  }
  const blocks = !emptiedByCloudFormation(resource);
  return [...byCode.values()].map(({ first: { why, remedy }, count }) => ({
    resource: refOf(resource),
    what: counted(count, KIND),
    why,
    remedy,
    blocks,
  }));
}
