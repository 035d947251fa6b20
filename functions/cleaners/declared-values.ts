import type { StackNode } from '../core/model.ts';

/**
 * What a template's value may be at run time, as patterns of text. What cannot be known (an attribute, an import, a
 * hidden parameter) is a hole that matches anything in its place; where a condition decides, both branches count.
 */
export interface Pattern {
  /** Literal text between holes: n holes have n + 1 parts. */
  readonly parts: readonly string[];
}

const ANYTHING: Pattern = { parts: ['', ''] };

/** Whether a pattern may stand for a text, and whether it says so exactly. */
export function matches(pattern: Pattern, text: string): 'exactly' | 'perhaps' | 'no' {
  const [first = '', ...others] = pattern.parts;
  const last = others.pop();
  if (last === undefined) return first === text ? 'exactly' : 'no';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return 'no';
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return 'no';
    at = found + part.length;
  }
  return at + last.length <= text.length ? 'perhaps' : 'no';
}

/** The patterns of one value that is text in the end; more than one where a condition decides; none for AWS::NoValue. */
export function patternsOf(value: unknown, stack: StackNode): readonly Pattern[] {
  if (typeof value === 'string') return [literal(value)];
  if (typeof value === 'number' || typeof value === 'boolean') return [literal(String(value))];
  const call = intrinsic(value);
  switch (call?.name) {
    case 'Ref':
      return typeof call.argument === 'string' ? refOf(call.argument, stack) : [ANYTHING];
    case 'Fn::Sub':
      return substituted(call.argument, stack);
    case 'Fn::Join':
      return joined(call.argument, stack);
    case 'Fn::If':
      return branches(call.argument).flatMap((branch) => patternsOf(branch, stack));
    default:
      return [ANYTHING];
  }
}

/** The patterns of every item of a list; a list that cannot be read may hold anything. */
export function patternsOfList(value: unknown, stack: StackNode): readonly Pattern[] {
  return listOf(value, stack).flatMap((item) => patternsOf(item, stack));
}

/** The items of a list property, conditions' branches side by side; a single unknown item where it cannot be read. */
export function listOf(value: unknown, stack: StackNode): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => (isChoice(item) ? listOf(item, stack) : [item]));
  const call = intrinsic(value);
  if (call?.name === 'Fn::If') return branches(call.argument).flatMap((branch) => listOf(branch, stack));
  if (call?.name === 'Ref' && call.argument === 'AWS::NoValue') return [];
  if (call?.name === 'Fn::Split') return split(call.argument, stack);
  // A Ref to a list parameter: its value is one text with commas.
  if (call?.name === 'Ref' && typeof call.argument === 'string') {
    const text = readable(stack.parameters[call.argument]);
    return text === undefined ? [UNKNOWN] : text.split(',').map((item) => item.trim());
  }
  return call === undefined ? [value] : [UNKNOWN];
}

/** The parts of a text that is known; what is not known may be any number of items. */
function split(argument: unknown, stack: StackNode): readonly unknown[] {
  const [delimiter, text] = Array.isArray(argument) ? argument : [];
  if (typeof delimiter !== 'string' || delimiter === '') return [UNKNOWN];
  const texts = patternsOf(text, stack);
  const whole = texts.flatMap(({ parts }) => (parts.length === 1 ? parts : []));
  return whole.length < texts.length ? [UNKNOWN] : whole.flatMap((each) => each.split(delimiter));
}

/** An item of which nothing is known: `patternsOf` makes it `ANYTHING`. */
export const UNKNOWN = { 'Fn::GetAtt': [] };
/** DescribeStacks shows parameters with NoEcho so. */
const HIDDEN = '****';

interface Intrinsic {
  readonly name: string;
  readonly argument: unknown;
}

function intrinsic(value: unknown): Intrinsic | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}

/** A condition, or the value that stands for no value. */
function isChoice(item: unknown): boolean {
  const call = intrinsic(item);
  return call?.name === 'Fn::If' || call?.argument === 'AWS::NoValue';
}

function branches(argument: unknown): readonly unknown[] {
  return Array.isArray(argument) ? argument.slice(1) : [UNKNOWN];
}

function refOf(name: string, stack: StackNode): readonly Pattern[] {
  if (name === 'AWS::NoValue') return [];
  const value = pseudoParameter(name, stack) ?? readable(stack.parameters[name]) ?? physicalId(name, stack);
  return [value === undefined ? ANYTHING : literal(value)];
}

/** `${Name}` and `${Name.Attribute}` in a text; `${!Name}` stands for `${Name}` itself. */
function substituted(argument: unknown, stack: StackNode): readonly Pattern[] {
  const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof text !== 'string') return [ANYTHING];
  const values = typeof own === 'object' && own !== null ? new Map<string, unknown>(Object.entries(own)) : new Map();
  const pieces = text.split(/(\$\{[^}]*\})/).map((piece): readonly Pattern[] => {
    const name = /^\$\{([^}]*)\}$/.exec(piece)?.[1]?.trim();
    if (name === undefined) return [literal(piece)];
    if (name.startsWith('!')) return [literal(`\${${name.slice(1)}}`)];
    return values.has(name) ? patternsOf(values.get(name), stack) : refOf(name, stack);
  });
  return inSequence(pieces);
}

function joined(argument: unknown, stack: StackNode): readonly Pattern[] {
  if (!Array.isArray(argument)) return [ANYTHING];
  const [delimiter, items] = argument;
  if (typeof delimiter !== 'string' || !Array.isArray(items)) return [ANYTHING];
  const pieces = items.map((item: unknown) => patternsOf(item, stack)).filter((patterns) => patterns.length > 0);
  return inSequence(pieces.flatMap((patterns, at) => (at === 0 ? [patterns] : [[literal(delimiter)], patterns])));
}

/** All ways through a sequence of alternatives. */
function inSequence(pieces: readonly (readonly Pattern[])[]): readonly Pattern[] {
  return pieces.reduce<readonly Pattern[]>(
    (before, next) => before.flatMap((left) => next.map((right) => concatenated(left, right))),
    [literal('')],
  );
}

function concatenated(left: Pattern, right: Pattern): Pattern {
  const seam = `${left.parts.at(-1) ?? ''}${right.parts[0] ?? ''}`;
  return { parts: [...left.parts.slice(0, -1), seam, ...right.parts.slice(1)] };
}

function literal(text: string): Pattern {
  return { parts: [text] };
}

function readable(value: string | undefined): string | undefined {
  return value === undefined || value.includes(HIDDEN) ? undefined : value;
}

function physicalId(logicalId: string, stack: StackNode): string | undefined {
  return stack.resources.find((resource) => resource.logicalId === logicalId)?.physicalId;
}

/** From the stack's ARN: `arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/UUID`. */
function pseudoParameter(name: string, stack: StackNode): string | undefined {
  const [, partition, , region, account] = stack.stackId.split(':');
  switch (name) {
    case 'AWS::Partition':
      return partition;
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return account;
    case 'AWS::StackId':
      return stack.stackId;
    case 'AWS::StackName':
      return stack.stackName;
    default:
      return undefined;
  }
}
