import pMap from 'p-map';
import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, Leftover, Note, Refusal, StackResource, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import type { LogGroup } from '../core/ports/logs.ts';
import { counted } from '../core/report.ts';
import { type AwsFailure, assertNever } from '../errors.ts';
import { collect, leftoverOf } from './failures.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { Pacer } from './pacer.ts';
import { absent, noteAbout, removedOf } from './results.ts';

const KIND = 'log stream';
/** DeleteLogStream: 15 a second for the whole account and Region; a third stays free for others.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const STREAMS_PER_SECOND = 10;
/** CloudFormation removes streams with their group in one call, so the run gives them a minute in all and no more. */
const LONGEST_STREAMS_MS = 60_000;
const SIDE_BY_SIDE = 5;

/** Deletes log streams while there is time for it, and switches deletion protection off where the run consents. */
export const logGroup = {
  type: 'AWS::Logs::LogGroup',
  create: (ports: Ports): Cleaner => new LogGroupCleaner(ports),
} as const satisfies CleanerDefinition;

class LogGroupCleaner implements Cleaner {
  readonly #ports: Ports;
  /** One for all groups of the run: the quota is the account's. */
  readonly #pacer: Pacer;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#pacer = new Pacer(ports.clock, STREAMS_PER_SECOND, LONGEST_STREAMS_MS);
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const group = await this.#ports.logs.logGroup(resource.physicalId);
    if (group === undefined) return absent(resource);

    const ofOther = await otherOwner(this.#ports.cloudFormation, resource, group.tags, run);
    if (ofOther !== undefined) return ofOther;
    const contents = await this.#peek(resource.physicalId);
    const refusal = refusalOf(resource, group, run);
    const found = { resource: refOf(resource), exists: true, contents, blocks: group.deletionProtected, notes: [] };
    if (refusal !== undefined) return { ...found, stages: [], refusal };

    const stages: Stage[] = [];
    if (group.deletionProtected) stages.push('drain');
    if (run.options.deleteLogStreams && contents.length > 0) stages.push('logStreams');
    return { ...found, stages };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    switch (stage) {
      case 'drain':
        return this.#unprotect(resource, run);
      case 'logStreams':
        return run.options.deleteLogStreams ? this.#deleteStreams(resource, run) : NOTHING_DONE;
      case 'quiesce':
      case 'seal':
      case 'verify':
        return NOTHING_DONE;
      default:
        return assertNever(stage);
    }
  }

  /** The streams of the first page; whether there are more shows only in the second. */
  async #peek(group: string): Promise<readonly Content[]> {
    let count = 0;
    let pages = 0;
    for await (const page of this.#ports.logs.logStreams(group)) {
      count += page.length;
      pages += 1;
      if (pages === 2) break;
    }
    if (count === 0) return [];
    return [pages < 2 ? { kind: KIND, count } : { kind: KIND, count, orMore: true }];
  }

  async #unprotect(resource: StackResource, run: RunContext): Promise<StepResult> {
    if (!run.options.disableLogGroupDeletionProtection) return NOTHING_DONE;
    const name = resource.physicalId;
    return collect<StepResult>(
      async () => {
        await this.#ports.logs.disableDeletionProtection(name);
        const sentence = 'Its deletion protection was switched off, as the request allows.';
        return { ...NOTHING_DONE, notes: [noteAbout(resource, 'LOG_GROUP_UNPROTECTED', sentence)] };
      },
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'deletion protection', true)],
      }),
    );
  }

  async #deleteStreams(resource: StackResource, run: RunContext): Promise<StepResult> {
    const group = resource.physicalId;
    const failures: AwsFailure[] = [];
    const deletable = Math.min(this.#pacer.turnsLeft(), Math.ceil((run.remaining() * STREAMS_PER_SECOND) / 1000));
    const listed = await collect<readonly string[]>(
      () => this.#list(group, deletable),
      (failure) => {
        failures.push(failure);
        return [];
      },
    );

    let deleted = 0;
    let outOfTime = false;
    const deleteOne = async (stream: string): Promise<void> => {
      // A missing right is missing for every stream of the group.
      if (failures.some((failure) => failure.accessDenied)) return;
      const itsTurn = await this.#pacer.turn();
      outOfTime ||= run.remaining() <= 0;
      if (!itsTurn || outOfTime) return;
      await collect(
        async () => {
          await this.#ports.logs.deleteLogStream(group, stream);
          deleted += 1;
        },
        (failure) => void failures.push(failure),
      );
      run.progress({ logicalId: resource.logicalId, stage: 'logStreams', kind: KIND, done: deleted });
    };
    await pMap(listed.slice(0, deletable), deleteOne, { concurrency: SIDE_BY_SIDE });

    const left = listed.length - deleted;
    return {
      removed: removedOf(resource, KIND, deleted),
      leftovers: leftoversOf(resource, failures, left),
      notes: failures.length === 0 && !outOfTime ? notesOf(resource, left, listed.length > deletable) : [],
      finished: !outOfTime,
    };
  }

  /** Names until there are more than can be deleted, or no more. */
  async #list(group: string, deletable: number): Promise<readonly string[]> {
    const streams: string[] = [];
    for await (const page of this.#ports.logs.logStreams(group)) {
      streams.push(...page);
      if (streams.length > deletable) break;
    }
    return streams;
  }
}

function refusalOf(resource: StackResource, group: LogGroup, run: RunContext): Refusal | undefined {
  const kept = carriesKeepTag(group.tags);
  if (group.deletionProtected && (kept || !run.options.disableLogGroupDeletionProtection)) {
    return {
      code: 'LOG_GROUP_PROTECTED',
      resource: refOf(resource),
      sentence: 'It has deletion protection, so CloudFormation cannot delete it.',
      remedy: `Whoever owns it switches the protection off, or ${
        kept
          ? 'takes it out of the stack (it also carries the tag that keeps it)'
          : 'allows this run to do so (DisableLogGroupDeletionProtection)'
      }; then delete again.`,
      stops: 'everything',
      blocks: true,
    };
  }
  return kept ? keptRefusal(resource, false) : undefined;
}

function leftoversOf(resource: StackResource, failures: readonly AwsFailure[], left: number): readonly Leftover[] {
  const [first] = failures;
  if (first === undefined) return [];
  const what = left === 0 ? 'an unknown number of log streams' : counted(left, KIND);
  const leftover = leftoverOf(resource, first, what, false);
  return [{ ...leftover, remedy: `None is needed to delete the stack: they go with the group. ${leftover.remedy}` }];
}

function notesOf(resource: StackResource, left: number, orMore: boolean): readonly Note[] {
  if (left === 0) return [];
  const number = counted(left, KIND, orMore);
  const sentence = `Left to CloudFormation, which deletes them with the group: ${number}.`;
  return [noteAbout(resource, 'LOG_STREAMS_LEFT', sentence)];
}
