import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, StackResource, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Principal } from '../core/ports/iam-policies.ts';
import type { Ports } from '../core/ports/index.ts';
import { assertNever } from '../errors.ts';
import { clip, collect, leftoverOf } from './failures.ts';
import { type Change, makeChanges } from './iam-changes.ts';
import { namesOf, type PolicyUses, useRefusal, usesOf } from './iam-policy-uses.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { madeAnew } from './made-anew.ts';
import { otherOwner } from './other-owner.ts';
import { absent, noteAbout } from './results.ts';

/**
 * Frees a managed policy of what holds it: attachments that somebody made by hand to users, groups and roles of the tree, and
 * with consent attachments to others and uses as permissions boundary. CloudFormation's own delete fails while there is one;
 * it detaches the policy only from what templates name, and that is left to its order.
 *
 * Older versions go too, so that the report names them; CloudFormation, which makes a version with every update of the
 * document, deletes them itself, so they never block.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
 */
export const iamManagedPolicy = {
  type: 'AWS::IAM::ManagedPolicy',
  create: (ports: Ports): Cleaner => new IamManagedPolicyCleaner(ports),
} as const satisfies CleanerDefinition;

/** What keeps a policy, or goes with it. */
interface Held extends PolicyUses {
  readonly versions: readonly string[];
}

class IamManagedPolicyCleaner implements Cleaner {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const { iam, cloudFormation } = this.#ports;
    const policy = await iam.policy(resource.physicalId);
    if (policy === undefined) return absent(resource);

    const { tags, createdAt } = policy;
    const ofOther = await otherOwner(cloudFormation, resource, tags, run);
    if (ofOther !== undefined) return ofOther;
    const held = await this.#held(resource, run);
    const blocks = held.byHand.length + held.elsewhere.length + held.limits.length + held.guarded.length > 0;
    const contents = contentsOf(held);
    const anew = contents.length === 0 ? undefined : await madeAnew(cloudFormation, resource, createdAt);
    const refusal = carriesKeepTag(tags) ? keptRefusal(resource, blocks) : (anew ?? useRefusal(resource, held, run));
    return {
      resource: refOf(resource),
      exists: true,
      contents,
      blocks,
      stages: refusal === undefined && contents.length > 0 ? ['drain'] : [],
      ...(refusal === undefined ? {} : { refusal }),
      notes:
        held.inDoubt.length === 0
          ? []
          : [
              noteAbout(
                resource,
                'ATTACHMENTS_LEFT_TO_CLOUDFORMATION',
                `Left to CloudFormation, because the template may declare it: the use by ${namesOf(held.inDoubt)}.`,
              ),
            ],
    };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    if (stage !== 'drain') return NOTHING_DONE;
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    return collect(
      async () => {
        const held = await this.#held(resource, run);
        // Somebody may have attached it since the plan was made.
        const refusal = useRefusal(resource, held, run);
        if (refusal !== undefined) {
          const { sentence, remedy } = refusal;
          const leftover = {
            resource: refOf(resource),
            what: 'attachments',
            why: clip(sentence),
            remedy,
            blocks: true,
          };
          return { ...NOTHING_DONE, leftovers: [leftover] };
        }
        return makeChanges({ resource, run, clock: this.#ports.clock }, this.#changes(resource.physicalId, held));
      },
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'an unknown number of attachments', true)],
      }),
    );
  }

  /** What blocks comes first. Only what nobody's refusal stands against comes here. */
  #changes(arn: string, held: Held): readonly Change[] {
    return [
      ...[...held.byHand, ...held.elsewhere].map((principal) => ({
        kind: 'attachment',
        name: `to ${namesOf([principal])}`,
        blocks: true,
        carryOut: () => this.#detach(arn, principal),
      })),
      ...held.limits.map((principal) => ({
        kind: 'permissions boundary',
        name: `of ${namesOf([principal])}`,
        blocks: true,
        carryOut: () => this.#unlimit(principal),
      })),
      ...held.versions.map((version) => ({
        kind: 'policy version',
        name: version,
        blocks: false,
        carryOut: () => this.#ports.iam.deletePolicyVersion(arn, version),
        remedy: 'CloudFormation removes it with the policy if whoever deletes the stack may.',
      })),
    ];
  }

  #detach(arn: string, { kind, name }: Principal): Promise<void> {
    const { iam } = this.#ports;
    switch (kind) {
      case 'user':
        return iam.detachUserPolicy(name, arn);
      case 'group':
        return iam.detachGroupPolicy(name, arn);
      case 'role':
        return iam.detachPolicy(name, arn);
      default:
        return assertNever(kind);
    }
  }

  /** Groups have no boundary: IAM never lists one. */
  async #unlimit({ kind, name }: Principal): Promise<void> {
    const { iam } = this.#ports;
    if (kind === 'user') await iam.deleteUserBoundary(name);
    if (kind === 'role') await iam.deleteRoleBoundary(name);
  }

  async #held(resource: StackResource, run: RunContext): Promise<Held> {
    const { iam } = this.#ports;
    const [uses, versions] = await Promise.all([usesOf(iam, resource, run), iam.olderVersions(resource.physicalId)]);
    return { ...uses, versions };
  }
}

function contentsOf(held: Held): readonly Content[] {
  const { byHand, elsewhere, guarded } = held;
  return [
    { kind: 'attachment', count: byHand.length + elsewhere.length + guarded.length },
    { kind: 'permissions boundary', count: held.limits.length },
    { kind: 'policy version', count: held.versions.length },
  ].filter(({ count }) => count > 0);
}
