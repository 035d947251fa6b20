import * as z from 'zod/mini';
import { Routes } from '#functions/schemas/routes.ts';

/** The JSON Schema of the routes document, made from the schema that the functions read it with. */
export function routesJsonSchema(): string {
  const schema = z.toJSONSchema(Routes, { io: 'input', target: 'draft-07' });
  const titled = { ...schema, title: 'Routes of the build notices', description: 'See docs/notices.md.' };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
