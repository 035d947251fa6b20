import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, Note, StackResource, Stage, StepResult } from '../core/model.ts';
import { isKept, refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import { AwsFailure } from '../errors.ts';
import { declaredPolicies } from './declared-names.ts';
import { collect, failureNote, leftoverOf } from './failures.ts';
import { type Foreign, holders, profileRefusal, reservedRefusal } from './iam-role-refusals.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { absent, inSum, noteAbout, removedOf } from './results.ts';

/** Tries of one change, and the first pause between two in milliseconds: IAM is eventually consistent. */
const MOST_TRIES = 5;
const FIRST_PAUSE = 500;

/**
 * Takes from a role what others gave it: foreign policies, and with consent foreign instance profiles. What the
 * template declares stays: a custom resource of the same stack may still need it, and CloudFormation removes it in order.
 */
export const iamRole = {
  type: 'AWS::IAM::Role',
  create: (ports: Ports): Cleaner => new IamRoleCleaner(ports),
} as const satisfies CleanerDefinition;

class IamRoleCleaner implements Cleaner {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const role = await this.#ports.iam.role(resource.physicalId);
    if (role === undefined) return absent(resource);

    const reserved = reservedRefusal(resource, role);
    if (reserved !== undefined) {
      return { ...absent(resource), exists: true, blocks: true, refusal: reserved };
    }
    const ofOther = await otherOwner(this.#ports.cloudFormation, resource, role.tags, run);
    if (ofOther !== undefined) return ofOther;
    const foreign = await this.#foreign(resource, run);
    const refusal = carriesKeepTag(role.tags)
      ? keptRefusal(resource, holders(foreign).length > 0)
      : profileRefusal(resource, foreign, run);
    const contents = contentsOf(foreign);
    return {
      resource: refOf(resource),
      exists: true,
      contents,
      blocks: holders(foreign).length > 0,
      stages: refusal === undefined && contents.length > 0 ? ['drain'] : [],
      ...(refusal === undefined ? {} : { refusal }),
      notes: doubtNotes(resource, foreign),
    };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    if (stage !== 'drain') return NOTHING_DONE;
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    return collect(
      async () => this.#drain(resource, await this.#foreign(resource, run), run),
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'an unknown number of policies', false)],
      }),
    );
  }

  /** One change after the other: IAM refuses changes to one role that come side by side. */
  async #drain(resource: StackResource, foreign: Foreign, run: RunContext): Promise<StepResult> {
    const { iam } = this.#ports;
    const role = resource.physicalId;
    const profiles = run.options.removeRolesFromInstanceProfiles ? foreign.profiles : [];
    const changes: Change[] = [
      ...profiles.map((name) => ({
        kind: 'instance profile',
        name,
        blocks: true,
        carryOut: () => iam.removeFromInstanceProfile(role, name),
      })),
      ...foreign.managed.map(({ arn, name }) => ({
        kind: 'managed policy',
        name,
        blocks: false,
        carryOut: () => iam.detachPolicy(role, arn),
      })),
      ...foreign.inline.map((name) => ({
        kind: 'inline policy',
        name,
        blocks: false,
        carryOut: () => iam.deleteInlinePolicy(role, name),
      })),
    ];
    const results: StepResult[] = [];
    for (const [at, change] of changes.entries()) {
      if (run.remaining() <= 0) return inSum([...results, { ...NOTHING_DONE, finished: false }]);
      results.push(await this.#change(resource, change, run));
      run.progress({
        logicalId: resource.logicalId,
        stage: 'drain',
        kind: change.kind,
        done: at + 1,
        total: changes.length,
      });
    }
    return inSum(results);
  }

  async #change(resource: StackResource, change: Change, run: RunContext): Promise<StepResult> {
    return collect(
      async () => {
        await this.#persistently(change.carryOut, run);
        return { ...NOTHING_DONE, removed: removedOf(resource, change.kind, 1) };
      },
      (failure): StepResult => failed(resource, change, failure),
    );
  }

  /** Repeats a change that collided with another one, with growing pauses. */
  async #persistently(carryOut: () => Promise<void>, run: RunContext): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await carryOut();
      } catch (thrown) {
        const pause = FIRST_PAUSE * 2 ** (tries - 1);
        if (!isCollision(thrown) || tries >= MOST_TRIES || run.remaining() <= pause) throw thrown;
        await this.#ports.clock.sleep(pause);
      }
    }
  }

  async #foreign(resource: StackResource, run: RunContext): Promise<Foreign> {
    const { iam } = this.#ports;
    const name = resource.physicalId;
    const [managed, inline, profiles] = await Promise.all([
      iam.attachedPolicies(name),
      iam.inlinePolicies(name),
      iam.instanceProfiles(name),
    ]);
    const declared = declaredPolicies(resource, run.tree);
    const owned = instanceProfilesOf(run);
    return {
      managed: managed.filter((policy) => declared.managed(policy.arn) === 'foreign'),
      inline: inline.filter((policy) => declared.inline(policy) === 'foreign'),
      profiles: profiles.filter((profile) => !owned.has(profile)),
      keptProfiles: profiles.filter((profile) => owned.get(profile) === 'stays'),
      inDoubt: [
        ...managed.filter((policy) => declared.managed(policy.arn) === 'in doubt').map((policy) => policy.name),
        ...inline.filter((policy) => declared.inline(policy) === 'in doubt'),
      ],
    };
  }
}

