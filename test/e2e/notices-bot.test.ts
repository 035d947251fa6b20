/** Build notices by bot through the deployed service: one message per build, whatever AWS and Slack do in between. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SERVICE_STACK, until } from '#scripts/lib/local-account.ts';
import {
  BY_BOT,
  inNoticeAccount,
  PLANTED,
  type StartedBuild,
  TOKEN_PARAMETER,
  WATCH_FUNCTION,
} from './support/notices.ts';
import { Stacks } from './support/stacks.ts';

const notices = inNoticeAccount(['xxxx', 'reports'], {
  ...BY_BOT,
  SlackWebhookParameter: '',
  AlarmEmail: 'operator@example.com',
});

/** Messages about a build that are no answers, and those that are. */
function conversation({ subject }: StartedBuild) {
  const about = notices().account.slack.messages.filter(({ message }) => message.text?.includes(`${subject}:`));
  const roots = about.filter(({ threadTs }) => threadTs === undefined);
  return { roots, answers: about.filter(({ threadTs }) => threadTs !== undefined) };
}

const states = (build: StartedBuild) =>
  conversation(build).roots.map(({ message }) => message.text?.split('\n')[0] ?? '');

/** A build whose beginning stands in Slack. */
async function begun(project = 'xxxx'): Promise<StartedBuild> {
  const build = await notices().start(project);
  await notices().lines('NOTICE_SENT', { build });
  return build;
}

async function ended(build: StartedBuild, status: string, more: object = {}): Promise<void> {
  const before = (await notices().lines('NOTICE_SENT', { build, count: 0 })).length;
  await notices().finish(build, status, more);
  await notices().lines('NOTICE_SENT', { build, count: before + 1 });
}

afterEach(() => notices().account.emulator.setFaults([]));

describe('one message for each build', () => {
  test('from its beginning to its failure, with the end of its log as an answer', async () => {
    const build = await begun();
    expect(states(build)).toEqual([expect.stringMatching(/building/)]);
    const logLines = [
      '[Container] 2026/11/23 04:00:00 Running command docker build .',
      `login with ${PLANTED}`,
      'no space left on device',
    ];
    await ended(build, 'FAILED', { logLines });
    const { roots, answers } = conversation(build);
    expect(roots).toMatchObject([{ edited: true, channel: 'C0BUILDS' }]);
    expect(states(build)).toEqual([expect.stringContaining('build failed')]);
    expect(answers).toMatchObject([{ threadTs: roots[0]?.ts, broadcast: true }]);
    const all = JSON.stringify([roots, answers]);
    expect([all.includes('no space left on device'), all.includes(PLANTED)]).toEqual([true, false]);
  });

  test('costs what it may cost', async () => {
    const good = await begun();
    await ended(good, 'SUCCEEDED');
    const bad = await begun();
    await ended(bad, 'FAILED', { logLines: ['exit status 1'] });
    const costOf = async (build: StartedBuild) =>
      (await notices().lines('NOTICE_SENT', { build })).map(({ fields }) => fields['callsInAll']);
    const costs = [...(await costOf(good)), ...(await costOf(bad))].map(Number);
    expect(Math.max(...costs.slice(0, 3))).toBeLessThanOrEqual(6);
    expect(costs[3]).toBeLessThanOrEqual(8);
  });

  test('events that come twice, and a beginning that comes late, change nothing', async () => {
    const build = await begun();
    await ended(build, 'SUCCEEDED');
    const skipped = (await notices().lines('NOTICE_SKIPPED', { build, count: 0 })).length;
    const event = (status: string) => ({
      source: 'aws.codebuild',
      detailType: 'CodeBuild Build State Change',
      detail: {
        'build-status': status,
        'project-name': 'xxxx',
        'build-id': `arn:aws:codebuild:ap-northeast-1:000000000000:build/${build.id}`,
        'additional-information': { 'build-number': 99 },
      },
    });
    for (const status of ['SUCCEEDED', 'IN_PROGRESS', 'FAILED']) {
      await notices().account.emulator.putEvent(event(status));
    }
    const lines = await notices().lines('NOTICE_SKIPPED', { build, count: skipped + 3 });
    expect(lines.map(({ fields }) => fields['reason']).sort()).toEqual([
      'The event came late: SUCCEEDED was told already.',
      'The event came twice: SUCCEEDED was told already.',
      'The event came twice: SUCCEEDED was told already.',
    ]);
    expect(states(build)).toEqual([expect.stringContaining('build succeeded')]);
  });

  test('a newer build of the branch supersedes it', async () => {
    const [old, newer] = [await begun('reports'), await begun('reports')];
    await ended(old, 'FAILED');
    const { roots, answers } = conversation(old);
    expect(JSON.stringify(roots)).toContain(newer.subject.replace(/^.* /, ''));
    expect(answers).toMatchObject([{ broadcast: false }]);
    await ended(newer, 'SUCCEEDED');
    expect(states(newer)[0]).toMatch(/build succeeded.+fixed|build succeeded/);
  });
});

