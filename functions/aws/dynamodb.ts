import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { NoticeStore } from '../builds/ports.ts';
import { AwsFailure } from '../errors.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { buildItem, type Item, keyOf, named, numberOf, openBuild, seconds, valuesOf } from './dynamodb-items.ts';
import { type Action, call } from './errors.ts';

/** One item is read or written in milliseconds: what hangs is worth a new attempt soon. */
const SETTINGS = {
  ...CLIENT_SETTINGS,
  requestHandler: { ...CLIENT_SETTINGS.requestHandler, connectionTimeout: 1_000, requestTimeout: 3_000 },
};
const containerClient = perContainer('dynamodb', () => new DynamoDBClient(SETTINGS));

/** The index of the builds whose end was not told: only their items have its two attributes. */
const OPEN_INDEX = 'open';
const DAY_MS = 24 * 60 * 60 * 1_000;
/** Longer than the failure queues keep an event (14 days): an event that is sent again finds what was told. */
const BUILD_KEPT_MS = 30 * DAY_MS;
/** A branch that slept for a year begins anew. */
const BRANCH_KEPT_MS = 400 * DAY_MS;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html */
const THROTTLED = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * What the notices remember, in one table with the key `id`: `build#PROJECT:UUID`, `branch#PROJECT#BRANCH`, `routes`.
 *
 * @throws AwsFailure where DynamoDB does not answer or refuses
 */
