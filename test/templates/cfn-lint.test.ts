import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cfnLint = `${root}.venv/sam/bin/cfn-lint`;
const templates = [
  ...readdirSync(`${root}pipeline`)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `pipeline/${file}`),
  'template.yaml',
];

// Without cfn-lint each fails: `npm test` installs it first, and a skipped check would look like a clean template.
it.each(templates)(
  '%s has nothing that cfn-lint complains of',
  (template) => {
    let findings = '';
    try {
      execFileSync(cfnLint, ['--', template], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      findings = error instanceof Error && 'stdout' in error ? `${error.stdout ?? ''}${error.message}` : String(error);
    }
    expect(findings).toBe('');
  },
  60_000,
);
