import * as z from 'zod/mini';
import { TeardownOptions } from '../schemas/teardown-request.ts';
import type { Journey, TeardownRefusal } from './model.ts';

/**
 * How journeys travel through the state machine. What comes back from it is read here and nowhere believed: whoever may start
 * an execution could have written it.
 */

export const text = z.string();
export const count = z.int().check(z.nonnegative());
const calls = z.record(z.string(), count);

const ResourceRef = z.object({ stackId: text, stackName: text, logicalId: text, type: text, physicalId: text });

export const NoteOnTheWay = z.object({ code: text, resource: z.optional(ResourceRef), sentence: text });

const DeletesAs = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stack role'), roleArn: text }),
  z.object({ kind: z.literal('request role'), roleArn: text }),
  z.object({ kind: z.literal('delete role'), roleArn: text }),
  z.object({ kind: z.literal('nobody') }),
]);

export const StackId = text.check(
  z.regex(/^arn:[a-z0-9-]+:cloudformation:[a-z0-9-]+:\d{12}:stack\/[^/]+\/[^/]+$/, {
    error: 'must be the ARN of a stack',
  }),
);

export const OnTheWay = z.object({
  stackId: StackId,
  stackName: text,
  // Never `caller`: a function does not delete with its own rights.
  deletesAs: DeletesAs,
  options: TeardownOptions,
  holdsRoleOf: z.array(StackId),
  run: text.check(z.regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, { error: 'must be letters, digits and hyphens' })),
  phase: z.enum(['clean', 'delete', 'watch', 'done']),
  wait: count,
  steps: count,
  attempt: count,
  token: z.optional(text),
  looks: count,
  unprotected: z.boolean(),
  removed: z.array(z.object({ resource: ResourceRef, kind: text, count })),
  leftovers: z.array(z.object({ resource: ResourceRef, what: text, why: text, remedy: text, blocks: z.boolean() })),
  notes: z.array(NoteOnTheWay),
  failures: z.array(z.object({ resource: ResourceRef, reason: text })),
  outcome: z.optional(z.enum(['deleted', 'failed', 'refused', 'lives on', 'stopped'])),
  why: z.optional(text),
  remedy: z.optional(text),
  calls,
}) satisfies z.ZodMiniType<Journey>;

/** One stack on its way, and how much of the state machine's data is for it. */
export const Traveller = z.object({
  journey: OnTheWay,
  /** Bytes of JSON that the journey may have. */
  bytes: z.int().check(z.positive()),
});
export type Traveller = z.output<typeof Traveller>;

/** What Step Functions says when a task has failed for good. */
const TaskError = z.object({ Error: text, Cause: z._default(text, '') });
export type TaskError = z.output<typeof TaskError>;

/** A stack at the end of its way: `error` where a step of it could not be made. */
export const Arrived = z.extend(Traveller, { error: z.optional(TaskError) });
export type Arrived = z.output<typeof Arrived>;

export const RefusalOnTheWay = z.object({
  code: z.enum([
    'STACK_NOT_FOUND',
    'STACK_BUSY',
    'TERMINATION_PROTECTED',
    'NESTED_STACK',
    'OWN_SERVICE',
    'NO_ROLE',
    'ROLE_GONE',
    'ROLE_NOT_PASSABLE',
    'ROLE_IN_STACK',
    'IMPORTED',
    'CYCLE',
    'ELSEWHERE',
    'TOO_MUCH',
    'CANNOT_BE_CLEANED',
  ]),
  stack: z.optional(text),
  sentence: text,
  remedy: text,
}) satisfies z.ZodMiniType<TeardownRefusal>;

/** What the report is made of. */
export const Ending = z.object({
  run: text,
  mode: z.enum(['plan', 'execute']),
  refusals: z.array(RefusalOnTheWay),
  /** Wave by wave; empty where nothing was begun. */
  waves: z.array(z.array(Arrived)),
  startedAt: count,
  calls,
});
