import * as z from 'zod/mini';
import type { Note } from '../core/model.ts';
import type { StackOutcome, TeardownReport } from './model.ts';
import { count, NoteOnTheWay, OnTheWay, RefusalOnTheWay, text } from './travel.ts';

/** Where a message stands in Slack, as it travels through the state machine. */
export const MessagePlace = z.object({
  channel: text.check(z.regex(/^[A-Z][A-Z0-9]{2,30}$/, { error: 'must be the ID of a channel' })),
  ts: text.check(z.regex(/^\d+\.\d+$/, { error: "must be Slack's name of a message" })),
});
export type MessagePlace = z.output<typeof MessagePlace>;

/** What came of telling people: handed on to the next telling, and into the report. */
export interface Told {
  /** Null where there is no message, or Slack does not say where it stands. */
  readonly message: MessagePlace | null;
  /** What could not be told; after the end, together with the notes of the report. */
  readonly notes: readonly Note[];
}

/** What is told when a teardown begins. */
export const Begun = z.object({
  run: text,
  stacks: z.array(
    z.object({
      stackId: text,
      stackName: text,
      deletesAs: z.object({ kind: text }),
      deletes: z.record(z.string(), count),
    }),
  ),
});

const { stackId, stackName, removed, leftovers, notes, failures, why, remedy } = OnTheWay.shape;
const Outcome = z.object({
  ...{ stackId, stackName, removed, leftovers, notes, failures, why, remedy },
  outcome: z.enum(['deleted', 'failed', 'refused', 'lives on', 'stopped']),
  attempts: count,
}) satisfies z.ZodMiniType<StackOutcome>;

const Remains = z.object({
  kind: z.enum(['retained', 'skipped', 'log group', 'replicated images']),
  what: text,
  stackName: text,
  why: text,
  command: text,
});

/** A report as it comes back from the state machine. */
export const ReportOnTheWay = z.object({
  version: z.literal(1),
  outcome: z.enum(['planned', 'refused', 'deleted', 'failed']),
  run: text,
  refusals: z.array(RefusalOnTheWay),
  stacks: z.array(Outcome),
  remaining: z.array(Remains),
  removedLogGroups: z.array(text),
  notes: z.array(NoteOnTheWay),
  calls: z.record(z.string(), count),
  milliseconds: z.number(),
}) satisfies z.ZodMiniType<TeardownReport>;

/** What is told when a teardown has ended, with what came of telling that it began. */
export const EndTold = z.object({
  report: ReportOnTheWay,
  begun: z.object({
    message: z.optional(z.nullable(MessagePlace)),
    notes: z._default(z.array(NoteOnTheWay), []),
  }),
});
