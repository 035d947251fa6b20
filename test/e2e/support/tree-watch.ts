import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  paginateListStacks,
} from '@aws-sdk/client-cloudformation';
import type { ApiCall } from '#emulator/start.ts';
import type { LocalAccount } from '#scripts/lib/local-account.ts';

/** The session in which the custom resource's function acts. */
const FUNCTION_PRINCIPAL = 'assumed-role/clean-exit-custom-resource-';

/** Calls that change something, the type of what they change, and the parameter that names it. */
const WRITES: Readonly<Record<string, readonly [type: string, parameter: string]>> = {
  BatchDeleteImage: ['AWS::ECR::Repository', 'repositoryName'],
  SetRepositoryPolicy: ['AWS::ECR::Repository', 'repositoryName'],
  DeleteRepositoryPolicy: ['AWS::ECR::Repository', 'repositoryName'],
  DeleteLogStream: ['AWS::Logs::LogGroup', 'logGroupName'],
  PutLogGroupDeletionProtection: ['AWS::Logs::LogGroup', 'logGroupIdentifier'],
  DetachRolePolicy: ['AWS::IAM::Role', 'RoleName'],
  DeleteRolePolicy: ['AWS::IAM::Role', 'RoleName'],
  RemoveRoleFromInstanceProfile: ['AWS::IAM::Role', 'RoleName'],
  DeleteRolePermissionsBoundary: ['AWS::IAM::Role', 'RoleName'],
  DetachUserPolicy: ['AWS::IAM::User', 'UserName'],
  DeleteUserPolicy: ['AWS::IAM::User', 'UserName'],
  DeleteUserPermissionsBoundary: ['AWS::IAM::User', 'UserName'],
  DeleteLoginProfile: ['AWS::IAM::User', 'UserName'],
  DeleteAccessKey: ['AWS::IAM::User', 'UserName'],
  DeleteSigningCertificate: ['AWS::IAM::User', 'UserName'],
  DeleteSSHPublicKey: ['AWS::IAM::User', 'UserName'],
  DeleteServiceSpecificCredential: ['AWS::IAM::User', 'UserName'],
  DeactivateMFADevice: ['AWS::IAM::User', 'UserName'],
  // The tests give a device its user's name.
  DeleteVirtualMFADevice: ['AWS::IAM::User', 'SerialNumber'],
  RemoveUserFromGroup: ['AWS::IAM::Group', 'GroupName'],
  DetachGroupPolicy: ['AWS::IAM::Group', 'GroupName'],
  DeleteGroupPolicy: ['AWS::IAM::Group', 'GroupName'],
  DeletePolicyVersion: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  StopBuild: ['AWS::CodeBuild::Project', 'id'],
  DeleteWebhook: ['AWS::CodeBuild::Project', 'projectName'],
  DeleteResourcePolicy: ['AWS::CodeBuild::Project', 'resourceArn'],
  DeleteReport: ['AWS::CodeBuild::ReportGroup', 'arn'],
  DeleteObject: ['AWS::S3::Bucket', 'path'],
  DeleteObjectVersion: ['AWS::S3::Bucket', 'path'],
  AbortMultipartUpload: ['AWS::S3::Bucket', 'path'],
  PutBucketPolicy: ['AWS::S3::Bucket', 'path'],
  DeleteBucketPolicy: ['AWS::S3::Bucket', 'path'],
};

/** A change of two things is right where either of them is: what is detached or left may be the tree's own. */
const OTHER_SIDE: Readonly<Record<string, readonly [type: string, parameter: string]>> = {
  DetachRolePolicy: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  DetachUserPolicy: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  DetachGroupPolicy: ['AWS::IAM::ManagedPolicy', 'PolicyArn'],
  RemoveUserFromGroup: ['AWS::IAM::User', 'UserName'],
};

/** Others' users and roles that a test limits with a policy of a stack whose template consents: the call names no policy. */
const LIFTED = /^Delete(User|Role)PermissionsBoundary .*-limited$/;

/** A redeploy lifts the seal of an abandoned teardown. */
const ON_DEPLOY = new Set(['SetRepositoryPolicy', 'DeleteRepositoryPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy']);

/** Something that the function wrote to. */
export interface Write {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  /** Type and name of the other thing that it changed. */
  readonly otherSide?: string | undefined;
  readonly errorCode: string | null;
}

