import {
  boolCoreTag,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  FAILSAFE_SCHEMA,
  load,
  mapTag,
  NOT_RESOLVED,
  nullCoreTag,
  YAMLException,
} from 'js-yaml';
import { BadRequest } from '../errors.ts';

/** 012345678901 is an account, not a number. */
const decimal = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  identify: () => false,
  resolve: (source) => (String(Number(source)) === source ? Number(source) : NOT_RESOLVED),
});

/**
 * A short form stands for a function: `!Ref X` for `{ Ref: X }`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
function longForm(tag: string, value: unknown): unknown {
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

interface Tagged<T> {
  readonly tag: string;
  readonly content: T;
}

/** All of CloudFormation's tags, known and future ones, by their common beginning. */
const shortForms = [
  defineScalarTag<unknown>('!', {
    matchByTagPrefix: true,
    identify: () => false,
    resolve: (source, _explicit, tag) => longForm(tag, source),
  }),
  defineSequenceTag<Tagged<unknown[]>, unknown>('!', {
    matchByTagPrefix: true,
    identify: () => false,
    create: (tag) => ({ tag, content: [] }),
    addItem: ({ content }, item) => {
      content.push(item);
    },
    finalize: ({ tag, content }) => longForm(tag, content),
  }),
  defineMappingTag<Tagged<Record<string, unknown>>, unknown>('!', {
    matchByTagPrefix: true,
    identify: () => false,
    create: (tag) => ({ tag, content: {} }),
    addPair: ({ content }, key, value) => mapTag.addPair(content, key, value),
    has: ({ content }, key) => mapTag.has(content, key),
    keys: () => [],
    get: () => undefined,
    finalize: ({ tag, content }) => longForm(tag, content),
  }),
];

const SCHEMA = FAILSAFE_SCHEMA.withTags(nullCoreTag, boolCoreTag, decimal, shortForms);

/**
 * A template's text as plain data, short forms of functions in their long form. JSON, or YAML as CloudFormation reads it:
 * no dates, no merge keys.
 *
 * @throws BadRequest `TEMPLATE_UNREADABLE` where the text is neither
 */
export function parseTemplateText(text: string): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // Not JSON: a YAML flow mapping begins the same way.
    }
  }
  const data = loadYaml(text);
  refuseCircles(data, new Map());
  return data;
}

/** A key that stands twice counts where it stands last, as in JSON. */
function loadYaml(text: string): unknown {
  try {
    return text.trim() === '' ? undefined : load(text, { schema: SCHEMA, json: true });
  } catch (thrown) {
    if (thrown instanceof YAMLException) {
      throw unreadable(thrown.reason);
    }
    throw thrown;
  }
}

/** An alias that leads back to what contains it has no end. Each value is looked at once, however many aliases name it. */
function refuseCircles(value: unknown, seen: Map<object, 'open' | 'closed'>): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const before = seen.get(value);
  if (before === 'open') {
    throw unreadable('an alias contains itself');
  }
  if (before === undefined) {
    seen.set(value, 'open');
    for (const inner of Object.values(value)) {
      refuseCircles(inner, seen);
    }
    seen.set(value, 'closed');
  }
}

/** The one error for every way in which a template cannot be read. */
export function unreadable(why: string): BadRequest {
  return new BadRequest(
    'TEMPLATE_UNREADABLE',
    `The stack's template cannot be read: ${why}. Expected is JSON or YAML with Resources.`,
  );
}
