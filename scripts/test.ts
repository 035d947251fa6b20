/**
 * Runs the checks and the tests, in the order of what fails fastest, and closes with one line `N passed, N failed`.
 *
 *   node scripts/test.ts          everything
 *   node scripts/test.ts unit     what needs no Python
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

function check(title: string, command: string, args: readonly string[]): Count {
  console.log(`\n── ${title}`);
  const passed = succeeds(command, args);
  console.log(passed ? `${title}: passed` : `${title}: FAILED (${command} ${args.join(' ')})`);
  return passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A check that must fail: proof that the rule still bites. */
function checkBites(title: string, command: string, args: readonly string[], rule: string): Count {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: FIXTURES, encoding: 'utf8' });
  const bites = status !== 0 && `${stdout}${stderr}`.includes(rule);
  console.log(bites ? `${title}: passed` : `${title}: FAILED, the known-bad example was let through`);
  return bites ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
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

const counts: Count[] = [
  check('type check', bin('tsc'), ['--noEmit', '-p', '.']),
  check('lint and format', bin('biome'), ['check', '--error-on-warnings', '.']),
  checkBites('lint finds a floating promise', bin('biome'), ['lint', 'floating-promise.ts'], 'noFloatingPromises'),
  check('nothing unused', bin('knip'), ['--no-progress']),
  check('imports go one way', bin('depcruise'), [...IMPORT_RULES, 'functions', 'scripts', 'emulator']),
  checkBites(
    'import rule finds the SDK outside functions/aws',
    bin('depcruise'),
    [...IMPORT_RULES, 'functions'],
    'sdk-only-in-aws',
  ),
  jest('unit', '--maxWorkers=2'),
];
if (!unitOnly) {
  counts.push(jest('system', '--maxWorkers=2'));
}

const total = counts.reduce((sum, each) => ({ passed: sum.passed + each.passed, failed: sum.failed + each.failed }));
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
