import type { FailureAdvice } from './failures.ts';
import type { Outcome, RefusalCode, Remaining } from './model.ts';

/** How a whole teardown stands. */
export type Standing = 'begun' | 'deleted' | 'failed' | 'stopped' | 'refused' | 'nothing';

/** Every word of a stack notice. A language is complete or it does not compile. */
export interface StackWords {
  readonly verdict: Readonly<Record<Standing, string>>;
  /** Subject of a notice about several stacks. */
  readonly stacks: (count: number) => string;
  readonly someStacks: (some: number, all: number) => string;
  /** Subject of a notice about a request that names no stack. */
  readonly request: string;
  readonly labels: Readonly<
    Record<
      'going' | 'inTheWay' | 'next' | 'deleted' | 'removed' | 'remaining' | 'notes' | 'commands' | 'refused',
      string
    >
  >;
  readonly facts: Readonly<Record<'stacks' | 'resources' | 'duration' | 'logGroups', string>>;
  readonly deletedOf: (deleted: number, all: number) => string;
  /** Whole seconds as people say them. */
  readonly time: (seconds: number) => string;
  readonly resources: (count: number) => string;
  /** What was removed from a resource: `kind` is the core's word, in the singular. */
  readonly removed: (count: number, kind: string) => string;
  readonly listed: (items: readonly string[]) => string;
  /** Where a failed resource is, if that is not the stack that was asked for. */
  readonly inStack: (stackName: string) => string;
  /** What became of a stack, after its name; for those that still stand. */
  readonly outcome: Readonly<Record<Exclude<Outcome, 'deleted'>, string>>;
  /** Leads to words of AWS or of this project that stand in English everywhere; empty where the notice is English itself. */
  readonly quoted: string;
  /** Leads to AWS's own words. */
  readonly awsSays: string;
  readonly advice: (advice: FailureAdvice) => string;
  /** What to do in the end, by how the stack stands. */
  readonly again: Readonly<Record<Exclude<Outcome, 'deleted'>, string>>;
  /** In the report's words where the language has none of its own. */
  readonly refusal: (code: RefusalCode, stack: string | undefined) => { sentence: string; remedy: string } | undefined;
  /** Why it is still there; undefined where the report's own words are best. */
  readonly remaining: (kind: Remaining['kind']) => string | undefined;
  /** A note of a report, by its code; undefined where the language has no words of its own. */
  readonly note: (code: string) => string | undefined;
  /** Stands where the rest of a list would not fit. */
  readonly more: (count: number) => string;
  readonly retain: string;
  readonly remove: string;
  readonly events: (stackName: string) => string;
  readonly updates: string;
  readonly run: (name: string) => string;
}
