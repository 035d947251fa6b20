import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsFailure, BadRequest, Refused } from '#functions/errors.ts';
import type { ServiceStack } from '../../cli/aws/service-stack.ts';
import { checksOf, type Questions } from '../../cli/doctor/checks.ts';
import { nodeCheck } from '../../cli/doctor/tools.ts';
import { IDENTITY, play } from './stage.ts';

const refusal = (errorName: string) =>
  new AwsFailure({ action: 'iam:SimulatePrincipalPolicy', resource: 'x', errorName }, 'no');

const STACK: ServiceStack = {
  status: 'UPDATE_COMPLETE',
  deployedAt: '2026-11-23T08:00:00.000Z',
  parameters: { SlackWebhookParameter: '/clean-exit/slack-webhook', NoticeLanguage: 'en' },
  outputs: { Version: '0.2.0' },
};

const WELL: Questions = {
  whoAmI: async () => IDENTITY,
  machineExists: async () => true,
  serviceStack: async () => STACK,
  deniedActions: async () => [],
  deniedReads: async () => [],
  readSecret: async () => 'https://hooks.slack.com/services/T0/B0/secret',
};

let tools: string;
beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), 'clean-exit-tools-'));
  await writeFile(join(tools, 'sam'), '#!/bin/sh\necho SAM CLI, version 1.170.0\n', { mode: 0o755 });
  await writeFile(join(tools, 'aws'), '#!/bin/sh\necho broken >&2\nexit 3\n', { mode: 0o755 });
});
afterAll(() => rm(tools, { recursive: true, force: true }));

function examined(
  changes: Partial<Questions> = {},
  env: Record<string, string> = { PATH: '/nowhere' },
  words = ['doctor'],
) {
  return play(words, { kit: { checks: async () => checksOf(env, { ...WELL, ...changes }) } });
}

describe('clean-exit doctor', () => {
  it('all is well: a line for each thing, exit code 0, and no secret', async () => {
    const { exit, stdout } = await examined();
    expect(exit).toBe(0);
    expect(stdout.split('\n').map((line) => line.slice(0, 20).trimEnd())).toEqual([
      'ok      Node.js',
      'note    SAM CLI',
      'note    AWS CLI',
      'ok      Credentials',
      'ok      Permissions',
      'ok      Service',
      'ok      Slack',
    ]);
    expect(stdout).toContain('arn:aws:iam::123456789012:user/hanako, account 123456789012, Region eu-west-1');
    expect(stdout).toContain('stack clean-exit is UPDATE_COMPLETE, version 0.2.0, deployed 2026-11-23 08:00 UTC');
    expect(stdout).toContain('/clean-exit/slack-webhook can be read');
    expect(stdout).not.toContain('hooks.slack.com');
  });

  it.each<[string, Partial<Questions>, RegExp]>([
    [
      'expired credentials',
      { whoAmI: async () => Promise.reject(refusal('ExpiredToken')) },
      /problem Credentials {2}The AWS credentials have expired\. Sign in again .*\nnote {4}Permissions {2}not looked at/,
    ],
    [
      'actions that IAM denies',
      { deniedActions: async () => ['states:StartExecution'] },
      /problem Permissions {2}not allowed: states:StartExecution\. Ask an administrator .* \(to have the service work\)/,
    ],
    [
      'a read that is refused, where IAM may not be asked',
      {
        deniedActions: async () => Promise.reject(refusal('AccessDenied')),
        deniedReads: async () => ['ecr:DescribeRepositories'],
      },
      /problem Permissions {2}not allowed: ecr:DescribeRepositories/,
    ],
    [
      'a service that is older than the command',
      { machineExists: async () => false },
      /problem Service .*without the state machine clean-exit-teardown.*Deploy it again: sam build && sam deploy/,
    ],
    [
      'a service whose deployment failed',
      { serviceStack: async () => ({ ...STACK, status: 'UPDATE_ROLLBACK_FAILED' }) },
      /problem Service {6}stack clean-exit is UPDATE_ROLLBACK_FAILED/,
    ],
    [
      'a Slack parameter that is not there',
      { readSecret: async () => Promise.reject(new BadRequest('PARAMETER_NOT_FOUND', 'x')) },
      /problem Slack {8}\/clean-exit\/slack-webhook is not there\. Create it as a SecureString/,
    ],
    [
      'a Slack parameter that everybody can read',
      { readSecret: async () => Promise.reject(new BadRequest('PARAMETER_NOT_SECURE', 'x')) },
      /problem Slack {8}\/clean-exit\/slack-webhook is not a SecureString/,
    ],
  ])('%s: a problem with its remedy, exit code 1', async (_, changes, words) => {
    const { exit, stdout } = await examined(changes);
    expect(exit).toBe(1);
    expect(stdout).toMatch(words);
  });

  it.each<[string, Partial<Questions>, RegExp]>([
    [
      'no service',
      { machineExists: async () => false, serviceStack: async () => undefined },
      /note {4}Service {6}not deployed in eu-west-1/,
    ],
    [
      'a Slack parameter that only the service may read',
      { readSecret: async () => Promise.reject(new Refused('PARAMETER_DENIED', 'x')) },
      /note {4}Slack {8}\/clean-exit\/slack-webhook cannot be read with these credentials; the service reads it with its own role/,
    ],
    ['no notices', { serviceStack: async () => ({ ...STACK, parameters: {} }) }, /note {4}Slack {8}no notices/],
    [
      'reads that are allowed, where IAM may not be asked',
      { deniedActions: async () => Promise.reject(refusal('AccessDenied')) },
      /ok {6}Permissions {2}every service answers to a read/,
    ],
  ])('%s is no problem', async (_, changes, words) => {
    const { exit, stdout } = await examined(changes);
    expect(exit).toBe(0);
    expect(stdout).toMatch(words);
  });

  it('does not ask IAM about the root user, whom it cannot simulate', async () => {
    const deniedActions = async () => Promise.reject(new Error('asked'));
    const whoAmI = async () => ({ ...IDENTITY, arn: 'arn:aws:iam::123456789012:root' });
    const { exit, stdout } = await examined({ deniedActions, whoAmI });
    expect(exit).toBe(0);
    expect(stdout).toContain("ok      Permissions  the account's root user may do everything");
  });

  it('asks for other rights where the service is not deployed', async () => {
    const asked: (readonly string[])[] = [];
    const deniedActions = async (_: string, actions: readonly string[]) => {
      asked.push(actions);
      return [];
    };
    await examined({ deniedActions, machineExists: async () => false });
    await examined({ deniedActions });
    expect(asked[0]).toContain('cloudformation:DeleteStack');
    expect(asked[1]).toContain('states:StartExecution');
    expect(asked[1]).not.toContain('cloudformation:DeleteStack');
  });

  it('runs the tools that it finds', async () => {
    const { exit, stdout } = await examined({}, { PATH: tools });
    expect(exit).toBe(1);
    expect(stdout).toContain('ok      SAM CLI      SAM CLI, version 1.170.0');
    expect(stdout).toContain('problem AWS CLI      does not run: broken. Install it again;');
  });

  it('--json gives one document', async () => {
    const { stdout } = await examined({ deniedActions: async () => ['x:Y'] }, undefined, ['doctor', '--json']);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ version: 1, problems: 1 });
    expect(told.checks).toHaveLength(7);
  });

  it.each([
    ['18.20.0', 'problem'],
    ['20.0.0', 'ok'],
    ['24.21.0', 'ok'],
  ])('Node.js %s: %s', async (version, state) => {
    expect(await nodeCheck(version).look()).toMatchObject({ state });
  });
});
