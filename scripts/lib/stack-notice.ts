import type * as z from 'zod/mini';
import { BadRequest } from '#functions/errors.ts';
import type { Language } from '#functions/schemas/build-notice-config.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { begunNotice, endNotice } from '#functions/teardown/notice.ts';
import { Begun, EndTold, ReportOnTheWay } from '#functions/teardown/told.ts';

/** What a teardown has to tell. */
export type TeardownNews =
  /** Milliseconds since 1970, where the file says it. */
  | { readonly moment: 'begun'; readonly told: z.output<typeof Begun>; readonly at: number | undefined }
  | { readonly moment: 'ended'; readonly told: z.output<typeof EndTold> };

/**
 * Reads what a teardown tells: its report, or what the state machine has the function tell.
 *
 * @returns undefined for what is about no teardown
 * @throws BadRequest `REPORT_MALFORMED` for what is about one and cannot be told
 */
export function teardownNewsIn(json: unknown): TeardownNews | undefined {
  const told = fieldOf(json, 'told');
  if (fieldOf(json, 'task') === 'tell') {
    const startedAt = fieldOf(told, 'startedAt');
    return fieldOf(json, 'moment') === 'begun'
      ? { moment: 'begun', told: read(Begun, told), at: typeof startedAt === 'number' ? startedAt : undefined }
      : ended(read(EndTold, told));
  }
  return fieldOf(json, 'version') === 1 && fieldOf(json, 'refusals') !== undefined
    ? ended({ report: read(ReportOnTheWay, json), begun: { notes: [] } })
    : undefined;
}

/**
 * What people are told about a teardown.
 *
 * @returns undefined for what is about no teardown
 * @throws BadRequest `REPORT_MALFORMED` for what is about one and cannot be told
 */
export function stackNoticeIn(json: unknown, language: Language): Notice | undefined {
  const news = teardownNewsIn(json);
  switch (news?.moment) {
    case undefined:
      return undefined;
    case 'begun':
      return begunNotice(news.told.run, news.told.stacks, language);
    case 'ended':
      return endNotice(news.told.report, language);
    default:
      return news satisfies never;
  }
}

function ended(told: z.output<typeof EndTold>): TeardownNews {
  if (told.report.outcome === 'planned') {
    throw new BadRequest('REPORT_MALFORMED', 'This is the report of a plan: nothing is told about it.');
  }
  return { moment: 'ended', told };
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function read<T>(schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'} ${message}`);
  throw new BadRequest('REPORT_MALFORMED', `What the teardown tells cannot be read: ${faults.join('; ')}.`);
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
}
