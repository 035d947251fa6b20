import type { CleanerDefinition } from '../core/cleaner.ts';
import { codeBuildProject } from './codebuild-project.ts';
import { codeBuildReportGroup } from './codebuild-report-group.ts';
import { ecrRepository } from './ecr-repository.ts';
import { iamGroup } from './iam-group.ts';
import { iamManagedPolicy } from './iam-managed-policy.ts';
import { iamRole } from './iam-role.ts';
import { iamUser } from './iam-user.ts';
import { logGroup } from './log-group.ts';
import { s3Bucket } from './s3-bucket.ts';

/** Every resource type that can be cleaned: one file and one line each. */
export const CLEANERS = [
  codeBuildProject,
  codeBuildReportGroup,
  ecrRepository,
  iamGroup,
  iamManagedPolicy,
  iamRole,
  iamUser,
  logGroup,
  s3Bucket,
] as const satisfies readonly CleanerDefinition[];
