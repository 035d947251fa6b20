import {
  parseTeardownRequest,
  type TeardownOptions,
  type TeardownRequest,
} from '#functions/schemas/teardown-request.ts';
import { WrongUsage } from '../errors.ts';

/** The consents as the options of a command spell them; `false` and absent are the same. */
export interface ConsentFlags {
  readonly roleArn?: string | undefined;
  readonly disableProtection?: boolean | undefined;
  readonly disableLogGroupProtection?: boolean | undefined;
  readonly removeRolesFromInstanceProfiles?: boolean | undefined;
  readonly detachPoliciesFromOthers?: boolean | undefined;
  readonly removePermissionsBoundaries?: boolean | undefined;
  readonly keepBuckets?: boolean | undefined;
  readonly deleteOrphanedLogGroups?: boolean | undefined;
}

/**
 * @param stacks names or ARNs as they were typed
 * @throws WrongUsage with every fault, in the command line's words
 */
export function requestOf(stacks: readonly string[], flags: ConsentFlags, mode: 'plan' | 'execute'): TeardownRequest {
  const options: Record<keyof TeardownOptions, unknown> = {
    roleArn: flags.roleArn,
    disableTerminationProtection: flags.disableProtection === true,
    disableLogGroupDeletionProtection: flags.disableLogGroupProtection === true,
    removeRolesFromInstanceProfiles: flags.removeRolesFromInstanceProfiles === true,
    detachPoliciesFromOthers: flags.detachPoliciesFromOthers === true,
    removePermissionsBoundaries: flags.removePermissionsBoundaries === true,
    deleteOrphanedLogGroups: flags.deleteOrphanedLogGroups === true,
    emptyBuckets: flags.keepBuckets !== true,
  };
  const parsed = parseTeardownRequest({ stacks, mode, options });
  if ('request' in parsed) {
    return parsed.request;
  }
  throw new WrongUsage(`${parsed.faults.map((fault) => asTyped(fault, stacks)).join('; ')}.`);
}

/** `stacks.1 must be …` becomes `"x*" must be …`. */
function asTyped(fault: string, stacks: readonly string[]): string {
  return fault
    .replace(/^stacks\.(\d+)/, (_, at: string) => JSON.stringify(stacks[Number(at)] ?? ''))
    .replace(/^options\.roleArn/, '--role-arn')
    .replace(/^stacks must/, 'a request must');
}
