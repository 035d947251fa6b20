import { AwsFailure } from '../errors.ts';
import type { Action } from './errors.ts';

/**
 * A field that AWS always sends but the SDK types as optional.
 *
 * @throws AwsFailure with errorName `IncompleteAnswer` where it is missing
 */
export function required<T>(value: T | undefined, field: string, action: Action, resource: string): T {
  if (value === undefined) {
    throw new AwsFailure({ action, resource, errorName: 'IncompleteAnswer' }, `the answer has no ${field}`);
  }
  return value;
}

/** Tags (or parameters) as a record; services spell keys and values differently, so pairs come in. */
export function tagRecord(
  pairs: readonly (readonly [key: string | undefined, value: string | undefined])[] | undefined,
): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (const [key, value] of pairs ?? []) {
    if (key !== undefined) {
      tags[key] = value ?? '';
    }
  }
  return tags;
}

/** Slices of at most `size`. */
export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return chunks;
}
