import type { CleanerDefinition } from '../core/cleaner.ts';
import { codeBuildProject } from './codebuild-project.ts';
import { ecrRepository } from './ecr-repository.ts';
import { iamRole } from './iam-role.ts';
import { logGroup } from './log-group.ts';

/** Every resource type that can be cleaned: one file and one line each. */
export const CLEANERS = [
  codeBuildProject,
  ecrRepository,
  iamRole,
  logGroup,
] as const satisfies readonly CleanerDefinition[];
