import type { Template } from '../core/template.ts';

/** Emptied by themselves or by the custom resources inside: any nested stack counts, whatever it holds. */
const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** What is left alone whatever it depends on needs no order. */
const NEVER_CLEANED = new Set(['Retain', 'Snapshot', 'Unknown']);

/**
 * Which cleanable resources does the custom resource not depend on, directly or through others? CloudFormation deletes those
 * at the same time as the custom resource or before it, so cleaning them may come too late.
 *
 * Conditions are not resolved: both branches of an Fn::If count as dependencies, and a resource whose condition is false is
 * listed like any other.
 *
 * @param cleanable resource types that have a cleaner
 * @returns logical ids, sorted
 */
export function notCovered(template: Template, logicalId: string, cleanable: ReadonlySet<string>): readonly string[] {
  const reached = reachableFrom(template, logicalId);
  return Object.entries(template.resources)
    .filter(([id, { type, deletionPolicy }]) => {
      const wanted = (cleanable.has(type) || type === NESTED_STACK) && !NEVER_CLEANED.has(deletionPolicy);
      return wanted && !reached.has(id);
    })
    .map(([id]) => id)
    .sort();
}

function reachableFrom(template: Template, start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const resource = template.resources[id];
    if (resource && !reached.has(id)) {
      reached.add(id);
      open.push(...resource.dependsOn, ...referencesIn(resource.properties));
    }
  }
  return reached;
}

/** Every name that Ref, Fn::GetAtt and Fn::Sub use, parameters and pseudo parameters included. */
function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap(referencesIn);
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, argument]: [string, unknown]) => {
    switch (name) {
      case 'Ref':
        return typeof argument === 'string' ? [argument] : [];
      case 'Fn::GetAtt':
        return attributeOwner(argument);
      case 'Fn::Sub':
        return [...placeholders(argument), ...referencesIn(argument)];
      default:
        return referencesIn(argument);
    }
  });
}

/** `["Repo", "Arn"]` or `"Repo.Arn"`. */
function attributeOwner(argument: unknown): readonly string[] {
  const first: unknown = Array.isArray(argument) ? argument[0] : argument;
  return typeof first === 'string' ? [first.split('.')[0] ?? first] : [];
}

/** The names in `"${Repo.Arn}"`, without those that the map beside the text defines, and without `${!Literal}`. */
function placeholders(argument: unknown): readonly string[] {
  const [text, map]: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  if (typeof text !== 'string') {
    return [];
  }
  const own = typeof map === 'object' && map !== null ? Object.keys(map) : [];
  return [...text.matchAll(/\$\{([^!}][^}]*)\}/g)]
    .flatMap(([, name]) => name?.trim() ?? [])
    .filter((name) => !own.includes(name))
    .flatMap((name) => attributeOwner(name));
}

/** Room in an answer that may hold 4,096 bytes in all; logical ids are ASCII. */
const ROOM = 1500;

/** The attribute `NotCovered`: logical ids with commas between them, cut at whole ids. */
export function asAttribute(logicalIds: readonly string[]): string {
  const all = logicalIds.join(',');
  if (all.length <= ROOM) {
    return all;
  }
  const kept = all.slice(0, ROOM - 1);
  return `${kept.slice(0, kept.lastIndexOf(','))},…`;
}