/** The changes among the calls that the function made. @throws Error for a call that is neither known as one nor a reading one */
export function writesOf(calls: readonly ApiCall[]): readonly Write[] {
  return calls
    .filter(({ principal }) => principal.includes(FUNCTION_PRINCIPAL))
    .flatMap(({ operation, request, errorCode }): readonly Write[] => {
      const write = WRITES[operation];
      if (write) {
        const [type, parameter] = write;
        const other = OTHER_SIDE[operation];
        const otherSide = other && `${other[0]} ${nameIn(request, other[1])}`;
        return [{ operation, type, name: nameIn(request, parameter), otherSide, errorCode }];
      }
      // It reads, or it hands over to itself (its role lets it invoke nothing else).
      if (/^(Describe|List|Get|BatchGet)/.test(operation) || operation.startsWith('Invoke')) {
        return [];
      }
      throw new Error(`the function called ${operation}, which this watch does not know`);
    });
}

function nameIn(request: unknown, parameter: string): string {
  const value = typeof request === 'object' && request !== null ? Reflect.get(request, parameter) : undefined;
  const text = String(value);
  if (parameter === 'PolicyArn') {
    return text;
  }
  if (parameter === 'path') {
    return text.split('/')[1] ?? text;
  }
  if (parameter === 'arn') {
    // A report is named `…:report/GROUP:ID`, and its group by its ARN.
    return text.replace(':report/', ':report-group/').replace(/:[^:]*$/, '');
  }
  const name = text.startsWith('arn:') ? text.slice(text.lastIndexOf(text.includes('/') ? '/' : ':') + 1) : text;
  return parameter === 'id' ? (name.split(':')[0] ?? name) : name;
}

/**
 * Watches what the function does to an account: each of its writes must be to a resource of a stack tree whose own
 * `Custom::CleanExit` CloudFormation had asked to delete (or, for a lifted seal, to create or update).
 */
export class TreeWatch {
  readonly #account: LocalAccount;
  readonly #client: CloudFormationClient;
  #next = 0;

  constructor(account: LocalAccount) {
    this.#account = account;
    this.#client = new CloudFormationClient(account.root);
  }

  /** The function's writes since the last check that belong to no such tree. */
  async strays(): Promise<readonly Write[]> {
    const { next, calls } = await this.#account.emulator.calls(this.#next);
    this.#next = next;
    const writes = writesOf(calls);
    if (writes.length === 0) {
      return [];
    }
    const { deleting, deployed } = await this.#trees();
    return writes.filter(({ operation, type, name, otherSide = '' }) => {
      const key = `${type} ${name}`;
      const consented = LIFTED.test(`${operation} ${name}`);
      return (
        !deleting.has(key) && !deleting.has(otherSide) && !consented && !(ON_DEPLOY.has(operation) && deployed.has(key))
      );
    });
  }

  /** What the trees of all stacks with a `Custom::CleanExit` hold or held, deleted stacks included. */
  async #trees(): Promise<{ deleting: ReadonlySet<string>; deployed: ReadonlySet<string> }> {
    const stacks = await this.#stacks();
    const deleting = new Set<string>();
    const deployed = new Set<string>();
    for (const { id, rows } of stacks) {
      const own = rows.filter(({ type }) => type === 'Custom::CleanExit');
      const inTree = rowsBelow(id, stacks);
      for (const key of own.length > 0 ? inTree : []) {
        deployed.add(key);
      }
      for (const key of own.some(({ status }) => status.startsWith('DELETE_')) ? inTree : []) {
        deleting.add(key);
      }
    }
    return { deleting, deployed };
  }

  async #stacks(): Promise<readonly KnownStack[]> {
    const stacks: KnownStack[] = [];
    for await (const page of paginateListStacks({ client: this.#client }, {})) {
      for (const { StackId: id } of page.StackSummaries ?? []) {
        if (id !== undefined) {
          stacks.push(await this.#read(id));
        }
      }
    }
    return stacks;
  }

  async #read(id: string): Promise<KnownStack> {
    const { Stacks } = await this.#client.send(new DescribeStacksCommand({ StackName: id }));
    const rows: KnownStack['rows'][number][] = [];
    for await (const page of paginateListStackResources({ client: this.#client }, { StackName: id })) {
      for (const row of page.StackResourceSummaries ?? []) {
        rows.push({
          type: row.ResourceType ?? '',
          physicalId: row.PhysicalResourceId ?? '',
          status: row.ResourceStatus ?? '',
        });
      }
    }
    return { id, parentId: Stacks?.[0]?.ParentId, rows };
  }
}

interface KnownStack {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly rows: readonly { readonly type: string; readonly physicalId: string; readonly status: string }[];
}

/** Type and name of everything in a stack and in what is nested below it. */
function rowsBelow(id: string, stacks: readonly KnownStack[]): readonly string[] {
  return stacks
    .filter((stack) => stack.id === id || stack.parentId === id)
    .flatMap((stack) =>
      stack.id === id ? stack.rows.map(({ type, physicalId }) => `${type} ${physicalId}`) : rowsBelow(stack.id, stacks),
    );
}
