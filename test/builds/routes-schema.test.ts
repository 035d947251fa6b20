import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { routesJsonSchema } from '#scripts/lib/routes-json-schema.ts';

const published: unknown = JSON.parse(readFileSync('schemas/routes.schema.json', 'utf8'));

it('the published JSON Schema is the one that the functions read with; node scripts/routes-schema.ts writes it anew', () => {
  expect(published).toEqual(JSON.parse(routesJsonSchema()));
});

it('and tells editors every field, what is required, and that nothing else is known', () => {
  const Node = z.object({ properties: z.record(z.string(), z.unknown()), additionalProperties: z.literal(false) });
  const root = Node.parse(published);
  expect(Object.keys(root.properties)).toEqual(['$schema', 'version', 'routes', 'default', 'people']);
  const { items } = z.object({ items: z.unknown() }).parse(root.properties['routes']);
  expect(Object.keys(Node.parse(items).properties)).toEqual([
    'project',
    'branch',
    'transport',
    'channel',
    'webhook',
    'broadcast',
    'mode',
    'language',
    'mention',
    'quietHours',
  ]);
  expect(items).toMatchObject({ required: ['transport'] });
});
