import type { CleanerDefinition } from '../core/cleaner.ts';
import { codeBuildProject } from './codebuild-project.ts';
import { codeBuildReportGroup } from './codebuild-report-group.ts';
import { ecrRepository } from './ecr-repository.ts';
import { iamRole } from './iam-role.ts';
import { logGroup } from './log-group.ts';
import { s3Bucket } from './s3-bucket.ts';

/** Every resource type that can be cleaned: one file and one line each. */
export const CLEANERS = [
  codeBuildProject,
  codeBuildReportGroup,
  ecrRepository,
  iamRole,
  logGroup,
  s3Bucket,
] as const satisfies readonly CleanerDefinition[];
