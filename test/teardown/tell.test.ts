import { beforeEach, describe, expect, it } from '@jest/globals';
import { Refused } from '#functions/errors.ts';
import type { LogCode, LogFields } from '#functions/log.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import type { TeardownReport } from '#functions/teardown/model.ts';
import { type Messenger, type TellDeps, tellBegun, tellEnd } from '#functions/teardown/tell.ts';
import type { MessagePlace } from '#functions/teardown/told.ts';
import { begun, report, reportOf, stack } from './telling.ts';

/** A channel as Slack has it: messages stand at a place, and can be edited there until they are deleted. */
class Channel implements Messenger {
  readonly language = 'en';
  edits = true;
  /** Headline of each message, by its `ts`. */
  readonly messages = new Map<string, string>();
  readonly replies: { readonly to: string; readonly headline: string; readonly broadcast: boolean }[] = [];
  /** What the next calls throw, in order; undefined lets a call through. */
  failures: (Error | undefined)[] = [];
  /** Slack takes the message and does not say where it stands. */
  silent = false;
  #clock = 0;

  async post(notice: Notice, where?: { readonly thread: MessagePlace; readonly broadcast: true }) {
    this.#fail();
    const headline = headlineOf(notice);
    if (where !== undefined) {
      this.replies.push({ to: where.thread.ts, headline, broadcast: where.broadcast });
    }
    const ts = `${++this.#clock}.000000`;
    if (where === undefined) {
      this.messages.set(ts, headline);
    }
    return this.silent ? undefined : { channel: 'C0BUILDS', ts };
  }

  async update(place: MessagePlace, notice: Notice) {
    this.#fail();
    if (!this.messages.has(place.ts)) {
      return this.post(notice);
    }
    this.messages.set(place.ts, headlineOf(notice));
    return place;
  }

  #fail(): void {
    const failure = this.failures.shift();
    if (failure !== undefined) {
      throw failure;
    }
  }
}

const headlineOf = ({ subject, verdict }: Notice) => `${subject}: ${verdict}`;
const LONG = () => 100_000;
const BEFORE = [{ code: 'SHORTENED', sentence: 'Known before.' }];

let channel: Channel;
let lines: { readonly level: string; readonly code: LogCode; readonly fields: LogFields | undefined }[];
let budgets: number[];
let deps: TellDeps;

beforeEach(() => {
  channel = new Channel();
  lines = [];
  budgets = [];
  const keep = (level: string) => (code: LogCode, fields?: LogFields) => void lines.push({ level, code, fields });
  deps = {
    log: { info: keep('info'), warn: keep('warn'), error: keep('error'), remember: () => {} },
    openMessenger: (budgetMs) => {
      budgets.push(budgetMs());
      return channel;
    },
    now: () => 1_000,
  };
});

const codes = () => lines.map(({ code }) => code);
const ended = (made: TeardownReport, message: MessagePlace | null = null) =>
  tellEnd(deps, { report: made, begun: { message, notes: [] } }, LONG);

describe('where a message can be edited', () => {
  it('the begin is told, and the end in the same message', async () => {
    const { message } = await tellBegun(deps, begun(), LONG);
    expect([...channel.messages.values()]).toEqual(['2 stacks: deletion has begun']);
    expect(await ended(reportOf('deleted'), message)).toEqual({ message, notes: [] });
    expect([...channel.messages.values()]).toEqual(['2 stacks: deleted']);
    expect(channel.replies).toEqual([]);
    expect(codes()).toEqual(['STACK_NOTICE_SENT', 'STACK_NOTICE_SENT']);
  });

  it('a failure is said again below it, where it notifies', async () => {
    const { message } = await tellBegun(deps, begun(), LONG);
    expect(await ended(reportOf('failed'), message)).toEqual({ message, notes: [] });
    expect([...channel.messages.values()]).toEqual(['xxxx-build: could not be deleted']);
    expect(channel.replies).toEqual([
      { to: message?.ts, headline: 'xxxx-build: could not be deleted', broadcast: true },
    ]);
  });

  it('a failure that had to be posted anew is not said again: that notifies', async () => {
    const { message } = await tellBegun(deps, begun(), LONG);
    channel.messages.clear();
    const told = await ended(reportOf('failed'), message);
    expect([channel.messages.size, channel.replies, told.notes]).toEqual([1, [], []]);
  });

  it.each(['failed', 'refused', 'deleted'] as const)(
    '%s without a begin is one message of its own',
    async (outcome) => {
      await ended(reportOf(outcome));
      expect([channel.messages.size, channel.replies]).toEqual([1, []]);
    },
  );

  it('a stack that was deleted before is not told as going', async () => {
    const { run, stacks } = begun();
    const [gone, going] = stacks.map((each, at) => ({
      ...each,
      deletesAs: { kind: at === 0 ? 'nobody' : 'delete role' },
    }));
    await tellBegun(deps, { run, stacks: [gone, going].filter((each) => each !== undefined) }, LONG);
    expect([...channel.messages.values()]).toEqual(['xxxx-build: deletion has begun']);
    const none = await tellBegun(deps, { run, stacks: gone === undefined ? [] : [gone] }, LONG);
    expect([none, channel.messages.size]).toEqual([{ message: null, notes: [] }, 1]);
  });

  it('a place that Slack does not tell is none', async () => {
    channel.silent = true;
    expect((await tellBegun(deps, begun(), LONG)).message).toBeNull();
  });
});

