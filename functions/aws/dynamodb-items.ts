import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { BuildItem, OpenBuild, Place } from '../builds/ports.ts';

/** An item of the notices' table, as DynamoDB writes it. */
export type Item = Record<string, AttributeValue>;

/** The key of an item. */
export function keyOf(id: string): Item {
  return { id: { S: id } };
}

/** Time as DynamoDB's TTL takes it: whole seconds. */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}

/** Several of our attributes are words of DynamoDB's own language: each is named by a placeholder. */
export function named(expressions: string): { ExpressionAttributeNames: Record<string, string> } {
  const names = new Set(expressions.match(/#\w+/g));
  return { ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [name, name.slice(1)])) };
}

/** Values for an expression, each as `:name`; what is undefined is left out. */
export function valuesOf(values: Readonly<Record<string, string | number | undefined>>): Item {
  const entries: [string, AttributeValue][] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) {
      entries.push([`:${name}`, typeof value === 'number' ? { N: String(value) } : { S: value }]);
    }
  }
  return Object.fromEntries(entries);
}

/** An attribute as a number; undefined where it is none. */
export function numberOf(value: AttributeValue | undefined): number | undefined {
  return value?.N === undefined ? undefined : Number(value.N);
}

/** What is remembered of a build. */
export function buildItem(buildId: string, item: Item): BuildItem {
  const owner = item['owner']?.S;
  const status = item['status']?.S;
  const place = placeOf(item);
  return {
    buildId,
    rank: numberOf(item['rank']) ?? 0,
    ...(status === undefined ? {} : { status }),
    ...(place === undefined ? {} : { place }),
    ...(owner === undefined
      ? {}
      : { claim: { owner, rank: numberOf(item['claimRank']) ?? 0, until: numberOf(item['until']) ?? 0 } }),
  };
}

function placeOf(item: Item): Place | undefined {
  const channel = item['channel']?.S;
  const ts = item['ts']?.S;
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}

/** A build whose end was not told; undefined where the item is none. */
export function openBuild(item: Item): OpenBuild | undefined {
  const buildId = item['id']?.S?.replace(/^build#/, '');
  const arn = item['arn']?.S;
  return buildId === undefined || arn === undefined
    ? undefined
    : {
        buildId,
        arn,
        startedAt: numberOf(item['startedAt']) ?? 0,
        number: numberOf(item['number']),
        branch: item['branch']?.S,
      };
}
