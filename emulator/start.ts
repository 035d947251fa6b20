/**
 * Starts the local emulator (MiniStack with this project's additions) and speaks to its control endpoints.
 *
 *     node emulator/start.ts        run it in the foreground until Ctrl-C
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type ApiCall, control, type EmulatorControl, type FaultRule } from './control.ts';

const ROOT = join(import.meta.dirname, '..');
const PYTHON = join(ROOT, '.venv/emulator/bin/python');
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
const LOG_TAIL_LINES = 30;

export interface EmulatorOptions {
  /** A port on the loopback interface; a free one by default. */
  port?: number;
  /** Whether signatures and IAM policies are checked (default true). */
  auth?: boolean;
  /** Additions to leave out; `python emulator/launch.py --list` names them. */
  off?: string[];
  /** AWS Region of the emulator and of `env` (default ap-northeast-1). */
  region?: string;
  /** More environment for the emulator, which its Lambda functions inherit. */
  env?: Record<string, string>;
}

export interface Emulator extends EmulatorControl {
  /** `http://127.0.0.1:PORT`, every service's endpoint. */
  endpoint: string;
  /** The environment with which AWS clients speak to this emulator as the account's root, and the SAM CLI does not doze. */
  env: Record<string, string>;
  /** Standard output and error of the emulator, until `stop`. */
  logFile: string;
  /** Ends the emulator with all of its processes and removes its files. */
  stop(): Promise<void>;
}

export class EmulatorError extends Error {
  override name = 'EmulatorError';
}

/**
 * Starts an emulator of its own: own port, own directories, clean environment. It ends with `stop`, or with this process.
 *
 * @throws {EmulatorError} when it does not become healthy; the message has the end of its log.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  if (!existsSync(PYTHON)) {
    throw new EmulatorError('The emulator is not installed (.venv/emulator is missing): run npm run setup.');
  }
  const port = options.port ?? (await freePort());
  const region = options.region ?? 'ap-northeast-1';
  const endpoint = `http://127.0.0.1:${port}`;
  const directory = mkdtempSync(join(tmpdir(), 'clean-exit-emulator-'));
  const logFile = join(directory, 'emulator.log');
  const child = launch(directory, logFile, emulatorEnvironment({ ...options, port, region }, directory));
  const stop = stopper(child, directory);
  try {
    await untilHealthy(endpoint, child, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      SAM_CLI_POLL_DELAY: '0.5',
    },
    logFile,
    stop,
    ...control(endpoint),
  };
}

function emulatorEnvironment(
  options: EmulatorOptions & { port: number; region: string },
  directory: string,
): Record<string, string> {
  const node = join(ROOT, 'node_modules/.bin');
  return {
    PATH: [node, process.env.PATH ?? ''].join(':'),
    HOME: directory,
    TMPDIR: directory,
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    GATEWAY_PORT: String(options.port),
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: options.region,
    S3_DATA_DIR: join(directory, 's3'),
    STATE_DIR: join(directory, 'state'),
    AUTH: String(options.auth ?? true),
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    // Lambda waits one and two minutes before its retries of an asynchronous invocation.
    LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.2',
    // State machines wait a tenth as long.
    SFN_WAIT_SCALE: '0.1',
    CLEAN_EXIT_EMULATOR_OFF: (options.off ?? []).join(','),
    ...options.env,
  };
}

function launch(directory: string, logFile: string, env: Record<string, string>): ChildProcess {
  mkdirSync(join(directory, 's3'));
  mkdirSync(join(directory, 'state'));
  const log = openSync(logFile, 'w');
  try {
    // Its own process group, so that its Lambda workers end with it; the pipe ends it when this process is killed.
    return spawn(PYTHON, [join(ROOT, 'emulator/launch.py'), '--until-stdin-closes', directory], {
      cwd: directory,
      env,
      detached: true,
      stdio: ['pipe', log, log],
    });
  } finally {
    closeSync(log);
  }
}

function stopper(child: ChildProcess, directory: string): () => Promise<void> {
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  const clean = () => {
    kill();
    rmSync(directory, { recursive: true, force: true });
  };
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  process.once('exit', clean);
  return async () => {
    process.removeListener('exit', clean);
    kill();
    await ended;
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
}

async function untilHealthy(endpoint: string, child: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const healthy = await fetch(`${endpoint}/_ministack/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await sleep(POLL_MS);
  }
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  const what =
    child.exitCode === null ? `did not answer within ${START_TIMEOUT_MS} ms` : `ended with code ${child.exitCode}`;
  throw new EmulatorError(`The emulator ${what}. The end of its log:\n${tail}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function runInForeground(): Promise<void> {
  const port = process.env.GATEWAY_PORT ? Number(process.env.GATEWAY_PORT) : undefined;
  const emulator = await startEmulator(port === undefined ? {} : { port });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void emulator.stop().then(() => process.exit(0));
    });
  }
  console.log(`The emulator runs at ${emulator.endpoint} until Ctrl-C; its log is ${emulator.logFile}`);
  for (const [name, value] of Object.entries(emulator.env)) console.log(`export ${name}=${value}`);
}

export type { ApiCall, FaultRule };

if (import.meta.main) await runInForeground();