describe('over a webhook', () => {
  beforeEach(() => {
    channel.edits = false;
  });

  it('the end alone is told, in one message', async () => {
    expect(await tellBegun(deps, begun(), LONG)).toEqual({ message: null, notes: [] });
    expect(channel.messages.size).toBe(0);
    expect(lines).toMatchObject([{ level: 'info', code: 'STACK_NOTICE_SKIPPED', fields: { moment: 'begun' } }]);
    await ended(reportOf('failed'));
    expect([[...channel.messages.values()], channel.replies]).toEqual([['xxxx-build: could not be deleted'], []]);
  });

  it('also where a bot told of the begin, and was taken away since', async () => {
    await ended(reportOf('failed'), { channel: 'C0BUILDS', ts: '1.1' });
    expect([channel.messages.size, channel.replies]).toEqual([1, []]);
  });
});

it('without a way to people nothing is told, and the log says so', async () => {
  deps = { ...deps, openMessenger: () => 'Notices are switched off.' };
  expect(await tellBegun(deps, begun(), LONG)).toEqual({ message: null, notes: [] });
  expect(await ended(report('deleted', { stacks: [stack('x')], notes: BEFORE }))).toEqual({
    message: null,
    notes: BEFORE,
  });
  expect(lines.map(({ code, fields }) => [code, fields?.['reason']])).toEqual([
    ['STACK_NOTICE_SKIPPED', 'Notices are switched off.'],
    ['STACK_NOTICE_SKIPPED', 'Notices are switched off.'],
  ]);
});

describe('a notice that cannot be sent', () => {
  const refused = new Refused('SLACK_REFUSED', 'Slack refused: invite the app.');

  it('becomes a note with the remedy, beside what is known', async () => {
    channel.failures = [refused];
    const first = await tellBegun(deps, begun(), LONG);
    expect(first).toEqual({
      message: null,
      notes: [
        {
          code: 'STACK_NOTICE_FAILED',
          sentence: 'That the teardown began could not be told in Slack: Slack refused: invite the app.',
        },
      ],
    });
    channel.failures = [refused];
    const made = report('deleted', { stacks: [stack('x')], notes: BEFORE });
    const { notes } = await tellEnd(deps, { report: made, begun: { message: null, notes: [...first.notes] } }, LONG);
    expect(notes.map(({ sentence }) => sentence)).toEqual([
      'Known before.',
      'That the teardown began could not be told in Slack: Slack refused: invite the app.',
      'How the teardown ended could not be told in Slack: Slack refused: invite the app.',
    ]);
    expect(lines.map(({ level, code, fields }) => [level, code, fields?.['error']])).toEqual([
      ['error', 'STACK_NOTICE_FAILED', 'SLACK_REFUSED'],
      ['error', 'STACK_NOTICE_FAILED', 'SLACK_REFUSED'],
    ]);
  });

  it('is none the less one where only the answer below it failed', async () => {
    const { message } = await tellBegun(deps, begun(), LONG);
    channel.failures = [undefined, refused];
    const { notes } = await ended(reportOf('failed'), message);
    expect([...channel.messages.values()]).toEqual(['xxxx-build: could not be deleted']);
    expect(notes).toMatchObject([{ code: 'STACK_NOTICE_FAILED' }]);
  });

  it.each([
    ['wrong settings', new Refused('CONFIG_INVALID', 'SLACK_CHANNEL is wrong.'), 'SLACK_CHANNEL is wrong.'],
    ['an error that nobody expected', new TypeError('xoxb-planted'), 'An error that nobody expected'],
  ])('so do %s', async (_, thrown, words) => {
    deps = {
      ...deps,
      openMessenger: () => {
        throw thrown;
      },
    };
    const { notes } = await ended(reportOf('deleted'));
    expect(notes).toMatchObject([{ code: 'STACK_NOTICE_FAILED', sentence: expect.stringContaining(words) }]);
    expect(JSON.stringify(notes)).not.toContain('planted');
  });
});

it('takes little time for the begin, and never more than there is', async () => {
  await tellBegun(deps, begun(), LONG);
  await ended(reportOf('deleted'));
  await tellBegun(deps, begun(), () => 3_000);
  expect(budgets).toEqual([10_000, 45_000, 3_000]);
});
