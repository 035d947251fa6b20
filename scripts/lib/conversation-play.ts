import type { SlackMessage } from '#emulator/slack-message.ts';
import { announceBuild } from '#functions/builds/announce.ts';
import type { AnnounceDependencies } from '#functions/builds/announcement.ts';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import type { Place } from '#functions/builds/ports.ts';
import { checkRoutes } from '#functions/builds/routes.ts';
import { watchBuilds } from '#functions/builds/watch.ts';
import { WORDING } from '#functions/builds/wording.ts';
import { BadRequest, CleanExitError } from '#functions/errors.ts';
import type { Log } from '#functions/log.ts';
import type { Language } from '#functions/schemas/build-notice-config.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { tellBegun, tellEnd } from '#functions/teardown/tell.ts';
import type { Told } from '#functions/teardown/told.ts';
import { FakeClock } from '#test/fakes/clock.ts';
import { FakeNoticeStore } from '#test/fakes/notice-store.ts';
import type { Step, Story } from './conversation-folder.ts';
import { type TeardownNews, teardownNewsIn } from './stack-notice.ts';

export const TRANSPORTS = ['bot', 'webhook'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** One call of Slack. `ts` is Slack's name of the message that is posted or edited. */
export type Sent = { readonly ts: string; readonly payload: SlackMessage } & (
  | { readonly call: 'post' | 'edit' }
  /** `broadcast`: the channel shows it too. */
  | { readonly call: 'reply'; readonly threadTs: string; readonly broadcast: boolean }
);

/** What came of a step. */
export interface PlayedStep {
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly sent: readonly Sent[];
  /** Why nothing was sent. */
  readonly silent?: string;
}

export interface PlayedStory {
  readonly story: Story;
  readonly language: Language;
  readonly transport: TransportName;
  readonly steps: readonly PlayedStep[];
}

const CHANNEL = 'C0123BUILDS';
/** What a function of the service has at the most. */
const INVOCATION_MS = 60_000;

/**
 * Plays a conversation through the functions' own code: only the clock, the table, and what AWS and Slack answer are made
 * up. What is returned is what Slack would have been sent.
 *
 * @throws BadRequest that names the file of a step that cannot be played
 */
export async function play(story: Story, language: Language, transport: TransportName): Promise<PlayedStory> {
  const stage = new Stage(story, language, transport);
  const steps: PlayedStep[] = [];
  for (const step of story.steps) {
    try {
      steps.push(await stage.play(step));
    } catch (thrown) {
      throw thrown instanceof CleanExitError
        ? new BadRequest('STEP_UNPLAYABLE', `${step.file}: ${thrown.message}`)
        : thrown;
    }
  }
  return { story, language, transport, steps };
}

/** Slack, the table and the clock of one conversation. */
class Stage {
  readonly #story: Story;
  readonly #transport: TransportName;
  readonly #language: Language;
  readonly #store: FakeNoticeStore;
  readonly #clock = new FakeClock(0);
  /** What the last teardown of this conversation was told by. */
  #begun: Told | undefined;
  #sent: Sent[] = [];
  #count = 0;

  constructor(story: Story, language: Language, transport: TransportName) {
    this.#story = story;
    this.#language = language;
    this.#transport = transport;
    this.#store = new FakeNoticeStore();
    const { history } = story;
    if (history !== undefined) {
      const stored = this.#store.branch;
      const before = { record: JSON.stringify({ before: history, recent: [] }), version: 0 };
      this.#store.branch = async (key) => (await stored(key)) ?? before;
    }
  }

  async play(step: Step): Promise<PlayedStep> {
    this.#sent = [];
    const silent = await this.#tell(step);
    const at = this.#clock.now();
    return { file: step.file, at, sent: this.#sent, ...(this.#sent.length > 0 ? {} : { silent: silent ?? '' }) };
  }

  /** @returns why nothing was sent, where that is known */
  async #tell(step: Step): Promise<string | undefined> {
    if (step.watchAt !== undefined) {
      this.#goTo(step.watchAt);
      const { open, running } = await watchBuilds(this.#dependencies(step), () => INVOCATION_MS);
      return open === 0 ? 'No build waits for its end.' : `${running} of ${open} builds still run.`;
    }
    const news = teardownNewsIn(step.json);
    if (news !== undefined) {
      return this.#teardown(news);
    }
    const read = readBuildEvent(step.json);
    if (read.kind === 'none') {
      return read.reason;
    }
    this.#goTo(Date.parse(String(fieldOf(step.json, 'time'))));
    const end = this.#clock.now() + INVOCATION_MS;
    const outcome = await announceBuild(this.#dependencies(step), read, { remainingMs: () => end - this.#clock.now() });
    return outcome.kind === 'silent' ? outcome.reason : undefined;
  }

  /** As the state machine has the function tell it: the end is told where the begin was. */
  async #teardown(news: TeardownNews): Promise<string> {
    const reasons: string[] = [];
    const deps = {
      log: listening((reason) => reasons.push(reason)),
      openMessenger: () => ({ ...this.#messenger(), language: this.#language }),
      now: () => this.#clock.now(),
    };
    switch (news.moment) {
      case 'begun':
        this.#goTo(news.at ?? 0);
        this.#begun = await tellBegun(deps, news.told, () => INVOCATION_MS);
        break;
      case 'ended': {
        this.#clock.advance(news.told.report.milliseconds);
        const begun = { message: this.#begun?.message ?? null, notes: [...(this.#begun?.notes ?? [])] };
        await tellEnd(deps, { ...news.told, begun }, () => INVOCATION_MS);
        break;
      }
      default:
        news satisfies never;
    }
    return reasons.join(' ');
  }

  /** Forward only: what has no time happens when the step before it did. */
  #goTo(time: number): void {
    this.#clock.advance(Math.max(0, (Number.isFinite(time) ? time : 0) - this.#clock.now()));
  }

  #dependencies(step: Step): AnnounceDependencies {
    const { people, mention } = this.#story;
    const ids = Object.fromEntries(Object.entries(people).map(([email, { id }]) => [email, id]));
    const checked = checkRoutes(
      JSON.stringify({ version: 1, routes: [], default: { transport: this.#transport, mention }, people: ids }),
    );
    if ('faults' in checked) {
      throw new BadRequest('STORY_MALFORMED', `people cannot be used: ${checked.faults.join('; ')}`);
    }
    const bot = this.#transport === 'bot';
    return {
      own: {
        webhook: bot ? '' : '/clean-exit/slack-webhook',
        token: bot ? '/clean-exit/slack-token' : '',
        channel: bot ? CHANNEL : '',
        language: this.#language,
      },
      store: this.#store,
      routes: async () => ({ routes: checked.routes }),
      open: () => this.#messenger(),
      enrichment: {
        log: { newestEvents: async () => step.log },
        builds: async () => step.builds,
        image: async () => step.image,
      },
      wording: WORDING,
      log: listening(() => {}),
      now: () => this.#clock.now(),
      sleep: (milliseconds) => this.#clock.sleep(milliseconds),
      owner: () => `${step.file} ${++this.#count}`,
    };
  }

  /** Takes everything, as Slack does on a good day. */
  #messenger() {
    const edits = this.#transport === 'bot';
    return {
      edits,
      post: async (
        notice: Notice,
        { thread, broadcast = false }: { readonly thread?: Place; readonly broadcast?: boolean } = {},
      ): Promise<Place | undefined> => {
        const ts = `${Math.floor(this.#clock.now() / 1_000)}.${String(++this.#count).padStart(6, '0')}`;
        const payload = payloadOf(notice);
        this.#sent.push(
          edits && thread !== undefined
            ? { call: 'reply', ts, threadTs: thread.ts, broadcast, payload }
            : { call: 'post', ts, payload },
        );
        return edits ? { channel: CHANNEL, ts } : undefined;
      },
      update: async (place: Place, notice: Notice): Promise<Place> => {
        this.#sent.push({ call: 'edit', ts: place.ts, payload: payloadOf(notice) });
        return place;
      },
      userByEmail: async () => undefined,
    };
  }
}

/** A log of which only the reasons are heard. */
function listening(heard: (reason: string) => void): Log {
  const keep: Log['info'] = (_, fields) => {
    if (typeof fields?.['reason'] === 'string') {
      heard(fields['reason']);
    }
  };
  return { info: keep, warn: keep, error: keep, remember: () => {} };
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
}
