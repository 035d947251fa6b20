import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListImportsCommand,
  ListStackResourcesCommand,
  type ResourceStatus,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createCloudFormation } from '#functions/aws/cloudformation.ts';
import { sdkError, served } from './sdk.ts';

const sdk = mockClient(CloudFormationClient);
const cloudFormation = createCloudFormation();
const STACK = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/xxxx-build/1';
const CHILD = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/xxxx-build-ECR/2';

const invalid = (message: string) => sdkError('ValidationError', { message });

beforeEach(() => {
  sdk.reset();
});

describe('stack', () => {
  it('gives what DescribeStacks says', async () => {
    sdk.on(DescribeStacksCommand, { StackName: CHILD }).resolves({
      Stacks: [
        {
          StackId: CHILD,
          StackName: 'xxxx-build-ECR',
          StackStatus: 'DELETE_IN_PROGRESS',
          StackStatusReason: 'User Initiated',
          EnableTerminationProtection: true,
          ParentId: STACK,
          RootId: STACK,
          RoleARN: 'arn:aws:iam::123456789012:role/stacks',
          CreationTime: new Date('2026-01-02T03:04:05Z'),
          Parameters: [
            { ParameterKey: 'ProjectName', ParameterValue: 'xxxx' },
            { ParameterKey: 'Image', ParameterValue: '/images/base', ResolvedValue: 'base:1' },
          ],
          Tags: [{ Key: 'clean-exit', Value: 'on' }],
          Outputs: [{ OutputKey: 'Arn', ExportName: 'xxxx-ECR' }, { OutputKey: 'Inner' }],
        },
      ],
    });
    expect(await cloudFormation.stack(CHILD)).toEqual({
      stackId: CHILD,
      stackName: 'xxxx-build-ECR',
      status: 'DELETE_IN_PROGRESS',
      statusReason: 'User Initiated',
      terminationProtected: true,
      parentId: STACK,
      rootId: STACK,
      roleArn: 'arn:aws:iam::123456789012:role/stacks',
      creationTime: '2026-01-02T03:04:05.000Z',
      parameters: { ProjectName: 'xxxx', Image: 'base:1' },
      tags: { 'clean-exit': 'on' },
      exportNames: ['xxxx-ECR'],
    });
  });

  it('bears a stack with nothing in it', async () => {
    const CreationTime = new Date(0);
    sdk.on(DescribeStacksCommand).resolves({
      Stacks: [{ StackId: STACK, StackName: 'xxxx-build', StackStatus: 'REVIEW_IN_PROGRESS', CreationTime }],
    });
    expect(await cloudFormation.stack('xxxx-build')).toMatchObject({ parameters: {}, tags: {}, exportNames: [] });
  });

  it('is undefined where CloudFormation knows none', async () => {
    sdk.on(DescribeStacksCommand).rejects(invalid('Stack with id xxxx-build does not exist'));
    expect(await cloudFormation.stack('xxxx-build')).toBeUndefined();
  });

  it.each([
    ['another wrong request', invalid('1 validation error detected: stackName must match [a-zA-Z]')],
    ['another stack', invalid('Stack with id yyyy-build does not exist')],
    ['a sentence around it', invalid('Role of Stack with id xxxx-build does not exist')],
    [
      'another error with the same sentence',
      sdkError('AccessDenied', { message: 'Stack with id xxxx-build does not exist' }),
    ],
  ])('fails on %s', async (_, error) => {
    sdk.on(DescribeStacksCommand).rejects(error);
    await expect(cloudFormation.stack('xxxx-build')).rejects.toMatchObject({
      context: { action: 'cloudformation:DescribeStacks', resource: 'xxxx-build', errorName: error.name },
    });
  });

  it('fails on an answer that lacks what it must have', async () => {
    sdk.on(DescribeStacksCommand).resolves({ Stacks: [] });
    await expect(cloudFormation.stack('xxxx-build')).rejects.toMatchObject({
      context: { errorName: 'IncompleteAnswer' },
      message: expect.stringContaining('Stacks'),
    });
  });
});

