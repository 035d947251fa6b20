import type { ManagedPolicy } from './iam-policies.ts';

export interface User {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Users are named by their name. Lists hold all pages and are empty for a user who is gone. Removing what is already gone succeeds. */
export interface IamUsersPort {
  user(name: string): Promise<User | undefined>;
  attachedUserPolicies(userName: string): Promise<readonly ManagedPolicy[]>;
  inlineUserPolicies(userName: string): Promise<readonly string[]>;
  /** Names of the groups that the user is in. */
  groupsOf(userName: string): Promise<readonly string[]>;
  /** May the user sign in to the console? */
  hasLoginProfile(userName: string): Promise<boolean>;
  accessKeys(userName: string): Promise<readonly string[]>;
  signingCertificates(userName: string): Promise<readonly string[]>;
  sshPublicKeys(userName: string): Promise<readonly string[]>;
  serviceSpecificCredentials(userName: string): Promise<readonly string[]>;
  /** Serial numbers; that of a virtual device is its ARN. */
  mfaDevices(userName: string): Promise<readonly string[]>;
  detachUserPolicy(userName: string, policyArn: string): Promise<void>;
  deleteUserPolicy(userName: string, policyName: string): Promise<void>;
  /** The user's own limit; the user may do more without it. */
  deleteUserBoundary(userName: string): Promise<void>;
  deleteLoginProfile(userName: string): Promise<void>;
  deleteAccessKey(userName: string, id: string): Promise<void>;
  deleteSigningCertificate(userName: string, id: string): Promise<void>;
  deleteSshPublicKey(userName: string, id: string): Promise<void>;
  deleteServiceSpecificCredential(userName: string, id: string): Promise<void>;
  deactivateMfaDevice(userName: string, serialNumber: string): Promise<void>;
  /** The device itself, which nobody uses any more. */
  deleteVirtualMfaDevice(serialNumber: string): Promise<void>;
}
