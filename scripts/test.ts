/**
 * Runs the checks and the tests, in the order of what fails fastest, and closes with one line `N passed, N failed`.
 *
 *   node scripts/test.ts          everything
 *   node scripts/test.ts unit     what needs no Python
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = join(import.meta.dirname, '..');
const FIXTURES = join(ROOT, 'test', 'lint-fixtures');
const IMPORT_RULES = ['--config', join(ROOT, '.dependency-cruiser.cjs')];
const [only, ...others] = process.argv.slice(2);
if ((only !== undefined && only !== 'unit') || others.length > 0) {
  console.error(
    `${[only, ...others].join(' ')}: unknown. usage: npm test, or npm run test:unit for what needs no Python`,
  );
  process.exit(2);
}
const unitOnly = only === 'unit';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

function bin(name: string): string {
  return join(ROOT, 'node_modules', '.bin', name);
}

/** Runs a command in the checkout with its output on the terminal; true where it succeeded. */
function succeeds(command: string, args: readonly string[]): boolean {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0;
}

interface Outcome {
  readonly succeeded: boolean;
  readonly output: string;
}

/** Runs a command with its output kept: checks run side by side, and their words must not mix. */
async function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('error', () => resolve(null)).once('close', resolve)),
  ]);
  return { succeeded: code === 0, output: `${stdout}${stderr}`.trim() };
}

/** Says how a check ended, with its words only where they are needed. */
function told(title: string, passed: boolean, words: string): Count {
  console.log(passed ? `${title}: passed` : `${words}\n${title}: FAILED`);
  return passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function check(title: string, command: string, args: readonly string[]): Promise<Count> {
  const { succeeded, output } = await run(command, args, ROOT);
  return told(title, succeeded, `${output}\n(${command} ${args.join(' ')})`);
}

/** A check that must fail: proof that the rule still bites. */
async function checkBites(title: string, command: string, args: readonly string[], rule: string): Promise<Count> {
  const { succeeded, output } = await run(command, args, FIXTURES);
  return told(title, !succeeded && output.includes(rule), `${output}\nThe known-bad example was let through.`);
}

function jest(project: string, ...flags: readonly string[]): Count {
  console.log(`\n── ${project} tests`);
  const folder = mkdtempSync(join(tmpdir(), 'clean-exit-test-'));
  try {
    const outputFile = join(folder, 'jest.json');
    const started = succeeds(process.execPath, [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      `--selectProjects=${project}`,
      '--json',
      `--outputFile=${outputFile}`,
      ...flags,
    ]);
    return countOf(JSON.parse(readFileSync(outputFile, 'utf8')), started);
  } catch (thrown) {
    console.error(`the ${project} tests gave no result: ${thrown instanceof Error ? thrown.message : thrown}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A test file that could not be loaded counts as one failure: Jest counts no test for it. */
function countOf(result: unknown, succeeded: boolean): Count {
  const field = (name: string): number => {
    const value = typeof result === 'object' && result !== null ? Reflect.get(result, name) : undefined;
    return typeof value === 'number' ? value : 0;
  };
  const failed = field('numFailedTests') + field('numRuntimeErrorTestSuites');
  return { passed: field('numPassedTests'), failed: failed === 0 && !succeeded ? 1 : failed };
}

console.log('── checks');
const counts: Count[] = await Promise.all([
  check('type check', bin('tsc'), ['--noEmit', '-p', '.']),
  check('lint and format', bin('biome'), ['check', '--error-on-warnings', '.']),
  checkBites('lint finds a floating promise', bin('biome'), ['lint', 'floating-promise.ts'], 'noFloatingPromises'),
  check('nothing unused', bin('knip'), ['--no-progress']),
  check('imports go one way', bin('depcruise'), [...IMPORT_RULES, 'functions', 'cli', 'scripts', 'emulator']),
  checkBites(
    'import rule finds the SDK outside functions/aws',
    bin('depcruise'),
    [...IMPORT_RULES, 'functions'],
    'sdk-only-in-aws',
  ),
]);
counts.push(jest('unit', '--maxWorkers=2'));
if (!unitOnly) {
  counts.push(jest('system', '--maxWorkers=2'));
}

const total = counts.reduce((sum, each) => ({ passed: sum.passed + each.passed, failed: sum.failed + each.failed }));
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
