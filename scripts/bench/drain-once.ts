/**
 * Cleans one stack with the real adapters, in a process of its own so that its memory can be told, and prints the report.
 *
 *   node scripts/bench/drain-once.ts STACK_ID
 */
import { createPorts } from '#functions/aws/index.ts';
import { CLEANERS } from '#functions/cleaners/index.ts';
import { cleanStack } from '#functions/core/clean.ts';
import { NO_CONSENT } from '#functions/core/model.ts';

const [stackId] = process.argv.slice(2);
if (stackId === undefined) {
  throw new Error('usage: node scripts/bench/drain-once.ts STACK_ID');
}
const started = performance.now();
const { report } = await cleanStack(
  { ports: createPorts(), cleaners: CLEANERS, service: { roleArns: [] } },
  {
    stackId,
    options: {
      cause: 'stack delete',
      deleteLogStreams: true,
      ...NO_CONSENT,
    },
    remaining: () => 600_000,
  },
);
// maxRSS is in kilobytes.
console.log(
  JSON.stringify({ report, ms: performance.now() - started, peakBytes: process.resourceUsage().maxRSS * 1024 }),
);
