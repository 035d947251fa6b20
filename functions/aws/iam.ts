import type { IAMClient } from '@aws-sdk/client-iam';
import type { IamPort } from '../core/ports/iam.ts';
import type { AdapterOptions } from './clients.ts';
import { iamCalls } from './iam-calls.ts';
import { createIamGroups } from './iam-groups.ts';
import { createIamPolicies } from './iam-policies.ts';
import { createIamRoles } from './iam-roles.ts';
import { createIamUsers } from './iam-users.ts';

/** The IAM port over the SDK: one client for roles, users, groups and policies. */
export function createIam(options: AdapterOptions<IAMClient> = {}): IamPort {
  const calls = iamCalls(options);
  return {
    ...createIamRoles(calls),
    ...createIamUsers(calls),
    ...createIamGroups(calls),
    ...createIamPolicies(calls),
  };
}
