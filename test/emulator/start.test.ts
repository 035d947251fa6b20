import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { EmulatorError, startEmulator } from '#emulator/start.ts';

const PATIENCE_MS = 60_000;
const POLL_MS = 50;

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/health`).then(
    () => true,
    () => false,
  );
}

async function untilSilent(endpoint: string): Promise<void> {
  while (await answers(endpoint)) await sleep(POLL_MS);
}

/** Runs `node emulator/start.ts` until it has said where it is. */
async function inForeground() {
  const starter = spawn(process.execPath, [join(import.meta.dirname, '../../emulator/start.ts')]);
  const ended = new Promise((resolve) => starter.once('exit', resolve));
  let log = '';
  for await (const line of createInterface(starter.stdout)) {
    log ||= /its log is (\S+)$/.exec(line)?.[1] ?? '';
    const endpoint = /^export AWS_ENDPOINT_URL=(\S+)$/.exec(line)?.[1];
    if (endpoint) return { starter, ended, endpoint, directory: dirname(log) };
  }
  throw new Error('the starter ended without an endpoint');
}

describe('startEmulator', () => {
  test(
    'gives an emulator of its own, and stop leaves neither process nor file',
    async () => {
      const emulator = await startEmulator({ region: 'eu-central-1' });
      expect(emulator.env).toMatchObject({ AWS_ENDPOINT_URL: emulator.endpoint, AWS_REGION: 'eu-central-1' });
      expect(await answers(emulator.endpoint)).toBe(true);
      expect(existsSync(emulator.logFile)).toBe(true);
      await emulator.stop();
      expect(await answers(emulator.endpoint)).toBe(false);
      expect(existsSync(dirname(emulator.logFile))).toBe(false);
    },
    PATIENCE_MS,
  );

  test(
    'says why the emulator did not start, with the end of its log',
    async () => {
      const failure = startEmulator({ off: ['nonsense'] });
      await expect(failure).rejects.toThrow(EmulatorError);
      await expect(failure).rejects.toThrow(/ended with code 1.*names nonsense, which is no addition/s);
    },
    PATIENCE_MS,
  );

  test(
    'ends the emulator with the process that started it, even when that is killed',
    async () => {
      const killed = await inForeground();
      expect(await answers(killed.endpoint)).toBe(true);
      killed.starter.kill('SIGKILL');
      await killed.ended;
      await untilSilent(killed.endpoint);
      expect(existsSync(killed.directory)).toBe(false);

      const interrupted = await inForeground();
      interrupted.starter.kill('SIGINT');
      expect(await interrupted.ended).toBe(0);
      expect(await answers(interrupted.endpoint)).toBe(false);
    },
    PATIENCE_MS,
  );
});
