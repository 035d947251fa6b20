import { expect } from '@jest/globals';
import { until } from '#scripts/lib/local-account.ts';
import { type Notices, type StartedBuild, WATCH_FUNCTION } from '../support/notices.ts';
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
    expect((await notices.log()).filter(({ build, code }) => build === silent.id && code === 'NOTICE_SENT')).toEqual(
      [],
    );
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

/** Without its memory nothing is told: the event waits, and is told when the memory is back. */
const memoryIsMissing: Scenario<Notices> = {
  shows: 'nothing is told, and the event waits in the failure queue',
  async run(notices, _action, lose) {
    const build = await notices.start(NOTICE_PROJECT);
    await lose(async () => {
      await notices.finish(build, 'FAILED');
      await waitsInQueue(notices, build);
    });
    const lines = await notices.lines('NOTICE_FAILED', { build, count: 3 });
    expect(lines[0]?.fields).toMatchObject({
      error: 'AWS_CALL_FAILED',
      reason: expect.stringContaining('AccessDenied'),
    });
    expect(notices.messagesAbout(build)).toEqual([]);
    expect(await notices.told(await notices.build(NOTICE_PROJECT))).toHaveLength(1);
  },
};

const IMAGE_URI = '000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/reports:latest';

/** What the event does not tell is left out; the notice goes out all the same. */
function leftOut(what: string, tell: (notices: Notices) => Promise<StartedBuild>): Scenario<Notices> {
  return {
    shows: `the notice goes out without what ${what} could have told`,
    async run(notices, _action, lose) {
      let build: StartedBuild | undefined;
      await lose(async () => {
        build = await tell(notices);
        expect(await notices.told(build)).toHaveLength(1);
        await logTime();
      });
      if (what !== 'the log') {
        const lines = await notices.lines('ENRICHMENT_MISSED', build === undefined ? {} : { build });
        expect(lines[0]?.fields).toMatchObject({ what, reason: expect.stringContaining('AccessDenied') });
      }
      // With the right it is asked.
      await notices.told(await tell(notices));
    },
  };
}

const withoutRecord = leftOut('CodeBuild', async (notices) => {
  const build = await notices.start(NOTICE_PROJECT);
  const id = `arn:aws:codebuild:ap-northeast-1:000000000000:build/${build.id}`;
  const detail = {
    'build-status': 'FAILED',
    'project-name': NOTICE_PROJECT,
    'build-id': id,
    'additional-information': { 'build-number': Number(build.subject.replace(/^.*#/, '')) },
  };
  await notices.account.emulator.putEvent({
    source: 'aws.codebuild',
    detailType: 'CodeBuild Build State Change',
    detail,
  });
  return build;
});

const withoutLog = leftOut('the log', (notices) =>
  notices.build(NOTICE_PROJECT, 'FAILED', { logLines: ['exit status 1'] }),
);

const withoutImage = leftOut('ECR', (notices) =>
  notices.build(NOTICE_PROJECT, 'SUCCEEDED', {
    exportedEnvironmentVariables: [{ name: 'IMAGE_URI', value: IMAGE_URI }],
  }),
);

/** Every action of the build notice's role, and how it shows that it is missing. */
export const BUILD_NOTICE: Scenarios<Notices> = {
  'ssm:GetParameter': urlIsUnreadable,
  'logs:CreateLogStream': ownLogIsMissing,
  'logs:PutLogEvents': ownLogIsMissing,
  'sqs:SendMessage': failureIsLost,
  'dynamodb:GetItem': memoryIsMissing,
  'dynamodb:UpdateItem': memoryIsMissing,
  'codebuild:BatchGetBuilds': withoutRecord,
  'logs:GetLogEvents': withoutLog,
  'ecr:DescribeImages': withoutImage,
};

const watchIsBlind: Scenario<Notices> = {
  shows: 'the watch fails, which is an alarm, and tells the end when it may look again',
  async run(notices, _action, lose) {
    const build = await notices.start(NOTICE_PROJECT);
    await notices.lines('NOTICE_SKIPPED', { build });
    await notices.makeOverdue(build);
    await lose(async () => {
      expect(await notices.watch()).toContain('AccessDenied');
      await logTime();
    });
    expect(await notices.watch()).toBeUndefined();
    await notices.finish(build, 'FAILED');
    expect(await notices.told(build)).toHaveLength(1);
  },
};

const watchLogIsMissing: Scenario<Notices> = {
  shows: 'the watch does its work, and nothing is logged',
  madeBy: 'Lambda writes what the function prints, with the rights of its role.',
  async run(notices, _action, lose) {
    const lines = async () =>
      (await notices.log(WATCH_FUNCTION)).filter(({ code }) => code === 'WATCH_COMPLETED').length;
    const before = await lines();
    await lose(async () => {
      expect(await notices.watch()).toBeUndefined();
      await logTime();
    }, 'in process');
    expect(await lines()).toBe(before);
    expect(await notices.watch()).toBeUndefined();
    await until(async () => (await lines()) === before + 1, 'a line of the watch');
  },
};

/** What the watch's role has beyond the rights that it shares with the build notice's. */
export const BUILD_WATCH: Scenarios<Notices> = {
  'logs:CreateLogStream': watchLogIsMissing,
  'logs:PutLogEvents': watchLogIsMissing,
  'dynamodb:Query': watchIsBlind,
};

/** Rights that no scenario can take away on this machine. */
export const BUILD_NOTICE_EXEMPT = {
  'kms:Decrypt': 'Systems Manager decrypts with it; the emulator encrypts nothing.',
};
