/**
 * What the states of the state machine hand on. It comes from the deployed service, which may be of another version than
 * this command: so it is read by what must be in it, wherever that lies.
 */
import type { Journey, TeardownPlan, TeardownReport } from '#functions/teardown/model.ts';

/** Deeper than anything that a state hands on. */
const DEEPEST = 6;

/** Journeys that have begun, in their order; what a plan says of journeys to come is none. */
export function journeysIn(text: string): readonly Journey[] {
  return search(parsed(text), isJourney, DEEPEST, (value) => 'begins' in value);
}

export function planIn(text: string | undefined): TeardownPlan | undefined {
  return search(parsed(text), isPlan, DEEPEST).at(-1);
}

export function reportIn(text: string | undefined): TeardownReport | undefined {
  return search(parsed(text), isReport, DEEPEST).at(-1);
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Everything of the kind, outside in; what is of the kind is not searched itself. */
function search<T>(
  value: unknown,
  is: (value: object) => value is T & object,
  depth: number,
  closed: (value: object) => boolean = () => false,
): readonly T[] {
  if (typeof value !== 'object' || value === null || depth === 0 || closed(value)) {
    return [];
  }
  if (is(value)) {
    return [value];
  }
  return Object.values(value).flatMap((each: unknown) => search(each, is, depth - 1, closed));
}

function has(value: object, name: string, type: 'string' | 'array' | 'object'): boolean {
  const field: unknown = Reflect.get(value, name);
  return type === 'array' ? Array.isArray(field) : typeof field === type && field !== null;
}

function isJourney(value: object): value is Journey {
  return (
    has(value, 'stackId', 'string') &&
    has(value, 'phase', 'string') &&
    has(value, 'removed', 'array') &&
    has(value, 'leftovers', 'array')
  );
}

function isPlan(value: object): value is TeardownPlan {
  return (
    has(value, 'waves', 'array') &&
    has(value, 'stacks', 'array') &&
    has(value, 'refusals', 'array') &&
    has(value, 'options', 'object')
  );
}

function isReport(value: object): value is TeardownReport {
  return has(value, 'outcome', 'string') && has(value, 'stacks', 'array') && has(value, 'remaining', 'array');
}
