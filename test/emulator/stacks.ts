import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack, StackEvent, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, REGION, unique } from '#test/emulator/scenario.ts';

const PATIENCE_MS = 10_000;
const POLL_MS = 25;

export type Template = { Resources: Record<string, Resource>; Outputs?: Record<string, unknown> } & Record<
  string,
  unknown
>;
export type Resource = { Type: string; Properties?: Record<string, unknown> } & Record<string, unknown>;

/** What scenarios about stacks do: templates in a bucket, stacks created, changed and deleted until they settle. */
export function stackFixture(context: ScenarioContext) {
  const cfn = new CloudFormationClient(clientConfig(context));
  const s3 = new S3Client({ ...clientConfig(context), forcePathStyle: true });
  const bucket = unique('templates');
  let ready: Promise<unknown> | undefined;

  const describe = async (stack: string): Promise<Stack> => {
    const { Stacks = [] } = await cfn.send(new DescribeStacksCommand({ StackName: stack }));
    if (!Stacks[0]) throw new Error(`${stack} is not described`);
    return Stacks[0];
  };

  const until = async <T>(what: string, probe: () => Promise<T | undefined>): Promise<T> => {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const found = await probe();
      if (found !== undefined) return found;
      await sleep(POLL_MS);
    }
    throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
  };

  const settled = (stack: string): Promise<Stack> =>
    until(`${stack} to settle`, async () => {
      const described = await describe(stack);
      return described.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : described;
    });

  const beginUpdate = (StackName: string, template: Template): Promise<unknown> =>
    cfn.send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(template), Capabilities }));

  return {
    cfn,
    describe,
    until,
    settled,
    /** Puts a template in a bucket: the value of TemplateURL. */
    async upload(template: Template): Promise<string> {
      ready ??= s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await ready;
      const Key = unique('template');
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: JSON.stringify(template) }));
      return `https://s3.${REGION}.amazonaws.com/${bucket}/${Key}`;
    },
    async create(StackName: string, template: Template, more: object = {}): Promise<Stack> {
      const { StackId = '' } = await cfn.send(
        new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template), Capabilities, ...more }),
      );
      return settled(StackId);
    },
    beginUpdate,
    async update(StackName: string, template: Template): Promise<Stack> {
      await beginUpdate(StackName, template);
      return settled(StackName);
    },
    /** Deletes and waits until the stack is neither in progress nor in the state it had before. */
    async remove(stack: Stack): Promise<Stack> {
      const before = (await events(cfn, stack)).length;
      await cfn.send(new DeleteStackCommand({ StackName: stack.StackId }));
      await until('the delete to begin', async () => ((await events(cfn, stack)).length > before ? true : undefined));
      return settled(stack.StackId ?? '');
    },
    events: (stack: Pick<Stack, 'StackId'>) => events(cfn, stack),
    async rows(stack: string | undefined): Promise<Map<string, StackResourceSummary>> {
      const { StackResourceSummaries = [] } = await cfn.send(new ListStackResourcesCommand({ StackName: stack }));
      return new Map(StackResourceSummaries.map((row) => [row.LogicalResourceId ?? '', row]));
    },
  };
}

const Capabilities = ['CAPABILITY_NAMED_IAM' as const, 'CAPABILITY_AUTO_EXPAND' as const];

async function events(cfn: CloudFormationClient, stack: Pick<Stack, 'StackId'>): Promise<StackEvent[]> {
  const { StackEvents = [] } = await cfn.send(new DescribeStackEventsCommand({ StackName: stack.StackId }));
  return StackEvents.toReversed();
}

/** The statuses that a stack itself went through. */
export function ownStatuses(stackEvents: StackEvent[]): string[] {
  return stackEvents
    .filter((event) => event.PhysicalResourceId === event.StackId)
    .map((event) => event.ResourceStatus ?? '');
}

export const nested = (TemplateURL: string, more: object = {}): Resource => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL },
  ...more,
});

/** A repository without an image: deletes. With `seed` it does not. */
export const repository = (RepositoryName: string, more: object = {}): Resource => ({
  Type: 'AWS::ECR::Repository',
  Properties: { RepositoryName },
  ...more,
});

/** Cannot be created: there is no such function. */
export const failing = (more: object = {}): Resource => ({
  Type: 'Custom::Failing',
  Properties: { ServiceToken: `arn:aws:lambda:${REGION}:000000000000:function:absent` },
  ...more,
});
