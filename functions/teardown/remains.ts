import pMap from 'p-map';
import { isHeld, NESTED_STACK } from '../core/inventory.ts';
import { KEEP_TAG } from '../core/ownership.ts';
import type { ResourceRow } from '../core/ports/cloudformation.ts';
import { AwsFailure } from '../errors.ts';
import { removalCommand, replicaCommand } from './commands.ts';
import type { TeardownDeps } from './dependencies.ts';
import type { Remaining } from './model.ts';
import { stackNameOf } from './stack-id.ts';

/** DescribeLogGroups: 10 a second for the whole account. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const LOOKUPS_AT_ONCE = 3;

/** A row of a deleted stack, with the stack's place in the tree. */
interface Row extends ResourceRow {
  readonly stackId: string;
  readonly stackName: string;
}

/**
 * What deleted stacks have left in the account: what CloudFormation kept, log groups that are named after their functions and
 * projects, and copies of their images elsewhere. CloudFormation knows a deleted stack by its ARN for 90 days.
 *
 * @param stackIds ARNs of deleted stacks
 * @throws AwsFailure where the stacks cannot be read; what cannot be looked up after that is listed as it may be there
 */
export async function remainingOf(deps: TeardownDeps, stackIds: readonly string[]): Promise<readonly Remaining[]> {
  const rows = (
    await pMap(stackIds, (stackId) => rowsOf(deps, stackId, new Set()), { concurrency: LOOKUPS_AT_ONCE })
  ).flat();
  const remaining = [...(await kept(deps, rows)), ...(await logGroups(deps, rows)), ...(await replicas(deps, rows))];
  return remaining;
}

/** A deleted stack's rows and those of everything nested below it that is deleted too. */
async function rowsOf(deps: TeardownDeps, stackId: string, seen: ReadonlySet<string>): Promise<readonly Row[]> {
  const stackName = stackNameOf(stackId);
  const own = (await deps.ports.cloudFormation.resources(stackId)).map((row) => ({ ...row, stackId, stackName }));
  const nested = own.filter(
    ({ type, status, physicalId }) =>
      type === NESTED_STACK && status === 'DELETE_COMPLETE' && physicalId !== undefined && !seen.has(physicalId),
  );
  const below = await pMap(nested, ({ physicalId = '' }) => rowsOf(deps, physicalId, new Set([...seen, stackId])), {
    concurrency: LOOKUPS_AT_ONCE,
  });
  return [...own, ...below.flat()];
}

/** Where CloudFormation gives no reason of its own. */
export const KEPT = 'CloudFormation kept it: by its DeletionPolicy, or because somebody asked to retain it.';

/** DELETE_SKIPPED: by a DeletionPolicy, or because a person asked to retain it. */
async function kept(deps: TeardownDeps, rows: readonly Row[]): Promise<readonly Remaining[]> {
  const skipped = rows.filter((row) => row.status === 'DELETE_SKIPPED' && row.physicalId !== undefined);
  const found = await pMap(skipped, async (row) => ((await isThere(deps, row)) ? [row] : []), {
    concurrency: LOOKUPS_AT_ONCE,
  });
  return found.flat().map(({ type, physicalId = '', stackName, statusReason }) => ({
    kind: 'retained',
    what: `${type} ${physicalId}`,
    stackName,
    why: statusReason ?? KEPT,
    command: removalCommand(type, physicalId),
  }));
}

/** Does a kept resource still exist? What cannot be looked up counts as there. */
async function isThere({ ports }: TeardownDeps, { type, physicalId = '' }: Row): Promise<boolean> {
  try {
    switch (type) {
      case 'AWS::ECR::Repository':
        return (await ports.ecr.repository(physicalId)) !== undefined;
      case 'AWS::Logs::LogGroup':
        return (await ports.logs.logGroup(physicalId)) !== undefined;
      case 'AWS::IAM::Role':
        return (await ports.iam.role(physicalId)) !== undefined;
      case 'AWS::CodeBuild::Project':
        return (await ports.codeBuild.project(physicalId)) !== undefined;
      default:
        return true;
    }
  } catch (thrown) {
    if (thrown instanceof AwsFailure) return true;
    throw thrown;
  }
}

/** Services name the log groups that they make by themselves after what writes into them. */
const WRITES_TO: Readonly<Record<string, (physicalId: string) => string>> = {
  'AWS::Lambda::Function': (name) => `/aws/lambda/${name}`,
  'AWS::CodeBuild::Project': (name) => `/aws/codebuild/${name}`,
  // A group of the stack itself that was written into after its delete, by a function that may make groups.
  'AWS::Logs::LogGroup': (name) => name,
};

async function logGroups(deps: TeardownDeps, rows: readonly Row[]): Promise<readonly Remaining[]> {
  const candidates = new Map<string, Row>();
  for (const row of rows) {
    const name = WRITES_TO[row.type];
    if (name !== undefined && row.physicalId !== undefined && !isHeld(row.status) && row.status !== 'DELETE_SKIPPED') {
      candidates.set(name(row.physicalId), row);
    }
  }
  const found = await pMap(
    candidates,
    async ([name, row]): Promise<readonly Remaining[]> => {
      if (!(await isOrphan(deps, name))) return [];
      const writer =
        row.type === 'AWS::Logs::LogGroup'
          ? 'It was written into after its delete'
          : `It holds the log of ${row.physicalId}`;
      return [
        {
          kind: 'log group',
          what: `AWS::Logs::LogGroup ${name}`,
          stackName: row.stackName,
          why: `${writer}, and belongs to no stack.`,
          command: removalCommand('AWS::Logs::LogGroup', name),
        },
      ];
    },
    { concurrency: LOOKUPS_AT_ONCE },
  );
  return found.flat();
}

/** CloudFormation tags what it makes with its stack. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html */
const OWNER_TAG = 'aws:cloudformation:stack-id';

async function isOrphan({ ports }: TeardownDeps, name: string): Promise<boolean> {
  try {
    const group = await ports.logs.logGroup(name);
    return group !== undefined && group.tags[OWNER_TAG] === undefined && !Object.hasOwn(group.tags, KEEP_TAG);
  } catch (thrown) {
    // Without the right to look nobody can say; claiming that it is there would be a guess.
    if (thrown instanceof AwsFailure) return false;
    throw thrown;
  }
}

/** Copies that the registry's rules made elsewhere, as far as the rules tell today. */
async function replicas({ ports }: TeardownDeps, rows: readonly Row[]): Promise<readonly Remaining[]> {
  const repositories = rows.filter(
    ({ type, physicalId }) => type === 'AWS::ECR::Repository' && physicalId !== undefined,
  );
  if (repositories.length === 0) return [];
  try {
    const rules = await ports.afterDelete.replicas();
    return repositories.flatMap(({ physicalId: name = '', stackName }) =>
      rules
        .filter(({ prefixes }) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)))
        .map(
          ({ region, registryId }): Remaining => ({
            kind: 'replicated images',
            what: `AWS::ECR::Repository ${name} in ${region} of account ${registryId}`,
            stackName,
            why: 'The registry replicates this repository; copies are not deleted with the original.',
            command: replicaCommand(name, region, registryId),
          }),
        ),
    );
  } catch (thrown) {
    if (thrown instanceof AwsFailure) return [];
    throw thrown;
  }
}
