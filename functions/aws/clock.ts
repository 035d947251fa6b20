import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../core/ports/index.ts';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds) => {
    await setTimeout(milliseconds);
  },
};
