/** Lists what an account really holds, beside CloudFormation's word for it. */
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, paginateListProjects } from '@aws-sdk/client-codebuild';
import { ECRClient, paginateDescribeRepositories } from '@aws-sdk/client-ecr';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, paginateListGroups, paginateListRoles, paginateListUsers } from '@aws-sdk/client-iam';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import type { ClientSettings } from './local-account.ts';

/** A resource by the id that CloudFormation gives it. */
export interface Thing {
  readonly type: string;
  readonly id: string;
}

type Names = readonly (string | undefined)[];

async function all<Page>(pages: AsyncIterable<Page>, namesOf: (page: Page) => Names | undefined): Promise<Names> {
  const names: (string | undefined)[] = [];
  for await (const page of pages) {
    names.push(...(namesOf(page) ?? []));
  }
  return names;
}

/** The types that can be listed; permissions and policies of queues go with what they belong to. */
const LISTINGS: Readonly<Record<string, (settings: ClientSettings) => Promise<Names>>> = {
  'AWS::ECR::Repository': (settings) =>
    all(paginateDescribeRepositories({ client: new ECRClient(settings) }, {}), ({ repositories }) =>
      repositories?.map(({ repositoryName }) => repositoryName),
    ),
  'AWS::Logs::LogGroup': (settings) =>
    all(paginateDescribeLogGroups({ client: new CloudWatchLogsClient(settings) }, {}), ({ logGroups }) =>
      logGroups?.map(({ logGroupName }) => logGroupName),
    ),
  'AWS::IAM::Role': (settings) =>
    all(paginateListRoles({ client: new IAMClient(settings) }, {}), ({ Roles }) =>
      Roles?.map(({ RoleName }) => RoleName),
    ),
  'AWS::IAM::User': (settings) =>
    all(paginateListUsers({ client: new IAMClient(settings) }, {}), ({ Users }) =>
      Users?.map(({ UserName }) => UserName),
    ),
  'AWS::IAM::Group': (settings) =>
    all(paginateListGroups({ client: new IAMClient(settings) }, {}), ({ Groups }) =>
      Groups?.map(({ GroupName }) => GroupName),
    ),
  'AWS::CodeBuild::Project': (settings) =>
    all(paginateListProjects({ client: new CodeBuildClient(settings) }, {}), ({ projects }) => projects),
  'AWS::Lambda::Function': (settings) =>
    all(paginateListFunctions({ client: new LambdaClient(settings) }, {}), ({ Functions }) =>
      Functions?.map(({ FunctionName }) => FunctionName),
    ),
  'AWS::SQS::Queue': (settings) =>
    all(paginateListQueues({ client: new SQSClient(settings) }, {}), ({ QueueUrls }) => QueueUrls),
  'AWS::Events::Rule': async (settings) => {
    const { Rules = [] } = await new EventBridgeClient(settings).send(new ListRulesCommand({}));
    return Rules.map(({ Name }) => Name);
  },
  'AWS::CloudWatch::Alarm': (settings) =>
    all(paginateDescribeAlarms({ client: new CloudWatchClient(settings) }, {}), ({ MetricAlarms }) =>
      MetricAlarms?.map(({ AlarmName }) => AlarmName),
    ),
};

/** Those of the things that exist. Things of a type that cannot be listed are left out. */
export async function present(settings: ClientSettings, things: readonly Thing[]): Promise<readonly Thing[]> {
  const types = new Set(things.map(({ type }) => type));
  const listings = Object.entries(LISTINGS).filter(([type]) => types.has(type));
  const lists = await Promise.all(listings.map(async ([type, list]) => [type, new Set(await list(settings))] as const));
  const existing = new Map(lists);
  return things.filter(({ type, id }) => existing.get(type)?.has(id) === true);
}

/** Can the type be listed, so that `present` says something about it? */
export function isListed({ type }: Thing): boolean {
  return type in LISTINGS;
}
