import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Builds the service and the command line once for all end-to-end tests; every test file then deploys that build into an account of its own.
 * In a process of its own, because Jest transforms what a global set-up imports.
 */
export default function buildOnce() {
  for (const script of ['build-cli.mjs', 'build.ts']) {
    execFileSync(process.execPath, [join(import.meta.dirname, '..', '..', 'scripts', script)], { stdio: 'inherit' });
  }
}
