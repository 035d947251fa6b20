/** Writes schemas/routes.schema.json, which editors check a routes document with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { routesJsonSchema } from './lib/routes-json-schema.ts';

const folder = join(import.meta.dirname, '..', 'schemas');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'routes.schema.json'), routesJsonSchema());
