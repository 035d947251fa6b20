// Bundles the command line into dist/clean-exit.mjs: Node runs no TypeScript from a package, and Node 20 none at all.
// Plain JavaScript, because npm runs it after every install (`prepare`), on the Node that is there.
import { chmodSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [option, folder, ...more] = process.argv.slice(2);
if ((option !== undefined && (option !== '--outdir' || folder === undefined)) || more.length > 0) {
  console.error(`${option}: unknown. usage: node scripts/build-cli.mjs [--outdir FOLDER]`);
  process.exit(2);
}
const OUTDIR = folder ?? join(root, 'dist');
const OUTFILE = join(OUTDIR, 'clean-exit.mjs');

/** A command that runs may still ask for the chunks that it was built with; after this time, in milliseconds, none does. */
const CHUNKS_LIVE = 24 * 60 * 60 * 1000;

/** Chunks of earlier builds have other names. */
function removeOldChunks(current) {
  const chunks = join(OUTDIR, 'chunks');
  for (const name of readdirSync(chunks).filter((each) => !current.includes(each))) {
    const file = join(chunks, name);
    if (Date.now() - statSync(file).mtimeMs > CHUNKS_LIVE) {
      rmSync(file, { force: true });
    }
  }
}

// An install without the development packages has nothing to bundle with, and needs no command line.
const { build } = await import('esbuild').catch(() => ({ build: undefined }));

if (build) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
    outdir: OUTDIR,
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
    metafile: true,
  });
  chmodSync(OUTFILE, 0o755);
  removeOldChunks(Object.keys(metafile.outputs).map((file) => basename(file)));
}
