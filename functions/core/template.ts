import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { BadRequest } from '../errors.ts';
import type { DeletionPolicy } from './model.ts';

/** One entry of a template's `Resources`, intrinsic functions in their long form (`{ Ref: 'X' }`) and unresolved. */
export interface TemplateResource {
  /** Empty where the template names none. */
  readonly type: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  /** The whole entry: `Metadata`, `Condition` … */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface Template {
  /** By logical id. Without a prototype, so that a resource may be called `constructor`. */
  readonly resources: Readonly<Record<string, TemplateResource>>;
}

/**
 * Reads a template as GetTemplate gives it: JSON, or YAML with CloudFormation's short forms (`!Ref`, `!GetAtt` …).
 *
 * @throws BadRequest `TEMPLATE_UNREADABLE` where the text is neither, or has no `Resources`
 */
export function parseTemplate(text: string): Template {
  const template = parseText(text);
  const declared = isRecord(template) ? template['Resources'] : undefined;
  if (!isRecord(declared)) {
    throw unreadable('it has no Resources section');
  }
  const resources: Record<string, TemplateResource> = Object.create(null);
  for (const [logicalId, raw] of Object.entries(declared)) {
    // `Fn::ForEach::…` is gone from a processed template; a list or a string here is nothing that owns a resource.
    if (isRecord(raw)) {
      resources[logicalId] = toResource(raw);
    }
  }
  return { resources };
}

function toResource(raw: Readonly<Record<string, unknown>>): TemplateResource {
  const type = typeof raw['Type'] === 'string' ? raw['Type'] : '';
  const properties = isRecord(raw['Properties']) ? raw['Properties'] : {};
  return {
    type,
    deletionPolicy: deletionPolicyOf(type, raw, properties),
    properties,
    dependsOn: strings(raw['DependsOn']),
    raw,
  };
}

/**
 * Absent means Delete, except where AWS keeps a snapshot by default.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
function deletionPolicyOf(
  type: string,
  raw: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, unknown>>,
): DeletionPolicy {
  const declared = raw['DeletionPolicy'];
  switch (declared) {
    case 'Delete':
    case 'Retain':
    case 'RetainExceptOnCreate':
    case 'Snapshot':
      return declared;
    case undefined:
    case null:
      return snapshotByDefault(type, properties) ? 'Snapshot' : 'Delete';
    default:
      return 'Unknown';
  }
}

function snapshotByDefault(type: string, properties: Readonly<Record<string, unknown>>): boolean {
  return (
    type === 'AWS::RDS::DBCluster' ||
    (type === 'AWS::RDS::DBInstance' && !Object.hasOwn(properties, 'DBClusterIdentifier'))
  );
}

function parseText(text: string): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // Not JSON: a YAML flow mapping begins the same way.
    }
  }
  const document = parseDocument(text, { uniqueKeys: false });
  const fault = document.errors[0];
  if (fault !== undefined) {
    throw unreadable(fault.message.split('\n')[0] ?? fault.code);
  }
  return toPlain(document.contents, document, new Map());
}

/** A node whose value is being worked out: an alias that leads back to it has no end. */
const OPEN = Symbol('open');

/** The node as plain data, tags turned into the functions that they abbreviate. Each node is turned once, however many aliases name it. */
function toPlain(node: unknown, document: Document, known: Map<Node, unknown>): unknown {
  if (isAlias(node)) {
    return toPlain(node.resolve(document), document, known);
  }
  if (!(isMap(node) || isSeq(node) || isScalar(node))) {
    return null;
  }
  const seen = known.get(node);
  if (seen === OPEN) {
    throw unreadable('an alias contains itself');
  }
  if (seen !== undefined) {
    return seen;
  }
  known.set(node, OPEN);
  const value = withTag(node.tag, untagged(node, document, known));
  known.set(node, value);
  return value;
}

function untagged(node: Node, document: Document, known: Map<Node, unknown>): unknown {
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [keyOf(key), toPlain(value, document, known)] as const),
    );
  }
  if (isSeq(node)) {
    return node.items.map((item) => toPlain(item, document, known));
  }
  if (!isScalar(node)) {
    return null;
  }
  // 012345678901 is an account, not a number.
  return typeof node.value === 'number' && node.source !== undefined && String(node.value) !== node.source
    ? node.source
    : node.value;
}

function keyOf(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html, "short form" of each. */
function withTag(tag: string | undefined, value: unknown): unknown {
  if (tag === undefined || !/^![A-Za-z]/.test(tag)) {
    return value;
  }
  const name = tag.slice(1);
  if (name === 'Ref' || name === 'Condition') {
    return { [name]: value };
  }
  if (name === 'GetAtt' && typeof value === 'string') {
    const dot = value.indexOf('.');
    return { 'Fn::GetAtt': dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] };
  }
  return { [`Fn::${name}`]: value };
}

function strings(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(why: string): BadRequest {
  return new BadRequest(
    'TEMPLATE_UNREADABLE',
    `The stack's template cannot be read: ${why}. Expected is JSON or YAML with Resources.`,
  );
}
