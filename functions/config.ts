import type * as z from 'zod/mini';
import { BadRequest } from './errors.ts';

/**
 * Reads a function's configuration from its environment: the only place that touches `process.env`.
 *
 * @param schema what the function needs, by variable name
 * @param environment for tests; the process's own by default
 * @returns the parsed configuration
 * @throws BadRequest `CONFIG_INVALID` with every fault in one message, never with a value
 */
export function readConfig<T extends z.ZodMiniType>(
  schema: T,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.output<T> {
  const result = schema.safeParse(environment);
  if (result.success) {
    return result.data;
  }
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'environment'}: ${issue.message}`);
  throw new BadRequest('CONFIG_INVALID', `The function's environment is wrong: ${faults.join('; ')}`);
}
