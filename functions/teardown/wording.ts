import type { Refusal } from '../core/model.ts';
import { assertNever } from '../errors.ts';
import type { DeletesAs, TeardownOptions } from './model.ts';

/** Every option of a teardown, as the command line calls it. */
export const FLAGS = {
  roleArn: '--role-arn',
  disableTerminationProtection: '--disable-protection',
  disableLogGroupDeletionProtection: '--disable-log-group-protection',
  removeRolesFromInstanceProfiles: '--remove-roles-from-instance-profiles',
  detachPoliciesFromOthers: '--detach-policies-from-others',
  removePermissionsBoundaries: '--remove-permissions-boundaries',
  deleteOrphanedLogGroups: '--delete-orphaned-log-groups',
  emptyBuckets: '--keep-buckets',
} as const satisfies Record<keyof TeardownOptions, string>;

/** An option in a sentence, for those who write a request and for those who type a command. */
export function optionWords(option: keyof TeardownOptions): string {
  return option === 'emptyBuckets'
    ? `option emptyBuckets, or the command line without ${FLAGS.emptyBuckets}`
    : `option ${option}, or ${FLAGS[option]} on the command line`;
}

/** Consents as the custom resource calls them: its properties. */
const PROPERTIES = {
  DisableLogGroupDeletionProtection: 'disableLogGroupDeletionProtection',
  RemoveRolesFromInstanceProfiles: 'removeRolesFromInstanceProfiles',
  DetachPoliciesFromOthers: 'detachPoliciesFromOthers',
  RemovePermissionsBoundaries: 'removePermissionsBoundaries',
  EmptyBuckets: 'emptyBuckets',
} as const satisfies Record<string, keyof TeardownOptions>;

/** The core's remedies name what a template can say; here the same is said in a request. */
export function remedyHere({ remedy }: Pick<Refusal, 'remedy'>): string {
  return Object.entries(PROPERTIES)
    .reduce(
      (text, [property, option]) => text.replaceAll(new RegExp(`\\b${property}\\b`, 'g'), optionWords(option)),
      remedy,
    )
    .replaceAll(
      ' and the custom resource (--retain-resources)',
      ' (aws cloudformation delete-stack --retain-resources)',
    );
}

/** Whose rights delete a stack, in words that follow "deletes as". */
export function deletesAsWords(deletesAs: DeletesAs): string {
  switch (deletesAs.kind) {
    case 'stack role':
      return `${deletesAs.roleArn} (the stack's own role)`;
    case 'request role':
      return `${deletesAs.roleArn} (as asked for)`;
    case 'delete role':
      return `${deletesAs.roleArn} (the service's delete role)`;
    case 'caller':
      return `${deletesAs.arn} (your own rights)`;
    case 'nobody':
      return 'nobody';
    default:
      return assertNever(deletesAs);
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
