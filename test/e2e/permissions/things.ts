import { PutLogGroupDeletionProtectionCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutResourcePolicyCommand, StartBuildCommand } from '@aws-sdk/client-codebuild';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  type IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateMultipartUploadCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ACCOUNT_ID } from '#scripts/lib/local-account.ts';
import { bucket, logGroup, project, reportGroup, reportGroupArn, repository, role } from '../support/templates.ts';
import { credentials, IAM_KINDS, members, usedPolicy } from './iam-things.ts';
import type { Thing } from './thing.ts';

/** The consents that a stack with all things needs. */
export const CONSENTS = {
  DisableLogGroupDeletionProtection: true,
  RemoveRolesFromInstanceProfiles: true,
  EmptyBuckets: true,
  DetachPoliciesFromOthers: true,
  RemovePermissionsBoundaries: true,
};

/** A repository with images. */
export const images: Thing = {
  resources: (name) => ({ Repository: repository(name) }),
  fill: (scene, name) => scene.seed(name, 4),
};

/** A log group with streams. */
export const streams: Thing = {
  resources: (name) => ({ Group: logGroup(name) }),
  fill: (scene, name) => scene.writeStreams(name, 2),
};

/** A log group that is protected from deletion. */
export const protection: Thing = {
  resources: (name) => ({ Group: logGroup(name) }),
  async fill({ logs }, name) {
    const protect = { logGroupIdentifier: name, deletionProtectionEnabled: true };
    await logs.send(new PutLogGroupDeletionProtectionCommand(protect));
  },
};

/** A role to which somebody gave two policies. */
export const policies: Thing = {
  resources: (name) => ({ Role: role(name, 'codebuild.amazonaws.com') }),
  async fill({ iam }, RoleName) {
    await iam.send(
      new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
    );
    const Statement = [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::example-bucket/*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'added-by-hand', PolicyDocument }));
  },
};

/** A role that is in an instance profile outside of the stack. */
export const profile: Thing = {
  resources: (name) => ({ Role: role(name, 'codebuild.amazonaws.com') }),
  async fill({ iam }, name) {
    await putInProfile(iam, name);
  },
};

/** A project with a webhook and a build that runs. */
export const building: Thing = {
  resources: (name) => ({ Role: role(`${name}-builds`, 'codebuild.amazonaws.com'), Project: project(name, 'Role') }),
  async fill({ codeBuild }, projectName) {
    await codeBuild.send(new StartBuildCommand({ projectName }));
  },
};

/** A project that is shared with another account, and has a build: CodeBuild does not delete it. */
export const sharing: Thing = {
  resources: building.resources,
  async fill(scene, name) {
    await building.fill(scene, name);
    const resourceArn = `arn:aws:codebuild:${scene.account.region}:${ACCOUNT_ID}:project/${name}`;
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: ['codebuild:BatchGetProjects', 'codebuild:BatchGetBuilds', 'codebuild:ListBuildsForProject'],
        Resource: resourceArn,
      },
    ];
    const policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await scene.codeBuild.send(new PutResourcePolicyCommand({ resourceArn, policy }));
  },
};

/** A bucket with versions, one of a key that no XML can hold, a delete marker and an upload that was only begun. */
export const objects: Thing = {
  resources: (name) => ({ Bucket: bucket(name) }),
  async fill({ s3 }, Bucket) {
    for (const Key of ['report', 'report', 'control\u0001']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    }
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'report' }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'half' }));
  },
};

/** A report group with reports. */
export const reports: Thing = {
  resources: (name) => ({ Reports: reportGroup(name) }),
  async fill({ account }, name) {
    await account.emulator.addReports(reportGroupArn(account.region, name), 3);
  },
};

/** All of it. Without the custom resource CloudFormation can delete none of the six. */
export const everything: Thing = {
  resources: (name) => ({
    ...images.resources(name),
    ...streams.resources(name),
    ...sharing.resources(name),
    ...objects.resources(name),
    ...reports.resources(name),
    ...credentials.resources(name),
    ...members.resources(name),
    ...usedPolicy.resources(name),
    Role: role(name, 'codebuild.amazonaws.com'),
  }),
  async fill(scene, name) {
    const plain = [images, streams, protection, policies, profile, sharing, objects, reports];
    for (const thing of [...plain, credentials, members, usedPolicy]) {
      await thing.fill(scene, name);
    }
  },
};

/** What a report counts when everything went. */
export const KINDS = [
  'image',
  'log stream',
  'managed policy',
  'inline policy',
  'instance profile',
  'webhook',
  'running build',
  'resource policy',
  'object version',
  'delete marker',
  'multipart upload',
  'report',
  ...IAM_KINDS,
];

async function putInProfile(iam: IAMClient, RoleName: string): Promise<void> {
  const InstanceProfileName = `${RoleName}-elsewhere`;
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
}
