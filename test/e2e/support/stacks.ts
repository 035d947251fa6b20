import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  paginateListStackResources,
  type Stack,
  type StackEvent,
  type StackResourceSummary,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type DeleteOutcome, deleteStack, describe, type LocalAccount, until } from '#scripts/lib/local-account.ts';
import type { Resources } from './templates.ts';

const BUCKET = 'e2e-templates';
const Capabilities = ['CAPABILITY_NAMED_IAM' as const, 'CAPABILITY_AUTO_EXPAND' as const];

export interface CreateOptions {
  readonly RoleARN?: string;
  readonly DisableRollback?: boolean;
  readonly Parameters?: readonly { ParameterKey: string; ParameterValue: string }[];
  /** `Outputs` of the template. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Bytes of a template in a request; a longer one is fetched from S3.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html */
const LONGEST_BODY = 51_200;

/** Stacks by the SDK, without the seconds that `sam deploy` takes. */
export class Stacks {
  readonly #account: LocalAccount;
  readonly #client: CloudFormationClient;
  readonly #s3: S3Client;
  #bucket: Promise<unknown> | undefined;
  #uploads = 0;

  constructor(account: LocalAccount) {
    this.#account = account;
    this.#client = new CloudFormationClient(account.root);
    this.#s3 = new S3Client({ ...account.root, forcePathStyle: true });
  }

  /** Puts a template where nested stacks find it: the value of `TemplateURL`. */
  async upload(template: Resources | string): Promise<string> {
    this.#bucket ??= this.#s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await this.#bucket;
    this.#uploads += 1;
    const Key = `template-${this.#uploads}`;
    const Body = typeof template === 'string' ? template : JSON.stringify({ Resources: template });
    await this.#s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    return `https://s3.${this.#account.region}.amazonaws.com/${BUCKET}/${Key}`;
  }

  /** @returns the stack's ARN, while it is being created */
  async begin(StackName: string, template: Resources | string, options: CreateOptions = {}): Promise<string> {
    const { outputs, Parameters, ...more } = options;
    const { StackId } = await this.#client.send(
      new CreateStackCommand({
        StackName,
        TemplateBody: typeof template === 'string' ? template : body(template, outputs),
        Capabilities,
        Parameters: [...(Parameters ?? [])],
        ...more,
      }),
    );
    if (StackId === undefined) {
      throw new Error(`CreateStack ${StackName} gave no StackId`);
    }
    return StackId;
  }

  /** Creates a stack and waits for its end, whatever it is. */
  async create(name: string, template: Resources | string, options: CreateOptions = {}): Promise<SettledStack> {
    return this.settled(await this.begin(name, template, options));
  }

  /** Updates a stack, with its parameters as they are, and waits for its end, the cleaning up included. */
  async update(StackName: string, template: Resources | string): Promise<SettledStack> {
    const { Parameters = [] } = await this.describe(StackName);
    const text = typeof template === 'string' ? template : body(template);
    const { StackId = StackName } = await this.#client.send(
      new UpdateStackCommand({
        StackName,
        ...(Buffer.byteLength(text) <= LONGEST_BODY
          ? { TemplateBody: text }
          : { TemplateURL: await this.upload(text) }),
        Capabilities,
        Parameters: Parameters.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true })),
      }),
    );
    return this.settled(StackId);
  }

  /** Deletes a stack, by name or ARN, and waits for its end. */
  delete(nameOrId: string): Promise<DeleteOutcome> {
    return deleteStack(this.#account, nameOrId);
  }

  async describe(nameOrId: string): Promise<Stack> {
    const stack = await describe(this.#client, nameOrId);
    if (stack === undefined) {
      throw new Error(`there is no stack ${nameOrId}`);
    }
    return stack;
  }

  async settled(stackId: string): Promise<SettledStack> {
    await until(async () => !(await this.status(stackId)).endsWith('_IN_PROGRESS'), `${stackId} settles`, 60);
    const { StackStatus: status = '', StackStatusReason: reason = '' } = await this.describe(stackId);
    return { id: stackId, status, reason };
  }

  async status(nameOrId: string): Promise<string> {
    return (await this.describe(nameOrId)).StackStatus ?? '';
  }

  /** Oldest first. */
  async events(stackId: string): Promise<readonly StackEvent[]> {
    const { StackEvents = [] } = await this.#client.send(new DescribeStackEventsCommand({ StackName: stackId }));
    return StackEvents.toReversed();
  }

  /** Why a resource reached a status for the last time; fails where it never did. */
  async reasonOf(stackId: string, logicalId: string, status: string): Promise<string> {
    const events = await this.events(stackId);
    const event = events.findLast((each) => each.LogicalResourceId === logicalId && each.ResourceStatus === status);
    if (event === undefined) {
      throw new Error(`${logicalId} was never ${status}`);
    }
    return event.ResourceStatusReason ?? '';
  }

  async rows(stackId: string): Promise<readonly StackResourceSummary[]> {
    const rows: StackResourceSummary[] = [];
    for await (const page of paginateListStackResources({ client: this.#client }, { StackName: stackId })) {
      rows.push(...(page.StackResourceSummaries ?? []));
    }
    return rows;
  }

  /** The physical id of one resource. */
  async physicalId(stackId: string, logicalId: string): Promise<string> {
    const row = (await this.rows(stackId)).find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
    if (row?.PhysicalResourceId === undefined) {
      throw new Error(`${stackId} lists no ${logicalId} with a physical id`);
    }
    return row.PhysicalResourceId;
  }
}

export interface SettledStack {
  readonly id: string;
  readonly status: string;
  readonly reason: string;
}

function body(resources: Resources, outputs: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ Resources: resources, ...(Object.keys(outputs).length > 0 ? { Outputs: outputs } : {}) });
}
