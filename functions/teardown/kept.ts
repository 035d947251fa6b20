import pMap from 'p-map';
import type { Ports } from '../core/ports/index.ts';
import { sentence } from '../core/report.ts';
import { AwsFailure } from '../errors.ts';
import { removalCommand } from './commands.ts';
import type { TeardownDeps } from './dependencies.ts';
import { type Row, resourceKey } from './left-rows.ts';
import type { Remaining } from './model.ts';

/** Looked up side by side, over several services. */
const LOOKUPS_AT_ONCE = 3;

/** CloudFormation tags what it makes with its stack. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html */
export const OWNER_TAG = 'aws:cloudformation:stack-id';

/** Where CloudFormation says no more. */
export const KEPT = 'CloudFormation kept it: by its DeletionPolicy, or because somebody asked to retain it.';

/** Where the command alone is not enough. */
const COMMAND_LEAVES: Readonly<Record<string, string>> = {
  // https://docs.aws.amazon.com/cli/latest/reference/s3/rb.html
  'AWS::S3::Bucket': ' Old versions in it have to go first: aws s3 rb leaves them, and fails.',
};

/**
 * What CloudFormation kept of deleted stacks (DELETE_SKIPPED), is still there, and belongs to no other stack meanwhile.
 *
 * @param anew keys of what living stacks of the same names hold
 */
export async function keptOf(
  { ports }: Pick<TeardownDeps, 'ports'>,
  rows: readonly Row[],
  anew: ReadonlySet<string>,
): Promise<readonly Remaining[]> {
  const deleted = new Set(rows.map(({ stackId }) => stackId));
  // Two stacks of one name, one after the other, may have kept the same thing.
  const skipped = new Map(
    rows
      .filter((row) => row.status === 'DELETE_SKIPPED' && row.physicalId !== undefined && !anew.has(resourceKey(row)))
      .map((row) => [resourceKey(row), row]),
  );
  const found = await pMap(
    skipped.values(),
    async (row): Promise<readonly Row[]> => {
      const tags = await tagsOf(ports, row);
      const owner = tags?.[OWNER_TAG];
      return tags !== undefined && (owner === undefined || deleted.has(owner)) ? [row] : [];
    },
    { concurrency: LOOKUPS_AT_ONCE },
  );
  return found.flat().map(({ type, physicalId = '', stackId, stackName, statusReason }) => ({
    kind: 'retained',
    what: `${type} ${physicalId}`,
    stackName,
    why: `${sentence(statusReason ?? KEPT)}${COMMAND_LEAVES[type] ?? ''}`,
    command: removalCommand(stackId, type, physicalId),
  }));
}

type Tags = Readonly<Record<string, string>>;
const NO_TAGS: Tags = {};

/** The tags of a kept resource; undefined where it is gone. What cannot be looked up counts as there, without any. */
async function tagsOf(
  { ecr, logs, iam, codeBuild, s3 }: Ports,
  { type, physicalId = '', stackId }: Row,
): Promise<Tags | undefined> {
  try {
    switch (type) {
      case 'AWS::ECR::Repository':
        return (await ecr.repository(physicalId))?.tags;
      case 'AWS::Logs::LogGroup':
        return (await logs.logGroup(physicalId))?.tags;
      case 'AWS::IAM::Role':
        return (await iam.role(physicalId))?.tags;
      case 'AWS::IAM::User':
        return (await iam.user(physicalId))?.tags;
      case 'AWS::IAM::Group':
        return (await iam.group(physicalId)) && NO_TAGS;
      case 'AWS::IAM::ManagedPolicy':
        return (await iam.policy(physicalId))?.tags;
      case 'AWS::CodeBuild::Project':
        return (await codeBuild.project(physicalId))?.tags;
      case 'AWS::CodeBuild::ReportGroup':
        return (await codeBuild.reportGroup(physicalId))?.tags;
      case 'AWS::S3::Bucket':
        return (await s3.bucket({ name: physicalId, owner: stackId.split(':')[4] ?? '' }))?.tags;
      default:
        return NO_TAGS;
    }
  } catch (thrown) {
    if (thrown instanceof AwsFailure) return NO_TAGS;
    throw thrown;
  }
}
