import * as z from 'zod/mini';

/** CloudFormation sends every primitive as a string; `true`, `"true"` and `"True"` all mean true. */
const flag = z.pipe(
  z.union([z.boolean(), z.string().check(z.regex(/^(true|false)$/i))], { error: "must be 'true' or 'false'" }),
  z.transform((value) => String(value).toLowerCase() === 'true'),
);

const seconds = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^\d{1,4}$/))], {
    error: 'must be a whole number of seconds from 1 to 3600',
  }),
  z.transform(Number),
);
const serviceTimeout = seconds.check(
  z.refine((value) => Number.isInteger(value) && value >= 1 && value <= 3600, {
    error: 'must be a whole number of seconds from 1 to 3600',
  }),
);

/** The properties of `Custom::CleanExit`, each checked by itself. ServiceToken and ServiceTimeout are CloudFormation's own. */
const PROPERTIES = {
  ServiceToken: z.unknown(),
  ServiceTimeout: serviceTimeout,
  DeleteLogStreams: flag,
  DisableLogGroupDeletionProtection: flag,
  RemoveRolesFromInstanceProfiles: flag,
} as const;

export const PROPERTY_NAMES = Object.keys(PROPERTIES);

export interface Properties {
  /** Seconds that CloudFormation waits for an answer, where the template says so. */
  readonly serviceTimeout?: number | undefined;
  readonly deleteLogStreams: boolean;
  readonly disableLogGroupDeletionProtection: boolean;
  readonly removeRolesFromInstanceProfiles: boolean;
}

/**
 * Reads the properties of `Custom::CleanExit`.
 *
 * @returns the properties, and one sentence for each fault. A switch whose value cannot be read counts as off, whatever its
 *   default: who can live with faults (a delete) never does more than was clearly asked for.
 */
export function parseProperties(given: Readonly<Record<string, unknown>>): {
  readonly properties: Properties;
  readonly faults: readonly string[];
} {
  const faults: string[] = [];
  const read = <T extends z.ZodMiniType>(name: string, schema: T, absent: z.output<T>, unreadable: z.output<T>) => {
    if (!Object.hasOwn(given, name)) {
      return absent;
    }
    const result = schema.safeParse(given[name]);
    if (result.success) {
      return result.data;
    }
    faults.push(`${name} ${result.error.issues[0]?.message ?? 'is invalid'}`);
    return unreadable;
  };
  const properties: Properties = {
    serviceTimeout: read('ServiceTimeout', z.optional(PROPERTIES.ServiceTimeout), undefined, undefined),
    deleteLogStreams: read('DeleteLogStreams', PROPERTIES.DeleteLogStreams, true, false),
    disableLogGroupDeletionProtection: read(
      'DisableLogGroupDeletionProtection',
      PROPERTIES.DisableLogGroupDeletionProtection,
      false,
      false,
    ),
    removeRolesFromInstanceProfiles: read(
      'RemoveRolesFromInstanceProfiles',
      PROPERTIES.RemoveRolesFromInstanceProfiles,
      false,
      false,
    ),
  };
  const unknown = Object.keys(given).filter((name) => !PROPERTY_NAMES.includes(name));
  if (unknown.length > 0) {
    faults.push(
      `${unknown.join(', ')} ${unknown.length > 1 ? 'are' : 'is'} unknown; known are ${PROPERTY_NAMES.join(', ')}`,
    );
  }
  return { properties, faults };
}
