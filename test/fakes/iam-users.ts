import type { ManagedPolicy } from '#functions/core/ports/iam-policies.ts';
import type { IamUsersPort, User } from '#functions/core/ports/iam-users.ts';
import { awsFailure } from './call-log.ts';
import { FakeIamGroups } from './iam-groups.ts';
import { type PrincipalOptions, principalState } from './iam-principals.ts';

export interface UserOptions extends PrincipalOptions {
  readonly loginProfile?: boolean;
  readonly accessKeys?: readonly string[];
  readonly signingCertificates?: readonly string[];
  readonly sshPublicKeys?: readonly string[];
  readonly serviceSpecificCredentials?: readonly string[];
  /** Serial numbers; a virtual device of that ARN is made as well. */
  readonly mfaDevices?: readonly string[];
}

const KINDS = [
  'accessKeys',
  'signingCertificates',
  'sshPublicKeys',
  'serviceSpecificCredentials',
  'mfaDevices',
] as const;
type Credentials = Record<(typeof KINDS)[number], Set<string>> & { loginProfile: boolean };

/**
 * Users and their credentials. A virtual MFA device is there until it is deleted, and cannot be deleted while a user has it
 * (DeleteConflictException). A user may vanish at any time: listings are empty, removals succeed.
 */
export class FakeIamUsers extends FakeIamGroups implements IamUsersPort {
  readonly #credentials = new Map<string, Credentials>();
  readonly #virtualDevices = new Set<string>();

  addUser(name: string, options: UserOptions = {}): this {
    this.put('user', name, principalState(options));
    this.#credentials.set(name, {
      loginProfile: options.loginProfile ?? false,
      accessKeys: new Set(options.accessKeys),
      signingCertificates: new Set(options.signingCertificates),
      sshPublicKeys: new Set(options.sshPublicKeys),
      serviceSpecificCredentials: new Set(options.serviceSpecificCredentials),
      mfaDevices: new Set(options.mfaDevices),
    });
    for (const serial of options.mfaDevices ?? []) {
      if (serial.startsWith('arn:')) {
        this.#virtualDevices.add(serial);
      }
    }
    return this;
  }

  removeUser(name: string): void {
    this.drop('user', name);
    this.#credentials.delete(name);
  }

  /** What the user holds now, by kind; kinds that are empty are left out. */
  userHolds(name: string): Readonly<Record<string, readonly string[] | boolean>> {
    const { loginProfile = false, ...credentials } = this.#credentials.get(name) ?? {};
    const user = this.of('user', name);
    const lists = { ...credentials, attached: user?.attached ?? [], inline: user?.inline ?? [] };
    const all = Object.entries({ ...lists, groups: this.groupsWith(name) }).map(([kind, ids]) => [kind, [...ids]]);
    return {
      ...Object.fromEntries(all.filter(([, ids = []]) => ids.length > 0)),
      ...(loginProfile ? { loginProfile } : {}),
    };
  }

  get virtualDevices(): readonly string[] {
    return [...this.#virtualDevices];
  }

  async user(name: string): Promise<User | undefined> {
    await this.log.begin('iam:GetUser', name);
    const user = this.of('user', name);
    return user && { arn: `arn:aws:iam::123456789012:user/${name}`, tags: user.tags };
  }

  attachedUserPolicies(userName: string): Promise<readonly ManagedPolicy[]> {
    return this.attachedTo('iam:ListAttachedUserPolicies', 'user', userName);
  }

  inlineUserPolicies(userName: string): Promise<readonly string[]> {
    return this.inlineOf('iam:ListUserPolicies', 'user', userName);
  }

  groupsOf(userName: string): Promise<readonly string[]> {
    return this.pages('iam:ListGroupsForUser', userName, () => this.groupsWith(userName));
  }

  async hasLoginProfile(userName: string): Promise<boolean> {
    await this.log.begin('iam:GetLoginProfile', userName);
    return this.#credentials.get(userName)?.loginProfile ?? false;
  }

  accessKeys(userName: string): Promise<readonly string[]> {
    return this.#listed('iam:ListAccessKeys', userName, 'accessKeys');
  }

  signingCertificates(userName: string): Promise<readonly string[]> {
    return this.#listed('iam:ListSigningCertificates', userName, 'signingCertificates');
  }

  sshPublicKeys(userName: string): Promise<readonly string[]> {
    return this.#listed('iam:ListSSHPublicKeys', userName, 'sshPublicKeys');
  }

  serviceSpecificCredentials(userName: string): Promise<readonly string[]> {
    return this.#listed('iam:ListServiceSpecificCredentials', userName, 'serviceSpecificCredentials');
  }

  mfaDevices(userName: string): Promise<readonly string[]> {
    return this.#listed('iam:ListMFADevices', userName, 'mfaDevices');
  }

  detachUserPolicy(userName: string, policyArn: string): Promise<void> {
    return this.changeOf('iam:DetachUserPolicy', 'user', userName, (user) => user.attached.delete(policyArn));
  }

  deleteUserPolicy(userName: string, policyName: string): Promise<void> {
    return this.changeOf('iam:DeleteUserPolicy', 'user', userName, (user) => user.inline.delete(policyName));
  }

  deleteUserBoundary(userName: string): Promise<void> {
    return this.changeOf('iam:DeleteUserPermissionsBoundary', 'user', userName, (user) => {
      user.boundary = undefined;
    });
  }

  deleteLoginProfile(userName: string): Promise<void> {
    return this.changeOf('iam:DeleteLoginProfile', 'user', userName, () => {
      const held = this.#credentials.get(userName);
      if (held !== undefined) {
        held.loginProfile = false;
      }
    });
  }

  deleteAccessKey(userName: string, id: string): Promise<void> {
    return this.#delete('iam:DeleteAccessKey', userName, 'accessKeys', id);
  }

  deleteSigningCertificate(userName: string, id: string): Promise<void> {
    return this.#delete('iam:DeleteSigningCertificate', userName, 'signingCertificates', id);
  }

  deleteSshPublicKey(userName: string, id: string): Promise<void> {
    return this.#delete('iam:DeleteSSHPublicKey', userName, 'sshPublicKeys', id);
  }

  deleteServiceSpecificCredential(userName: string, id: string): Promise<void> {
    return this.#delete('iam:DeleteServiceSpecificCredential', userName, 'serviceSpecificCredentials', id);
  }

  deactivateMfaDevice(userName: string, serialNumber: string): Promise<void> {
    return this.#delete('iam:DeactivateMFADevice', userName, 'mfaDevices', serialNumber);
  }

  async deleteVirtualMfaDevice(serialNumber: string): Promise<void> {
    const action = 'iam:DeleteVirtualMFADevice';
    await this.log.begin(action, serialNumber);
    if ([...this.#credentials.values()].some(({ mfaDevices }) => mfaDevices.has(serialNumber))) {
      throw awsFailure(action, serialNumber, 'DeleteConflictException');
    }
    this.#virtualDevices.delete(serialNumber);
  }

  /** ARN of the policy that limits the user. */
  boundaryOfUser(name: string): string | undefined {
    return this.of('user', name)?.boundary;
  }

  #listed(action: string, name: string, kind: (typeof KINDS)[number]): Promise<readonly string[]> {
    return this.pages(action, name, () => this.#credentials.get(name)?.[kind] ?? []);
  }

  #delete(action: string, name: string, kind: (typeof KINDS)[number], id: string): Promise<void> {
    return this.changeOf(action, 'user', name, () => this.#credentials.get(name)?.[kind].delete(id));
  }
}
