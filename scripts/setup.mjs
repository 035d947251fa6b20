// Installs what the project's commands need, into the checkout and nowhere else. Plain JavaScript: it runs before
// anything is installed, on the Node that is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const nodeOnly = process.argv.includes('--node-only');

if (process.argv.includes('--help')) {
  console.log(`usage: node scripts/setup.mjs [--node-only]

Installs the pinned npm packages (Node 24 among them) into node_modules and, unless --node-only is given, the SAM CLI
and the local emulator into two Python environments under .venv. Does nothing where all of it is in place.`);
  process.exit(0);
}

const unknown = process.argv.slice(2).find((word) => word !== '--node-only');
if (unknown !== undefined) {
  console.error(`${unknown}: unknown. usage: node scripts/setup.mjs [--node-only]`);
  process.exit(2);
}

/** Says what is missing, on one line, and stops. */
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

function run(label, command, args) {
  const started = Date.now();
  process.stderr.write(`${label} …\n`);
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0) {
    const lines = `${result.stdout}${result.stderr}`.trim().split('\n');
    // npm says what is wrong first and ends with its usage; pip's last lines are the cause.
    const errors = lines.filter((line) => /\berror\b/i.test(line)).slice(0, 15);
    const words = result.error?.message ?? (errors.length > 0 ? errors : lines.slice(-15)).join('\n');
    stop(`${label} failed. The command was: ${command} ${args.join(' ')}\n${words}`);
  }
  process.stderr.write(`${label}: done in ${Math.round((Date.now() - started) / 1000)} s\n`);
}

/** Runs an installation unless the stamp it left says that the same inputs were installed before. */
function installOnce(stampFile, inputs, install) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    hash.update(readFileSync(join(root, input)));
  }
  const wanted = hash.digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) {
    return;
  }
  install();
  writeFileSync(stampFile, wanted);
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  stop(`Node ${process.versions.node} is too old: install Node 20 or later (https://nodejs.org), then run this again.`);
}

/** A Python of at least 3.10 that can make environments; its command. */
function findPython() {
  const probe = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 3)';
  const found = [];
  for (const command of ['python3', 'python']) {
    const result = spawnSync(command, ['-c', probe], { encoding: 'utf8' });
    if (result.status === 0) {
      return command;
    }
    if (result.status !== null) {
      found.push(result.status === 3 ? `${command} is older than 3.10` : `${command} has no venv or ensurepip module`);
    }
  }
  const why = found.length > 0 ? ` (${found.join('; ')})` : '';
  return stop(
    `Python 3.10 or later with venv is needed for the SAM CLI and the local emulator${why}: install it ` +
      '(on Debian and Ubuntu: apt install python3 python3-venv), then run this again. `npm run test:unit` needs no Python.',
  );
}

const python = nodeOnly ? undefined : findPython();

installOnce(join(root, 'node_modules', '.installed'), ['package-lock.json', 'package.json'], () => {
  run('npm packages', process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund']);
});

if (python !== undefined) {
  for (const [name, requirements] of [
    ['sam', 'scripts/requirements-sam.txt'],
    ['emulator', 'emulator/requirements.txt'],
  ]) {
    const home = join(root, '.venv', name);
    installOnce(join(home, '.installed'), [requirements], () => {
      run(`Python environment for ${name}`, python, ['-m', 'venv', '--clear', home]);
      run(`Python packages for ${name}`, join(home, 'bin', 'python'), [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
      ]);
    });
  }
}
