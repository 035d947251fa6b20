import * as z from 'zod/mini';

const role = (what: string) =>
  z._default(
    z.string().check(z.regex(/^$|^arn:[^:]+:iam::\d{12}:role\/.+$/, { error: `must be the ARN of ${what}, or empty` })),
    '',
  );

/** Environment of the teardown function. */
export const TeardownConfig = z.object({
  /** The role that the function runs with: never stripped, whatever stack lists it. Empty where it is not known. */
  SERVICE_ROLE_ARN: role("the function's IAM role"),
  /** The role that CloudFormation deletes with, for stacks that have none of their own. Empty where the service has none. */
  DELETE_ROLE_ARN: role('the IAM role to delete stacks with'),
});
export type TeardownConfig = z.output<typeof TeardownConfig>;
