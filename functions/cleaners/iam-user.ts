import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, StackResource, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import { declaredMemberships } from './declared-members.ts';
import { collect, leftoverOf } from './failures.ts';
import { fatesOf } from './fates.ts';
import { doubtNotes, type ForeignPolicies, foreignPolicies, policyContents } from './foreign-policies.ts';
import { type Change, makeChanges } from './iam-changes.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { absent } from './results.ts';

const REMOVED_WITH_USER = 'CloudFormation removes it with the user if whoever deletes the stack may.';

/**
 * Takes from a user what others gave it.
 *
 * CloudFormation's own delete of a user removes access keys, the login profile, policies and group memberships; it fails on
 * MFA devices, SSH public keys, signing certificates and service-specific credentials, which no template can declare for a
 * user: these block, and all of them go. Of the former only what no template of the tree declares is taken, so that the report
 * names it; it never blocks, and what a template declares is left to CloudFormation.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
 */
export const iamUser = {
  type: 'AWS::IAM::User',
  create: (ports: Ports): Cleaner => new IamUserCleaner(ports),
} as const satisfies CleanerDefinition;

/** What a user holds that no template of the tree gave it. */
interface Held extends ForeignPolicies {
  readonly mfaDevices: readonly string[];
  readonly sshPublicKeys: readonly string[];
  readonly signingCertificates: readonly string[];
  readonly serviceSpecificCredentials: readonly string[];
  readonly accessKeys: readonly string[];
  readonly loginProfile: boolean;
  /** Groups outside of the tree; membership in one of the tree is that group's content. */
  readonly groups: readonly string[];
}

class IamUserCleaner implements Cleaner {
  readonly #ports: Ports;
  /** What inspect saw, by user: the first drain needs no listing of its own. */
  readonly #seen = new Map<string, Held>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const user = await this.#ports.iam.user(resource.physicalId);
    if (user === undefined) return absent(resource);

