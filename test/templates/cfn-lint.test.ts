import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** What cfn-lint says about a template; empty where it has nothing to say. */
function findingsIn(template: string): string {
  try {
    execFileSync(cfnLint, ['--', template], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return '';
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? `${error.stdout ?? ''}${error.message}` : String(error);
  }
}

// Without cfn-lint each fails: `npm test` installs it first, and a skipped check would look like a clean template.
it.each(templates)(
  '%s has nothing that cfn-lint complains of',
  (template) => {
    expect(findingsIn(template)).toBe('');
  },
  60_000,
);

it('the definition of the state machine has nothing that cfn-lint complains of', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-machine-'));
  try {
    // cfn-lint reads a definition only where it stands in the template.
    const FunctionArn = 'arn:aws:lambda:ap-northeast-1:123456789012:function:clean-exit-teardown';
    const text = readFileSync(`${root}statemachine/teardown.asl.json`, 'utf8').replaceAll('${Partition}', 'aws');
    const Properties = {
      RoleArn: 'arn:aws:iam::123456789012:role/states',
      DefinitionSubstitutions: { FunctionArn },
      Definition: JSON.parse(text),
    };
    const template = join(folder, 'template.json');
    writeFileSync(
      template,
      JSON.stringify({ Resources: { Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties } } }),
    );
    expect(findingsIn(template)).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
