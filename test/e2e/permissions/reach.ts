import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  PutLogEventsCommand,
  PutLogGroupDeletionProtectionCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CodeBuildClient,
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
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
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
  'ssm:GetParameter': (as, Name) => new SSMClient(as).send(new GetParameterCommand({ Name })),
};

/** AWS limits this one by the instance profile alone, which has no prefix: that the role is the stack's, the code checks. */
export const WITHOUT_PREFIX = ['iam:RemoveRoleFromInstanceProfile'];
