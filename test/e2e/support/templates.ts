/** Small templates: what stacks of the tests hold. Resources carry the name that is given, so that a test can name them again. */

export interface Resource {
  readonly Type: string;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export type Resources = Readonly<Record<string, Resource>>;

/** What may stand beside `Properties`. */
type Attributes = Pick<Resource, 'DependsOn' | 'DeletionPolicy' | 'UpdateReplacePolicy'>;

/** `Custom::CleanExit` as the README has it: the service found by its export, and every resource that it cleans named. */
export function cleanExit(dependsOn: readonly string[], properties: Readonly<Record<string, unknown>> = {}): Resource {
  return {
    Type: 'Custom::CleanExit',
    DependsOn: dependsOn,
    Properties: { ServiceToken: { 'Fn::ImportValue': 'clean-exit-ServiceToken' }, ...properties },
  };
}

/** The resources with a `CleanExit` that depends on all of them. */
export function withCleanExit(resources: Resources, properties: Readonly<Record<string, unknown>> = {}): Resources {
  return { ...resources, CleanExit: cleanExit(Object.keys(resources), properties) };
}

export function repository(RepositoryName: string, attributes: Attributes = {}, tags: readonly Tag[] = []): Resource {
  return { Type: 'AWS::ECR::Repository', ...attributes, Properties: { RepositoryName, Tags: tags } };
}

export function logGroup(LogGroupName: string, attributes: Attributes = {}, more: object = {}): Resource {
  return { Type: 'AWS::Logs::LogGroup', ...attributes, Properties: { LogGroupName, ...more } };
}

export function role(RoleName: string, service: string, attributes: Attributes = {}, more: object = {}): Resource {
  const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = { Version: '2012-10-17', Statement: [trust] };
  return { Type: 'AWS::IAM::Role', ...attributes, Properties: { RoleName, AssumeRolePolicyDocument, ...more } };
}

export function user(UserName: string, attributes: Attributes = {}, more: object = {}): Resource {
  return { Type: 'AWS::IAM::User', ...attributes, Properties: { UserName, ...more } };
}

export function group(GroupName: string, attributes: Attributes = {}, more: object = {}): Resource {
  return { Type: 'AWS::IAM::Group', ...attributes, Properties: { GroupName, ...more } };
}

export function managedPolicy(ManagedPolicyName: string, attributes: Attributes = {}, more: object = {}): Resource {
  const Statement = [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::example-bucket/*' }];
  const PolicyDocument = { Version: '2012-10-17', Statement };
  return { Type: 'AWS::IAM::ManagedPolicy', ...attributes, Properties: { ManagedPolicyName, PolicyDocument, ...more } };
}

/** A project with a webhook. */
export function project(Name: string, roleLogicalId: string, attributes: Attributes = {}, more: object = {}): Resource {
  return {
    Type: 'AWS::CodeBuild::Project',
    ...attributes,
    Properties: {
      Name,
      ServiceRole: { 'Fn::GetAtt': [roleLogicalId, 'Arn'] },
      Source: { Type: 'GITHUB', Location: `https://github.com/example/${Name}` },
      Triggers: { Webhook: true, FilterGroups: [[{ Type: 'EVENT', Pattern: 'PUSH' }]] },
      Artifacts: { Type: 'NO_ARTIFACTS' },
      Environment: {
        Type: 'LINUX_CONTAINER',
        ComputeType: 'BUILD_GENERAL1_SMALL',
        Image: 'aws/codebuild/amazonlinux-x86_64-standard:6.0',
      },
      ...more,
    },
  };
}

export function bucket(BucketName: string, attributes: Attributes = {}, more: object = {}): Resource {
  const VersioningConfiguration = { Status: 'Enabled' };
  return { Type: 'AWS::S3::Bucket', ...attributes, Properties: { BucketName, VersioningConfiguration, ...more } };
}

export function reportGroup(Name: string, more: object = {}): Resource {
  const ExportConfig = { ExportConfigType: 'NO_EXPORT' };
  return { Type: 'AWS::CodeBuild::ReportGroup', Properties: { Name, Type: 'TEST', ExportConfig, ...more } };
}

export function reportGroupArn(region: string, name: string): string {
  return `arn:aws:codebuild:${region}:000000000000:report-group/${name}`;
}

export function nested(TemplateURL: string, attributes: Attributes = {}): Resource {
  return { Type: 'AWS::CloudFormation::Stack', ...attributes, Properties: { TemplateURL } };
}

/** Cannot be created, because no such function exists; nothing is left of it. */
export function impossible(dependsOn: readonly string[] = []): Resource {
  return {
    Type: 'Custom::Impossible',
    DependsOn: dependsOn,
    Properties: { ServiceToken: 'arn:aws:lambda:ap-northeast-1:000000000000:function:no-such-function' },
  };
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}
