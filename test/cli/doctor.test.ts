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
  readSecret: async (name) =>
    name.includes('token') ? 'xoxb-secret' : 'https://hooks.slack.com/services/T0/B0/secret',
  readRoutes: async () => undefined,
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
      'note    Routes',
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
    [
      'a service without a delete role',
      { serviceStack: async () => ({ ...STACK, parameters: { DeleteRoleArn: '' } }) },
      /ok {6}Service .*, without a delete role: it deletes only stacks that have a service role of their own/,
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

  describe('the bot and the routes', () => {
    const bot = { SlackTokenParameter: '/clean-exit/slack-token', SlackChannel: 'C0123456789' };
    const withBot = (parameters: Record<string, string>, changes: Partial<Questions> = {}) =>
      examined({ serviceStack: async () => ({ ...STACK, parameters }), ...changes });
    const routed = (
      document: object | string,
      parameters: Record<string, string> = bot,
      changes: Partial<Questions> = {},
    ) => {
      const text = typeof document === 'string' ? document : JSON.stringify(document);
      const all = { ...parameters, RoutesParameter: '/clean-exit/routes' };
      return withBot(all, {
        readRoutes: async (name) => (name === '/clean-exit/routes' ? text : undefined),
        ...changes,
      });
    };

    it('token and channel, and a document that can be served', async () => {
      const { exit, stdout } = await routed({ version: 1, routes: [{ transport: 'bot' }] });
      expect(exit).toBe(0);
      expect(stdout).toContain(
        "ok      Slack        /clean-exit/slack-token can be read; the bot's channel is C0123456789",
      );
      expect(stdout).toContain('ok      Routes       /clean-exit/routes has 1 route');
      expect(stdout).not.toContain('xoxb-secret');
    });

    it.each<[string, () => ReturnType<typeof examined>, RegExp]>([
      [
        'a channel without a token',
        () => withBot({ SlackChannel: 'C0123456789' }),
        /problem Slack .*no SlackTokenParameter: no bot tells anything\. Deploy it again with SlackTokenParameter/,
      ],
      [
        'a token of another kind',
        () => withBot(bot, { readSecret: async () => 'xapp-1-secret' }),
        /problem Slack .*slack-token holds no bot token\. .* begins with xoxb-/,
      ],
      [
        'a wrong document',
        () => routed({ version: 2 }),
        /problem Routes .*has 1 fault, so the last good document is in force: version: must be 1\. Correct it: `clean-exit routes check FILE`/,
      ],
      [
        'a secret in a wrong document',
        () => routed('{ "version": 1, xoxb-1234567890 }'),
        /^(?![\s\S]*xoxb-1234567890)[\s\S]*problem Routes/,
      ],
      [
        'a route that the service cannot serve',
        () => routed({ version: 1, routes: [{ transport: 'bot' }] }, { SlackWebhookParameter: '/w' }),
        /problem Routes .*routes\[0\] tells nobody: it wants a bot, and the service has no SlackTokenParameter\. Correct/,
      ],
      [
        'a webhook of a route that is not there',
        () =>
          routed({ version: 1, routes: [{ transport: 'webhook', webhook: '/clean-exit/webhooks/a' }] }, bot, {
            readSecret: async (name) =>
              name.includes('webhooks') ? Promise.reject(new BadRequest('PARAMETER_NOT_FOUND', 'x')) : 'xoxb-secret',
          }),
        /problem Routes {7}\/clean-exit\/webhooks\/a is not there\. Create it as a SecureString/,
      ],
    ])('%s: a problem', async (_, look, words) => {
      const { exit, stdout } = await look();
      expect(exit).toBe(1);
      expect(stdout).toMatch(words);
      expect(stdout).not.toContain('xapp-1-secret');
    });

    it.each<[string, () => ReturnType<typeof examined>, RegExp]>([
      ['no channel', () => withBot({ ...bot, SlackChannel: '' }), /note {4}Slack .*SlackChannel is empty/],
      [
        'a document that only the service may read',
        () => routed({}, bot, { readRoutes: async () => Promise.reject(new Refused('PARAMETER_DENIED', 'x')) }),
        /note {4}Routes {7}\/clean-exit\/routes cannot be read with these credentials/,
      ],
      ['no document', () => withBot({ ...bot, RoutesParameter: '/r' }), /note {4}Routes {7}\/r is not there/],
      [
        'a webhook of a route that is switched off',
        () =>
          routed(
            { version: 1, routes: [{ transport: 'webhook', webhook: '/clean-exit/webhooks/a', mode: 'off' }] },
            bot,
            {
              readSecret: async (name) =>
                name.includes('webhooks') ? Promise.reject(new BadRequest('PARAMETER_NOT_FOUND', 'x')) : 'xoxb-secret',
            },
          ),
        /ok {6}Routes/,
      ],
    ])('%s: no problem', async (_, look, words) => {
      const { exit, stdout } = await look();
      expect(exit).toBe(0);
      expect(stdout).toMatch(words);
    });
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
    expect(told.checks).toHaveLength(8);
  });

  it.each([
    ['18.20.0', 'problem'],
    ['20.0.0', 'ok'],
    ['24.21.0', 'ok'],
  ])('Node.js %s: %s', async (version, state) => {
    expect(await nodeCheck(version).look()).toMatchObject({ state });
  });
});