describe('whatever AWS does', () => {
  test('the table is throttled: the notice comes all the same', async () => {
    const build = await begun();
    const fault = { service: 'dynamodb', code: 'ProvisionedThroughputExceededException', times: 2 };
    await notices().account.emulator.setFaults([
      { ...fault, operation: 'UpdateItem' },
      { ...fault, operation: 'TransactWriteItems' },
    ]);
    await ended(build, 'FAILED');
    expect(states(build)).toEqual([expect.stringContaining('build failed')]);
    expect(conversation(build).answers).toHaveLength(1);
  });

  test('the log is slow: the notice goes out without it', async () => {
    const build = await begun();
    await notices().account.emulator.setFaults([{ service: 'logs', operation: 'GetLogEvents', delayMs: 8_000 }]);
    const began = Date.now();
    await ended(build, 'FAILED', { logLines: ['this line comes too late'] });
    expect(Date.now() - began).toBeLessThan(8_000);
    expect(JSON.stringify(conversation(build))).not.toContain('this line comes too late');
  });

  test('the end event is lost: the schedule tells the true end, once, and nothing of what it never heard of', async () => {
    const build = await begun();
    const running = await begun('reports');
    const events = new EventBridgeClient(notices().account.root);
    const Name = await new Stacks(notices().account).physicalId(SERVICE_STACK, 'BuildNoticeRule');
    await events.send(new DisableRuleCommand({ Name: Name.split('/').at(-1) }));
    await notices().finish(build, 'FAILED');
    const unheard = await notices().build('xxxx', 'FAILED');
    await events.send(new EnableRuleCommand({ Name: Name.split('/').at(-1) }));
    expect(await notices().watch()).toBeUndefined();
    expect(states(build)).toEqual([expect.stringMatching(/building/)]);
    for (const each of [build, running]) {
      await notices().makeOverdue(each);
    }
    expect(await notices().watch()).toBeUndefined();
    expect(await notices().watch()).toBeUndefined();
    expect(states(build)).toEqual([expect.stringContaining('build failed')]);
    expect(conversation(build).answers).toHaveLength(1);
    expect([states(running), states(unheard)]).toEqual([[expect.stringMatching(/building/)], []]);
    await until(
      async () => (await notices().log(WATCH_FUNCTION)).some(({ fields }) => fields['told'] === 1),
      'a line of the watch',
    );
    await ended(running, 'SUCCEEDED');
  });
});

