import * as z from 'zod/mini';

/** Environment of the custom-resource function. */
export const CustomResourceConfig = z.object({
  /** Seconds of an invocation that are kept for handing over and for answering. */
  HANDOVER_SECONDS: z.pipe(
    z._default(
      z.string().check(z.regex(/^[1-8]?\d{2}$|^890$/, { error: 'must be a whole number of seconds from 10 to 890' })),
      '60',
    ),
    z.transform(Number),
  ),
  /** The role that the function runs with: never stripped, whatever stack lists it. Empty where it is not known. */
  SERVICE_ROLE_ARN: z._default(
    z.string().check(
      z.regex(/^$|^arn:[^:]+:iam::\d{12}:role\/.+$/, {
        error: "must be the ARN of the function's IAM role, or empty",
      }),
    ),
    '',
  ),
  /** Host and port of an emulator on the loopback interface; empty (always, on AWS) admits CloudFormation's own host only. */
  EMULATOR_RESPONSE_HOST: z._default(
    z.string().check(
      z.regex(/^$|^(127\.0\.0\.1|localhost):\d{1,5}$/, {
        error: 'must be a loopback host with its port such as 127.0.0.1:4566, or empty',
      }),
    ),
    '',
  ),
});
export type CustomResourceConfig = z.output<typeof CustomResourceConfig>;
