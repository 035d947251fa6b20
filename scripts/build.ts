/** `sam build` of the service with the SAM CLI and the esbuild of this checkout. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildService } from './lib/local-account.ts';

const folder = await mkdtemp(join(tmpdir(), 'clean-exit-build-'));
try {
  await buildService(join(folder, 'sam.log'));
} finally {
  await rm(folder, { recursive: true, force: true });
}
