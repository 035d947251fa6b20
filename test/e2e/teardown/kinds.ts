import { UpdateImageStorageClassCommand } from '@aws-sdk/client-ecr';
import * as iamSdk from '@aws-sdk/client-iam';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { pushImage, pushIndex } from '#emulator/push-image.ts';
import { BLOCKING, outsider, policyArn, usedPolicy } from '../permissions/iam-things.ts';
import type { Thing } from '../permissions/thing.ts';
import { building, objects, policies, profile, protection, reports, sharing } from '../permissions/things.ts';
import type { Scene } from '../support/scene.ts';
import { bucket, group, project, type Resources, repository, role, user } from '../support/templates.ts';

/** Something in a stack that nobody prepared: what a teardown has to take out of it. */
export interface Kind extends Thing {
  /** Ends the name of the resource, where pipeline/delete-role.yaml knows its type by that. */
  readonly suffix?: string;
  /** The delete role knows no such type: the stack has a role of its own. */
  readonly ownRole?: true;
  /** CloudFormation deletes it by itself. */
  readonly easy?: true;
  /** What the report counts. */
  readonly removed: Readonly<Record<string, number>>;
  /** The option that consents, and what is said without it. */
  readonly consent?: { readonly option: string; readonly says: RegExp };
}

const images = (name: string): Resources => ({ Repository: repository(name) });
const oneUser = (name: string): Resources => ({ User: user(name) });

const credential = (what: keyof typeof BLOCKING, removed: Kind['removed'] = { [what]: 1 }): Kind => ({
  suffix: '_deploy',
  resources: oneUser,
  fill: async (scene, name) => {
    await BLOCKING[what](scene, name);
  },
  removed,
});

/** Each kind of thing that a teardown takes out of a stack, alone. */
export const KINDS: Readonly<Record<string, Kind>> = {
  images: {
    resources: images,
    async fill({ ecr }, name) {
      await pushImage(ecr, { repository: name, tags: ['latest', 'v1.2'] });
      await pushImage(ecr, { repository: name });
    },
    removed: { image: 2 },
  },
  'archived images': {
    resources: images,
    async fill({ ecr }, repositoryName) {
      const { digest } = await pushImage(ecr, { repository: repositoryName, tags: ['old'] });
      const change = { repositoryName, imageId: { imageDigest: digest }, targetStorageClass: 'ARCHIVE' } as const;
      await ecr.send(new UpdateImageStorageClassCommand(change));
    },
    removed: { image: 1 },
  },
  'image indexes in an index': {
    resources: images,
    async fill({ ecr }, name) {
      const inner = await pushImage(ecr, { repository: name, platforms: 2, attestations: true });
      await pushIndex(ecr, { repository: name, tags: ['all'], manifests: [inner] });
    },
    removed: { image: 6 },
  },
  'a running build and a webhook': {
    easy: true,
    resources: (name) => ({
      Role: role(`${name}-codebuild`, 'codebuild.amazonaws.com'),
      Project: project(name, 'Role'),
    }),
    fill: building.fill,
    removed: { 'running build': 1, webhook: 1 },
  },
  'a shared project': {
    resources: (name) => ({
      Role: role(`${name}-codebuild`, 'codebuild.amazonaws.com'),
      Project: project(name, 'Role'),
    }),
    fill: sharing.fill,
    removed: { 'running build': 1, webhook: 1, 'resource policy': 1 },
  },
  'policies that somebody gave a role': {
    suffix: '-codebuild',
    easy: true,
    ...policies,
    removed: { 'managed policy': 1, 'inline policy': 1 },
  },
  'a role in an instance profile of others': {
    suffix: '-codebuild',
    ...profile,
    removed: { 'instance profile': 1 },
    consent: { option: 'removeRolesFromInstanceProfiles', says: /instance profile/ },
  },
  'a protected log group': {
    suffix: '-build',
    ...protection,
    removed: {},
    consent: { option: 'disableLogGroupDeletionProtection', says: /deletion protection/ },
  },
  'an SSH public key': credential('SSH public key'),
  'a signing certificate': credential('signing certificate'),
  'a service-specific credential': credential('service-specific credential'),
  'an MFA device': credential('MFA device', { 'MFA device': 1, 'virtual MFA device': 1 }),
  'a member of a group from outside': {
    suffix: '-developers',
    resources: (name) => ({ Team: group(name) }),
    async fill(scene, GroupName) {
      const UserName = await outsider(scene, 'user', `${GroupName}-guest`);
      await scene.iam.send(new iamSdk.AddUserToGroupCommand({ UserName, GroupName }));
    },
    removed: { member: 1 },
  },
  'a managed policy that a role of others has': {
    ownRole: true,
    resources: usedPolicy.resources,
    async fill(scene, name) {
      const RoleName = await outsider(scene, 'role', `${name}-fleet`);
      await scene.iam.send(new iamSdk.AttachRolePolicyCommand({ RoleName, PolicyArn: policyArn(name) }));
    },
    removed: { attachment: 1 },
    consent: { option: 'detachPoliciesFromOthers', says: /-fleet/ },
  },
  'a managed policy that limits a role of others': {
    ownRole: true,
    resources: usedPolicy.resources,
    async fill(scene, name) {
      const RoleName = await outsider(scene, 'role', `${name}-limited`);
      const PermissionsBoundary = policyArn(name);
      await scene.iam.send(new iamSdk.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    },
    removed: { 'permissions boundary': 1 },
    consent: { option: 'removePermissionsBoundaries', says: /-limited/ },
  },
  'object versions, delete markers and uploads': {
    ownRole: true,
    ...objects,
    removed: { 'object version': 3, 'delete marker': 1, 'multipart upload': 1 },
  },
  'a delete marker alone': {
    ownRole: true,
    resources: (name) => ({ Bucket: bucket(name) }),
    async fill({ s3 }, Bucket) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never-there' }));
    },
    removed: { 'delete marker': 1 },
  },
  reports: { ownRole: true, ...reports, removed: { report: 3 } },
};

/** A kind in a stack: `name` names the stack, `thing` the resource. */
export interface Filled {
  readonly what: string;
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
}

/** Makes a stack of each kind, of numbered names, with everything in it that the kind puts there. */
export async function fillStacks(
  scene: Scene,
  prefix: string,
  kinds: Readonly<Record<string, Kind>>,
  roleArn: string,
): Promise<readonly Filled[]> {
  const filled: Filled[] = [];
  for (const [number, [what, kind]] of Object.entries(kinds).entries()) {
    const name = `${prefix}-${number + 1}`;
    const thing = `${name}${kind.suffix ?? ''}`;
    const { id } = await scene.stacks.create(name, kind.resources(thing), kind.ownRole ? { RoleARN: roleArn } : {});
    await kind.fill(scene, thing);
    filled.push({ what, kind, name, id });
  }
  return filled;
}
