/** What a teardown tells, from the files that a deployed function is handed too. */
import { readFileSync } from 'node:fs';
import type { ResourceRef } from '#functions/core/model.ts';
import type { StackOutcome, TeardownRefusal, TeardownReport } from '#functions/teardown/model.ts';
import { Begun, EndTold } from '#functions/teardown/told.ts';

function event(name: string): { readonly told: unknown } {
  return JSON.parse(readFileSync(new URL(`../../events/teardown-${name}.json`, import.meta.url), 'utf8'));
}

export const begunEvent = () => event('begun');
export const begun = () => Begun.parse(event('begun').told);
export const endEvent = (name: 'deleted' | 'failed' | 'refused') => event(name);
export const reportOf = (name: 'deleted' | 'failed' | 'refused'): TeardownReport =>
  EndTold.parse(event(name).told).report;

export const stackIdOf = (name: string) =>
  `arn:aws:cloudformation:ap-northeast-1:123456789012:stack/${name}/00000000-0000-4000-8000-000000000000`;

export const resource = (stackName: string, type: string, physicalId: string): ResourceRef => ({
  stackId: stackIdOf(stackName),
  stackName,
  logicalId: 'Thing',
  type,
  physicalId,
});

/** A stack that was deleted, or what is said instead. */
export function stack(stackName: string, more: Partial<StackOutcome> = {}): StackOutcome {
  return {
    stackId: stackIdOf(stackName),
    stackName,
    removed: [],
    leftovers: [],
    notes: [],
    failures: [],
    outcome: 'deleted',
    attempts: 1,
    ...more,
  };
}

export function report(outcome: TeardownReport['outcome'], more: Partial<TeardownReport> = {}): TeardownReport {
  return {
    version: 1,
    outcome,
    run: 'run-1',
    refusals: [],
    stacks: [],
    remaining: [],
    removedLogGroups: [],
    notes: [],
    calls: {},
    milliseconds: 75_000,
    ...more,
  };
}

export function refusal(code: TeardownRefusal['code'], more: Partial<TeardownRefusal> = {}): TeardownRefusal {
  return { code, stack: 'xxxx-build', sentence: `What ${code} means.`, remedy: `What helps against ${code}.`, ...more };
}
