import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStackEvents,
  paginateListImports,
  paginateListStackResources,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import type { StackFacts } from '../core/model.ts';
import type { CloudFormationPort } from '../core/ports/cloudformation.ts';
import { AwsFailure } from '../errors.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { call } from './errors.ts';
import { allOf, pagesOf } from './paging.ts';
import { required, tagRecord } from './values.ts';

/** The container's own client. */
export const cloudFormationClient = perContainer('cloudformation', () => new CloudFormationClient(CLIENT_SETTINGS));

/**
 * How far back an update's begin is looked for. A page holds 100 events; an update of 500 resources (the limit of a stack)
 * with its rollback and clean-up, and a delete after it, writes about 5,000.
 */
const EVENT_PAGES = 100;

/** The CloudFormation port over the SDK. */
export function createCloudFormation({
  client = cloudFormationClient,
  signal,
}: AdapterOptions<CloudFormationClient> = {}): CloudFormationPort {
  const options = sendOptions(signal);
  return {
    async stack(nameOrId) {
      const action = 'cloudformation:DescribeStacks';
      try {
        const answer = await call(action, nameOrId, () =>
          client().send(new DescribeStacksCommand({ StackName: nameOrId }), options),
        );
        return stackFacts(required(answer.Stacks?.[0], 'Stacks', action, nameOrId));
      } catch (thrown) {
        if (saysInvalid(thrown, `Stack with id ${nameOrId} does not exist`)) {
          return undefined;
        }
        throw thrown;
      }
    },

    async resources(stackId) {
      const action = 'cloudformation:ListStackResources';
      const pages = paginateListStackResources({ client: client() }, { StackName: stackId }, options);
      const rows = await allOf(
        pagesOf({ action, resource: stackId, tokenOf: (page) => page.NextToken }, pages),
        (page) => page.StackResourceSummaries,
      );
      return rows.map((row) => ({
        logicalId: required(row.LogicalResourceId, 'LogicalResourceId', action, stackId),
        type: required(row.ResourceType, 'ResourceType', action, stackId),
        // Empty while the resource was never made.
        physicalId: row.PhysicalResourceId || undefined,
        status: required(row.ResourceStatus, 'ResourceStatus', action, stackId),
        statusReason: row.ResourceStatusReason,
      }));
    },

    async template(stackId) {
      const action = 'cloudformation:GetTemplate';
      const answer = await call(action, stackId, () =>
        client().send(new GetTemplateCommand({ StackName: stackId, TemplateStage: 'Processed' }), options),
      );
      return required(answer.TemplateBody, 'TemplateBody', action, stackId);
    },

    async importers(exportName) {
      const action = 'cloudformation:ListImports';
      const pages = paginateListImports({ client: client() }, { ExportName: exportName }, options);
      try {
        return await allOf(
          pagesOf({ action, resource: exportName, tokenOf: (page) => page.NextToken }, pages),
          (page) => page.Imports,
        );
      } catch (thrown) {
        if (saysInvalid(thrown, `Export '${exportName}' is not imported by any stack.`)) {
          return [];
        }
        throw thrown;
      }
    },

    async updateStartedAt(stackId) {
      const action = 'cloudformation:DescribeStackEvents';
      // Newest first. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
      const events = paginateDescribeStackEvents({ client: client() }, { StackName: stackId }, options);
      let pages = 0;
      for await (const page of pagesOf({ action, resource: stackId, tokenOf: (answer) => answer.NextToken }, events)) {
        const begin = page.StackEvents?.find(isBeginOfUpdate);
        if (begin !== undefined) {
          return required(begin.Timestamp, 'Timestamp', action, stackId).toISOString();
        }
        pages += 1;
        if (pages === EVENT_PAGES && page.NextToken !== undefined) {
          throw new AwsFailure(
            { action, resource: stackId, errorName: 'TooManyEvents' },
            `no begin of an update in the newest ${EVENT_PAGES} pages of events`,
          );
        }
      }
      return undefined;
    },

    async madeAt(stackId, logicalId) {
      const action = 'cloudformation:DescribeStackEvents';
      const events = paginateDescribeStackEvents({ client: client() }, { StackName: stackId }, options);
      for await (const page of pagesOf({ action, resource: stackId, tokenOf: (answer) => answer.NextToken }, events)) {
        const made = page.StackEvents?.find(
          (event) => event.LogicalResourceId === logicalId && MADE.test(event.ResourceStatus ?? ''),
        );
        if (made !== undefined) {
          return required(made.Timestamp, 'Timestamp', action, stackId).toISOString();
        }
      }
      return undefined;
    },
  };
}

/** A resource was made, changed or taken over. */
const MADE = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/;

/** The stack's own event, not a nested stack's; a rollback's begin has another status. */
function isBeginOfUpdate(event: StackEvent): boolean {
  return event.PhysicalResourceId === event.StackId && event.ResourceStatus === 'UPDATE_IN_PROGRESS';
}

/**
 * CloudFormation has no error name of its own for "there is none": ValidationError means any wrong request. So the sentence
 * is compared too, in full: a wrong match would take a stack for gone.
 */
function saysInvalid(thrown: unknown, sentence: string): boolean {
  return (
    thrown instanceof AwsFailure &&
    thrown.context.errorName === 'ValidationError' &&
    thrown.cause instanceof Error &&
    thrown.cause.message === sentence
  );
}

function stackFacts(stack: Stack): StackFacts {
  const action = 'cloudformation:DescribeStacks';
  const stackName = required(stack.StackName, 'StackName', action, 'stack');
  return {
    stackId: required(stack.StackId, 'StackId', action, stackName),
    stackName,
    status: required(stack.StackStatus, 'StackStatus', action, stackName),
    statusReason: stack.StackStatusReason,
    terminationProtected: stack.EnableTerminationProtection ?? false,
    parentId: stack.ParentId,
    rootId: stack.RootId,
    roleArn: stack.RoleARN,
    creationTime: required(stack.CreationTime, 'CreationTime', action, stackName).toISOString(),
    // ResolvedValue is what a Systems Manager parameter type stands for: the value that the template works with.
    parameters: tagRecord(stack.Parameters?.map((p) => [p.ParameterKey, p.ResolvedValue ?? p.ParameterValue])),
    tags: tagRecord(stack.Tags?.map((tag) => [tag.Key, tag.Value])),
    exportNames: (stack.Outputs ?? []).flatMap((output) => output.ExportName ?? []),
  };
}
