/**
 * The seal: one statement in a repository's policy that denies pushes to everybody, the account's own principals
 * included (an explicit Deny in a resource policy binds them too). Pure functions on the policy's text.
 */

/** The four actions of a push. Not one more: a wider Deny locks out DeleteRepository itself. */
const PUSH_ACTIONS = ['ecr:PutImage', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload'];
const SID = 'CleanExitSeal';
/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html (policyText). */
const LONGEST_POLICY = 10_240;

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
export function addSeal(text: string | undefined): PolicyEdit {
  const policy = text === undefined ? { rest: { Version: '2012-10-17' }, statements: [] } : parse(text);
  if (policy === undefined) return { kind: 'impossible', why: 'its policy is not a JSON document with statements' };
  if (policy.statements.some(isSeal)) return { kind: 'leave' };
  const seal = { Sid: freeSid(policy.statements), Effect: 'Deny', Principal: '*', Action: PUSH_ACTIONS };
  const sealed = JSON.stringify({ ...policy.rest, Statement: [...policy.statements, seal] });
  if (sealed.length > LONGEST_POLICY) {
    return { kind: 'impossible', why: `with the seal its policy would be longer than ${LONGEST_POLICY} characters` };
  }
  return { kind: 'write', policy: sealed };
}

/** Takes the seal out of a policy; a policy that holds nothing else is to be deleted. */
export function liftSeal(text: string | undefined): PolicyEdit {
  const policy = text === undefined ? undefined : parse(text);
  if (policy === undefined || !policy.statements.some(isSeal)) return { kind: 'leave' };
  const others = policy.statements.filter((statement) => !isSeal(statement));
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
function isSeal(statement: unknown): boolean {
  if (!isObject(statement)) return false;
  const { Sid, Effect, Principal, Action, ...others } = statement;
  return (
    typeof Sid === 'string' &&
    Sid.startsWith(SID) &&
    Effect === 'Deny' &&
    isEverybody(Principal) &&
    Array.isArray(Action) &&
    Action.length === PUSH_ACTIONS.length &&
    PUSH_ACTIONS.every((action) => Action.includes(action)) &&
    Object.keys(others).length === 0
  );
}

/** `"*"`, also in the longer form in which a policy may come back. */
function isEverybody(principal: unknown): boolean {
  return principal === '*' || (isObject(principal) && (principal['AWS'] === '*' || isOnlyStar(principal['AWS'])));
}

function isOnlyStar(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && value[0] === '*';
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
