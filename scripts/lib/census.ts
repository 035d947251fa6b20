/** Counts what is in an account: what the demo shows before and after. */
import {
  CloudFormationClient,
  paginateDescribeStacks,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, paginateDescribeLogStreams } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient, paginateDescribeImages, RepositoryNotFoundException } from '@aws-sdk/client-ecr';
import { IAMClient, paginateListAttachedRolePolicies, paginateListRolePolicies } from '@aws-sdk/client-iam';
import type { ClientSettings } from './local-account.ts';
import type { Thing } from './presence.ts';

/** What one stack, nested ones included, holds. */
export interface Census {
  readonly stackName: string;
  /** Its resources, nested stacks left out: they are counted by what is in them. */
  readonly resources: readonly Thing[];
  readonly images: number;
  readonly logStreams: number;
  readonly rolePolicies: number;
}

/** Names of the stacks that exist and are nobody's child. */
export async function rootStacks(settings: ClientSettings): Promise<readonly string[]> {
  const client = new CloudFormationClient(settings);
  const names: string[] = [];
  for await (const page of paginateDescribeStacks({ client }, {})) {
    for (const stack of page.Stacks ?? []) {
      if (stack.ParentId === undefined && stack.StackName && stack.StackStatus !== 'DELETE_COMPLETE') {
        names.push(stack.StackName);
      }
    }
  }
  return names.toSorted();
}

/** Finds a stack's resources and counts what is inside those that hold something. */
export async function takeCensus(settings: ClientSettings, stackName: string): Promise<Census> {
  const resources = await resourcesOf(new CloudFormationClient(settings), stackName);
  return { stackName, resources, ...(await countWithin(settings, resources)) };
}

async function resourcesOf(client: CloudFormationClient, stackName: string): Promise<readonly Thing[]> {
  const found: Thing[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
    for (const {
      ResourceType: type = '',
      PhysicalResourceId: id,
      ResourceStatus: status,
    } of page.StackResourceSummaries ?? []) {
      if (id === undefined || status === 'DELETE_COMPLETE') {
        continue;
      }
      found.push(...(type === 'AWS::CloudFormation::Stack' ? await resourcesOf(client, id) : [{ type, id }]));
    }
  }
  return found;
}

/** Counts what is inside of resources. */
export async function countWithin(
  settings: ClientSettings,
  resources: readonly Thing[],
): Promise<Pick<Census, 'images' | 'logStreams' | 'rolePolicies'>> {
  const total = async (type: string, count: (settings: ClientSettings, id: string) => Promise<number>) => {
    const ids = resources.flatMap((each) => (each.type === type ? each.id : []));
    const counts = await Promise.all(ids.map((id) => count(settings, id)));
    return counts.reduce((sum, each) => sum + each, 0);
  };
  return {
    images: await total('AWS::ECR::Repository', countImages),
    logStreams: await total('AWS::Logs::LogGroup', countLogStreams),
    rolePolicies: await total('AWS::IAM::Role', countRolePolicies),
  };
}

/** Images by digest, archived ones included; 0 where there is no such repository. */
export async function countImages(settings: ClientSettings, repositoryName: string): Promise<number> {
  const client = new ECRClient(settings);
  let count = 0;
  try {
    const pages = paginateDescribeImages(
      { client, pageSize: 1000 },
      { repositoryName, filter: { imageStatus: 'ANY' } },
    );
    for await (const page of pages) {
      count += page.imageDetails?.length ?? 0;
    }
  } catch (thrown) {
    if (!(thrown instanceof RepositoryNotFoundException)) {
      throw thrown;
    }
  }
  return count;
}

async function countLogStreams(settings: ClientSettings, logGroupName: string): Promise<number> {
  const client = new CloudWatchLogsClient(settings);
  let count = 0;
  for await (const page of paginateDescribeLogStreams({ client }, { logGroupName })) {
    count += page.logStreams?.length ?? 0;
  }
  return count;
}

async function countRolePolicies(settings: ClientSettings, RoleName: string): Promise<number> {
  const client = new IAMClient(settings);
  let count = 0;
  for await (const page of paginateListAttachedRolePolicies({ client }, { RoleName })) {
    count += page.AttachedPolicies?.length ?? 0;
  }
  for await (const page of paginateListRolePolicies({ client }, { RoleName })) {
    count += page.PolicyNames?.length ?? 0;
  }
  return count;
}
