/** Size and cold import of each function's bundle beside a bundle of nothing but the SDK clients that it uses. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';
import { ROOT } from '../lib/sam.ts';
import { median } from './median.ts';

/** Imports measured of each bundle; the median is told. */
const IMPORTS = 11;

export interface BundleResult {
  readonly entry: string;
  readonly bytes: number;
  readonly bareBytes: number;
  /** Medians, in milliseconds, of importing the bundle in a new process. */
  readonly importMs: number;
  readonly bareImportMs: number;
}

/** Measures every function of template.yaml, built with the options that stand there. */
export async function measureBundles(): Promise<readonly BundleResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'clean-exit-bundles-'));
  try {
    const results: BundleResult[] = [];
    for (const { entry, options } of await functionsOfTemplate()) {
      const name = entry.replace(/^functions\/|\.ts$/g, '');
      const bundle = join(folder, `${name}.mjs`);
      const bare = join(folder, `${name}-bare.mjs`);
      const { metafile } = await build({
        ...options,
        entryPoints: [join(ROOT, entry)],
        outfile: bundle,
        metafile: true,
      });
      await build({ ...options, stdin: await bareClients(Object.keys(metafile.inputs)), outfile: bare });
      results.push({
        entry,
        bytes: (await stat(bundle)).size,
        bareBytes: (await stat(bare)).size,
        ...importTimes(bundle, bare),
      });
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface FunctionBuild {
  readonly entry: string;
  readonly options: BuildOptions;
}

/** What `sam build` would do, read from the template so that the two cannot drift apart. */
async function functionsOfTemplate(): Promise<readonly FunctionBuild[]> {
  const text = await readFile(join(ROOT, 'template.yaml'), 'utf8');
  const template: {
    Globals: { Function: { CodeUri: string } };
    Resources: Record<string, { Type: string; Metadata?: { BuildProperties?: Record<string, unknown> } }>;
  } = parse(text, { logLevel: 'silent', merge: true });
  const codeUri = template.Globals.Function.CodeUri;
  return Object.values(template.Resources)
    .filter(({ Type: type }) => type === 'AWS::Serverless::Function')
    .map(({ Metadata: { BuildProperties: properties = {} } = {} }) => ({
      entry: join(codeUri, String([properties['EntryPoints']].flat()[0])),
      options: {
        absWorkingDir: ROOT,
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: String(properties['Target']),
        mainFields: String(properties['MainFields']).split(','),
        minify: properties['Minify'] === true,
        logLevel: 'error',
      },
    }));
}

/** A module that names exactly the clients and commands that the bundled adapters import, and nothing else. */
async function bareClients(inputs: readonly string[]): Promise<NonNullable<BuildOptions['stdin']>> {
  const lines: string[] = [];
  for (const input of inputs.filter((each) => each.startsWith('functions/aws/'))) {
    const source = await readFile(join(ROOT, input), 'utf8');
    for (const [, names = '', from = ''] of source.matchAll(/import \{([^}]+)\} from '(@aws-sdk\/[^']+)'/g)) {
      const values = names
        .split(',')
        .map((name) => name.trim().replace(/ as .*/s, ''))
        .filter((name) => name !== '' && !name.startsWith('type '));
      // Two services have commands of the same name.
      const exported = values.map((name) => `${name} as ${name}_${lines.length}`);
      if (values.length > 0) {
        lines.push(`export { ${exported.join(', ')} } from '${from}';`);
      }
    }
  }
  return { contents: lines.join('\n'), resolveDir: ROOT, loader: 'js' };
}

/** Alternates the two, so that whatever else the machine does hits both. */
function importTimes(bundle: string, bare: string): { importMs: number; bareImportMs: number } {
  const times = { bundle: [] as number[], bare: [] as number[] };
  for (let round = 0; round <= IMPORTS; round += 1) {
    const pair = { bundle: importOnce(bundle), bare: importOnce(bare) };
    // The first round fills the file cache.
    if (round > 0) {
      times.bundle.push(pair.bundle);
      times.bare.push(pair.bare);
    }
  }
  return { importMs: median(times.bundle), bareImportMs: median(times.bare) };
}

function importOnce(file: string): number {
  const script = `const t = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - t);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { AWS_REGION: 'ap-northeast-1' },
  });
  if (status !== 0) {
    throw new Error(`${file} cannot be imported: ${stderr}`);
  }
  return Number(stdout.trim().split('\n').at(-1));
}
