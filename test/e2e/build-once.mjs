import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Builds the service once for all end-to-end tests; every test file then deploys that build into an account of its own.
 * In a process of its own, because Jest transforms what a global set-up imports.
 */
export default function buildOnce() {
  execFileSync(process.execPath, [join(import.meta.dirname, '..', '..', 'scripts', 'build.ts')], { stdio: 'inherit' });
}
