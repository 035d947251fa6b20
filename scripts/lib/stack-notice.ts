import { BadRequest } from '#functions/errors.ts';
import type { Language } from '#functions/schemas/build-notice-config.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { begunNotice, endNotice } from '#functions/teardown/notice.ts';
import { Begun, EndTold, ReportOnTheWay } from '#functions/teardown/told.ts';

/**
 * What people are told about a teardown: from its report, or from what the state machine has the function tell.
 *
 * @returns undefined for what is about no teardown
 * @throws BadRequest `REPORT_MALFORMED` for what is about one and cannot be told
 */
export function stackNoticeIn(json: unknown, language: Language): Notice | undefined {
  const task = fieldOf(json, 'task');
  if (task === 'tell' && fieldOf(json, 'moment') === 'begun') {
    const { run, stacks } = read(Begun, fieldOf(json, 'told'));
    return begunNotice(run, stacks, language);
  }
  if (task === 'tell') {
    return told(read(EndTold, fieldOf(json, 'told')).report, language);
  }
  return fieldOf(json, 'version') === 1 && fieldOf(json, 'refusals') !== undefined
    ? told(read(ReportOnTheWay, json), language)
    : undefined;
}

function told(report: Parameters<typeof endNotice>[0], language: Language): Notice {
  if (report.outcome === 'planned') {
    throw new BadRequest('REPORT_MALFORMED', 'This is the report of a plan: nothing is told about it.');
  }
  return endNotice(report, language);
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
