import type { BuildStatus } from './build-state.ts';
import type { WhoFixes } from './causes/cause.ts';
import type { Standing } from './history.ts';
import type { LogAbsence } from './log-tail.ts';
import type { SourceRef } from './source.ts';
import type { Starter } from './starter.ts';

/** A verdict's addition, where the builds before are known; a branch without a name is an empty text. */
type StandingWords = {
  readonly [kind in Exclude<Standing['kind'], 'none' | 'stillFine'>]: (
    standing: Extract<Standing, { kind: kind }>,
    branch: string,
  ) => string;
};

/** Every word of a build notice. A language is complete or it does not compile. */
export interface BuildWords {
  /** What became of the build; `raw` is CodeBuild's own status, empty where it gave none. */
  readonly verdict: Readonly<Record<BuildStatus, (raw: string) => string>>;
  /** Verdict and addition as one. */
  readonly with: (verdict: string, addition: string) => string;
  readonly standing: StandingWords;
  readonly unnamedProject: string;
  readonly ref: Readonly<Record<SourceRef['kind'], string>>;
  readonly commit: string;
  readonly by: (author: string) => string;
  /** What is said beside something. */
  readonly aside: (text: string) => string;
  readonly duration: string;
  /** Whole seconds as people say them. */
  readonly time: (seconds: number) => string;
  /** The same in round numbers: two units at the most, up to days. */
  readonly about: (seconds: number) => string;
  /** How long a build took, beside what is usual, where that is known. */
  readonly took: (time: string, usual: string | undefined) => string;
  readonly usual: string;
  readonly failingFor: string;
  readonly wasFailingFor: string;
  /** For how long, where that is known, and how many builds. */
  readonly lasting: (time: string | undefined, builds: number) => string;
  readonly startedBy: string;
  readonly starter: Readonly<Record<Starter['kind'], (name: string) => string>>;
  readonly superseded: { readonly label: string; readonly line: (number: number | undefined) => string };
  readonly why: string;
  readonly next: string;
  readonly who: Readonly<Record<WhoFixes, string>>;
  readonly unknownCause: { readonly what: string; readonly next: (logShown: boolean) => string };
  readonly lost: { readonly what: string; readonly next: string };
  readonly brokeIn: Readonly<Record<Exclude<BuildStatus, 'IN_PROGRESS' | 'SUCCEEDED'>, string>>;
  /** What a phase of CodeBuild does; a phase without an entry is shown by its name alone. */
  readonly phases: ReadonlyMap<string, string>;
  readonly command: string;
  readonly log: string;
  readonly noTail: Readonly<Record<Exclude<LogAbsence, 'none'>, string>>;
  readonly image: string;
  readonly tag: string;
  readonly digest: string;
  readonly size: (megabytes: string) => string;
  readonly pushedBefore: (time: string) => string;
  readonly links: Readonly<Record<'log' | 'build' | 'image', string>>;
  readonly noLog: string;
  /** After the mention of a person. */
  readonly addressed: string;
}
