import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutLogGroupDeletionProtectionCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CodeBuildClient,
  DeleteReportCommand,
  DeleteResourcePolicyCommand,
  DeleteWebhookCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import {
  BatchDeleteImageCommand,
  DeleteRepositoryPolicyCommand,
  ECRClient,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import {
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteGroupPolicyCommand,
  DeleteLoginProfileCommand,
  DeletePolicyVersionCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DeleteVirtualMFADeviceCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  IAMClient,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  AbortMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ACCOUNT_ID, type ClientSettings } from '#scripts/lib/local-account.ts';

/** One call that changes something, on a thing of the given name. The thing need not exist: IAM is asked first. */
export type Change = (as: ClientSettings, name: string) => Promise<unknown>;

/** Every change that the custom resource's role is allowed. */
export const CHANGES: Readonly<Record<string, Change>> = {
  'ecr:BatchDeleteImage': (as, repositoryName) =>
    new ECRClient(as).send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: 'latest' }] })),
  'ecr:SetRepositoryPolicy': (as, repositoryName) =>
    new ECRClient(as).send(
      new SetRepositoryPolicyCommand({ repositoryName, policyText: '{"Version":"2012-10-17","Statement":[]}' }),
    ),
  'ecr:DeleteRepositoryPolicy': (as, repositoryName) =>
    new ECRClient(as).send(new DeleteRepositoryPolicyCommand({ repositoryName })),
  'logs:DeleteLogStream': (as, logGroupName) =>
    new CloudWatchLogsClient(as).send(new DeleteLogStreamCommand({ logGroupName, logStreamName: 'none' })),
  'logs:PutLogGroupDeletionProtection': (as, logGroupIdentifier) =>
    new CloudWatchLogsClient(as).send(
      new PutLogGroupDeletionProtectionCommand({ logGroupIdentifier, deletionProtectionEnabled: false }),
    ),
  'iam:DetachRolePolicy': (as, RoleName) =>
    new IAMClient(as).send(
      new DetachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
    ),
  'iam:DeleteRolePolicy': (as, RoleName) =>
    new IAMClient(as).send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'none' })),
  'iam:RemoveRoleFromInstanceProfile': (as, RoleName) =>
    new IAMClient(as).send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName: RoleName })),
  'iam:DeleteRolePermissionsBoundary': (as, RoleName) =>
    new IAMClient(as).send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
  'iam:DetachUserPolicy': (as, UserName) =>
    new IAMClient(as).send(
      new DetachUserPolicyCommand({ UserName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
    ),
  'iam:DeleteUserPolicy': (as, UserName) =>
    new IAMClient(as).send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'none' })),
  'iam:DeleteUserPermissionsBoundary': (as, UserName) =>
    new IAMClient(as).send(new DeleteUserPermissionsBoundaryCommand({ UserName })),
  'iam:DeleteLoginProfile': (as, UserName) => new IAMClient(as).send(new DeleteLoginProfileCommand({ UserName })),
  'iam:DeleteAccessKey': (as, UserName) =>
    new IAMClient(as).send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' })),
  'iam:DeleteSigningCertificate': (as, UserName) =>
    new IAMClient(as).send(new DeleteSigningCertificateCommand({ UserName, CertificateId: 'none' })),
  'iam:DeleteSSHPublicKey': (as, UserName) =>
    new IAMClient(as).send(new DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId: 'none' })),
  'iam:DeleteServiceSpecificCredential': (as, UserName) =>
    new IAMClient(as).send(
      new DeleteServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId: 'none' }),
    ),
  'iam:DeactivateMFADevice': (as, UserName) =>
    new IAMClient(as).send(new DeactivateMFADeviceCommand({ UserName, SerialNumber: 'GAHT12345678' })),
  'iam:DeleteVirtualMFADevice': (as, name) =>
    new IAMClient(as).send(
      new DeleteVirtualMFADeviceCommand({ SerialNumber: `arn:aws:iam::${ACCOUNT_ID}:mfa/${name}` }),
    ),
  'iam:RemoveUserFromGroup': (as, GroupName) =>
    new IAMClient(as).send(new RemoveUserFromGroupCommand({ GroupName, UserName: 'nobody' })),
  'iam:DetachGroupPolicy': (as, GroupName) =>
    new IAMClient(as).send(
      new DetachGroupPolicyCommand({ GroupName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
    ),
  'iam:DeleteGroupPolicy': (as, GroupName) =>
    new IAMClient(as).send(new DeleteGroupPolicyCommand({ GroupName, PolicyName: 'none' })),
  'iam:DeletePolicyVersion': (as, name) =>
    new IAMClient(as).send(
      new DeletePolicyVersionCommand({ PolicyArn: `arn:aws:iam::${ACCOUNT_ID}:policy/${name}`, VersionId: 'v1' }),
    ),
  'codebuild:StopBuild': (as, project) =>
    new CodeBuildClient(as).send(new StopBuildCommand({ id: `${project}:00000000-0000-0000-0000-000000000000` })),
  'codebuild:DeleteWebhook': (as, projectName) =>
    new CodeBuildClient(as).send(new DeleteWebhookCommand({ projectName })),
  'codebuild:DeleteResourcePolicy': (as, project) =>
    new CodeBuildClient(as).send(
      new DeleteResourcePolicyCommand({
        resourceArn: `arn:aws:codebuild:${as.region}:${ACCOUNT_ID}:project/${project}`,
      }),
    ),
  'codebuild:DeleteReport': (as, group) =>
    new CodeBuildClient(as).send(
      new DeleteReportCommand({ arn: `arn:aws:codebuild:${as.region}:${ACCOUNT_ID}:report/${group}:none` }),
    ),
  's3:DeleteObject': (as, Bucket) =>
    new S3Client(as).send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'none' }] } })),
  's3:DeleteObjectVersion': (as, Bucket) =>
    new S3Client(as).send(new DeleteObjectCommand({ Bucket, Key: 'none', VersionId: 'null' })),
  's3:AbortMultipartUpload': (as, Bucket) =>
    new S3Client(as).send(new AbortMultipartUploadCommand({ Bucket, Key: 'none', UploadId: 'none' })),
  's3:PutBucketPolicy': (as, Bucket) => new S3Client(as).send(new PutBucketPolicyCommand({ Bucket, Policy: '{}' })),
  's3:DeleteBucketPolicy': (as, Bucket) => new S3Client(as).send(new DeleteBucketPolicyCommand({ Bucket })),
};

