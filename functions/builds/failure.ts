import type { BuildPhase } from '../schemas/build-event.ts';
import type { BuildMask } from './secrets.ts';

/** Where a build broke off, and what CodeBuild says about it. Every string is outside text. */
export interface BuildFailure {
  /** CodeBuild's name of the phase, e.g. `BUILD`. */
  readonly phase?: string;
  /** CodeBuild's error code, e.g. `COMMAND_EXECUTION_ERROR`. */
  readonly code?: string;
  /** First line of the reason, e.g. `exit status 1`. */
  readonly reason?: string;
  /** First line of the command that failed, as the buildspec has it. */
  readonly command?: string;
}

/** Anything else than these means that the phase did not do its work; new words of CodeBuild count as that too. */
const NOT_BROKEN = new Set(['SUCCEEDED', 'IN_PROGRESS', '']);

/**
 * Finds the phase that broke a build. CodeBuild runs POST_BUILD after a failed BUILD, so the first one is the cause.
 *
 * @param phases the event's phases in their order
 * @param current the event's own current phase and context, used where no phase tells anything
 * @returns undefined where neither tells anything
 */
export function findFailure(
  phases: readonly (BuildPhase | undefined)[],
  current: { readonly phase: string | undefined; readonly context: string | undefined },
): BuildFailure | undefined {
  const broken = phases.find((phase) => !NOT_BROKEN.has(phase?.['phase-status']?.toUpperCase() ?? ''));
  const context = firstContext(broken?.['phase-context']) ?? firstContext(current.context);
  const currentPhase = current.phase === 'COMPLETED' ? undefined : current.phase;
  const phase = broken === undefined ? currentPhase : broken['phase-type'];
  if (broken === undefined && context === undefined) {
    return undefined;
  }
  return { ...(phase ? { phase } : {}), ...(context === undefined ? {} : explain(context)) };
}

/** The first context that says something: `": "`, `"[: ]"` and `"[]"` say nothing. */
function firstContext(context: unknown): string | undefined {
  const candidates: unknown[] = Array.isArray(context) ? context : [context];
  for (const candidate of candidates) {
    if (typeof candidate === 'string') {
      const text = candidate
        .trim()
        .replace(/^\[([\s\S]*)\]$/, '$1')
        .trim();
      if (text.replace(/[\s:,]/g, '') !== '') {
        return text;
      }
    }
  }
  return undefined;
}

/** Takes CodeBuild's `CODE: Error while executing command: COMMAND. Reason: REASON` apart; a command may be a script. */
function explain(context: string): Omit<BuildFailure, 'phase'> {
  const [, code, rest = context] = /^([A-Z][A-Z0-9_]{2,}):([\s\S]*)$/.exec(context) ?? [];
  const [, script, cause] = /^\s*Error while executing command:([\s\S]*)\.\s*Reason:([\s\S]*)$/.exec(rest) ?? [];
  const reason = firstLine(cause ?? rest);
  // A script's first line may end in a continuation mark.
  const command = script === undefined ? undefined : firstLine(script)?.replace(/\s*\\$/, '');
  return {
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...(command === undefined ? {} : { command }),
  };
}

function firstLine(text: string): string | undefined {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.trim())
    .find((line) => line !== '');
}

/** Takes secrets out of a failure's text: a message of CodeBuild may repeat a variable's value. */
export function maskFailure(failure: BuildFailure, mask: BuildMask): BuildFailure {
  return {
    ...failure,
    ...(failure.reason === undefined ? {} : { reason: mask(failure.reason) }),
    ...(failure.command === undefined ? {} : { command: mask(failure.command) }),
  };
}
