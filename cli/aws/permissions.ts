import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, ListProjectsCommand } from '@aws-sdk/client-codebuild';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { GetRoleCommand, IAMClient, ListRolesCommand, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import { CLIENT_SETTINGS } from '#functions/aws/clients.ts';
import { type Action, call } from '#functions/aws/errors.ts';
import { pagesOf } from '#functions/aws/paging.ts';
import { required } from '#functions/aws/values.ts';
import { AwsFailure } from '#functions/errors.ts';

/**
 * Asks IAM which actions the caller's policies do not allow, on any resource. What only a service control policy or a
 * resource's own policy forbids is not seen.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 *
 * @param callerArn as STS gives it: a user's, or that of a role's session
 * @throws AwsFailure where the caller may not ask
 */
export async function deniedActions(callerArn: string, actions: readonly string[]): Promise<readonly string[]> {
  const client = new IAMClient(CLIENT_SETTINGS);
  const PolicySourceArn = await principalOf(client, callerArn);
  const action = 'iam:SimulatePrincipalPolicy';
  const pages = paginateSimulatePrincipalPolicy({ client }, { PolicySourceArn, ActionNames: [...actions] });
  const denied: string[] = [];
  for await (const page of pagesOf({ action, resource: PolicySourceArn, tokenOf: (each) => each.Marker }, pages)) {
    for (const { EvalActionName, EvalDecision } of page.EvaluationResults ?? []) {
      if (EvalDecision !== 'allowed' && EvalActionName !== undefined) {
        denied.push(EvalActionName);
      }
    }
  }
  return denied;
}

/** A session's ARN names its role without the role's path: IAM is asked for it. */
async function principalOf(client: IAMClient, callerArn: string): Promise<string> {
  const roleName = /:assumed-role\/([^/]+)\//.exec(callerArn)?.[1];
  if (roleName === undefined) {
    return callerArn;
  }
  const { Role } = await call('iam:GetRole', roleName, () => client.send(new GetRoleCommand({ RoleName: roleName })));
  return required(Role?.Arn, 'Role.Arn', 'iam:GetRole', roleName);
}

/**
 * Makes one harmless read of each service.
 *
 * @returns the actions that were refused
 * @throws AwsFailure where AWS does not answer
 */
export async function deniedReads(): Promise<readonly string[]> {
  const settings = CLIENT_SETTINGS;
  const reads: readonly (readonly [Action, () => Promise<unknown>])[] = [
    ['cloudformation:ListStacks', () => new CloudFormationClient(settings).send(new ListStacksCommand({}))],
    [
      'ecr:DescribeRepositories',
      () => new ECRClient(settings).send(new DescribeRepositoriesCommand({ maxResults: 1 })),
    ],
    [
      'logs:DescribeLogGroups',
      () => new CloudWatchLogsClient(settings).send(new DescribeLogGroupsCommand({ limit: 1 })),
    ],
    ['iam:ListRoles', () => new IAMClient(settings).send(new ListRolesCommand({ MaxItems: 1 }))],
    ['codebuild:ListProjects', () => new CodeBuildClient(settings).send(new ListProjectsCommand({}))],
  ];
  const denied: string[] = [];
  for (const [action, read] of reads) {
    try {
      await call(action, 'anything', read);
    } catch (thrown) {
      if (!(thrown instanceof AwsFailure && thrown.accessDenied)) {
        throw thrown;
      }
      denied.push(action);
    }
  }
  return denied;
}