describe('resources', () => {
  const row = (LogicalResourceId: string, PhysicalResourceId?: string) => ({
    LogicalResourceId,
    PhysicalResourceId,
    ResourceType: 'AWS::ECR::Repository',
    ResourceStatus: 'CREATE_COMPLETE' as const,
    LastUpdatedTimestamp: new Date(0),
  });

  it('gives all pages; what was never made has no physical id', async () => {
    const pages = served('NextToken', {
      '': { StackResourceSummaries: [row('A', 'a'), row('B', '')], NextToken: 'two' },
      two: { StackResourceSummaries: [row('C')] },
    });
    sdk.on(ListStackResourcesCommand).callsFake(pages.answer);
    const common = { type: 'AWS::ECR::Repository', status: 'CREATE_COMPLETE' };
    expect(await cloudFormation.resources(STACK)).toEqual([
      { logicalId: 'A', physicalId: 'a', ...common },
      { logicalId: 'B', ...common },
      { logicalId: 'C', ...common },
    ]);
    expect(pages.asked).toEqual([{ StackName: STACK }, { StackName: STACK, NextToken: 'two' }]);
  });

  it('fails rather than page for ever', async () => {
    const page = { StackResourceSummaries: [row('A', 'a')], NextToken: 'same' };
    sdk.on(ListStackResourcesCommand).resolvesOnce(page).resolvesOnce(page).rejects(sdkError('asked too often'));
    await expect(cloudFormation.resources(STACK)).rejects.toMatchObject({
      context: { action: 'cloudformation:ListStackResources', errorName: 'RepeatedPageToken' },
    });
    expect(sdk.commandCalls(ListStackResourcesCommand)).toHaveLength(2);
  });

  it('fails where the stack is gone: an empty list would be a lie', async () => {
    sdk.on(ListStackResourcesCommand).rejects(invalid(`Stack with id ${STACK} does not exist`));
    await expect(cloudFormation.resources(STACK)).rejects.toMatchObject({ context: { resource: STACK } });
  });
});

describe('template', () => {
  it('is the processed one', async () => {
    sdk.on(GetTemplateCommand).resolves({ TemplateBody: 'Resources: {}' });
    expect(await cloudFormation.template(STACK)).toBe('Resources: {}');
    expect(sdk.commandCalls(GetTemplateCommand)[0]?.args[0].input).toEqual({
      StackName: STACK,
      TemplateStage: 'Processed',
    });
  });
});

describe('importers', () => {
  it('gives all pages', async () => {
    const pages = served('NextToken', {
      '': { Imports: ['deploy-user'], NextToken: 'two' },
      two: { Imports: ['other'] },
    });
    sdk.on(ListImportsCommand).callsFake(pages.answer);
    expect(await cloudFormation.importers('xxxx-ECR')).toEqual(['deploy-user', 'other']);
    expect(pages.asked).toEqual([{ ExportName: 'xxxx-ECR' }, { ExportName: 'xxxx-ECR', NextToken: 'two' }]);
  });

  it('is empty where nobody imports', async () => {
    sdk.on(ListImportsCommand).rejects(invalid("Export 'xxxx-ECR' is not imported by any stack."));
    expect(await cloudFormation.importers('xxxx-ECR')).toEqual([]);
  });

  it.each([
    ['another export', invalid("Export 'xxxx-ECR-Name' is not imported by any stack.")],
    ['another wrong request', invalid("Value '' at 'exportName' failed to satisfy constraint")],
    ['missing rights', sdkError('AccessDenied', { message: "Export 'xxxx-ECR' is not imported by any stack." })],
  ])('fails on %s: "nobody" would let the repository be emptied', async (_, error) => {
    sdk.on(ListImportsCommand).rejects(error);
    await expect(cloudFormation.importers('xxxx-ECR')).rejects.toMatchObject({
      context: { action: 'cloudformation:ListImports', resource: 'xxxx-ECR', errorName: error.name },
    });
  });
});

