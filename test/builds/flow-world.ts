import { announceBuild } from '#functions/builds/announce.ts';
import type { AnnounceDependencies, Outcome, Wording } from '#functions/builds/announcement.ts';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import type { BuildRecord } from '#functions/builds/build-record.ts';
import type { LoadedRoutes } from '#functions/builds/load-routes.ts';
import type { Messenger, NoticeStore, Place } from '#functions/builds/ports.ts';
import { checkRoutes, type FullRoute, type OwnParameters } from '#functions/builds/routes.ts';
import type { Log, LogCode, LogFields } from '#functions/log.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { FakeClock } from '#test/fakes/clock.ts';
import { Crash, FakeNoticeStore } from '#test/fakes/notice-store.ts';
import { changed, type Json } from './fixture.ts';

export const START = Date.parse('2026-11-09T04:00:00Z');
export const BOT: OwnParameters = { webhook: '', token: '/token', channel: 'C0BUILDS', language: 'en' };
export const WEBHOOK: OwnParameters = { webhook: '/webhook', token: '', channel: '', language: 'en' };

export interface BuildFacts {
  readonly number: number;
  readonly status: string;
  /** Exported by the buildspec, so known at the end only; undefined for a build that names its branch from the start. */
  readonly exports?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly seconds?: number;
}

