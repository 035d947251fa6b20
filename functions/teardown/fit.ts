import type { Journey, TargetPlan, TeardownPlan, TeardownRefusal, TeardownReport } from './model.ts';

/**
 * Bytes of JSON for what passes from one state to the next. Step Functions takes 256 KiB; the rest is for its own envelope.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const MOST_BYTES = 220_000;

/** Bytes for a stack in which nothing was found: names, consents, the end's words and the calls that were counted. */
const FOR_A_STACK = 2_400;
/** Bytes for a resource in which something was: what was removed, what was left and why. */
const FOR_A_FINDING = 900;

/** Bytes of something as JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** How many bytes the journey of one stack may have. */
export function bytesFor({ plan, holdsRoleOf = [] }: Pick<TargetPlan, 'plan' | 'holdsRoleOf'>): number {
  return FOR_A_STACK + bytesOf(holdsRoleOf) + FOR_A_FINDING * plan.findings.length;
}

/** Could the state machine carry the plan out and tell about it? */
export function tooMuch({ stacks }: Pick<TeardownPlan, 'stacks'>): readonly TeardownRefusal[] {
  const needed = stacks.reduce((sum, target) => sum + bytesFor(target), 0);
  if (needed <= MOST_BYTES) {
    return [];
  }
  const findings = stacks.reduce((sum, { plan }) => sum + plan.findings.length, 0);
  return [
    {
      code: 'TOO_MUCH',
      sentence: `The state machine cannot carry a report of ${stacks.length} stacks with ${findings} resources to look after: it would have about ${Math.ceil(needed / 1024)} KiB, and ${Math.floor(MOST_BYTES / 1024)} KiB is the most.`,
      remedy:
        'Ask for fewer stacks at once, those that import before those that export; or use the command line with --local.',
    },
  ];
}

/** Whether a plan can be told as a whole beside what else its state tells. */
export function fitsWhole(value: unknown): boolean {
  return bytesOf(value) <= MOST_BYTES;
}

/**
 * A journey that has become longer than planned, shortened to its share: a report that says that something is missing in it is
 * better than an execution that fails for its size. What matters for the next step stays.
 */
export function shortened(journey: Journey, bytes: number): Journey {
  if (bytesOf(journey) <= bytes) {
    return journey;
  }
  const worded: Journey = {
    ...journey,
    ...(journey.why === undefined ? {} : { why: clipped(journey.why, bytes / 4) }),
    ...(journey.remedy === undefined ? {} : { remedy: clipped(journey.remedy, bytes / 4) }),
  };
  const lists = halved(
    { removed: worded.removed, leftovers: worded.leftovers, notes: worded.notes, failures: worded.failures },
    (each) => bytesOf({ ...worded, ...each }) <= bytes - 250,
  );
  const left = countOf(worded) - countOf(lists);
  const sentence = `${left} more entries did not fit in here; the log of the function has them all.`;
  return left === 0 ? worded : { ...worded, ...lists, notes: [...lists.notes, { code: 'SHORTENED', sentence }] };
}

/** The same for a report: what is listed as remaining in the account is cut first. */
export function shortReport(report: TeardownReport): TeardownReport {
  if (fitsWhole(report)) {
    return report;
  }
  const { remaining } = halved({ remaining: report.remaining }, (each) => fitsWhole({ ...report, ...each }));
  const sentence = `${report.remaining.length - remaining.length} more things remain in the account; the log of the function names them all.`;
  return { ...report, remaining, notes: [...report.notes, { code: 'SHORTENED', sentence }] };
}

type Lists = Readonly<Record<string, readonly unknown[]>>;

/** Halves the longest list, by what it takes, until it fits or nothing is left. */
function halved<T extends Lists>(lists: T, fits: (lists: T) => boolean): T {
  let now = lists;
  while (!fits(now)) {
    const [longest] = Object.entries(now).toSorted(([, a], [, b]) => bytesOf(b) - bytesOf(a));
    if (longest === undefined || longest[1].length === 0) {
      return now;
    }
    now = { ...now, [longest[0]]: longest[1].slice(0, Math.floor(longest[1].length / 2)) };
  }
  return now;
}

function countOf({
  removed,
  leftovers,
  notes,
  failures,
}: Pick<Journey, 'removed' | 'leftovers' | 'notes' | 'failures'>) {
  return removed.length + leftovers.length + notes.length + failures.length;
}

function clipped(words: string, most: number): string {
  return words.length <= most ? words : `${words.slice(0, most)} …`;
}
