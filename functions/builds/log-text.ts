import { stripVTControlCharacters } from 'node:util';

/** What CodeBuild itself says in a log, between the output of the commands. */
export type LogMarker =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'commandFailed' }
  | { readonly kind: 'entering' }
  | { readonly kind: 'phaseEnded'; readonly phase: string; readonly failed: boolean }
  /** Why a phase ended; the text is CodeBuild's `CODE: message`. */
  | { readonly kind: 'context'; readonly text: string }
  | { readonly kind: 'other' };

const CONTAINER = /^\[Container\] \d{4}[/-]\d\d[/-]\d\d \d\d:\d\d:\d\d(?:\.\d+)? (.*)$/;

/**
 * Reads a line that CodeBuild wrote; undefined for the output of a command. Older logs say `Success: false` for
 * `State: FAILED`.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/getting-started-view-build-logs-console.html
 */
export function markerOf(line: string): LogMarker | undefined {
  const [, said] = CONTAINER.exec(line) ?? [];
  if (said === undefined) {
    return undefined;
  }
  const [, command] = /^Running command (.*)$/.exec(said) ?? [];
  if (command !== undefined) {
    return { kind: 'command', command };
  }
  if (said.startsWith('Command did not exit successfully')) {
    return { kind: 'commandFailed' };
  }
  if (said.startsWith('Entering phase ')) {
    return { kind: 'entering' };
  }
  const [, phase, state, success] =
    /^Phase complete: ([A-Z_]+)\s+(?:State: ([A-Z_]+)|Success: (true|false))/.exec(said) ?? [];
  if (phase !== undefined) {
    return { kind: 'phaseEnded', phase, failed: state === undefined ? success === 'false' : state !== 'SUCCEEDED' };
  }
  const [, code, message] = /^Phase context status code:\s*(.*?)\s*Message:\s*(.*)$/.exec(said) ?? [];
  if (message !== undefined) {
    return { kind: 'context', text: [code, message].filter((part) => part).join(': ') };
  }
  return { kind: 'other' };
}

/**
 * The lines of log events as a person would have seen them: without colours and control characters, of a progress bar
 * its last state.
 *
 * @param messages texts of log events in their order; one may hold a part of a line's text, one line or several
 */
export function linesOf(messages: readonly string[]): string[] {
  return messages.flatMap((message) =>
    message
      .replace(/\r?\n$/, '')
      .split(/\r?\n|[\u0085\u2028\u2029]/)
      .map(shown),
  );
}

/** Where BuildKit begins to show the Dockerfile around the line that failed, after the error itself. */
const EXCERPT = /^(?:\S*[Dd]ockerfile\S*):\d+$/;
const EXCERPT_LINE = /^(?:-{3,}| *\d+ \|.*)$/;

/** Without the piece of the Dockerfile that BuildKit shows last: it pushes the error itself out of sight. */
export function withoutExcerpts(lines: readonly string[]): string[] {
  let within = false;
  return lines.filter((line) => {
    within = EXCERPT.test(line) || (within && EXCERPT_LINE.test(line));
    return !within;
  });
}

/** Carriage returns write over the line: the last text that is not empty stays. Tabs become spaces. */
function shown(line: string): string {
  const text = stripVTControlCharacters(line.toWellFormed());
  const overwritten = text.includes('\r') ? (text.split('\r').findLast((part) => part.trim() !== '') ?? '') : text;
  return overwritten
    .replace(/\t/g, '  ')
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, '')
    .trimEnd();
}
