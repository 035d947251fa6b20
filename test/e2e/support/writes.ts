import type { ApiCall } from '#emulator/start.ts';

/** The session in which the custom resource's function acts. */
export const CUSTOM_RESOURCE = 'assumed-role/clean-exit-custom-resource-';
/** The one in which the teardown's function acts. */
export const TEARDOWN = 'assumed-role/clean-exit-teardown-ap-northeast-1/clean-exit-teardown';

/** Calls that change something, the type of what they change, and the parameter that names it. */
const WRITES: Readonly<Record<string, readonly [type: string, parameter: string]>> = {
  BatchDeleteImage: ['AWS::ECR::Repository', 'repositoryName'],
  SetRepositoryPolicy: ['AWS::ECR::Repository', 'repositoryName'],
  DeleteRepositoryPolicy: ['AWS::ECR::Repository', 'repositoryName'],
  DeleteLogStream: ['AWS::Logs::LogGroup', 'logGroupName'],
  PutLogGroupDeletionProtection: ['AWS::Logs::LogGroup', 'logGroupIdentifier'],
  DetachRolePolicy: ['AWS::IAM::Role', 'RoleName'],
  DeleteRolePolicy: ['AWS::IAM::Role', 'RoleName'],
  RemoveRoleFromInstanceProfile: ['AWS::IAM::Role', 'RoleName'],
  DeleteRolePermissionsBoundary: ['AWS::IAM::Role', 'RoleName'],
  DetachUserPolicy: ['AWS::IAM::User', 'UserName'],
  DeleteUserPolicy: ['AWS::IAM::User', 'UserName'],
  DeleteUserPermissionsBoundary: ['AWS::IAM::User', 'UserName'],
  DeleteLoginProfile: ['AWS::IAM::User', 'UserName'],
  DeleteAccessKey: ['AWS::IAM::User', 'UserName'],
  DeleteSigningCertificate: ['AWS::IAM::User', 'UserName'],
  DeleteSSHPublicKey: ['AWS::IAM::User', 'UserName'],
  DeleteServiceSpecificCredential: ['AWS::IAM::User', 'UserName'],
  DeactivateMFADevice: ['AWS::IAM::User', 'UserName'],
  // The tests give a device its user's name.
  DeleteVirtualMFADevice: ['AWS::IAM::User', 'SerialNumber'],
  RemoveUserFromGroup: ['AWS::IAM::Group', 'GroupName'],
  DetachGroupPolicy: ['AWS::IAM::Group', 'GroupName'],
  DeleteGroupPolicy: ['AWS::IAM::Group', 'GroupName'],
  DeletePolicyVersion: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  StopBuild: ['AWS::CodeBuild::Project', 'id'],
  DeleteWebhook: ['AWS::CodeBuild::Project', 'projectName'],
  DeleteResourcePolicy: ['AWS::CodeBuild::Project', 'resourceArn'],
  DeleteReport: ['AWS::CodeBuild::ReportGroup', 'arn'],
  DeleteObject: ['AWS::S3::Bucket', 'path'],
  DeleteObjectVersion: ['AWS::S3::Bucket', 'path'],
  AbortMultipartUpload: ['AWS::S3::Bucket', 'path'],
  PutBucketPolicy: ['AWS::S3::Bucket', 'path'],
  DeleteBucketPolicy: ['AWS::S3::Bucket', 'path'],
  DeleteStack: ['AWS::CloudFormation::Stack', 'StackName'],
  UpdateTerminationProtection: ['AWS::CloudFormation::Stack', 'StackName'],
  DeleteLogGroup: ['AWS::Logs::LogGroup', 'logGroupName'],
  StartExecution: ['AWS::StepFunctions::StateMachine', 'stateMachineArn'],
};

/** A change of two things is right where either of them is: what is detached or left may be the tree's own. */
const OTHER_SIDE: Readonly<Record<string, readonly [type: string, parameter: string]>> = {
  DetachRolePolicy: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  DetachUserPolicy: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  DetachGroupPolicy: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  RemoveUserFromGroup: ['AWS::IAM::User', 'UserName'],
};

/** Something that the function wrote to. */
export interface Write {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  /** Type and name of the other thing that it changed. */
  readonly otherSide?: string | undefined;
  readonly errorCode: string | null;
}

/** Users and roles, by type and name, with the managed policy that limits them: whoever lifts a limit names no policy. */
export type Boundaries = Map<string, string>;

/** Learns from calls, whoever made them, which policies limit whom. */
export function learnBoundaries(boundaries: Boundaries, calls: readonly ApiCall[]): void {
  for (const { operation, request, errorCode } of calls) {
    const kind = /^Put(User|Role)PermissionsBoundary$/.exec(operation)?.[1];
    if (kind !== undefined && errorCode === null) {
      boundaries.set(
        `AWS::IAM::${kind} ${nameIn(request, `${kind}Name`)}`,
        `AWS::IAM::ManagedPolicy ${Reflect.get(Object(request), 'PermissionsBoundary')}`,
      );
    }
  }
}

/**
 * The changes among the calls that somebody made.
 *
 * @param session part of the principal's ARN
 * @param boundaries where known, the other side of a boundary that is lifted
 * @throws Error for a call that is neither known as one nor a reading one
 */
export function writesOf(
  calls: readonly ApiCall[],
  session: string = CUSTOM_RESOURCE,
  boundaries: Boundaries = new Map(),
): readonly Write[] {
  return calls
    .filter(({ principal }) => principal.includes(session))
    .flatMap(({ operation, request, errorCode }): readonly Write[] => {
      const write = WRITES[operation];
      if (write) {
        const [type, parameter] = write;
        const name = nameIn(request, parameter);
        const other = OTHER_SIDE[operation];
        const limit = operation.endsWith('PermissionsBoundary') ? boundaries.get(`${type} ${name}`) : undefined;
        const otherSide = other ? `${other[0]} ${nameIn(request, other[1])}` : limit;
        return [{ operation, type, name, otherSide, errorCode }];
      }
      // It reads, or it hands over to itself (its role lets it invoke nothing else).
      if (/^(Describe|List|Get|BatchGet)/.test(operation) || operation.startsWith('Invoke')) {
        return [];
      }
      throw new Error(`the function called ${operation}, which this watch does not know`);
    });
}

function nameIn(request: unknown, parameter: string): string {
  const value = typeof request === 'object' && request !== null ? Reflect.get(request, parameter) : undefined;
  const text = String(value);
  if (parameter === 'PolicyArn' || parameter === 'StackName') {
    return text;
  }
  if (parameter === 'path') {
    return text.split('/')[1] ?? text;
  }
  if (parameter === 'arn') {
    // A report is named `…:report/GROUP:ID`, and its group by its ARN.
    return text.replace(':report/', ':report-group/').replace(/:[^:]*$/, '');
  }
  const name = text.startsWith('arn:') ? text.slice(text.lastIndexOf(text.includes('/') ? '/' : ':') + 1) : text;
  return parameter === 'id' ? (name.split(':')[0] ?? name) : name;
}
