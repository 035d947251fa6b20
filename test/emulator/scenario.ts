import { randomBytes } from 'node:crypto';

/** Where a scenario runs. Scenarios share an emulator: they name what they create with `unique`. */
export interface ScenarioContext {
  /** The emulator's address, such as `http://127.0.0.1:4566`. */
  endpoint: string;
}

/** One behaviour of AWS that an addition gives: `run` throws when the behaviour is not there. */
export interface Scenario {
  /** NAME of the addition without which `run` must throw; null for what MiniStack does by itself and we rely on. */
  addition: string | null;
  name: string;
  run(context: ScenarioContext): Promise<void>;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The emulator's root key: policies do not bind it. */
const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The Region that scenarios run in: the emulator must be started in it, its control endpoints know no other. */
export const REGION = 'eu-west-1';

/** Configuration of any SDK client. One attempt, so that a scenario sees the first answer. */
export function clientConfig(context: ScenarioContext, credentials: Credentials = ROOT) {
  return { endpoint: context.endpoint, region: REGION, credentials, maxAttempts: 1 };
}

/** A name that no other scenario uses. */
export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}
