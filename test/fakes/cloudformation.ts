import { createHash } from 'node:crypto';
import type { StackFacts } from '#functions/core/model.ts';
import type { CloudFormationPort, ResourceRow } from '#functions/core/ports/cloudformation.ts';
import type { CallLog } from './call-log.ts';

const NESTED_STACK = 'AWS::CloudFormation::Stack';

export interface StackOptions extends Partial<Omit<StackFacts, 'stackId' | 'stackName' | 'parentId' | 'rootId'>> {
  /** Name of the stack that nests it; its row in that stack comes by itself, with the stack's name as logical id. */
  readonly parent?: string;
  /** DeletionPolicy of that row. */
  readonly deletionPolicy?: string;
  /** When the latest update began. */
  readonly updateStartedAt?: string;
}

export interface ResourceOptions {
  readonly logicalId: string;
  readonly type: string;
  /** Absent while the resource was never made. */
  readonly physicalId?: string;
  readonly status?: string;
  readonly statusReason?: string | undefined;
  readonly deletionPolicy?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  /** When it was made, as the events tell; they tell nothing where absent. */
  readonly madeAt?: string;
}

interface State {
  readonly facts: StackFacts;
  readonly resources: ResourceOptions[];
  readonly updateStartedAt: string | undefined;
}

/** The ARN of a stack: like AWS's, it ends differently for each. */
export function stackIdOf(name: string): string {
  const end = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `arn:aws:cloudformation:eu-west-1:123456789012:stack/${name}/00000000-0000-4000-8000-${end}`;
}

/**
 * CloudFormation as far as the port shows it. A stack is found by name or by ARN; a nested one names its parent and root.
 * The processed template is made of the resources. Exports are imported by whoever `import` names.
 */
export class FakeCloudFormation implements CloudFormationPort {
  readonly #log: CallLog;
  readonly #stacks = new Map<string, State>();
  readonly #importers = new Map<string, string[]>();

  constructor(log: CallLog) {
    this.#log = log;
  }

  addStack(name: string, { parent, deletionPolicy, updateStartedAt, ...facts }: StackOptions = {}): this {
    const above = parent === undefined ? undefined : this.#state(parent);
    const stackId = stackIdOf(name);
    this.#stacks.set(name, {
      facts: {
        status: 'DELETE_IN_PROGRESS',
        terminationProtected: false,
        creationTime: '2026-01-01T00:00:00.000Z',
        parameters: {},
        tags: {},
        exportNames: [],
        ...facts,
        stackId,
        stackName: name,
        parentId: above?.facts.stackId,
        rootId: above === undefined ? undefined : (above.facts.rootId ?? above.facts.stackId),
      },
      resources: [],
      updateStartedAt,
    });
    above?.resources.push({
      logicalId: name,
      type: NESTED_STACK,
      physicalId: stackId,
      ...(deletionPolicy === undefined ? {} : { deletionPolicy }),
    });
    return this;
  }

  addResource(stack: string, resource: ResourceOptions): this {
    this.#state(stack).resources.push(resource);
    return this;
  }

  /** What CloudFormation is doing with a stack from now on. */
  setStatus(stack: string, status: string, more: Partial<StackFacts> = {}): this {
    const state = this.#state(stack);
    this.#stacks.set(stack, { ...state, facts: { ...state.facts, statusReason: undefined, ...more, status } });
    return this;
  }

  /** What has become of a resource. */
  setResource(stack: string, logicalId: string, change: Pick<ResourceOptions, 'status' | 'statusReason'>): this {
    const { resources } = this.#state(stack);
    const at = resources.findIndex((resource) => resource.logicalId === logicalId);
    const before = resources[at];
    if (before === undefined) {
      throw new Error(`the fake stack ${stack} has no resource ${logicalId}`);
    }
    resources[at] = { ...before, statusReason: undefined, ...change };
    return this;
  }

  /** Names of the stacks that CloudFormation knows, deleted ones too. */
  stackNames(): readonly string[] {
    return [...this.#stacks.keys()];
  }

  /** Names of the stacks that import an export at this moment, without a call. */
  importersNow(exportName: string): readonly string[] {
    return (this.#importers.get(exportName) ?? []).filter((name) => !this.#isDeleted(name));
  }

  /** A stack as it is, without a call. */
  peek(name: string): { readonly facts: StackFacts; readonly resources: readonly ResourceOptions[] } {
    return this.#state(name);
  }

  import(exportName: string, importer: string): this {
    this.#importers.set(exportName, [...(this.#importers.get(exportName) ?? []), importer]);
    return this;
  }

  async stack(nameOrId: string): Promise<StackFacts | undefined> {
    await this.#log.begin('cloudformation:DescribeStacks', nameOrId);
    return this.#find(nameOrId)?.facts;
  }

  async resources(stackId: string): Promise<readonly ResourceRow[]> {
    await this.#log.begin('cloudformation:ListStackResources', stackId);
    const resources = this.#find(stackId)?.resources ?? [];
    return resources.map(({ logicalId, type, physicalId, status, statusReason }) => ({
      logicalId,
      type,
      physicalId,
      status: status ?? 'CREATE_COMPLETE',
      statusReason,
    }));
  }

  async template(stackId: string): Promise<string> {
    await this.#log.begin('cloudformation:GetTemplate', stackId);
    const resources = this.#find(stackId)?.resources ?? [];
    return JSON.stringify({
      Resources: Object.fromEntries(
        resources.map(({ logicalId, type, deletionPolicy, properties }) => [
          logicalId,
          { Type: type, DeletionPolicy: deletionPolicy, Properties: properties ?? {} },
        ]),
      ),
    });
  }

  async importers(exportName: string): Promise<readonly string[]> {
    await this.#log.begin('cloudformation:ListImports', exportName);
    return this.importersNow(exportName);
  }

  async updateStartedAt(stackId: string): Promise<string | undefined> {
    await this.#log.begin('cloudformation:DescribeStackEvents', stackId);
    return this.#find(stackId)?.updateStartedAt;
  }

  async madeAt(stackId: string, logicalId: string): Promise<string | undefined> {
    await this.#log.begin('cloudformation:DescribeStackEvents', stackId);
    return this.#find(stackId)?.resources.find((resource) => resource.logicalId === logicalId)?.madeAt;
  }

  #find(nameOrId: string): State | undefined {
    const named = this.#isDeleted(nameOrId) ? undefined : this.#stacks.get(nameOrId);
    return named ?? [...this.#stacks.values()].find((stack) => stack.facts.stackId === nameOrId);
  }

  /** A deleted stack is found by its ARN only, and imports nothing. */
  #isDeleted(name: string): boolean {
    return this.#stacks.get(name)?.facts.status === 'DELETE_COMPLETE';
  }

  #state(name: string): State {
    const state = this.#stacks.get(name);
    if (state === undefined) {
      throw new Error(`the fake has no stack ${name}: call addStack first`);
    }
    return state;
  }
}
