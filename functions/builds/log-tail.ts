import type { BuildState } from './build-state.ts';
import { linesOf, markerOf } from './log-text.ts';
import type { BuildMask } from './secrets.ts';

/** Reads build logs; `functions/aws/build-log.ts` does it. */
export interface BuildLogPort {
  /**
   * The newest events of a log stream, oldest first.
   *
   * @returns undefined where there is no such stream
   */
  newestEvents(group: string, stream: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

/** The end of the step that failed, or a word why there is none. Without secrets; all strings are outside text. */
export type LogTail =
  | {
      readonly kind: 'tail';
      /** The command of the step, its first line, where the log names it. */
      readonly command?: string;
      /** The last lines, to be shown. */
      readonly lines: readonly string[];
      /** More of them, to look for the cause in. */
      readonly step: readonly string[];
      /** True where the step has lines before the shown ones. */
      readonly more: boolean;
    }
  | { readonly kind: 'absent'; readonly why: LogAbsence };

/**
 * `none`: the build wrote no log. `gone`: its stream does not exist (any more). `empty`: nothing in it. `denied`: no right
 * to read it. `slow`: no answer in time. `failed`: anything else.
 */
export type LogAbsence = 'none' | 'gone' | 'empty' | 'denied' | 'slow' | 'failed';

/** Lines that people are shown. */
const SHOWN = 40;
/** Lines that are searched for the cause: the first error of a package manager stands well before its last line. */
const SEARCHED = 160;
/** Characters of a line that are shown. */
const WIDTH = 200;
/**
 * Nothing that far to the right is shown or searched; it is cut off before masking, so that huge lines cost no time. Wider
 * where lines are shown: a secret that begins in what is shown is still whole.
 */
const WIDEST = { shown: 4_000, searched: 600 } as const;
/** Reading a log never holds a notice up for longer, in milliseconds. */
const TIMEOUT_MS = 2_000;

/**
 * Reads the end of the failing step from the build's log. Never fails and never takes longer than the time-out: a notice
 * without log lines is better than none.
 *
 * @param mask the build's own, from its event
 */
export async function readLogTail(
  port: BuildLogPort,
  build: Pick<BuildState, 'logStream'>,
  mask: BuildMask,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<LogTail> {
  if (build.logStream === undefined) {
    return { kind: 'absent', why: 'none' };
  }
  const { group, stream } = build.logStream;
  const timer = new AbortController();
  const late = Promise.withResolvers<'slow'>();
  // Also for a port that does not heed its signal.
  const handle = setTimeout(() => {
    timer.abort();
    late.resolve('slow');
  }, timeoutMs);
  try {
    const messages = await Promise.race([port.newestEvents(group, stream, timer.signal), late.promise]);
    if (messages === 'slow') {
      return { kind: 'absent', why: 'slow' };
    }
    return messages === undefined ? { kind: 'absent', why: 'gone' } : tailOf(messages, mask);
  } catch (thrown) {
    return { kind: 'absent', why: timer.signal.aborted ? 'slow' : accessDenied(thrown) ? 'denied' : 'failed' };
  } finally {
    clearTimeout(handle);
  }
}

/** As `AwsFailure` says it, without knowing of AWS. */
function accessDenied(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'accessDenied' in thrown && thrown.accessDenied === true;
}

/** The end of the failing step in the texts of log events. Pure. */
export function tailOf(messages: readonly string[], mask: BuildMask): LogTail {
  const { command, lines } = failingStep(linesOf(messages));
  // Masked as one text: a key may have many lines.
  const step = mask(
    lines
      .slice(-SEARCHED)
      .map((line, index, all) => line.slice(0, index < all.length - SHOWN ? WIDEST.searched : WIDEST.shown))
      .join('\n'),
  ).split('\n');
  const end = step.findLastIndex((line) => line.trim() !== '') + 1;
  const searched = step.slice(
    Math.max(
      0,
      step.findIndex((line) => line.trim() !== ''),
    ),
    end,
  );
  if (searched.length === 0) {
    return { kind: 'absent', why: 'empty' };
  }
  const shown = searched.slice(-SHOWN).map(clipped);
  return {
    kind: 'tail',
    ...(command === undefined ? {} : { command: mask(command) }),
    lines: shown,
    step: searched,
    more: searched.length > SHOWN || lines.length > SEARCHED,
  };
}

function clipped(line: string): string {
  const points = [...line.slice(0, 2 * WIDTH + 2)];
  return points.length > WIDTH ? `${points.slice(0, WIDTH - 1).join('')}…` : line;
}

/**
 * The output of the command that broke the first failed phase. CodeBuild runs `finally` blocks and POST_BUILD after it:
 * their output says nothing about the cause. Where nothing is marked as failed (a time-out, a stop), the last command.
 */
function failingStep(all: readonly string[]): { readonly command: string | undefined; readonly lines: string[] } {
  const markers = all.map(markerOf);
  const ended = markers.findIndex((marker) => marker?.kind === 'phaseEnded' && marker.failed);
  const phaseEnd = ended < 0 ? all.length : ended;
  const phaseStart = markers.slice(0, phaseEnd).findLastIndex((marker) => marker?.kind === 'entering');
  const broke = markers.findIndex(
    (marker, index) => index > phaseStart && index < phaseEnd && marker?.kind === 'commandFailed',
  );
  const end = broke < 0 ? phaseEnd : broke;
  const started = markers.findLastIndex(
    (marker, index) => index > phaseStart && index < end && marker?.kind === 'command',
  );
  const marker = markers[started];
  const from = Math.max(phaseStart, started) + 1;
  const output = all.slice(from, end).filter((_, index) => markers[from + index] === undefined);
  const said = output.some((line) => line.trim() !== '') ? output : contextAfter(markers, ended);
  return { command: marker?.kind === 'command' ? marker.command : undefined, lines: said };
}

/** A phase without commands (fetching the source, reading the buildspec) has only CodeBuild's own word for its end. */
function contextAfter(markers: readonly ReturnType<typeof markerOf>[], ended: number): string[] {
  const context = ended < 0 ? undefined : markers[ended + 1];
  return context?.kind === 'context' && context.text !== '' ? [context.text] : [];
}
