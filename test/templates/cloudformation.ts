import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CollectionTag, parse, type ScalarTag, type Tags, YAMLMap, YAMLSeq } from 'yaml';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const FUNCTIONS = ['And', 'Equals', 'GetAtt', 'If', 'ImportValue', 'Join', 'Not', 'Or', 'Select', 'Split', 'Sub'];

function longName(short: string): string {
  return short === 'Ref' || short === 'Condition' ? short : `Fn::${short}`;
}

/** `!Sub text` and the like in their long form, `{"Fn::Sub": "text"}`; `!GetAtt A.B` becomes a list, as CloudFormation reads it. */
function tagsOf(short: string): Tags {
  const name = longName(short);
  const scalar: ScalarTag = {
    tag: `!${short}`,
    resolve: (text) => ({
      [name]: short === 'GetAtt' ? [text.split('.')[0], text.slice(text.indexOf('.') + 1)] : text,
    }),
  };
  const sequence: CollectionTag = {
    tag: `!${short}`,
    collection: 'seq',
    nodeClass: YAMLSeq,
    resolve: (items) => wrapped(name, items),
  };
  const map: CollectionTag = {
    tag: `!${short}`,
    collection: 'map',
    nodeClass: YAMLMap,
    resolve: (entries) => wrapped(name, entries),
  };
  return [scalar, sequence, map];
}

function wrapped(name: string, content: unknown): YAMLMap {
  const map = new YAMLMap();
  map.set(name, content);
  return map;
}

const customTags = ['Ref', 'Condition', ...FUNCTIONS].flatMap(tagsOf);

/** The text of a file of the project. */
export function textOf(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
}

/** A template as CloudFormation sees it: plain data, functions in their long form. */
export function templateOf(path: string): JsonObject {
  return object(parse(textOf(path), { customTags, schema: 'core' }), path);
}

/** Narrows to an object; fails naming what was expected to be one. */
export function object(value: unknown, what: string): JsonObject {
  if (!isObject(value)) {
    throw new Error(`${what} is not an object: ${JSON.stringify(value)}`);
  }
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list as it is, anything else as a list of one: IAM and CloudFormation take both in many places. */
export function listed(value: Json): readonly Json[] {
  return isList(value) ? value : [value];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value at a path of keys and indexes; fails naming the key that is missing. */
export function at(value: Json, ...path: readonly (string | number)[]): Json {
  let found: Json | undefined = value;
  for (const key of path) {
    found = Array.isArray(found) ? found[Number(key)] : isObject(found) ? found[key] : undefined;
    if (found === undefined) {
      throw new Error(`there is no ${path.join('.')} (${key} is missing)`);
    }
  }
  return found;
}

/** A section of a template as [name, content] pairs; none when the section is not there. */
export function section(template: JsonObject, name: string): [string, JsonObject][] {
  return Object.entries(object(template[name] ?? {}, name)).map(([key, value]) => [key, object(value, key)]);
}

/** Every object below a value, itself included. */
export function* objectsIn(value: Json): Generator<JsonObject> {
  if (Array.isArray(value)) {
    for (const item of value) {
      yield* objectsIn(item);
    }
  } else if (isObject(value)) {
    yield value;
    for (const item of Object.values(value)) {
      yield* objectsIn(item);
    }
  }
}

/** The arguments of every use of a function, for example `Fn::ImportValue`. */
export function usesOf(value: Json, name: string): Json[] {
  return [...objectsIn(value)].flatMap((found) => {
    const argument = found[name];
    return argument === undefined ? [] : [argument];
  });
}

/** Every IAM policy statement, also those behind an Fn::If. */
export function statementsIn(value: Json): JsonObject[] {
  return [...objectsIn(value)].filter((found) => 'Effect' in found && 'Action' in found);
}
