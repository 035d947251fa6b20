/**
 * What the command line does with the caller's rights. `doctor` asks IAM about these; where the caller may not ask, it makes
 * the harmless reads among them.
 */
export const NEEDED = {
  local: [
    'cloudformation:DescribeStacks',
    'cloudformation:ListStackResources',
    'cloudformation:GetTemplate',
    'cloudformation:DescribeStackEvents',
    'cloudformation:ListImports',
    'cloudformation:ListStacks',
    'cloudformation:DeleteStack',
    'ecr:DescribeRepositories',
    'ecr:DescribeImages',
    'ecr:BatchDeleteImage',
    'ecr:GetRepositoryPolicy',
    'ecr:SetRepositoryPolicy',
    'logs:DescribeLogGroups',
    'iam:GetRole',
    'iam:ListAttachedRolePolicies',
    'iam:ListRolePolicies',
    'iam:DetachRolePolicy',
    'iam:DeleteRolePolicy',
    'codebuild:BatchGetProjects',
    'codebuild:StopBuild',
    'codebuild:DeleteWebhook',
    's3:ListBucketVersions',
    's3:DeleteObjectVersion',
  ],
  service: [
    'states:DescribeStateMachine',
    'states:StartExecution',
    'states:DescribeExecution',
    'states:GetExecutionHistory',
    'states:ListExecutions',
  ],
} as const;