describe('updateStartedAt', () => {
  let second = 59;
  const event = (PhysicalResourceId: string, ResourceStatus: ResourceStatus): StackEvent => ({
    StackId: STACK,
    StackName: 'xxxx-build',
    EventId: 'e',
    PhysicalResourceId,
    ResourceType: 'AWS::CloudFormation::Stack',
    ResourceStatus,
    Timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second--)),
  });

  beforeEach(() => {
    second = 59;
  });

  it("is the newest begin of the stack's own updates, over pages, and the listing stops there", async () => {
    const pages = served('NextToken', {
      '': {
        StackEvents: [event(STACK, 'UPDATE_ROLLBACK_IN_PROGRESS'), event(CHILD, 'UPDATE_IN_PROGRESS')],
        NextToken: 'two',
      },
      two: {
        StackEvents: [event(CHILD, 'UPDATE_COMPLETE'), event(STACK, 'UPDATE_IN_PROGRESS')],
        NextToken: 'three',
      },
      three: { StackEvents: [event(STACK, 'UPDATE_IN_PROGRESS'), event(STACK, 'CREATE_COMPLETE')] },
    });
    sdk.on(DescribeStackEventsCommand).callsFake(pages.answer);
    expect(await cloudFormation.updateStartedAt(STACK)).toBe('2026-01-01T00:00:56.000Z');
    expect(pages.asked).toEqual([{ StackName: STACK }, { StackName: STACK, NextToken: 'two' }]);
  });

  it('is undefined where the stack was never updated', async () => {
    const pages = served('NextToken', {
      '': { StackEvents: [event(CHILD, 'UPDATE_IN_PROGRESS')], NextToken: 'two' },
      two: { StackEvents: [event(STACK, 'CREATE_COMPLETE'), event(STACK, 'CREATE_IN_PROGRESS')] },
    });
    sdk.on(DescribeStackEventsCommand).callsFake(pages.answer);
    expect(await cloudFormation.updateStartedAt(STACK)).toBeUndefined();
  });

  it('gives up after 100 pages, and says so', async () => {
    let page = 0;
    sdk.on(DescribeStackEventsCommand).callsFake(() => {
      page += 1;
      return { StackEvents: [event(CHILD, 'UPDATE_COMPLETE')], NextToken: `${page}` };
    });
    await expect(cloudFormation.updateStartedAt(STACK)).rejects.toMatchObject({
      context: { action: 'cloudformation:DescribeStackEvents', resource: STACK, errorName: 'TooManyEvents' },
    });
    expect(page).toBe(100);
  });
});

describe('madeAt', () => {
  const event = (LogicalResourceId: string, ResourceStatus: ResourceStatus, hour: number): StackEvent => ({
    StackId: STACK,
    StackName: 'xxxx-build',
    EventId: 'e',
    LogicalResourceId,
    ResourceStatus,
    Timestamp: new Date(Date.UTC(2026, 0, 1, hour)),
  });

  it('is when the resource was last made or changed, over pages, and the listing stops there', async () => {
    const pages = served('NextToken', {
      '': { StackEvents: [event('Group', 'DELETE_FAILED', 9), event('Other', 'UPDATE_COMPLETE', 8)], NextToken: 'two' },
      two: {
        StackEvents: [event('Group', 'UPDATE_COMPLETE', 7), event('Group', 'CREATE_COMPLETE', 6)],
        NextToken: 'three',
      },
    });
    sdk.on(DescribeStackEventsCommand).callsFake(pages.answer);
    expect(await cloudFormation.madeAt(STACK, 'Group')).toBe('2026-01-01T07:00:00.000Z');
    expect(pages.asked).toEqual([{ StackName: STACK }, { StackName: STACK, NextToken: 'two' }]);
  });

  it.each<ResourceStatus>(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'])('knows %s', async (status) => {
    sdk.on(DescribeStackEventsCommand).resolves({ StackEvents: [event('Group', status, 5)] });
    expect(await cloudFormation.madeAt(STACK, 'Group')).toBe('2026-01-01T05:00:00.000Z');
  });

  it('is undefined where no event says so any more', async () => {
    sdk.on(DescribeStackEventsCommand).resolves({ StackEvents: [event('Group', 'DELETE_IN_PROGRESS', 5)] });
    expect(await cloudFormation.madeAt(STACK, 'Group')).toBeUndefined();
  });
});
