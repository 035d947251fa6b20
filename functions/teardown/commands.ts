/** Quotes a word for a POSIX shell where it needs it. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@=+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Commands of the AWS CLI that remove one resource, by type. None for IAM's: DeleteRole and its sisters fail while something is
 * attached, and Cloud Control takes that off.
 */
const COMMANDS: Readonly<Record<string, (id: string) => string>> = {
  'AWS::ECR::Repository': (name) => `aws ecr delete-repository --repository-name ${name} --force`,
  'AWS::Logs::LogGroup': (name) => `aws logs delete-log-group --log-group-name ${name}`,
  // Old versions of objects it leaves, and fails then: https://docs.aws.amazon.com/cli/latest/reference/s3/rb.html
  'AWS::S3::Bucket': (name) => `aws s3 rb s3://${name} --force`,
  'AWS::CodeBuild::Project': (name) => `aws codebuild delete-project --name ${name}`,
  'AWS::CodeBuild::ReportGroup': (arn) => `aws codebuild delete-report-group --arn ${arn} --delete-reports`,
  'AWS::CloudFormation::Stack': (id) => `aws cloudformation delete-stack --stack-name ${id}`,
  'AWS::DynamoDB::Table': (name) => `aws dynamodb delete-table --table-name ${name}`,
};

/** A command for one Region: whoever copies it may have another one set, in which something else has the same name. */
export function inRegionOf(stackId: string, command: string): string {
  const region = stackId.split(':')[3];
  return region ? `${command} --region ${region}` : command;
}

/**
 * The command that removes a resource. Where this project knows none, Cloud Control's, which takes any type that it supports
 * by what CloudFormation calls its physical id (for a few types a part of their identifier only).
 * https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-delete.html
 *
 * @param stackId ARN of the stack that had the resource
 */
export function removalCommand(stackId: string, type: string, physicalId: string): string {
  const id = shellWord(physicalId);
  return inRegionOf(
    stackId,
    COMMANDS[type]?.(id) ?? `aws cloudcontrol delete-resource --type-name ${shellWord(type)} --identifier ${id}`,
  );
}

/** The command that removes a repository's copy in another Region or account, with that account's credentials. */
export function replicaCommand(name: string, region: string, registryId: string): string {
  return `aws ecr delete-repository --region ${region} --registry-id ${registryId} --repository-name ${shellWord(name)} --force`;
}
