import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type Emulator, startEmulator } from '#emulator/start.ts';
import { REGION, type Scenario } from '#test/emulator/scenario.ts';

const START_MS = 40_000;
const SCENARIO_MS = 60_000;

/** Runs every scenario, and again without its addition, when it has to fail: so each addition is seen to be needed. */
export function prove(scenarios: readonly Scenario[]): void {
  describe('with the additions', () => {
    inOneEmulator([], scenarios, (scenario, emulator) => scenario.run(emulator()));
  });
  for (const addition of new Set(scenarios.map((scenario) => scenario.addition))) {
    if (addition === null) continue;
    const its = scenarios.filter((scenario) => scenario.addition === addition);
    describe(`without ${addition} there is no such thing as`, () => {
      inOneEmulator([addition], its, (scenario, emulator) => assert.rejects(scenario.run(emulator())));
    });
  }
}

function inOneEmulator(
  off: string[],
  scenarios: readonly Scenario[],
  run: (scenario: Scenario, emulator: () => Emulator) => Promise<void>,
): void {
  let emulator: Emulator | undefined;
  const started = () => {
    if (!emulator) throw new Error('the emulator did not start');
    return emulator;
  };
  beforeAll(async () => {
    emulator = await startEmulator({ off, region: REGION });
  }, START_MS);
  afterAll(() => emulator?.stop());
  for (const scenario of scenarios) test(scenario.name, () => run(scenario, started), SCENARIO_MS);
}