/** What both functions need to run, of which each has its own. */
export const OWN: Readonly<Record<string, Change>> = {
  'logs:CreateLogStream': (as, logGroupName) =>
    new CloudWatchLogsClient(as).send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'stray' })),
  'logs:PutLogEvents': (as, logGroupName) =>
    new CloudWatchLogsClient(as).send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName: 'stray',
        logEvents: [{ timestamp: 1, message: 'stray' }],
      }),
    ),
  'sqs:SendMessage': (as, QueueUrl) =>
    new SQSClient(as).send(new SendMessageCommand({ QueueUrl, MessageBody: 'stray' })),
  'lambda:InvokeFunction': (as, FunctionName) =>
    new LambdaClient(as).send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: '{}' })),
  'logs:GetLogEvents': (as, logGroupName) =>
    new CloudWatchLogsClient(as).send(new GetLogEventsCommand({ logGroupName, logStreamName: 'none' })),
  'ssm:GetParameter': (as, Name) => new SSMClient(as).send(new GetParameterCommand({ Name })),
};

/**
 * AWS limits these by the instance profile and by the device alone, which have no prefix: that the role is the stack's, and that
 * the device was its user's, the code checks.
 */
export const WITHOUT_PREFIX = ['iam:RemoveRoleFromInstanceProfile', 'iam:DeleteVirtualMFADevice'];
