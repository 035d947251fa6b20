#!/usr/bin/env node
import process from 'node:process';
import { EXIT } from './exit.ts';
import { listenToInterruption } from './interruption.ts';
import { run } from './program.ts';
import { realKit, settle } from './real-kit.ts';
import { terminalOf } from './terminal.ts';

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads may have read enough (`| head`); what was begun is finished all the same.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}
const terminal = terminalOf(process);
const interruption = listenToInterruption(process, EXIT.interrupted);
const exit = await run(process.argv.slice(2), terminal, (globals) => {
  settle(process.env, globals);
  return realKit(terminal, interruption, process.env);
});
process.exitCode = exit;
if (exit === EXIT.interrupted) {
  // Calls that nobody waits for any more would keep the process alive.
  process.exit(exit);
}
