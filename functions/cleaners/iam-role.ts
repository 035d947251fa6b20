import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, StackResource, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import type { AwsFailure } from '../errors.ts';
import { collect, failureNote, leftoverOf } from './failures.ts';
import { fatesOf } from './fates.ts';
import { doubtNotes, foreignPolicies, policyContents } from './foreign-policies.ts';
import { type Change, makeChanges } from './iam-changes.ts';
import { type Foreign, holders, profileRefusal, reservedRefusal } from './iam-role-refusals.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { absent } from './results.ts';

const REMOVED_WITH_ROLE = 'CloudFormation removes it with the role if whoever deletes the stack may.';

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
      async () =>
        makeChanges(
          {
            resource,
            run,
            clock: this.#ports.clock,
            failed: (change, failure) => unmodifiable(resource, change, failure),
          },
          this.#changes(resource, await this.#foreign(resource, run), run),
        ),
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'an unknown number of policies', false)],
      }),
    );
  }

  #changes(resource: StackResource, foreign: Foreign, run: RunContext): readonly Change[] {
    const { iam } = this.#ports;
    const role = resource.physicalId;
    const profiles = run.options.removeRolesFromInstanceProfiles ? foreign.profiles : [];
    return [
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
        remedy: REMOVED_WITH_ROLE,
      })),
      ...foreign.inline.map((name) => ({
        kind: 'inline policy',
        name,
        blocks: false,
        carryOut: () => iam.deleteInlinePolicy(role, name),
        remedy: REMOVED_WITH_ROLE,
      })),
    ];
  }

  async #foreign(resource: StackResource, run: RunContext): Promise<Foreign> {
    const { iam } = this.#ports;
    const name = resource.physicalId;
    const [managed, inline, profiles] = await Promise.all([
      iam.attachedPolicies(name),
      iam.inlinePolicies(name),
      iam.instanceProfiles(name),
    ]);
    const owned = fatesOf('AWS::IAM::InstanceProfile', run);
    return {
      ...foreignPolicies(resource, managed, inline, run),
      profiles: profiles.filter((profile) => !owned.has(profile)),
      keptProfiles: profiles.filter((profile) => owned.get(profile)?.fate === 'stays'),
    };
  }
}

function contentsOf(foreign: Foreign): readonly Content[] {
  const profiles = { kind: 'instance profile', count: holders(foreign).length };
  return [...policyContents(foreign), profiles].filter((content) => content.count > 0);
}

/** A role that only its AWS service may change goes with its service: what stays on it is a note. */
function unmodifiable(resource: StackResource, { kind, name }: Change, failure: AwsFailure): StepResult | undefined {
  if (!failure.context.errorName.startsWith('UnmodifiableEntity')) return undefined;
  const sentence = `It may be changed by its AWS service only, so the ${kind} ${name} stays.`;
  return { ...NOTHING_DONE, notes: [failureNote(resource, failure, 'ROLE_UNMODIFIABLE', sentence)] };
}