export function createNoticeStore(
  table: string,
  { client = containerClient, signal }: AdapterOptions<DynamoDBClient> = {},
): NoticeStore {
  const options = sendOptions(signal);
  const ask = <T>(action: Action, send: () => Promise<T>) => call(action, table, send);

  async function get(id: string): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true });
    return (await ask('dynamodb:GetItem', () => client().send(command, options))).Item;
  }

  /** @returns the item as it is after the write, or, where the condition does not hold, before it */
  async function update(
    id: string,
    expression: string,
    condition: string,
    values: Readonly<Record<string, string | number | undefined>>,
  ): Promise<{ readonly done: boolean; readonly item: Item }> {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyOf(id),
      UpdateExpression: expression,
      ConditionExpression: condition,
      ...named(`${expression} ${condition}`),
      ExpressionAttributeValues: valuesOf(values),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      const answer = await ask('dynamodb:UpdateItem', () => client().send(command, options));
      return { done: true, item: answer.Attributes ?? {} };
    } catch (thrown) {
      const cause = causeOf(thrown);
      if (cause instanceof ConditionalCheckFailedException) {
        return { done: false, item: cause.Item ?? {} };
      }
      throw thrown;
    }
  }

  return {
    async claim({ buildId, arn, startedAt, number, branch }, { owner, rank, now, until }) {
      const set = [
        '#owner = :owner, #claimRank = :rank, #until = :until, #ttl = :ttl',
        '#arn = if_not_exists(#arn, :arn), #startedAt = if_not_exists(#startedAt, :startedAt)',
        '#open = :open, #due = :now',
        ...(number === undefined ? [] : ['#number = :number']),
        ...(branch === undefined ? [] : ['#branch = :branch']),
      ];
      const { done, item } = await update(
        `build#${buildId}`,
        `SET ${set.join(', ')}`,
        '(attribute_not_exists(#rank) OR #rank < :rank) AND (attribute_not_exists(#until) OR #until <= :now)',
        { owner, rank, until, ttl: seconds(now + BUILD_KEPT_MS), arn, startedAt, open: 'yes', now, number, branch },
      );
      // A claim whose answer was lost is repeated by the SDK and meets itself.
      return { claimed: done || item['owner']?.S === owner, item: buildItem(buildId, item) };
    },

    async release(buildId, owner) {
      await update(`build#${buildId}`, 'REMOVE #owner, #claimRank, #until', '#owner = :owner', { owner });
    },

    async keepPlace(buildId, owner, { channel, ts }) {
      await update(`build#${buildId}`, 'SET #channel = :channel, #ts = :ts', '#owner = :owner', { owner, channel, ts });
    },

    async branch(key) {
      const item = await get(`branch#${key}`);
      const record = item?.['record']?.S;
      return record === undefined ? undefined : { record, version: numberOf(item?.['version']) ?? 0 };
    },

    async commit({ buildId, owner, status, rank, closed, place, branch, now }) {
      const sets = [
        '#rank = :rank, #status = :status, #due = :now',
        ...(place ? ['#channel = :channel, #ts = :ts'] : []),
      ];
      const gone = [
        '#owner, #claimRank, #until',
        ...(place ? [] : ['#channel, #ts']),
        // The index forgets the build.
        ...(closed ? ['#open'] : []),
      ];
      const told = `SET ${sets.join(', ')} REMOVE ${gone.join(', ')}`;
      const record = 'SET #record = :record, #version = :next, #ttl = :ttl';
      const unchanged = branch.version === 0 ? 'attribute_not_exists(#version)' : '#version = :version';
      const command = new TransactWriteItemsCommand({
        TransactItems: [
          {
            Update: {
              TableName: table,
              Key: keyOf(`build#${buildId}`),
              UpdateExpression: told,
              ConditionExpression: '#owner = :owner',
              ...named(`${told} #owner`),
              ExpressionAttributeValues: valuesOf({ owner, rank, status, now, ...place }),
            },
          },
          {
            Update: {
              TableName: table,
              Key: keyOf(`branch#${branch.key}`),
              UpdateExpression: record,
              ConditionExpression: unchanged,
              ...named(`${record} ${unchanged}`),
              ExpressionAttributeValues: valuesOf({
                record: branch.record,
                next: branch.version + 1,
                ttl: seconds(now + BRANCH_KEPT_MS),
                version: branch.version === 0 ? undefined : branch.version,
              }),
            },
          },
        ],
      });
      try {
        // Of a transaction, IAM asks for the action of each item.
        await ask('dynamodb:UpdateItem', () => client().send(command, options));
        return 'committed';
      } catch (thrown) {
        const [build, other] = reasonsOf(thrown);
        if (build === 'ConditionalCheckFailed') {
          return 'claimLost';
        }
        // A conflict: somebody else writes the same record at this moment.
        if (other === 'ConditionalCheckFailed' || other === 'TransactionConflict' || build === 'TransactionConflict') {
          return 'branchChanged';
        }
        // The SDK does not repeat a transaction of which an item was throttled.
        if ([build, other].some((code) => code !== undefined && THROTTLED.has(code))) {
          return 'throttled';
        }
        throw thrown;
      }
    },

    async *open(before) {
      const condition = '#open = :yes AND #due < :before';
      const pages = paginateQuery(
        { client: client() },
        {
          TableName: table,
          IndexName: OPEN_INDEX,
          KeyConditionExpression: condition,
          ...named(condition),
          ExpressionAttributeValues: valuesOf({ yes: 'yes', before }),
        },
        options,
      );
      const iterator = pages[Symbol.asyncIterator]();
      for (;;) {
        const page = await ask('dynamodb:Query', () => iterator.next());
        if (page.done === true) {
          return;
        }
        yield (page.value.Items ?? []).flatMap((item: Item) => openBuild(item) ?? []);
      }
    },

    async lastRoutes() {
      return (await get('routes'))?.['text']?.S;
    },

    async keepRoutes(text, hash) {
      await update(
        'routes',
        'SET #text = :text, #hash = :hash REMOVE #reported',
        'attribute_not_exists(#hash) OR #hash <> :hash OR attribute_exists(#reported)',
        { text, hash },
      );
    },

    async firstToReport(hash) {
      const condition = 'attribute_not_exists(#reported) OR #reported <> :hash';
      return (await update('routes', 'SET #reported = :hash', condition, { hash })).done;
    },

    async notReported(hash) {
      await update('routes', 'REMOVE #reported', '#reported = :hash', { hash });
    },
  };
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof AwsFailure ? thrown.cause : thrown;
}

/** Why each item of a transaction was not written; empty where it failed for another reason. */
function reasonsOf(thrown: unknown): readonly (string | undefined)[] {
  const cause = causeOf(thrown);
  return cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []).map(({ Code }) => Code) : [];
}
