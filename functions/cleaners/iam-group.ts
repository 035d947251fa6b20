import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, StackResource, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Group } from '../core/ports/iam-groups.ts';
import type { Ports } from '../core/ports/index.ts';
import { declaredMemberships } from './declared-members.ts';
import { collect, leftoverOf } from './failures.ts';
import { doubtNotes, type ForeignPolicies, foreignPolicies, policyContents } from './foreign-policies.ts';
import { type Change, makeChanges } from './iam-changes.ts';
import { madeAnew } from './made-anew.ts';
import { absent } from './results.ts';

const REMOVED_WITH_GROUP = 'CloudFormation removes it with the group if whoever deletes the stack may.';

/**
 * Takes everybody out of a group whom no template of the tree put there: they are the group's content, and it is going. That
 * blocks: CloudFormation's own delete takes off policies, but no member. Members that a template declares leave in
 * CloudFormation's order; policies that none declares are taken off so that the report names them.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
 */
export const iamGroup = {
  type: 'AWS::IAM::Group',
  create: (ports: Ports): Cleaner => new IamGroupCleaner(ports),
} as const satisfies CleanerDefinition;

/** What is in a group that no template of the tree put there. */
interface Held extends ForeignPolicies {
  readonly members: readonly string[];
}

class IamGroupCleaner implements Cleaner {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const group = await this.#ports.iam.group(resource.physicalId);
    if (group === undefined) return absent(resource);

    const held = await this.#held(resource, group, run);
    const contents = contentsOf(held);
    const refusal =
      contents.length === 0 ? undefined : await madeAnew(this.#ports.cloudFormation, resource, group.createdAt);
    return {
      resource: refOf(resource),
      exists: true,
      contents,
      blocks: held.members.length > 0,
      stages: refusal === undefined && contents.length > 0 ? ['drain'] : [],
      ...(refusal === undefined ? {} : { refusal }),
      notes: doubtNotes(resource, held),
    };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    if (stage !== 'drain') return NOTHING_DONE;
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    return collect(
      async () => {
        const group = await this.#ports.iam.group(resource.physicalId);
        if (group === undefined) return NOTHING_DONE;
        const held = await this.#held(resource, group, run);
        return makeChanges({ resource, run, clock: this.#ports.clock }, this.#changes(resource.physicalId, held));
      },
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'an unknown number of members', true)],
      }),
    );
  }

  /** What blocks comes first. */
  #changes(group: string, held: Held): readonly Change[] {
    const { iam } = this.#ports;
    return [
      ...held.members.map((name) => ({
        kind: 'member',
        name,
        blocks: true,
        carryOut: () => iam.removeFromGroup(group, name),
      })),
      ...held.managed.map(({ arn, name }) => ({
        kind: 'managed policy',
        name,
        blocks: false,
        carryOut: () => iam.detachGroupPolicy(group, arn),
        remedy: REMOVED_WITH_GROUP,
      })),
      ...held.inline.map((name) => ({
        kind: 'inline policy',
        name,
        blocks: false,
        carryOut: () => iam.deleteGroupPolicy(group, name),
        remedy: REMOVED_WITH_GROUP,
      })),
    ];
  }

  async #held(resource: StackResource, { members }: Group, run: RunContext): Promise<Held> {
    const { iam } = this.#ports;
    const name = resource.physicalId;
    const [managed, inline] = await Promise.all([iam.attachedGroupPolicies(name), iam.inlineGroupPolicies(name)]);
    const isMember = declaredMemberships(run);
    const policies = foreignPolicies(resource, managed, inline, run);
    return {
      ...policies,
      members: members.filter((member) => isMember(member, name) === 'foreign'),
      inDoubt: [...policies.inDoubt, ...members.filter((member) => isMember(member, name) === 'in doubt')],
    };
  }
}

function contentsOf(held: Held): readonly Content[] {
  return [{ kind: 'member', count: held.members.length }, ...policyContents(held)].filter(({ count }) => count > 0);
}
