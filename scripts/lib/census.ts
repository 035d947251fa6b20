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

/** What one stack, nested ones included, holds. */
export interface Census {
  readonly stackName: string;
  readonly stacks: number;
  readonly resources: number;
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

/** Counts a stack's resources and what is inside those that hold something. */
export async function takeCensus(settings: ClientSettings, stackName: string): Promise<Census> {
  const client = new CloudFormationClient(settings);
  let total: Census = { stackName, stacks: 1, resources: 0, images: 0, logStreams: 0, rolePolicies: 0 };
  for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
    for (const { ResourceType: type, PhysicalResourceId: id, ResourceStatus: status } of page.StackResourceSummaries ??
      []) {
      if (id === undefined || status === 'DELETE_COMPLETE') {
        continue;
      }
      total = { ...total, resources: total.resources + 1 };
      if (type === 'AWS::CloudFormation::Stack') {
        total = sum(total, await takeCensus(settings, id));
      } else if (type === 'AWS::ECR::Repository') {
        total = { ...total, images: total.images + (await countImages(settings, id)) };
      } else if (type === 'AWS::Logs::LogGroup') {
        total = { ...total, logStreams: total.logStreams + (await countLogStreams(settings, id)) };
      } else if (type === 'AWS::IAM::Role') {
        total = { ...total, rolePolicies: total.rolePolicies + (await countRolePolicies(settings, id)) };
      }
    }
  }
  return total;
}

function sum(outer: Census, inner: Census): Census {
  return {
    stackName: outer.stackName,
    stacks: outer.stacks + inner.stacks,
    resources: outer.resources + inner.resources,
    images: outer.images + inner.images,
    logStreams: outer.logStreams + inner.logStreams,
    rolePolicies: outer.rolePolicies + inner.rolePolicies,
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
