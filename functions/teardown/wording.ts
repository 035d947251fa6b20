import type { Plan, Refusal } from '../core/model.ts';
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

/**
 * What else the core says to whoever deletes a stack by hand, whose template asks for this service; here somebody asks for a
 * teardown. CloudFormation takes `--retain-resources` for a stack in DELETE_FAILED only, and here none may be in it yet.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
 */
const ELSEWHERE: readonly (readonly [words: RegExp, here: string])[] = [
  [
    / and the custom resource \(--retain-resources\)/g,
    ' (DeletionPolicy Retain in the template, or, once the stack is in DELETE_FAILED, aws cloudformation delete-stack --retain-resources)',
  ],
  [/, true on the custom resource before the delete\b/g, ''],
  [/\bthe role of the function\b/g, 'whoever runs this'],
  [/\bDelete( (the|this) stack)? again\b/g, 'Ask again'],
  [/\bdelete(s?)( (the|this) stack| it)? again\b/g, 'ask$1 again'],
];

/** A remedy of the core, which knows what a template can say and no request. */
export function remedyHere(remedy: string): string {
  const named = Object.entries(PROPERTIES).reduce(
    (text, [property, option]) => text.replaceAll(new RegExp(`\\b${property}\\b`, 'g'), optionWords(option)),
    remedy,
  );
  return ELSEWHERE.reduce((text, [words, here]) => text.replaceAll(words, here), named);
}

/** A plan of the core, with its remedies for whoever asked for a teardown. */
export function planHere(plan: Plan): Plan {
  const here = (refusal: Refusal): Refusal => ({ ...refusal, remedy: remedyHere(refusal.remedy) });
  return {
    ...plan,
    findings: plan.findings.map((finding) =>
      finding.refusal ? { ...finding, refusal: here(finding.refusal) } : finding,
    ),
    refusals: plan.refusals.map(here),
  };
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