/** One thing to take from a role. */
interface Change {
  readonly kind: string;
  readonly name: string;
  readonly blocks: boolean;
  readonly carryOut: () => Promise<void>;
}

/** The tree's instance profiles by name, and whether CloudFormation deletes them. */
function instanceProfilesOf(run: RunContext): ReadonlyMap<string, 'goes' | 'stays'> {
  const profiles = new Map<string, 'goes' | 'stays'>();
  for (const stack of run.tree.stacks) {
    for (const resource of stack.resources) {
      if (resource.type !== 'AWS::IAM::InstanceProfile') continue;
      profiles.set(resource.physicalId, stack.retained || isKept(resource, run.options.cause) ? 'stays' : 'goes');
    }
  }
  return profiles;
}

function contentsOf(foreign: Foreign): readonly Content[] {
  return [
    { kind: 'managed policy', count: foreign.managed.length },
    { kind: 'inline policy', count: foreign.inline.length },
    { kind: 'instance profile', count: holders(foreign).length },
  ].filter((content) => content.count > 0);
}

function doubtNotes(resource: StackResource, foreign: Foreign): readonly Note[] {
  if (foreign.inDoubt.length === 0) return [];
  const sentence = `Left to CloudFormation, because the template may declare them: ${foreign.inDoubt.join(', ')}.`;
  return [noteAbout(resource, 'POLICIES_LEFT_TO_CLOUDFORMATION', sentence)];
}

function failed(resource: StackResource, change: Change, failure: AwsFailure): StepResult {
  const { kind, name, blocks } = change;
  if (failure.context.errorName.startsWith('UnmodifiableEntity')) {
    const sentence = `It may be changed by its AWS service only, so the ${kind} ${name} stays.`;
    return { ...NOTHING_DONE, notes: [failureNote(resource, failure, 'ROLE_UNMODIFIABLE', sentence)] };
  }
  const leftover = leftoverOf(resource, failure, `${kind} ${name}`, blocks);
  const remedy = blocks
    ? leftover.remedy
    : `CloudFormation removes it with the role if whoever deletes the stack may. ${leftover.remedy}`;
  return { ...NOTHING_DONE, leftovers: [{ ...leftover, remedy }] };
}

function isCollision(thrown: unknown): boolean {
  return thrown instanceof AwsFailure && /^(ConcurrentModification|DeleteConflict)/.test(thrown.context.errorName);
}
