/** Teardowns as people in Slack see them: by the bot in one message, by a webhook in one at the end; and without Slack. */
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deployService } from '#scripts/lib/local-account.ts';
import { losing } from './permissions/loss.ts';
import { RoleRights } from './permissions/role-rights.ts';
import {
  forgetSecret,
  TEARDOWN_FUNCTION,
  TEARDOWN_NOTICE,
  TEARDOWN_NOTICE_EXEMPT,
} from './permissions/teardown-notice.ts';
import { Gate } from './support/gate.ts';
import { inAccount, type Scene } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';
import { nested, repository } from './support/templates.ts';

const TOKEN_PARAMETER = '/clean-exit/slack-token';
/** What the stand-in for Slack knows. */
const TOKEN = 'xoxb-stand-in';
const ROLE = `${TEARDOWN_FUNCTION}-ap-northeast-1`;
const OWN_ROLE = 'arn:aws:iam::000000000000:role/stack-role';

/** A role for stacks that may do everything, the custom resource of somebody else included. */
async function makeOwnRole({ iam }: Scene): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await iam.send(new CreateRoleCommand({ RoleName: 'stack-role', AssumeRolePolicyDocument: document(trust) }));
  const PolicyDocument = document({ Effect: 'Allow', Action: '*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'stack-role', PolicyName: 'all', PolicyDocument }));
}

const scene = inAccount({
  deleteRole: true,
  parameters: { NoticeLanguage: 'ja' },
  before: async (early) => {
    await makeOwnRole(early);
    const ssm = new SSMClient(early.account.root);
    await ssm.send(new PutParameterCommand({ Name: TOKEN_PARAMETER, Type: 'SecureString', Value: TOKEN }));
  },
});
let teardowns: Teardowns;
let gate: Gate;
let told: number;

beforeAll(async () => {
  teardowns = new Teardowns(scene().account);
  gate = await Gate.start();
  await scene().stacks.create('gate-service', Gate.service);
});
beforeEach(() => {
  told = messages().length;
});
afterAll(async () => {
  await gate?.stop();
});

const messages = () => scene().account.slack.messages;
const textsSince = () =>
  messages()
    .slice(told)
    .map(({ message }) => message.text ?? '');

async function logText(): Promise<string> {
  const client = new CloudWatchLogsClient(scene().account.root);
  const lines: string[] = [];
  const logGroupName = `/aws/lambda/${TEARDOWN_FUNCTION}`;
  for await (const page of paginateFilterLogEvents({ client }, { logGroupName })) {
    lines.push(...(page.events ?? []).map(({ message = '' }) => message));
  }
  return lines.join('\n');
}

/** A full repository in a nested stack. */
async function pipeline(name: string): Promise<string> {
  const { stacks, seed } = scene();
  const child = await stacks.upload({ Repository: repository(name) });
  const { id } = await stacks.create(`${name}-build`, { Ecr: nested(child) });
  await seed(name, 6);
  return id;
}

test('by a webhook, in Japanese: one message, at the end', async () => {
  const id = await pipeline('hooked');
  const { told: report } = await teardowns.execute([id]);
  expect(report.notes).toEqual([]);
  expect(messages().slice(told)).toMatchObject([{ via: 'webhook' }]);
  expect(textsSince()[0]).toMatch(/^✅ hooked-build: 削除が完了しました\n取り除いた中身: イメージ 6 個\n/);
});

describe('by the bot', () => {
  // The webhook is still set: the bot wins.
  beforeAll(() =>
    deployService(scene().account, {
      SlackTokenParameter: TOKEN_PARAMETER,
      SlackChannel: 'C0BUILDS',
      SlackWebhookKeyArn: 'arn:aws:kms:ap-northeast-1:000000000000:key/00000000-0000-0000-0000-000000000000',
      NoticeLanguage: 'en',
    }),
  );

  test('one message from begin to end, edited in place, about the stack that was asked for', async () => {
    const id = await pipeline('plain');
    const { told: report } = await teardowns.execute([id]);
    expect(report).toMatchObject({ outcome: 'deleted', notes: [] });
    expect(messages().slice(told)).toMatchObject([{ via: 'api', channel: 'C0BUILDS', edited: true }]);
    const [text = ''] = textsSince();
    expect(text.split('\n').slice(0, 2)).toEqual(['✅ plain-build: deleted', 'Contents removed: 6 images']);
    expect(text).not.toContain('plain-build-Ecr');
  });

  test('a failure names resource, place, reason and next step, and is said again where it notifies', async () => {
    const { stacks } = scene();
    const refuses = gate.at('refuses', [], async (type) => (type === 'Delete' ? 'FAILED' : 'SUCCESS'));
    const child = await stacks.upload({ Refusing: refuses });
    await stacks.create('refuses', { Child: nested(child) }, { RoleARN: OWN_ROLE });
    const { status, error, told: report } = await teardowns.execute(['refuses']);
    expect([status, error, report.notes]).toEqual(['FAILED', 'TeardownFailed', []]);
    const [first, second] = messages().slice(told);
    expect(first).toMatchObject({ edited: true, broadcast: false });
    expect(second).toMatchObject({ edited: false, broadcast: true, threadTs: first?.ts });
    const failure = report.stacks[0]?.failures[0];
    for (const text of textsSince()) {
      expect(text).toContain('❌ refuses: could not be deleted');
      expect(text).toContain(`Custom::Gate ${failure?.resource.physicalId} (in the nested stack refuses-Child-`);
      expect(text).toContain(`AWS says: ${failure?.reason.slice(0, 60)}`);
      expect(text).toContain('Whoever wrote the function behind Refusing');
    }
    expect(first?.message.text).toContain('--retain-resources Refusing');
  });

  test('a refused request is told with its reason: nothing was removed', async () => {
    const { error } = await teardowns.execute(['nowhere']);
    expect(error).toBe('TeardownRefused');
    expect(textsSince()).toEqual([
      expect.stringMatching(/^⛔ nowhere: deletion refused, nothing was removed\n.*knows no stack nowhere/),
    ]);
  });

  test('a plan is told to nobody', async () => {
    await teardowns.ended(await teardowns.start({ stacks: ['gate-service'] }));
    expect(textsSince()).toEqual([]);
  });

  test('Slack refuses both: the stack goes all the same, and the report says what to do', async () => {
    const { slack } = scene().account;
    const id = await pipeline('unheard');
    const restricted = { body: JSON.stringify({ ok: false, error: 'restricted_action' }) };
    slack.answerNext(restricted, restricted);
    const { status, told: report } = await teardowns.execute([id]);
    expect([status, report.outcome, textsSince()]).toEqual(['SUCCEEDED', 'deleted', []]);
    const note = {
      code: 'STACK_NOTICE_FAILED',
      sentence: expect.stringMatching(/restricted_action.*ask them to allow/),
    };
    expect(report.notes).toMatchObject([note, note]);
  });
});

test('killed while it tells: the stack goes all the same, and the report says what was not told', async () => {
  const { emulator } = scene().account;
  const id = await pipeline('killed');
  await forgetSecret(scene());
  await emulator.setFaults([
    { service: 'ssm', operation: 'GetParameter', principal: TEARDOWN_FUNCTION, kill: 'before', times: 2 },
  ]);
  const { status, told: report } = await teardowns.execute([id]);
  await emulator.setFaults([]);
  expect([status, report.outcome, textsSince()]).toEqual(['SUCCEEDED', 'deleted', []]);
  expect(report.notes.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
    expect.stringMatching(/^STACK_NOTICE_FAILED: That the teardown began could not be told in Slack: \S+; the log/),
    expect.stringMatching(/^STACK_NOTICE_FAILED: How the teardown ended could not be told in Slack: \S+; the log/),
  ]);
});

describe('the rights to tell people', () => {
  test('each has a scenario, or a reason for having none', async () => {
    const held = await new RoleRights(scene().account, ROLE).actions();
    const own = held.filter((action) => /^(ssm|kms):/.test(action));
    expect(own).toEqual([...Object.keys(TEARDOWN_NOTICE_EXEMPT), ...Object.keys(TEARDOWN_NOTICE)]);
  });

  test.each(Object.entries(TEARDOWN_NOTICE))('without %s', async (action, { run }) => {
    const { account } = scene();
    await run(scene(), action, losing(account, new RoleRights(account, ROLE), action));
  });
});

test('neither token nor webhook is in any line of the log', async () => {
  const text = await logText();
  expect(text.includes('STACK_NOTICE_SENT')).toBe(true);
  expect(['xoxb-', '/services/T'].filter((secret) => text.includes(secret))).toEqual([]);
});