    const ofOther = await otherOwner(this.#ports.cloudFormation, resource, user.tags, run);
    if (ofOther !== undefined) return ofOther;
    const held = await this.#held(resource, run);
    this.#seen.set(resource.physicalId, held);
    const blocks = blockersOf(held) > 0;
    const refusal = carriesKeepTag(user.tags) ? keptRefusal(resource, blocks) : undefined;
    const contents = contentsOf(held);
    return {
      resource: refOf(resource),
      exists: true,
      contents,
      blocks,
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
        const seen = this.#seen.get(resource.physicalId);
        this.#seen.delete(resource.physicalId);
        const held = seen ?? (await this.#held(resource, run));
        return makeChanges({ resource, run, clock: this.#ports.clock }, this.#changes(resource, held, run));
      },
      (failure) => ({
        ...NOTHING_DONE,
        leftovers: [leftoverOf(resource, failure, 'an unknown number of credentials', true)],
      }),
    );
  }

  /** What blocks comes first. */
  #changes(resource: StackResource, held: Held, run: RunContext): readonly Change[] {
    const { iam } = this.#ports;
    const user = resource.physicalId;
    const each = (
      kind: string,
      ids: readonly string[],
      blocks: boolean,
      carryOut: (id: string) => Promise<void>,
    ): readonly Change[] =>
      ids.map((id) => ({
        kind,
        name: id,
        blocks,
        carryOut: () => carryOut(id),
        remedy: blocks ? undefined : REMOVED_WITH_USER,
      }));
    return [
      ...each('MFA device', held.mfaDevices, true, (id) => iam.deactivateMfaDevice(user, id)).map((change) =>
        isOwnVirtualDevice(change.name, resource, run) ? { ...change, next: this.#unusedDevice(change.name) } : change,
      ),
      ...each('SSH public key', held.sshPublicKeys, true, (id) => iam.deleteSshPublicKey(user, id)),
      ...each('signing certificate', held.signingCertificates, true, (id) => iam.deleteSigningCertificate(user, id)),
      ...each('service-specific credential', held.serviceSpecificCredentials, true, (id) =>
        iam.deleteServiceSpecificCredential(user, id),
      ),
      ...each('access key', held.accessKeys, false, (id) => iam.deleteAccessKey(user, id)),
      ...each('login profile', held.loginProfile ? [''] : [], false, () => iam.deleteLoginProfile(user)),
      ...held.managed.map(({ arn, name }) => ({
        kind: 'managed policy',
        name,
        blocks: false,
        carryOut: () => iam.detachUserPolicy(user, arn),
        remedy: REMOVED_WITH_USER,
      })),
      ...each('inline policy', held.inline, false, (name) => iam.deleteUserPolicy(user, name)),
      ...each('group membership', held.groups, false, (group) => iam.removeFromGroup(group, user)),
    ];
  }

  /** The device behind a serial number that was just taken from its only user. */
  #unusedDevice(serialNumber: string): Change {
    return {
      kind: 'virtual MFA device',
      name: serialNumber,
      blocks: false,
      carryOut: () => this.#ports.iam.deleteVirtualMfaDevice(serialNumber),
      remedy: 'Nobody uses it any more, and it does not go with the user.',
    };
  }

  async #held(resource: StackResource, run: RunContext): Promise<Held> {
    const { iam } = this.#ports;
    const name = resource.physicalId;
    const [managed, inline, groups, loginProfile, accessKeys, mfaDevices, ssh, certificates, serviceSpecific] =
      await Promise.all([
        iam.attachedUserPolicies(name),
        iam.inlineUserPolicies(name),
        iam.groupsOf(name),
        iam.hasLoginProfile(name),
        iam.accessKeys(name),
        iam.mfaDevices(name),
        iam.sshPublicKeys(name),
        iam.signingCertificates(name),
        iam.serviceSpecificCredentials(name),
      ]);
    const ofTree = fatesOf('AWS::IAM::Group', run);
    const keysOfTree = fatesOf('AWS::IAM::AccessKey', run);
    const isMember = declaredMemberships(run);
    const policies = foreignPolicies(resource, managed, inline, run);
    return {
      ...policies,
      inDoubt: [...policies.inDoubt, ...groups.filter((group) => isMember(name, group) === 'in doubt')],
      groups: groups.filter((group) => !ofTree.has(group) && isMember(name, group) === 'foreign'),
      loginProfile: loginProfile && resource.declared['LoginProfile'] === undefined,
      accessKeys: accessKeys.filter((key) => !keysOfTree.has(key)),
      mfaDevices,
      sshPublicKeys: ssh,
      signingCertificates: certificates,
      serviceSpecificCredentials: serviceSpecific,
    };
  }
}

/**
 * Is this the ARN of a virtual device of the stack's account that no template of the tree made? A hardware device's serial
 * number is no ARN, and a passkey's ARN is that of the user's own credential, which goes with its deactivation.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html
 */
function isOwnVirtualDevice(serialNumber: string, { stackId }: StackResource, run: RunContext): boolean {
  const [, partition, , , account] = stackId.split(':');
  const ofAccount = serialNumber.startsWith(`arn:${partition}:iam::${account}:mfa/`);
  return ofAccount && !fatesOf('AWS::IAM::VirtualMFADevice', run).has(serialNumber);
}

function blockersOf(held: Held): number {
  const { mfaDevices, sshPublicKeys, signingCertificates, serviceSpecificCredentials } = held;
  return mfaDevices.length + sshPublicKeys.length + signingCertificates.length + serviceSpecificCredentials.length;
}

function contentsOf(held: Held): readonly Content[] {
  return [
    { kind: 'MFA device', count: held.mfaDevices.length },
    { kind: 'SSH public key', count: held.sshPublicKeys.length },
    { kind: 'signing certificate', count: held.signingCertificates.length },
    { kind: 'service-specific credential', count: held.serviceSpecificCredentials.length },
    { kind: 'access key', count: held.accessKeys.length },
    { kind: 'login profile', count: held.loginProfile ? 1 : 0 },
    ...policyContents(held),
    { kind: 'group membership', count: held.groups.length },
  ].filter(({ count }) => count > 0);
}
