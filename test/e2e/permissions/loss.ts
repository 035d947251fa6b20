import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { LocalAccount } from '#scripts/lib/local-account.ts';
import { callsOf, nowInLog, type RoleCalls } from './calls.ts';
import type { RoleRights } from './role-rights.ts';

/**
 * Does the work while the role lacks one action, and gives it back. Of all calls under the role exactly that one is refused.
 *
 * @param inProcess the service uses the right by itself, without a call that the emulator could record
 */
export type Lose = (work: () => Promise<unknown>, inProcess?: 'in process') => Promise<RoleCalls>;

/** A function's log is written when it has ended, soon after its work shows: the time to wait before a right comes back. */
export async function logTime(): Promise<void> {
  await sleep(500);
}

/** How one lost action shows. */
export interface Scenario<Place> {
  /** What happens without the action, for the test's name. */
  readonly shows: string;
  /** Why the role needs it although our code never calls it. */
  readonly madeBy?: string;
  run(place: Place, action: string, lose: Lose): Promise<void>;
}

export type Scenarios<Place> = Readonly<Record<string, Scenario<Place>>>;

export function losing(account: LocalAccount, rights: RoleRights, action: string): Lose {
  return async (work, inProcess) => {
    const since = await nowInLog(account);
    await rights.without(action, work);
    const calls = await callsOf(account, rights.roleName, since);
    expect(calls.denied).toEqual(inProcess ? [] : [action]);
    return calls;
  };
}

/** The actions of a table that our own code calls. */
export function ownCallsOf<Place>(scenarios: Scenarios<Place>): readonly string[] {
  return Object.entries(scenarios)
    .filter(([, { madeBy }]) => madeBy === undefined)
    .map(([action]) => action);
}
