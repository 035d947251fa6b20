import type { DeletionPolicy } from './model.ts';
import { parseTemplateText, unreadable } from './template-text.ts';

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
  const template = parseTemplateText(text);
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

function strings(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
