import type { Language } from '../../schemas/build-notice-config.ts';
import { ARTIFACT_CAUSES, BUILDSPEC_CAUSES } from './buildspec.ts';
import type { Captures, Cause, Evidence, WhoFixes } from './cause.ts';
import { COMMAND_CAUSES, MACHINE_CAUSES } from './commands.ts';
import { PULL_CAUSES } from './images.ts';
import { PACKAGE_CAUSES } from './packages.ts';
import { R_CAUSES } from './packages-of-r.ts';
import { PUSH_CAUSES } from './registry.ts';
import { ENDING_CAUSES, SETUP_CAUSES } from './service.ts';
import { SOURCE_CAUSES } from './source.ts';

/**
 * Every cause that is known; the first that fits is told.
 *
 * 1. How CodeBuild ended the build: a status leaves no doubt.
 * 2. What CodeBuild says before the first command: buildspec, source, the machine. Its words are about nothing else.
 * 3. Images and registry: the narrow words of Docker and ECR.
 * 4. The machine ran full, or the network failed: that makes every tool fail with words of its own, so it is before them.
 * 5. Packages, then the code itself: tests, commands.
 */
export const CAUSES = [
  ...ENDING_CAUSES,
  ...BUILDSPEC_CAUSES,
  ...SETUP_CAUSES,
  ...ARTIFACT_CAUSES,
  ...PULL_CAUSES,
  ...PUSH_CAUSES,
  ...MACHINE_CAUSES,
  ...SOURCE_CAUSES,
  ...PACKAGE_CAUSES,
  ...R_CAUSES,
  ...COMMAND_CAUSES,
] as const satisfies readonly Cause[];

export type CauseCode = (typeof CAUSES)[number]['code'];

/** A cause that was recognised in a build. */
export interface FoundCause {
  readonly code: CauseCode;
  readonly captures: Captures;
}

const BROKEN = new Set(['FAILED', 'STOPPED', 'TIMED_OUT', 'FAULT', 'UNKNOWN']);
/** No message says what it is about further to the right. */
const WIDEST = 600;
/** A name longer than this is none. */
const LONGEST_CAPTURE = 120;

/** The cause of a build that did not succeed; undefined where it is none of the known ones. */
export function causeOf(evidence: Evidence): FoundCause | undefined {
  if (!BROKEN.has(evidence.status)) {
    return undefined;
  }
  const cut = { ...evidence, log: evidence.log.map((line) => line.slice(0, WIDEST)) };
  for (const cause of CAUSES) {
    const captures = cause.recognise(cut);
    if (captures !== undefined) {
      return { code: cause.code, captures: cleaned(captures) };
    }
  }
  return undefined;
}

/** A cause as people are told it. The captures are outside text, and so are the sentences. */
export interface ToldCause {
  readonly what: string;
  readonly next: string;
  readonly who: WhoFixes;
}

/** @returns undefined for a code that this version does not know, as a record of another version may hold one */
export function tellCause(
  found: { readonly code: string; readonly captures: Captures },
  language: Language,
): ToldCause | undefined {
  const cause: Cause | undefined = CAUSES.find(({ code }) => code === found.code);
  return (
    cause && {
      what: tidy(cause.words[language].what(found.captures)),
      next: tidy(cause.words[language].next(found.captures)),
      who: cause.who,
    }
  );
}

/** Where nothing was captured, a sentence has a gap: it closes. */
function tidy(sentence: string): string {
  return sentence.replace(/ {2,}/g, ' ').replace(/ (?=[,:;)、。]|\.(?:\s|$))/g, '');
}

/** Named groups that took part; a masked or an endless one says nothing. */
function cleaned(captures: Captures): Captures {
  return Object.fromEntries(
    Object.entries(captures).filter(
      ([, text]) => text !== undefined && text.trim() !== '' && text.length <= LONGEST_CAPTURE && text !== '***',
    ),
  );
}
