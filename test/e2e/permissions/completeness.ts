/** Which calls a role's rights are for. */
export interface Coverage {
  /** What the deployed role is allowed. */
  readonly held: readonly string[];
  /** Actions that a scenario takes away. */
  readonly scenarios: readonly string[];
  /** Actions that no scenario can take away here, with the reason. */
  readonly exempt: Readonly<Record<string, string>>;
}

/** One sentence for each action that has a right and no scenario, or a scenario and no right. */
export function gapsOf({ held, scenarios, exempt }: Coverage): readonly string[] {
  const exempted = Object.keys(exempt);
  return [
    ...held
      .filter((action) => !scenarios.includes(action) && !exempted.includes(action))
      .map(
        (action) => `${action} is in the role and no scenario takes it away: write one, or take it out of the role.`,
      ),
    ...[...scenarios, ...exempted]
      .filter((action) => !held.includes(action))
      .map((action) => `${action} is in the table and not in the role: grant it, or take it out of the table.`),
    ...scenarios
      .filter((action) => exempted.includes(action))
      .map((action) => `${action} has a scenario: it needs no reason for having none.`),
  ];
}

/**
 * One sentence for each right that nothing used, and for each call that is in no table.
 *
 * @param called what was called under the role, and allowed
 * @param expected actions of the table that the code itself calls
 */
export function unusedOf(called: readonly string[], expected: readonly string[]): readonly string[] {
  return [
    ...expected
      .filter((action) => !called.includes(action))
      .map((action) => `${action} is granted and was never called: take it out of the role.`),
    ...called
      .filter((action) => !expected.includes(action))
      .map((action) => `${action} was called and is in no table.`),
  ];
}
