import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cfnLint = `${root}.venv/sam/bin/cfn-lint`;
const templates = [
  ...readdirSync(`${root}pipeline`)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `pipeline/${file}`),
  ...['template.yaml'].filter((file) => existsSync(root + file)),
];

// `npm test` installs the Python tools first; without them there is nothing to judge with.
const withTool = existsSync(cfnLint) ? it : it.skip;

withTool.each(templates)(
  '%s has nothing that cfn-lint complains of',
  (template) => {
    let findings = '';
    try {
      execFileSync(cfnLint, ['--', template], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      findings = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
    }
    expect(findings).toBe('');
  },
  60_000,
);
