/**
 * A seal: one statement in a resource's own policy that denies to everybody, the account's own principals included (an explicit
 * Deny in a resource policy binds them too), what would put something in. Pure functions on the policy's text.
 */
import { byteLength } from '../core/report.ts';

const SID = 'CleanExitSeal';

/** What a seal denies, and how long the policy may become with it. */
export interface Seal {
  readonly actions: readonly string[];
  /** ARN in the statement; absent where the policy's resource is the one that it hangs on. */
  readonly resource?: string | undefined;
  readonly longestPolicy: { readonly count: number; readonly unit: 'bytes' | 'characters' };
}

/** What to do with a policy: write this text, delete the policy, leave it, or no seal is possible for a reason. */
export type PolicyEdit =
  | { readonly kind: 'write'; readonly policy: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'impossible'; readonly why: string };

type Statement = Readonly<Record<string, unknown>>;
interface Policy {
  readonly rest: Readonly<Record<string, unknown>>;
  readonly statements: readonly unknown[];
}

/** Adds the seal to a policy (undefined: there is none yet). Every statement that was there stays as it was. */
export function sealPolicy(text: string | undefined, seal: Seal): PolicyEdit {
  const policy = text === undefined ? { rest: { Version: '2012-10-17' }, statements: [] } : parse(text);
  if (policy === undefined) return { kind: 'impossible', why: 'its policy is not a JSON document with statements' };
  if (policy.statements.some((statement) => isSeal(statement, seal))) return { kind: 'leave' };
  const statement = {
    Sid: freeSid(policy.statements),
    Effect: 'Deny',
    Principal: '*',
    Action: seal.actions,
    ...(seal.resource === undefined ? {} : { Resource: seal.resource }),
  };
  const sealed = JSON.stringify({ ...policy.rest, Statement: [...policy.statements, statement] });
  const { count, unit } = seal.longestPolicy;
  if ((unit === 'bytes' ? byteLength(sealed) : sealed.length) > count) {
    return { kind: 'impossible', why: `with the seal its policy would be longer than ${count} ${unit}` };
  }
  return { kind: 'write', policy: sealed };
}

/** Takes the seal out of a policy; a policy that holds nothing else is to be deleted. */
export function unsealPolicy(text: string | undefined, seal: Seal): PolicyEdit {
  const policy = text === undefined ? undefined : parse(text);
  const others = policy?.statements.filter((statement) => !isSeal(statement, seal));
  if (policy === undefined || others === undefined || others.length === policy.statements.length) {
    return { kind: 'leave' };
  }
  if (others.length === 0) return { kind: 'delete' };
  return { kind: 'write', policy: JSON.stringify({ ...policy.rest, Statement: others }) };
}

function parse(text: string): Policy | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(document)) return undefined;
  const { Statement, ...rest } = document;
  if (Array.isArray(Statement)) return { rest, statements: Statement };
  return isObject(Statement) ? { rest, statements: [Statement] } : undefined;
}

/** Ours by name and by what it says: somebody else's statement that merely bears our Sid is not touched. */
function isSeal(statement: unknown, seal: Seal): boolean {
  if (!isObject(statement)) return false;
  const { Sid, Effect, Principal, Action, Resource, ...others } = statement;
  return (
    typeof Sid === 'string' &&
    Sid.startsWith(SID) &&
    Effect === 'Deny' &&
    isEverybody(Principal) &&
    isListOf(Action, seal.actions) &&
    isListOf(Resource, seal.resource === undefined ? [] : [seal.resource]) &&
    Object.keys(others).length === 0
  );
}

/** `"*"`, also in the longer form in which a policy may come back. */
function isEverybody(principal: unknown): boolean {
  return principal === '*' || (isObject(principal) && isListOf(principal['AWS'], ['*']));
}

/** The same texts in any order; a list of one may stand as the text alone, an empty one not at all. */
function isListOf(value: unknown, texts: readonly string[]): boolean {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.length === texts.length && texts.every((text) => list.includes(text));
}

/** Statement ids are unique within a policy. */
function freeSid(statements: readonly unknown[]): string {
  const taken = new Set(statements.map((statement) => (isObject(statement) ? statement['Sid'] : undefined)));
  let sid = SID;
  for (let number = 2; taken.has(sid); number += 1) sid = `${SID}${number}`;
  return sid;
}

function isObject(value: unknown): value is Statement {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
