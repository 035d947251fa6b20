import * as z from 'zod/mini';

/** More stacks at once make an execution's state too large, and a plan that nobody reads. */
export const MOST_STACKS = 50;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-console-create-stack-parameters.html */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;
const STACK_ARN = /^arn:[a-z0-9-]+:cloudformation:[a-z0-9-]+:\d{12}:stack\/[A-Za-z][A-Za-z0-9-]{0,127}\/[0-9A-Za-z-]+$/;

const stack = z.string({ error: 'must be the name or the ARN of a stack' }).check(
  z.refine((text) => !/[*?]/.test(text), { error: 'must be one stack, not a pattern: write every name out' }),
  z.refine((text) => /[*?]/.test(text) || STACK_NAME.test(text) || STACK_ARN.test(text), {
    error: 'must be the name of a stack (letters, digits, hyphens, a letter first) or its ARN',
  }),
);

const flag = (absent: boolean) => z._default(z.boolean({ error: 'must be true or false' }), absent);

/** The fault of a key that nobody reads: a consent that is misspelt is none, and nobody should find out later. */
const keysOf = (...known: readonly string[]) => ({
  error: ({ code }: { readonly code?: string | undefined }) =>
    code === 'unrecognized_keys' ? `is unknown; known are ${known.join(', ')}` : 'must be an object',
});

/** What a person consents to; nothing of it is a default, except that a request to delete a bucket means what is in it. */
const options = {
  /** The role that CloudFormation deletes with, for stacks that have none of their own. */
  roleArn: z.optional(
    z.string().check(z.regex(/^arn:[a-z0-9-]+:iam::\d{12}:role\/.+$/, { error: 'must be the ARN of an IAM role' })),
  ),
  disableTerminationProtection: flag(false),
  disableLogGroupDeletionProtection: flag(false),
  removeRolesFromInstanceProfiles: flag(false),
  detachPoliciesFromOthers: flag(false),
  removePermissionsBoundaries: flag(false),
  /** Log groups named after the stacks' functions and projects, which belong to no stack. */
  deleteOrphanedLogGroups: flag(false),
  /** False leaves buckets as they are: a stack with one that is not empty is refused then. */
  emptyBuckets: flag(true),
};
export const TeardownOptions = z.strictObject(options, keysOf(...Object.keys(options)));
export type TeardownOptions = z.output<typeof TeardownOptions>;

/** What the state machine and the command line are asked for. */
const request = {
  stacks: z
    .array(stack, { error: 'must be a list of stack names or ARNs' })
    .check(
      z.minLength(1, { error: 'must name at least one stack' }),
      z.maxLength(MOST_STACKS, { error: `must name ${MOST_STACKS} stacks at the most` }),
    ),
  /** A plan is the default: executing is a word that somebody writes. */
  mode: z._default(z.enum(['plan', 'execute'], { error: 'must be plan or execute' }), 'plan'),
  options: z._default(TeardownOptions, TeardownOptions.parse({})),
};
export const TeardownRequest = z.strictObject(request, keysOf(...Object.keys(request)));
export type TeardownRequest = z.output<typeof TeardownRequest>;

/**
 * Reads what somebody asks for.
 *
 * @returns the request with its defaults, or every fault in a sentence that begins with the field's name: `options.roleArn must
 *   be …`
 */
export function parseTeardownRequest(
  input: unknown,
): { readonly request: TeardownRequest } | { readonly faults: readonly string[] } {
  const result = TeardownRequest.safeParse(input);
  return result.success ? { request: result.data } : { faults: result.error.issues.flatMap(faultsIn) };
}

function faultsIn(issue: z.core.$ZodIssue): readonly string[] {
  const fields = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return fields.map((path) => `${path.join('.') || 'the request'} ${issue.message}`);
}
