import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { NEEDED } from '../../cli/doctor/permissions.ts';

/** What the service's roles may do, by the policies that both doors share: a person who works locally needs the same. */
function sharedActions(): readonly string[] {
  const template = readFileSync('template.yaml', 'utf8');
  const shared = template.slice(template.indexOf('  LookPolicy:'), template.indexOf('  NeverPolicy:'));
  return [...new Set(shared.match(/\b(?:cloudformation|ecr|s3|logs|iam|codebuild):[A-Z][A-Za-z]+/g))];
}

describe('what the doctor asks about', () => {
  it('is every action that the service has for the same work, but for the streams that go with their group', () => {
    const local: readonly string[] = NEEDED.local;
    expect(sharedActions().length).toBeGreaterThan(60);
    expect(sharedActions().filter((action) => !local.includes(action))).toEqual(['logs:DeleteLogStream']);
  });

  it('is what a teardown does beyond that', () => {
    expect(NEEDED.local).toEqual(
      expect.arrayContaining([
        'cloudformation:DeleteStack',
        'cloudformation:ListStacks',
        'cloudformation:UpdateTerminationProtection',
        'ecr:DescribeRegistry',
        'logs:DeleteLogGroup',
      ]),
    );
    expect(new Set(NEEDED.local).size).toBe(NEEDED.local.length);
  });
});
