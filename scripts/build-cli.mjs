// Bundles the command line into dist/clean-exit.mjs: Node runs no TypeScript from a package, and Node 20 none at all.
// Plain JavaScript, because npm runs it after every install (`prepare`), on the Node that is there.
import { chmodSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const OUTFILE = join(root, 'dist', 'clean-exit.mjs');

// An install without the development packages has nothing to bundle with, and needs no command line.
const { build } = await import('esbuild').catch(() => ({ build: undefined }));

if (build) {
  // Chunks of an earlier build have other names.
  rmSync(dirname(OUTFILE), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
    outdir: dirname(OUTFILE),
    entryNames: 'clean-exit',
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    // What a command does not take is not even read: `--help` waits for no SDK.
    splitting: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // The oldest Node that the README asks for.
    target: 'node20',
    // The SDK's ES modules: what is not used is left out.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // Some of the packages are CommonJS and ask for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  chmodSync(OUTFILE, 0o755);
}
