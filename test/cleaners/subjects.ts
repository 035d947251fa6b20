import type { RunOptions } from '#test/cleaners/scene.ts';
import type { FakeAccount } from '#test/fakes/index.ts';

type Tags = Readonly<Record<string, string>>;

/** What the contract suite must know of one resource type. */
export interface ContractSubject {
  readonly options?: RunOptions;
  /** Puts the resource there with so many things in it that a run removes. */
  readonly add: (account: FakeAccount, name: string, things: number, tags?: Tags) => void;
  /** Makes the removal of exactly one of the things fail for ever. */
  readonly breakOne: (account: FakeAccount, name: string) => void;
  /** How many of the things are still there. */
  readonly left: (account: FakeAccount, name: string) => number;
  readonly remove: (account: FakeAccount, name: string) => void;
  /** The first call of an inspection. */
  readonly firstRead: string;
  /** The call that removes. */
  readonly removal: string;
  /** AWS gives this type no tags: what depends on them is no test of it. */
  readonly untagged?: true;
}

const foreign = (count: number) =>
  Array.from({ length: count }, (_, at) => `arn:aws:iam::123456789012:policy/foreign-${at}`);

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);

/** One for each type in the list of cleaners. */
export const SUBJECTS: Readonly<Record<string, ContractSubject>> = {
  'AWS::ECR::Repository': {
    add: ({ ecr }, name, things, tags = {}) => ecr.addRepository(name, { tags }).fill(name, things),
    breakOne: ({ ecr }, name) => ecr.addImage(name, { digest: 'sha256:image-0', failsWith: 'KmsError' }),
    left: ({ ecr }, name) => ecr.digests(name).length,
    remove: ({ ecr }, name) => ecr.removeRepository(name),
    firstRead: 'ecr:DescribeRepositories',
    removal: 'ecr:BatchDeleteImage',
  },
  'AWS::Logs::LogGroup': {
    add: ({ logs }, name, things, tags = {}) => logs.addGroup(name, { tags, streams: things }),
    breakOne: ({ log }, target) =>
      log.fail({ action: 'logs:DeleteLogStream', target, errorName: 'ServiceUnavailableException' }),
    left: ({ logs }, name) => logs.streams(name).length,
    remove: ({ logs }, name) => logs.removeGroup(name),
    firstRead: 'logs:DescribeLogGroups',
    removal: 'logs:DeleteLogStream',
  },
  'AWS::IAM::Role': {
    add: ({ iam }, name, things, tags = {}) => iam.addRole(name, { tags, attached: foreign(things) }),
    breakOne: ({ log }, target) => log.fail({ action: 'iam:DetachRolePolicy', target, errorName: 'ServiceFailure' }),
    left: ({ iam }, name) => iam.holds(name).attached.length,
    remove: ({ iam }, name) => iam.removeRole(name),
    firstRead: 'iam:GetRole',
    removal: 'iam:DetachRolePolicy',
  },
  'AWS::IAM::User': {
    add: ({ iam }, name, things, tags = {}) => iam.addUser(name, { tags, sshPublicKeys: numbered('APKA', things) }),
    breakOne: ({ log }, target) => log.fail({ action: 'iam:DeleteSSHPublicKey', target, errorName: 'ServiceFailure' }),
    left: ({ iam }, name) => [iam.userHolds(name)['sshPublicKeys'] ?? []].flat().length,
    remove: ({ iam }, name) => iam.removeUser(name),
    firstRead: 'iam:GetUser',
    removal: 'iam:DeleteSSHPublicKey',
  },
  'AWS::IAM::Group': {
    add: ({ iam }, name, things) => iam.addGroup(name, { members: numbered('guest', things) }),
    breakOne: ({ log }, target) => log.fail({ action: 'iam:RemoveUserFromGroup', target, errorName: 'ServiceFailure' }),
    left: ({ iam }, name) => iam.groupHolds(name).members.length,
    remove: ({ iam }, name) => iam.removeGroup(name),
    firstRead: 'iam:GetGroup',
    removal: 'iam:RemoveUserFromGroup',
    untagged: true,
  },
  'AWS::IAM::ManagedPolicy': {
    add: ({ iam }, name, things, tags = {}) => iam.addPolicy(name, { tags, olderVersions: numbered('v', things) }),
    breakOne: ({ log }, target) => log.fail({ action: 'iam:DeletePolicyVersion', target, errorName: 'ServiceFailure' }),
    left: ({ iam }, name) => iam.versionsLeft(name).length,
    remove: ({ iam }, name) => iam.removePolicy(name),
    firstRead: 'iam:GetPolicy',
    removal: 'iam:DeletePolicyVersion',
  },
  'AWS::CodeBuild::Project': {
    add: ({ codeBuild }, name, things, tags = {}) =>
      codeBuild.addProject(name, { tags, builds: Array.from({ length: things }, () => 4_000) }),
    breakOne: ({ log }, target) => log.fail({ action: 'codebuild:StopBuild', target, errorName: 'InternalFailure' }),
    left: ({ codeBuild }, name) => codeBuild.holds(name).running.length,
    remove: ({ codeBuild }, name) => codeBuild.removeProject(name),
    firstRead: 'codebuild:BatchGetProjects',
    removal: 'codebuild:StopBuild',
  },
  'AWS::CodeBuild::ReportGroup': {
    add: ({ codeBuild }, arn, things, tags = {}) => codeBuild.addReportGroup(arn, things, tags),
    breakOne: ({ codeBuild }, arn) => codeBuild.breakReport(arn),
    left: ({ codeBuild }, arn) => codeBuild.reportsOf(arn).length,
    remove: ({ codeBuild }, arn) => codeBuild.removeReportGroup(arn),
    firstRead: 'codebuild:BatchGetReportGroups',
    removal: 'codebuild:DeleteReport',
  },
  'AWS::S3::Bucket': {
    options: { emptyBuckets: true },
    add: ({ s3 }, name, things, tags = {}) => s3.addBucket(name, { tags, versioning: 'Enabled' }).fill(name, things),
    breakOne: ({ s3 }, name) => s3.breakVersion(name, 'object-0', { code: 'InternalError' }),
    left: ({ s3 }, name) => s3.holds(name).versions.length,
    remove: ({ s3 }, name) => s3.removeBucket(name),
    firstRead: 's3:GetBucketVersioning',
    removal: 's3:DeleteObjectVersion',
  },
};
