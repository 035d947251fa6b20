import type { Finding, Note, Removed, StackResource, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';

/** The finding for a resource that is already gone: success, nothing to do. */
export function absent(resource: StackResource): Finding {
  return { resource: refOf(resource), exists: false, contents: [], blocks: false, stages: [], notes: [] };
}

/** What was removed; nothing where the count is zero. */
export function removedOf(resource: StackResource, kind: string, count: number): readonly Removed[] {
  return count === 0 ? [] : [{ resource: refOf(resource), kind, count }];
}

export function noteAbout(resource: StackResource, code: string, sentence: string): Note {
  return { code, resource: refOf(resource), sentence };
}

/** The sum of several results; unfinished where one of them is. */
export function inSum(results: readonly StepResult[]): StepResult {
  return {
    removed: results.flatMap((result) => result.removed),
    leftovers: results.flatMap((result) => result.leftovers),
    notes: results.flatMap((result) => result.notes),
    finished: results.every((result) => result.finished),
  };
}
