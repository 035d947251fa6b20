import {
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DeleteVirtualMFADeviceCommand,
  DetachUserPolicyCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  ListServiceSpecificCredentialsCommand,
  type ListServiceSpecificCredentialsCommandOutput,
  paginateListAccessKeys,
  paginateListAttachedUserPolicies,
  paginateListGroupsForUser,
  paginateListMFADevices,
  paginateListSigningCertificates,
  paginateListSSHPublicKeys,
  paginateListUserPolicies,
} from '@aws-sdk/client-iam';
import type { IamUsersPort } from '../core/ports/iam-users.ts';
import type { IamCalls } from './iam-calls.ts';
import { policiesOf } from './iam-policies.ts';
import { required, tagRecord } from './values.ts';

/** What IAM says of users. */
export function createIamUsers(calls: IamCalls): IamUsersPort {
  const { client, options, unlessGone, listed } = calls;
  return {
    async user(UserName) {
      const action = 'iam:GetUser';
      const answer = await unlessGone(action, UserName, () => client().send(new GetUserCommand({ UserName }), options));
      const user = answer?.User;
      if (user === undefined) {
        return undefined;
      }
      return {
        arn: required(user.Arn, 'Arn', action, UserName),
        // GetUser brings all tags along (at most 50); ListUsers would not.
        tags: tagRecord(user.Tags?.map((tag) => [tag.Key, tag.Value])),
      };
    },

    async attachedUserPolicies(UserName) {
      const action = 'iam:ListAttachedUserPolicies';
      const pages = paginateListAttachedUserPolicies({ client: client() }, { UserName }, options);
      return policiesOf(action, UserName, await listed(action, UserName, pages, (page) => page.AttachedPolicies));
    },

    inlineUserPolicies(UserName) {
      const pages = paginateListUserPolicies({ client: client() }, { UserName }, options);
      return listed('iam:ListUserPolicies', UserName, pages, (page) => page.PolicyNames);
    },

    async groupsOf(UserName) {
      const action = 'iam:ListGroupsForUser';
      const pages = paginateListGroupsForUser({ client: client() }, { UserName }, options);
      const groups = await listed(action, UserName, pages, (page) => page.Groups);
      return groups.map((group) => required(group.GroupName, 'GroupName', action, UserName));
    },

    async hasLoginProfile(UserName) {
      const answer = await unlessGone('iam:GetLoginProfile', UserName, () =>
        client().send(new GetLoginProfileCommand({ UserName }), options),
      );
      return answer !== undefined;
    },

    async accessKeys(UserName) {
      const action = 'iam:ListAccessKeys';
      const pages = paginateListAccessKeys({ client: client() }, { UserName }, options);
      const keys = await listed(action, UserName, pages, (page) => page.AccessKeyMetadata);
      return keys.map((key) => required(key.AccessKeyId, 'AccessKeyId', action, UserName));
    },

    async signingCertificates(UserName) {
      const action = 'iam:ListSigningCertificates';
      const pages = paginateListSigningCertificates({ client: client() }, { UserName }, options);
      const certificates = await listed(action, UserName, pages, (page) => page.Certificates);
      return certificates.map(({ CertificateId }) => required(CertificateId, 'CertificateId', action, UserName));
    },

    async sshPublicKeys(UserName) {
      const action = 'iam:ListSSHPublicKeys';
      const pages = paginateListSSHPublicKeys({ client: client() }, { UserName }, options);
      const keys = await listed(action, UserName, pages, (page) => page.SSHPublicKeys);
      return keys.map((key) => required(key.SSHPublicKeyId, 'SSHPublicKeyId', action, UserName));
    },

    async serviceSpecificCredentials(UserName) {
      const action = 'iam:ListServiceSpecificCredentials';
      const pages = credentialPages(calls, UserName);
      const credentials = await listed(action, UserName, pages, (page) => page.ServiceSpecificCredentials);
      return credentials.map((credential) =>
        required(credential.ServiceSpecificCredentialId, 'ServiceSpecificCredentialId', action, UserName),
      );
    },

    async mfaDevices(UserName) {
      const action = 'iam:ListMFADevices';
      const pages = paginateListMFADevices({ client: client() }, { UserName }, options);
      const devices = await listed(action, UserName, pages, (page) => page.MFADevices);
      return devices.map((device) => required(device.SerialNumber, 'SerialNumber', action, UserName));
    },

    async detachUserPolicy(UserName, PolicyArn) {
      await unlessGone('iam:DetachUserPolicy', UserName, () =>
        client().send(new DetachUserPolicyCommand({ UserName, PolicyArn }), options),
      );
    },

    async deleteUserPolicy(UserName, PolicyName) {
      await unlessGone('iam:DeleteUserPolicy', UserName, () =>
        client().send(new DeleteUserPolicyCommand({ UserName, PolicyName }), options),
      );
    },

    async deleteUserBoundary(UserName) {
      await unlessGone('iam:DeleteUserPermissionsBoundary', UserName, () =>
        client().send(new DeleteUserPermissionsBoundaryCommand({ UserName }), options),
      );
    },

    async deleteLoginProfile(UserName) {
      await unlessGone('iam:DeleteLoginProfile', UserName, () =>
        client().send(new DeleteLoginProfileCommand({ UserName }), options),
      );
    },

    async deleteAccessKey(UserName, AccessKeyId) {
      await unlessGone('iam:DeleteAccessKey', UserName, () =>
        client().send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }), options),
      );
    },

    async deleteSigningCertificate(UserName, CertificateId) {
      await unlessGone('iam:DeleteSigningCertificate', UserName, () =>
        client().send(new DeleteSigningCertificateCommand({ UserName, CertificateId }), options),
      );
    },

    async deleteSshPublicKey(UserName, SSHPublicKeyId) {
      await unlessGone('iam:DeleteSSHPublicKey', UserName, () =>
        client().send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId }), options),
      );
    },

    async deleteServiceSpecificCredential(UserName, ServiceSpecificCredentialId) {
      await unlessGone('iam:DeleteServiceSpecificCredential', UserName, () =>
        client().send(new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId }), options),
      );
    },

    async deactivateMfaDevice(UserName, SerialNumber) {
      await unlessGone('iam:DeactivateMFADevice', UserName, () =>
        client().send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }), options),
      );
    },

    async deleteVirtualMfaDevice(SerialNumber) {
      await unlessGone('iam:DeleteVirtualMFADevice', SerialNumber, () =>
        client().send(new DeleteVirtualMFADeviceCommand({ SerialNumber }), options),
      );
    },
  };
}

/** The SDK has no paginator for this listing. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html */
async function* credentialPages(
  { client, options }: IamCalls,
  UserName: string,
): AsyncGenerator<ListServiceSpecificCredentialsCommandOutput, void> {
  let Marker: string | undefined;
  do {
    const page: ListServiceSpecificCredentialsCommandOutput = await client().send(
      new ListServiceSpecificCredentialsCommand({ UserName, ...(Marker === undefined ? {} : { Marker }) }),
      options,
    );
    yield page;
    Marker = page.Marker;
  } while (Marker !== undefined);
}
