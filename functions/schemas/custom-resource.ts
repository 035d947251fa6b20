import * as z from 'zod/mini';

/**
 * What CloudFormation sends to a custom resource, and our own envelope around it when one invocation hands over to the next.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */

const text = (what: string, maximum: number) =>
  z.string({ error: `must be ${what}` }).check(
    z.minLength(1, { error: `must be ${what}` }),
    z.maxLength(maximum, { error: `must have ${maximum} characters at the most` }),
    // Echoed in an answer of limited size: a control character takes six bytes there.
    z.regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'must not hold control characters' }),
  );

const PhysicalResourceId = text('the physical id that the answer to Create gave', 1024).check(
  z.refine((value) => Buffer.byteLength(value) <= 1024, { error: 'must have 1,024 bytes at the most' }),
);

/** The least that an answer needs: without one of these nobody can be told anything. */
export const AnswerAddress = z.object({
  ResponseURL: z.url({ error: 'must be an absolute URL' }),
  StackId: text('the ARN of a stack', 512).check(
    z.regex(/^arn:[^:]+:cloudformation:[^:]+:\d{12}:stack\/[^/]+\/[^/]+$/, { error: 'must be the ARN of a stack' }),
  ),
  RequestId: text('the id of the request', 128),
  LogicalResourceId: text('the logical id of the custom resource', 255),
  /** Echoed where it can be; on Update and Delete it must be there. */
  PhysicalResourceId: z.catch(z.optional(PhysicalResourceId), undefined),
});
export type AnswerAddress = z.output<typeof AnswerAddress>;

/** The one resource type that the service answers to: standing in a template, it is the consent to empty the stack. */
export const CLEAN_EXIT_TYPE = 'Custom::CleanExit';

const common = {
  ...AnswerAddress.shape,
  ResourceType: text('a resource type', 128),
  ResourceProperties: z._default(z.record(z.string(), z.unknown()), {}),
};

export const CustomResourceRequest = z.discriminatedUnion(
  'RequestType',
  [
    z.object({ RequestType: z.literal('Create'), ...common }),
    z.object({ RequestType: z.literal('Update'), ...common, PhysicalResourceId }),
    z.object({ RequestType: z.literal('Delete'), ...common, PhysicalResourceId }),
  ],
  { error: 'must be Create, Update or Delete' },
);
export type CustomResourceRequest = z.output<typeof CustomResourceRequest>;

/** What the invocations before this one did for the same request. */
export const Handover = z.object({
  /** 1 for the second invocation. */
  hop: z.int().check(z.minimum(1), z.maximum(1000)),
  /** When the first invocation began, milliseconds since the epoch. */
  startedAt: z.int().check(z.positive()),
  /** What was removed so far: singular noun to count. */
  removed: z.record(z.string(), z.int().check(z.nonnegative())),
});
export type Handover = z.output<typeof Handover>;

/** How a request travels from one invocation of this function to the next. */
export const HandedOver = z.object({ cleanExitHandover: Handover, request: z.unknown() });

/** All faults of a failed parse in one sentence, each with the field's name; never with a value. */
export function faultsOf(error: z.core.$ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'the event'} ${issue.message}`).join('; ');
}