describe('whatever Slack does', () => {
  test('it is away for longer than Lambda repeats: the schedule tells the end when it is back', async () => {
    const { slack } = notices().account;
    const build = await begun();
    await notices().startAfresh(9);
    slack.answerNext(...Array.from({ length: 50 }, () => ({ status: 503, body: 'service_unavailable' })));
    await notices().finish(build, 'FAILED');
    await notices().lines('NOTICE_FAILED', { build, count: 3 });
    await notices().queued('BuildNoticeFailures', build.id);
    for (let status = 503; status === 503; ) {
      ({ status } = await fetch(`http://${slack.host}/`));
    }
    await notices().makeOverdue(build);
    expect(await notices().watch()).toBeUndefined();
    expect(states(build)).toEqual([expect.stringContaining('build failed')]);
    await notices().startAfresh();
  });

  test('it asks to wait again and again', async () => {
    const { slack } = notices().account;
    const build = await begun();
    const wait = { status: 429, body: '{"ok":false,"error":"ratelimited"}', headers: { 'retry-after': '1' } };
    slack.answerNext(wait, wait, wait);
    await ended(build, 'SUCCEEDED');
    expect(await notices().lines('NOTICE_RETRIED', { build, count: 3 })).toHaveLength(3);
    expect(states(build)).toEqual([expect.stringContaining('build succeeded')]);
  });

  test.each([
    ['missing_scope', /scope/],
    ['is_archived', /unarchive/],
  ])(
    'it refuses for good (%s): the log says what to do, the event waits, and the end is told when that is done',
    async (error, remedy) => {
      const { slack } = notices().account;
      const build = await begun();
      const body = JSON.stringify({ ok: false, error, needed: 'chat:write' });
      slack.answerNext({ body }, { body }, { body });
      await notices().finish(build, 'FAILED');
      const lines = await notices().lines('NOTICE_FAILED', { build, count: 3 });
      expect(lines[0]?.fields).toMatchObject({ error: 'SLACK_REFUSED', reason: expect.stringMatching(remedy) });
      expect(lines[0]?.fields['reason']).toContain(error);
      await notices().queued('BuildNoticeFailures', build.id);
      await notices().makeOverdue(build);
      expect(await notices().watch()).toBeUndefined();
      expect(states(build)).toEqual([expect.stringContaining('build failed')]);
    },
  );

  test('the token was rotated: it is read again, once', async () => {
    const { slack } = notices().account;
    const build = await begun();
    await notices().putSecret(TOKEN_PARAMETER, 'xoxb-rotated-0123456789');
    slack.rotateToken('xoxb-rotated-0123456789');
    await ended(build, 'SUCCEEDED');
    expect(states(build)).toEqual([expect.stringContaining('build succeeded')]);
  });

  test('somebody deleted the message: the end is a new one', async () => {
    const { slack } = notices().account;
    const build = await begun();
    slack.deleteMessage(conversation(build).roots[0]?.ts ?? '');
    await ended(build, 'SUCCEEDED');
    expect(states(build)).toEqual([expect.stringContaining('build succeeded')]);
    expect(conversation(build).roots).toMatchObject([{ edited: false }]);
  });
});

describe('routes', () => {
  const changes = { version: 1, routes: [{ project: 'reports', transport: 'bot', mode: 'off' }] };

  test('decide without a new deploy, and a wrong document leaves the last good one in force, told once', async () => {
    await notices().putRoutes(changes);
    const muted = await notices().build('reports');
    await notices().lines('NOTICE_SKIPPED', { build: muted, count: 2 });
    await notices().putRoutes('{"version":1,"routes":[{"project":"reports","transport":"post"}]}');
    const stillMuted = await notices().build('reports');
    await notices().lines('NOTICE_SKIPPED', { build: stillMuted, count: 2 });
    const told = await begun();
    await ended(told, 'SUCCEEDED');
    await notices().startAfresh();
    await ended(await begun(), 'SUCCEEDED');
    expect([states(muted), states(stillMuted), states(told).length]).toEqual([[], [], 1]);
    const words = notices().account.slack.messages.filter(({ message }) =>
      message.text?.includes('routes[0].transport'),
    );
    expect(words).toHaveLength(1);
    const wrong = await notices().lines('ROUTES_WRONG', { count: 2 });
    expect(wrong[0]?.fields['faults']).toEqual(['routes[0].transport: must be one of "webhook", "bot"']);
    await notices().putRoutes(undefined);
  });

  test('name further webhooks, with one prefix for all', async () => {
    const url = notices().createWebhook();
    await notices().putSecret('/clean-exit/webhooks/team-a', url);
    const webhook = '/clean-exit/webhooks/team-a';
    await notices().putRoutes({ version: 1, routes: [{ project: 'reports', transport: 'webhook', webhook }] });
    const build = await notices().build('reports', 'SUCCEEDED');
    await notices().lines('NOTICE_SENT', { build });
    expect(conversation(build).roots).toMatchObject([{ via: 'webhook', edited: false }]);
    await notices().putRoutes(undefined);
  });
});

test('every alarm goes to the address that was given', async () => {
  const topic = await new Stacks(notices().account).physicalId(SERVICE_STACK, 'AlarmTopic');
  const { MetricAlarms = [] } = await new CloudWatchClient(notices().account.root).send(new DescribeAlarmsCommand({}));
  expect(MetricAlarms.length).toBeGreaterThan(8);
  expect(MetricAlarms.filter(({ AlarmActions = [] }) => AlarmActions.join() !== topic)).toEqual([]);
});

test('and Slack would have refused none of it, and no value of an environment is in any message', () => {
  const { slack } = notices().account;
  expect([slack.refusals, JSON.stringify(slack.messages).includes(PLANTED)]).toEqual([[], false]);
});
