/** The store of the notices over DynamoDB, on a table as the template declares it: what the flow's tests take for granted. */
import { readFileSync } from 'node:fs';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Emulator, startEmulator } from '#emulator/start.ts';
import { createNoticeStore } from '#functions/aws/dynamodb.ts';
import { parseTemplate } from '#functions/core/template.ts';
import { noticeStoreContract } from '#test/builds/notice-store.ts';

jest.setTimeout(60_000);
const TABLE = 'notices';
let emulator: Emulator;
let client: DynamoDBClient;

beforeAll(async () => {
  emulator = await startEmulator();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new DynamoDBClient({ endpoint: emulator.endpoint, region: 'ap-northeast-1', credentials, maxAttempts: 2 });
  await client.send(new CreateTableCommand(declaredTable()));
});
afterAll(() => emulator?.stop());

/** Keys, attributes and index of the template's table. */
function declaredTable(): CreateTableCommandInput {
  const { resources } = parseTemplate(readFileSync('template.yaml', 'utf8'));
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } =
    resources['NoticeTable']?.properties ?? {};
  return JSON.parse(
    JSON.stringify({ TableName: TABLE, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode }),
  );
}

describe('the notice store over DynamoDB', () => {
  noticeStoreContract(() => createNoticeStore(TABLE, { client: () => client }));

  it('finds open builds page by page', async () => {
    const store = createNoticeStore(TABLE, { client: () => client });
    const now = Date.parse('2020-01-01T00:00:00Z');
    for (let each = 0; each < 40; each++) {
      // Each page holds a megabyte: a few long names make several.
      const buildId = `many:${each}`;
      const branch = 'b'.repeat(60_000);
      const build = { buildId, arn: `arn:${buildId}`, startedAt: now, number: each, branch };
      await store.claim(build, { owner: 'one', rank: 1, now, until: now });
    }
    const pages: number[] = [];
    for await (const page of store.open(now + 1)) {
      pages.push(page.length);
    }
    expect(pages.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(pages.length).toBeGreaterThan(1);
  });
});
