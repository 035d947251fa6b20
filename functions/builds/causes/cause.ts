import type { Language } from '../../schemas/build-notice-config.ts';
import type { BuildStatus } from '../build-state.ts';

/** Everything that tells why a build broke. Without secrets; every string is outside text. */
export interface Evidence {
  readonly status: BuildStatus;
  /** CodeBuild's name of the phase that broke, e.g. `BUILD`. */
  readonly phase?: string | undefined;
  /** CodeBuild's error code, e.g. `COMMAND_EXECUTION_ERROR`. */
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly command?: string | undefined;
  /** Lines of the failing step, oldest first. */
  readonly log: readonly string[];
  /** The branch or tag that was built. */
  readonly ref?: string | undefined;
  /** Who stopped the build, where somebody has found out; CodeBuild's event does not tell. */
  readonly stoppedBy?: string | undefined;
}

/** What was recognised, by name: the package, the image, the branch. Outside text. */
export type Captures = Readonly<Record<string, string>>;

/**
 * Whom to ask. `you`: whoever changed the repository can mend it there. `admin`: somebody with access to the AWS account
 * must act. `wait`: nobody; try again.
 */
export type WhoFixes = 'you' | 'admin' | 'wait';

export interface Cause {
  /** Stable: log queries and tests name it. */
  readonly code: string;
  readonly who: WhoFixes;
  readonly recognise: (evidence: Evidence) => Captures | undefined;
  readonly words: Readonly<Record<Language, CauseWords>>;
}

export interface CauseWords {
  /** One or two plain sentences: what happened. */
  readonly what: (captures: Captures) => string;
  /** One or two plain sentences: what to do. */
  readonly next: (captures: Captures) => string;
}

interface Where {
  /** The phase must be one of these. */
  readonly phases?: readonly string[];
  readonly statuses?: readonly BuildStatus[];
}

/**
 * Recognises by a line of the log, by the reason or by both together as `CODE: reason`. The first pattern that fits wins,
 * in it the first line; named groups become captures.
 */
export function byText(patterns: readonly RegExp[], where: Where = {}): Cause['recognise'] {
  return (evidence) =>
    isThere(evidence, where) ? firstMatch(patterns, [saidBy(evidence), ...evidence.log]) : undefined;
}

/** Recognises by what CodeBuild itself says alone: the same words in the output of a command mean something else. */
export function byReason(patterns: readonly RegExp[], where: Where = {}): Cause['recognise'] {
  return (evidence) => (isThere(evidence, where) ? firstMatch(patterns, [saidBy(evidence)]) : undefined);
}

/** Recognises the exit status of the command that broke the build, of a command in a Dockerfile too. */
export function byExit(status: number): Cause['recognise'] {
  const patterns = [
    new RegExp(`exit (?:status|code):? ${status}(?!\\d)`),
    new RegExp(`returned a non-zero code: ${status}(?!\\d)`),
    new RegExp(`did not complete successfully: exit code: ${status}(?!\\d)`),
  ];
  return byText(patterns);
}

/** Recognises by the first, and looks for names with the second: its words alone prove nothing. */
export function named(recognise: Cause['recognise'], names: Cause['recognise']): Cause['recognise'] {
  return (evidence) => {
    const found = recognise(evidence);
    return found && { ...names(evidence), ...found };
  };
}

/** As many recognitions as are given; the first that fits. */
export function anyOf(...all: readonly Cause['recognise'][]): Cause['recognise'] {
  return (evidence) => {
    for (const recognise of all) {
      const captures = recognise(evidence);
      if (captures !== undefined) {
        return captures;
      }
    }
    return undefined;
  };
}

/** A captured name in quotation marks; nothing where there is none. */
export function quoted(name: string | undefined, language: Language): string {
  return name === undefined ? '' : language === 'ja' ? `「${name}」` : `“${name}”`;
}

/** A captured name within a Japanese sentence; nothing where there is none. */
export function spaced(name: string | undefined): string {
  return name === undefined ? '' : ` ${name} `;
}

function saidBy({ code, reason }: Evidence): string {
  return [code, reason].filter((part) => part !== undefined).join(': ');
}

function isThere({ phase, status }: Evidence, { phases, statuses }: Where): boolean {
  return (
    (phases === undefined || phases.includes(phase ?? '')) && (statuses === undefined || statuses.includes(status))
  );
}

/** What a tool only warns of did not break the build: retries that helped, conflicts that were overridden. */
const WARNING = /^(?:#\d+ [\d.]+ )?(?:WARNING:|WARN\b|npm warn\b|npm WARN\b)/;

function firstMatch(patterns: readonly RegExp[], lines: readonly string[]): Captures | undefined {
  for (const pattern of patterns) {
    for (const line of lines) {
      const found = WARNING.test(line) ? null : pattern.exec(line);
      if (found !== null) {
        return { ...found.groups };
      }
    }
  }
  return undefined;
}