export const idOf = (number: number) => `xxxx:00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;

/** The event of one state of a build; builds begin a minute apart, in the order of their numbers. */
export function eventOf({ number, status, exports = {}, version = 'main', seconds = 30 }: BuildFacts): Json {
  const started = START + number * 60_000;
  const running = status === 'IN_PROGRESS';
  const iso = (time: number) => new Date(time).toISOString();
  const arn = `arn:aws:codebuild:ap-northeast-1:123456789012:build/${idOf(number)}`;
  return changed(status === 'SUCCEEDED' ? 'succeeded' : running ? 'in-progress' : 'failed', {
    envelope: { time: iso(running ? started : started + seconds * 1_000), resources: [arn] },
    detail: { 'build-id': arn, 'build-status': status },
    info: {
      'build-number': number,
      'build-start-time': iso(started),
      'source-version': version,
      'exported-environment-variables': Object.entries(exports).map(([name, value]) => ({ name, value })),
      ...(running
        ? {}
        : {
            phases: [
              {
                'phase-type': 'BUILD',
                'phase-status': status,
                'phase-context': ['COMMAND_EXECUTION_ERROR: exit status 1'],
                'start-time': iso(started),
                'end-time': iso(started + seconds * 1_000),
              },
            ],
          }),
    },
  });
}

interface Message {
  readonly place: Place;
  readonly route: FullRoute;
  text: string;
  edits: number;
  readonly thread?: string;
  readonly broadcast: boolean;
}

/** What an invocation does to the world outside, one step after the other; it may die at any of them. */
interface Death {
  /** Counts from 0. */
  readonly at: number;
  /** Whether the step is still carried out: the answer alone is lost then. */
  readonly carriedOut: boolean;
}

/** Slack, the table and Lambda, without any of them. */
export class World {
  readonly store = new FakeNoticeStore();
  readonly clock = new FakeClock(START + 60 * 60_000);
  readonly messages: Message[] = [];
  readonly lines: { readonly code: LogCode; readonly fields: LogFields | undefined }[] = [];
  readonly looked: string[] = [];
  readonly own: OwnParameters;
  routes: LoadedRoutes = { routes: undefined };
  /** What CodeBuild's API says. */
  records: BuildRecord[] = [];
  people: Readonly<Record<string, string>> = {};
  /** What Slack throws at each message. */
  slack: (() => void) | undefined;
  /** How long Slack takes, in milliseconds. */
  slackMs = 100;
  #owners = 0;
  #messages = 0;

  constructor(own: OwnParameters = BOT) {
    this.own = own;
  }

  route(document: object): this {
    const checked = checkRoutes(JSON.stringify({ version: 1, ...document }));
    if ('faults' in checked) {
      throw new Error(checked.faults.join('; '));
    }
    this.routes = { routes: checked.routes };
    return this;
  }

  /** Everything that one invocation is given. */
  dependencies(death?: Death): AnnounceDependencies {
    let steps = 0;
    let dead = false;
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      if (dead) {
        throw new Crash();
      }
      const dies = death?.at === steps++;
      dead = dies;
      if (dies && death?.carriedOut !== true) {
        throw new Crash();
      }
      const result = await work();
      if (dies) {
        throw new Crash();
      }
      return result;
    };
    const store: NoticeStore = {
      claim: (...args) => step(() => this.store.claim(...args)),
      release: (...args) => step(() => this.store.release(...args)),
      keepPlace: (...args) => step(() => this.store.keepPlace(...args)),
      branch: (...args) => step(() => this.store.branch(...args)),
      commit: (...args) => step(() => this.store.commit(...args)),
      open: (before) => this.store.open(before),
      lastRoutes: () => step(() => this.store.lastRoutes()),
      keepRoutes: (...args) => step(() => this.store.keepRoutes(...args)),
      firstToReport: (...args) => step(() => this.store.firstToReport(...args)),
      notReported: (...args) => step(() => this.store.notReported(...args)),
    };
    const keep = (code: LogCode, fields?: LogFields) => void this.lines.push({ code, fields });
    const log: Log = { info: keep, warn: keep, error: keep, remember: () => {} };
    return {
      own: this.own,
      store,
      routes: async () => this.routes,
      open: (route) => this.#messenger(route, step),
      enrichment: {
        log: { newestEvents: async () => undefined },
        builds: async (ids) => this.records.filter(({ arn = '' }) => ids.some((id) => arn.endsWith(id))),
        image: async () => undefined,
      },
      wording: WORDING,
      log,
      now: () => this.clock.now(),
      sleep: (milliseconds) => this.clock.sleep(milliseconds),
      owner: () => `owner-${++this.#owners}`,
    };
  }

  #messenger(route: FullRoute, step: <T>(work: () => Promise<T>) => Promise<T>): Messenger {
    const edits = route.transport === 'bot';
    const channel = route.transport === 'bot' ? route.channel : route.parameter;
    const told = async (): Promise<void> => {
      await this.clock.sleep(this.slackMs);
      this.slack?.();
    };
    return {
      edits,
      post: (notice, { thread, broadcast = false } = {}) =>
        step(async () => {
          await told();
          const place = { channel, ts: String(++this.#messages).padStart(6, '0') };
          const reply = edits && thread !== undefined ? { thread: thread.ts } : {};
          this.messages.push({ place, route, text: notice.verdict, edits: 0, broadcast, ...reply });
          return edits ? place : undefined;
        }),
      update: (place, notice) =>
        step(async () => {
          await told();
          const message = this.messages.find((candidate) => candidate.place.ts === place.ts);
          if (message === undefined) {
            throw new Error('there is no such message');
          }
          message.text = notice.verdict;
          message.edits += 1;
          return place;
        }),
      userByEmail: async (email) => {
        this.looked.push(email);
        return this.people[email];
      },
    };
  }

  /** One invocation. */
  async invoke(event: unknown, death?: Death): Promise<Outcome> {
    const read = readBuildEvent(event);
    if (read.kind === 'none') {
      throw new Error(read.reason);
    }
    const end = this.clock.now() + 60_000;
    return announceBuild(this.dependencies(death), read, { remainingMs: () => end - this.clock.now() });
  }

  /** Lambda: two repetitions, after one and two minutes. @returns the last failure, where all failed */
  async deliver(event: unknown, death?: Death): Promise<unknown> {
    for (const wait of [60_000, 120_000, 0]) {
      try {
        await this.invoke(event, wait === 60_000 ? death : undefined);
        return undefined;
      } catch (thrown) {
        if (wait === 0) {
          return thrown;
        }
        await this.clock.sleep(wait);
      }
    }
    return undefined;
  }

  /** Messages of their own: what is no answer. */
  get roots(): readonly Message[] {
    return this.messages.filter(({ thread }) => thread === undefined);
  }
  get answers(): readonly Message[] {
    return this.messages.filter(({ thread }) => thread !== undefined);
  }
  texts(): readonly string[] {
    return this.roots.map(({ text }) => text);
  }

  /** What is remembered, without versions, which count the writes. */
  remembered(): unknown {
    const builds = [...this.store.builds.values()]
      .map(({ buildId, rank, status, isOpen, claim }) => ({ buildId, rank, status, isOpen, claim }))
      .sort((a, b) => (a.buildId < b.buildId ? -1 : 1));
    const branches = [...this.store.branches].map(([key, { record }]) => [key, JSON.parse(record)]).sort();
    return { builds, branches };
  }
}

/** As short as can be: number, status, and what else was known. */
const WORDING: Wording = {
  notice: (build, about) =>
    said([
      `#${build.number} ${build.status}`,
      about.supersededBy === undefined ? '' : `superseded by #${about.supersededBy.number}`,
      about.mention ?? '',
    ]),
  answer: (build, about) => said([`log of #${build.number}`, about.mention ?? '']),
  wrongRoutes: (faults) => said(['wrong', ...faults]),
};

function said(words: readonly string[]): Notice {
  const verdict = words.filter((word) => word !== '').join(' ');
  return { tone: 'good', emoji: '', subject: '', verdict, facts: [], sections: [], links: [], footer: [] };
}
