import pMap from 'p-map';
import { isHeld } from '../core/inventory.ts';
import { KEEP_TAG } from '../core/ownership.ts';
import { AwsFailure } from '../errors.ts';
import { removalCommand, replicaCommand } from './commands.ts';
import type { TeardownDeps } from './dependencies.ts';
import { keptOf, OWNER_TAG } from './kept.ts';
import { heldAnew, type Row, resourceKey, rowsOfDeleted } from './left-rows.ts';
import type { Remaining } from './model.ts';

/** DescribeLogGroups: 10 a second for the whole account. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const LOOKUPS_AT_ONCE = 3;

/**
 * What deleted stacks have left in the account: what CloudFormation kept, log groups that are named after their functions and
 * projects, and copies of their images elsewhere. What another stack holds by now, or one that was made anew under the same
 * name, is not theirs any more.
 *
 * @param stackIds ARNs of deleted stacks
 * @throws AwsFailure where the stacks cannot be read; what cannot be looked up after that is listed as it may be there
 */
export async function remainingOf(deps: TeardownDeps, stackIds: readonly string[]): Promise<readonly Remaining[]> {
  const { cloudFormation } = deps.ports;
  const rows = (
    await pMap(stackIds, (stackId) => rowsOfDeleted(cloudFormation, stackId), { concurrency: LOOKUPS_AT_ONCE })
  ).flat();
  const anew = await heldAnew(cloudFormation, stackIds);
  return [...(await keptOf(deps, rows, anew)), ...(await logGroups(deps, rows, anew)), ...(await replicas(deps, rows))];
}

function isDeleted({ status, physicalId }: Row): boolean {
  return !isHeld(status) && status !== 'DELETE_SKIPPED' && physicalId !== undefined;
}

const GROUP = 'AWS::Logs::LogGroup';

/** Services name the log groups that they make by themselves after what writes into them. */
const WRITES_TO: Readonly<Record<string, (physicalId: string) => string>> = {
  'AWS::Lambda::Function': (name) => `/aws/lambda/${name}`,
  'AWS::CodeBuild::Project': (name) => `/aws/codebuild/${name}`,
  // A group of the stack itself that was written into after its delete, by a function that may make groups.
  [GROUP]: (name) => name,
};

async function logGroups(
  deps: TeardownDeps,
  rows: readonly Row[],
  anew: ReadonlySet<string>,
): Promise<readonly Remaining[]> {
  // A template may declare the group of its own function, and keep it: not every group has CloudFormation's tag.
  const declared = new Set(
    rows.filter((row) => row.type === GROUP && !isDeleted(row)).map(({ physicalId }) => physicalId),
  );
  const candidates = new Map<string, Row>();
  for (const row of rows.filter((each) => isDeleted(each) && !anew.has(resourceKey(each)))) {
    const name = WRITES_TO[row.type]?.(row.physicalId ?? '');
    if (name !== undefined && !declared.has(name) && !anew.has(resourceKey({ type: GROUP, physicalId: name }))) {
      candidates.set(name, row);
    }
  }
  const found = await pMap(
    candidates,
    async ([name, row]): Promise<readonly Remaining[]> => {
      if (!(await isOrphan(deps, name, row))) return [];
      const writer =
        row.type === GROUP ? 'It was written into after its delete' : `It holds the log of ${row.physicalId}`;
      return [
        {
          kind: 'log group',
          what: `${GROUP} ${name}`,
          stackName: row.stackName,
          why: `${writer}, and belongs to no stack.`,
          command: removalCommand(row.stackId, GROUP, name),
        },
      ];
    },
    { concurrency: LOOKUPS_AT_ONCE },
  );
  return found.flat();
}

/** A group is none where whatever writes into it was made anew, as far as anybody can look. */
async function isOrphan({ ports }: TeardownDeps, name: string, { type, physicalId = '' }: Row): Promise<boolean> {
  try {
    const group = await ports.logs.logGroup(name);
    if (group === undefined || group.tags[OWNER_TAG] !== undefined || Object.hasOwn(group.tags, KEEP_TAG)) return false;
    return type !== 'AWS::CodeBuild::Project' || (await ports.codeBuild.project(physicalId)) === undefined;
  } catch (thrown) {
    // Without the right to look nobody can say; claiming that it is there would be a guess.
    if (thrown instanceof AwsFailure) return false;
    throw thrown;
  }
}

/** Copies that the registry's rules made elsewhere, as far as the rules tell today. */
async function replicas({ ports }: TeardownDeps, rows: readonly Row[]): Promise<readonly Remaining[]> {
  const repositories = rows.filter((row) => row.type === 'AWS::ECR::Repository' && isDeleted(row));
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
            why: 'The registry replicates this repository; copies are not deleted with the original. Look first whether somebody there uses them.',
            command: replicaCommand(name, region, registryId),
          }),
        ),
    );
  } catch (thrown) {
    if (thrown instanceof AwsFailure) return [];
    throw thrown;
  }
}
