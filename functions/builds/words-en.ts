import { exactly, roughly, type Unit } from './spans.ts';
import type { BuildWords } from './words.ts';

const UNITS = { day: 'd', hour: 'h', minute: 'min', second: 's' } as const satisfies Record<Unit, string>;

function span(counts: readonly (readonly [number, Unit])[]): string {
  return counts.map(([count, unit]) => `${count} ${UNITS[unit]}`).join(' ');
}

function ordinal(count: number): string {
  const teen = count % 100 > 10 && count % 100 < 14;
  return `${count}${(teen ? undefined : ['th', 'st', 'nd', 'rd'][count % 10]) ?? 'th'}`;
}

export const en: BuildWords = {
  verdict: {
    IN_PROGRESS: () => 'building',
    SUCCEEDED: () => 'build succeeded',
    FAILED: () => 'build failed',
    STOPPED: () => 'build was stopped',
    TIMED_OUT: () => 'build timed out',
    FAULT: () => 'build was cut short by a fault in CodeBuild',
    LOST: () => 'we never heard how the build ended',
    UNKNOWN: (raw) => (raw ? `build is in an unknown state: ${raw}` : 'build ended in an unknown state'),
  },
  with: (verdict, addition) => `${verdict} – ${addition}`,
  standing: {
    broke: (_, branch) => `${branch || 'the branch'} broke, the last build was fine`,
    stillFailing: ({ nth }) => `${ordinal(nth)} failure in a row`,
    fixed: (_, branch) => `${branch || 'the branch'} is fixed`,
  },
  unnamedProject: 'Unnamed project',
  ref: { branch: 'Branch', tag: 'Tag', pullRequest: 'Pull request', ref: 'Branch or tag' },
  commit: 'Commit',
  by: (author) => `by ${author}`,
  aside: (text) => `(${text})`,
  duration: 'Duration',
  time: (seconds) => span(exactly(seconds)),
  about: (seconds) => span(roughly(seconds)),
  took: (time, usual) => (usual === undefined ? time : `${time} (usually ${usual})`),
  usual: 'Usually takes',
  failingFor: 'Failing for',
  wasFailingFor: 'Was failing for',
  lasting: (time, builds) => [time, builds === 1 ? '1 build' : `${builds} builds`].filter(Boolean).join(', '),
  startedBy: 'Started by',
  starter: {
    push: () => 'a push',
    pipeline: (name) => `pipeline ${name}`,
    schedule: (name) => `schedule ${name}`,
    person: (name) => name,
    retry: (name) => `${name} (retry)`,
  },
  superseded: {
    label: 'Superseded',
    line: (number) =>
      `A newer commit of this branch is already building${number === undefined ? '' : ` (#${number})`}; its result counts.`,
  },
  why: 'What happened',
  next: 'What to do',
  who: {
    you: 'Whoever changed the repository can mend this.',
    admin: 'Whom to ask: an AWS administrator.',
    wait: 'The code need not be changed. As a rule a new push builds again; somebody with access to CodeBuild can start a build too.',
  },
  unknownCause: {
    what: 'The cause is not one that this notice knows.',
    next: (logShown) =>
      `Read the reason${logShown ? ' and the last lines of the log' : ''}. If that tells you nothing, show this message to whoever looks after the pipeline.`,
  },
  lost: {
    what: 'CodeBuild never reported the end of this build, and does not know the build any more.',
    next: 'Look at the newer builds of this branch. If there is none, push again, or ask somebody with access to CodeBuild to start one.',
  },
  brokeIn: {
    FAILED: 'Failed in',
    STOPPED: 'Stopped in',
    TIMED_OUT: 'Timed out in',
    FAULT: 'Cut short in',
    LOST: 'Last heard of in',
    UNKNOWN: 'Last in',
  },
  phases: new Map([
    ['SUBMITTED', 'accepting the build'],
    ['QUEUED', 'waiting for a free build machine'],
    ['PROVISIONING', 'preparing the build machine'],
    ['DOWNLOAD_SOURCE', 'fetching the source'],
    ['INSTALL', 'install commands'],
    ['PRE_BUILD', 'commands before the build'],
    ['BUILD', 'build commands'],
    ['POST_BUILD', 'commands after the build'],
    ['UPLOAD_ARTIFACTS', 'storing the results'],
    ['FINALIZING', 'clearing up'],
  ]),
  command: 'Command',
  log: 'Last lines of the log',
  noTail: {
    gone: 'The log is no longer there',
    empty: 'The log is empty',
    denied: 'No right to read the log',
    slow: 'The log could not be read in time',
    failed: 'The log could not be read',
  },
  image: 'Image',
  tag: 'Tag',
  digest: 'Digest',
  size: (megabytes) => `${megabytes} MB compressed`,
  pushedBefore: (time) => `pushed ${time} before this build ended`,
  links: { log: 'Build log', build: 'Build in CodeBuild', image: 'Images in ECR' },
  noLog: 'No log was written',
  addressed: 'this is about your commit.',
};
