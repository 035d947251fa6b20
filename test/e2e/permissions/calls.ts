import type { LocalAccount } from '#scripts/lib/local-account.ts';

/** What one role called, as the emulator recorded it. */
export interface RoleCalls {
  /** IAM's names of the actions that were allowed; the calls may have failed for another reason. Sorted, each once. */
  readonly allowed: readonly string[];
  /** Those that IAM refused. */
  readonly denied: readonly string[];
}

/** The number of the last call so far: what comes after it belongs to what a test does next. */
export async function nowInLog(account: LocalAccount): Promise<number> {
  return (await account.emulator.calls(Number.MAX_SAFE_INTEGER)).next;
}

/** Operations that IAM knows by another name: of a transaction it asks for the action of each item. */
const ACTIONS = new Map([['dynamodb:TransactWriteItems', 'dynamodb:UpdateItem']]);

/** @param since a call's number; 0 for everything */
export async function callsOf(account: LocalAccount, roleName: string, since: number): Promise<RoleCalls> {
  const { calls } = await account.emulator.calls(since);
  const own = calls.filter(({ principal }) => principal.includes(`:assumed-role/${roleName}/`));
  const named = (denied: boolean): readonly string[] => {
    const matching = own.filter(({ errorCode }) => /AccessDenied/.test(errorCode ?? '') === denied);
    const actions = matching.map(
      ({ service, operation, deniedAction }) =>
        (denied && deniedAction) || (ACTIONS.get(`${service}:${operation}`) ?? `${service}:${operation}`),
    );
    return [...new Set(actions)].sort();
  };
  return { allowed: named(false), denied: named(true) };
}
