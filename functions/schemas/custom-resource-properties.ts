import * as z from 'zod/mini';

/** CloudFormation sends every primitive as a string; `true`, `"true"` and `"True"` all mean true. */
const flag = {
  schema: z.pipe(
    z.union([z.boolean(), z.string().check(z.regex(/^(true|false)$/i))]),
    z.transform((value) => String(value).toLowerCase() === 'true'),
  ),
  must: "must be 'true' or 'false'",
};

const seconds = {
  schema: z.pipe(
    z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d{1,4}$/)), z.transform(Number))]),
    z.int().check(z.minimum(1), z.maximum(3600)),
  ),
  must: 'must be a whole number of seconds from 1 to 3600',
};

export interface Properties {
  /** Seconds that CloudFormation waits for an answer, where the template says so. */
  readonly serviceTimeout: number | undefined;
  readonly deleteLogStreams: boolean;
  readonly disableLogGroupDeletionProtection: boolean;
  readonly removeRolesFromInstanceProfiles: boolean;
  readonly detachPoliciesFromOthers: boolean;
  readonly removePermissionsBoundaries: boolean;
  readonly emptyBuckets: boolean;
}

/** The properties of `Custom::CleanExit`; the first two are CloudFormation's own. */
export const PROPERTY_NAMES: readonly string[] = [
  'ServiceToken',
  'ServiceTimeout',
  'DeleteLogStreams',
  'DisableLogGroupDeletionProtection',
  'RemoveRolesFromInstanceProfiles',
  'DetachPoliciesFromOthers',
  'RemovePermissionsBoundaries',
  'EmptyBuckets',
];

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
  const read = <Value, Default>(
    name: string,
    { schema, must }: { readonly schema: z.ZodMiniType<Value>; readonly must: string },
    { absent, unreadable }: { readonly absent: Default; readonly unreadable: Default },
  ): Value | Default => {
    if (!Object.hasOwn(given, name)) {
      return absent;
    }
    const result = schema.safeParse(given[name]);
    if (!result.success) {
      faults.push(`${name} ${must}`);
      return unreadable;
    }
    return result.data;
  };
  const consent = (name: string) => read(name, flag, { absent: false, unreadable: false });
  const properties: Properties = {
    serviceTimeout: read('ServiceTimeout', seconds, { absent: undefined, unreadable: undefined }),
    deleteLogStreams: read('DeleteLogStreams', flag, { absent: true, unreadable: false }),
    disableLogGroupDeletionProtection: consent('DisableLogGroupDeletionProtection'),
    removeRolesFromInstanceProfiles: consent('RemoveRolesFromInstanceProfiles'),
    detachPoliciesFromOthers: consent('DetachPoliciesFromOthers'),
    removePermissionsBoundaries: consent('RemovePermissionsBoundaries'),
    emptyBuckets: consent('EmptyBuckets'),
  };
  const unknown = Object.keys(given).filter((name) => !PROPERTY_NAMES.includes(name));
  if (unknown.length > 0) {
    const verb = unknown.length > 1 ? 'are' : 'is';
    faults.push(`${unknown.join(', ')} ${verb} unknown; known are ${PROPERTY_NAMES.join(', ')}`);
  }
  return { properties, faults };
}
