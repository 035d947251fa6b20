import type { Note } from '../core/model.ts';
import { CleanExitError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Language } from '../schemas/build-notice-config.ts';
import type { Notice } from '../schemas/notice.ts';
import type { TeardownReport } from './model.ts';
import { alertOf, begunNotice, endNotice, type GoingStack } from './notice.ts';
import type { MessagePlace, Told } from './told.ts';

/** Milliseconds that telling may take in all. The begin holds the teardown up; the end holds up nothing but its own report. */
const LONGEST = { begun: 10_000, ended: 45_000 } as const;

/** A way to people: a channel of Slack, in one language. */
export interface Messenger {
  readonly language: Language;
  /** False where a message cannot be changed or answered once it is sent: then the end alone is told. */
  readonly edits: boolean;
  /** @returns where the message stands; undefined where that is not known */
  post(
    notice: Notice,
    where?: { readonly thread: MessagePlace; readonly broadcast: true },
  ): Promise<MessagePlace | undefined>;
  /** @returns where the message stands now: another place than before says that it was posted anew */
  update(place: MessagePlace, notice: Notice): Promise<MessagePlace | undefined>;
}

export interface TellDeps {
  readonly log: Log;
  /**
   * Opens the way to people.
   *
   * @param budgetMs milliseconds that the next message may take
   * @returns a sentence where nobody wants to be told
   * @throws BadRequest where the settings are wrong
   */
  readonly openMessenger: (budgetMs: () => number) => Messenger | string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface ToTellBegun {
  readonly run: string;
  /** `nobody` deletes a stack that was deleted before. */
  readonly stacks: readonly (GoingStack & { readonly deletesAs: { readonly kind: string } })[];
}

export interface ToTellEnd {
  readonly report: TeardownReport;
  /** What came of telling that it began. */
  readonly begun: { readonly message?: MessagePlace | null | undefined; readonly notes: readonly Note[] };
}

/**
 * Tells people that a teardown begins. Over a webhook nothing is told yet: it could not be changed when the end comes. Never
 * throws: a notice stops no teardown.
 */
export async function tellBegun(deps: TellDeps, { run, stacks }: ToTellBegun, remaining: () => number): Promise<Told> {
  const going = stacks.filter(({ deletesAs }) => deletesAs.kind !== 'nobody');
  return told(deps, 'begun', remaining, [], async (messenger) => {
    if (!messenger.edits) {
      return 'A webhook cannot edit a message: the end alone is told.';
    }
    return going.length === 0
      ? 'All stacks were deleted before.'
      : ((await messenger.post(begunNotice(run, going, messenger.language))) ?? null);
  });
}

/**
 * Tells people how a teardown ended, in the message that told them of its begin where that can be edited. Editing notifies
 * nobody, so where somebody must act, an answer below it does, shown in the channel. Never throws.
 *
 * @returns `notes`: those of the report, and what could not be told
 */
export async function tellEnd(deps: TellDeps, { report, begun }: ToTellEnd, remaining: () => number): Promise<Told> {
  const place = begun.message ?? undefined;
  return told(deps, 'ended', remaining, [...report.notes, ...begun.notes], async (messenger) => {
    const notice = endNotice(report, messenger.language);
    if (place === undefined) {
      return (await messenger.post(notice)) ?? null;
    }
    const now = await messenger.update(place, notice);
    if (report.outcome === 'failed' && now?.ts === place.ts) {
      await messenger.post(alertOf(notice), { thread: place, broadcast: true });
    }
    return now ?? null;
  });
}

/** @param send gives where the message stands, or a sentence that says why there is none */
async function told(
  { log, openMessenger, now }: TellDeps,
  moment: keyof typeof LONGEST,
  remaining: () => number,
  notes: readonly Note[],
  send: (messenger: Messenger) => Promise<MessagePlace | null | string>,
): Promise<Told> {
  const deadline = now() + Math.min(LONGEST[moment], remaining());
  try {
    const messenger = openMessenger(() => deadline - now());
    const sent = typeof messenger === 'string' ? messenger : await send(messenger);
    if (typeof sent === 'string') {
      log.info('STACK_NOTICE_SKIPPED', { moment, reason: sent });
      return { message: null, notes };
    }
    log.info('STACK_NOTICE_SENT', { moment });
    return { message: sent, notes };
  } catch (thrown) {
    // Errors of this project name the remedy and hold no credential; another one's words are not known.
    const known = thrown instanceof CleanExitError;
    const reason = known ? messageOf(thrown) : 'An error that nobody expected: report it to the maintainers.';
    log.error('STACK_NOTICE_FAILED', { moment, error: known ? thrown.code : 'BUG', reason: messageOf(thrown) });
    const what = moment === 'begun' ? 'That the teardown began' : 'How the teardown ended';
    return {
      message: null,
      notes: [...notes, { code: 'STACK_NOTICE_FAILED', sentence: `${what} could not be told in Slack: ${reason}` }],
    };
  }
}
