import { expect } from '@jest/globals';
import { until } from '#scripts/lib/local-account.ts';
import type { Notices, StartedBuild } from '../support/notices.ts';
import { logTime, type Scenario, type Scenarios } from './loss.ts';
import { messagesIn } from './queues.ts';

export const NOTICE_PROJECT = 'reports';
const FAILURES = 'BuildNoticeFailures';

async function waitsInQueue({ account }: Notices, { id, subject }: StartedBuild): Promise<void> {
  const about = async () => (await messagesIn(account, FAILURES)).some((message) => message.includes(id));
  await until(about, `a message about ${subject} in the failure queue`);
}

const urlIsUnreadable: Scenario<Notices> = {
  shows: 'the notice fails, and its event waits in the failure queue',
  async run(notices, action, lose) {
    // A warm environment remembers the webhook for some minutes.
    await notices.startAfresh();
    const build = await notices.start(NOTICE_PROJECT);
    await lose(async () => {
      await notices.finish(build, 'FAILED');
      await waitsInQueue(notices, build);
    });
    const lines = await notices.lines('NOTICE_FAILED', { build, count: 3 });
    expect(lines[0]?.fields).toMatchObject({
      error: 'PARAMETER_DENIED',
      reason: expect.stringContaining(`its role needs ${action} on it`),
    });
    expect(notices.messagesAbout(build)).toEqual([]);
    expect(await notices.told(await notices.build(NOTICE_PROJECT))).toHaveLength(1);
  },
};

const ownLogIsMissing: Scenario<Notices> = {
  shows: 'the notice is sent, and nothing is logged',
  madeBy: 'Lambda writes what the function prints, with the rights of its role.',
  async run(notices, _action, lose) {
    const silent = await notices.start(NOTICE_PROJECT);
    await lose(async () => {
      await notices.finish(silent, 'SUCCEEDED');
      await until(() => notices.messagesAbout(silent).length === 1, `a notice about ${silent.subject}`);
      await logTime();
    }, 'in process');
    const logged = await notices.build(NOTICE_PROJECT);
    await notices.lines('NOTICE_SENT', { build: logged });
    expect((await notices.log()).filter(({ build }) => build === silent.id)).toEqual([]);
  },
};

/** A notice that cannot be sent fails three times, and then its event waits for somebody to look at it. */
const failureIsLost: Scenario<Notices> = {
  shows: 'the event of a notice that failed does not reach the failure queue',
  madeBy: 'Lambda sends failed events to the queue, with the rights of the role.',
  async run(notices, _action, lose) {
    const { account } = notices;
    // The function refuses a webhook that everybody can read.
    await notices.putParameter(account.webhook, 'String');
    await notices.startAfresh();
    const lost = await notices.start(NOTICE_PROJECT);
    await lose(async () => {
      await notices.finish(lost, 'FAILED');
      await notices.lines('NOTICE_FAILED', { build: lost, count: 3 });
      await logTime();
    }, 'in process');
    const kept = await notices.build(NOTICE_PROJECT);
    await waitsInQueue(notices, kept);
    const waiting = (await messagesIn(account, FAILURES)).join('\n');
    expect(waiting).toContain(kept.id);
    expect(waiting).not.toContain(lost.id);
    await notices.putParameter(account.webhook);
  },
};

/** Every action of the build notice's role, and how it shows that it is missing. */
export const BUILD_NOTICE: Scenarios<Notices> = {
  'ssm:GetParameter': urlIsUnreadable,
  'logs:CreateLogStream': ownLogIsMissing,
  'logs:PutLogEvents': ownLogIsMissing,
  'sqs:SendMessage': failureIsLost,
};

/** Rights that no scenario can take away on this machine. */
export const BUILD_NOTICE_EXEMPT = {
  'kms:Decrypt': 'Systems Manager decrypts with it; the emulator encrypts nothing.',
};
