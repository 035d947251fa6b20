import type { Content, Finding, Note } from '../core/model.ts';
import { CONSENTS, named } from '../core/print.ts';
import { counted, sentence } from '../core/report.ts';
import { command, entry, parted, wrapped } from './layout.ts';
import type {
  Remaining,
  StackOutcome,
  TargetPlan,
  TeardownOptions,
  TeardownPlan,
  TeardownRefusal,
  TeardownReport,
} from './model.ts';
import { stackNameOf } from './stack-id.ts';
import { deletesAsWords, listed } from './wording.ts';

type Lines = readonly string[];

/** A teardown's plan in lines for a person at a terminal. No colours. */
export function teardownPlanLines(plan: TeardownPlan): Lines {
  const stackOf = new Map(plan.stacks.map((stack) => [stack.stackId, stack]));
  const inWaves = new Set(plan.waves.flat());
  const others = plan.stacks.filter(({ stackId }) => !inWaves.has(stackId));
  const gone = others.filter(isGone);
  const circling = others.filter((stack) => !isGone(stack));
  return parted(
    consentWords(plan.options).flatMap((words) => entry('consent', words, 0)),
    ...plan.waves.map((wave, at) => [
      at === 0 ? 'Wave 1' : `Wave ${at + 1}, when wave ${at} is gone`,
      ...wave.flatMap((id) => stackLines(stackOf.get(id))),
    ]),
    headed('In no wave, because each waits for another', circling.flatMap(stackLines)),
    headed('Deleted before', gone.flatMap(stackLines)),
    refusalLines(plan.refusals),
    wrapped('', planSummary(plan)),
  );
}

/** A teardown's report in lines for a person at a terminal: what went, what did not and who must act, what is still there. */
export function teardownReportLines(report: TeardownReport): Lines {
  return parted(
    ...report.stacks.map(outcomeLines),
    headed(
      'Log groups that belonged to no stack, removed',
      report.removedLogGroups.flatMap((name) => wrapped('  ', name)),
    ),
    headed('Still in the account', report.remaining.flatMap(remainingLines)),
    refusalLines(report.refusals),
    report.notes.flatMap((note) => entry('note', noteWords(note), 0)),
    wrapped('', reportSummary(report)),
  );
}

function headed(heading: string, lines: Lines): Lines {
  return lines.length > 0 ? [heading, ...lines] : [];
}

/** Stacks that were deleted before anybody asked. */
function isGone({ status }: TargetPlan): boolean {
  return status === 'DELETE_COMPLETE';
}

/** What was allowed beyond the rule. That buckets are emptied is the rule here; each is told where it stands. */
function consentWords(options: TeardownOptions): Lines {
  return [
    ...(options.disableTerminationProtection ? ['termination protection is switched off'] : []),
    ...CONSENTS.filter(([option]) => option !== 'emptyBuckets' && options[option]).map(([, words]) => words),
    ...(options.deleteOrphanedLogGroups
      ? ["log groups named after the stacks' functions and projects are deleted, although they belong to no stack"]
      : []),
    ...(options.emptyBuckets ? [] : ['none to empty S3 buckets: they stay as they are']),
  ];
}

function stackLines(stack: TargetPlan | undefined): Lines {
  if (!stack) {
    return [];
  }
  const { plan, deletesAs, deletes, status } = stack;
  const nested = plan.stacks.filter(({ depth }) => depth > 0).map(({ stackName }) => stackName);
  const found = plan.findings.filter(({ exists }) => exists);
  const keeping = found.filter(({ refusal }) => refusal && !refusal.blocks && refusal.stops === 'resource');
  const types = Object.entries(deletes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const amount = types.reduce((sum, [, count]) => sum + count, 0);
  return [
    ...wrapped('  ', `${stack.stackName} (${status})`),
    ...(isGone(stack) ? [] : entry('deletes as', deletesAsWords(deletesAs))),
    ...(nested.length > 0 ? entry('with it', `${counted(nested.length, 'nested stack')}: ${nested.join(', ')}`) : []),
    ...(stack.unprotect ? entry('unprotects', 'termination protection is switched off first') : []),
    ...found.filter(hasWork).flatMap((each) => entry('removes', `${named(each.resource)}: ${contentWords(each)}`)),
    ...found.filter(goesAlong).flatMap((each) => entry('goes along', `${named(each.resource)}: ${contentWords(each)}`)),
    ...found.filter(isBlocked).flatMap((each) => entry('refused', `${named(each.resource)}: ${contentWords(each)}`)),
    ...plan.findings
      .filter(({ exists }) => !exists)
      .flatMap(({ resource }) => entry('gone', `${named(resource)}: deleted before`)),
    ...keeping.flatMap(({ resource, refusal }) =>
      entry('leaves', `${named(resource)}: ${refusal?.sentence} ${refusal?.remedy}`),
    ),
    ...plan.untouched.flatMap((each) => entry('keeps', `${named(each.resource)}: ${each.sentence}`)),
    ...[...stack.notes, ...plan.notes].flatMap((note) => entry('note', noteWords(note))),
    ...(amount > 0 ? entry('deletes', [`${counted(amount, 'resource')}:`, ...typeWords(types)]) : []),
  ];
}

function typeWords(types: readonly (readonly [string, number])[]): Lines {
  return types.map(([type, count], at) => `${count} ${type}${at < types.length - 1 ? ',' : ''}`);
}

function hasWork({ stages, refusal }: Finding): boolean {
  return stages.length > 0 && !refusal;
}

/** What CloudFormation deletes with the resource that holds it. */
function goesAlong({ stages, refusal, contents }: Finding): boolean {
  return stages.length === 0 && !refusal && contents.length > 0;
}

function isBlocked({ refusal }: Finding): boolean {
  return refusal !== undefined && (refusal.blocks || refusal.stops === 'everything');
}

function contentWords({ contents, blocks }: Finding): string {
  if (contents.length === 0) {
    return blocks ? 'what protects it' : 'nothing in it';
  }
  return contents.map(({ kind, count, orMore }) => counted(count, kind, orMore)).join(', ');
}

function refusalLines(refusals: readonly TeardownRefusal[]): Lines {
  return headed(
    'Refused',
    refusals.flatMap(({ code, stack, sentence: words, remedy }) => [
      ...wrapped('  ', stack === undefined ? code : `${code} ${stackNameOf(stack)}`),
      ...entry('because', words),
      ...entry('remedy', remedy),
    ]),
  );
}

function noteWords({ resource, sentence: words }: Note): string {
  return resource ? `${named(resource)}: ${words}` : words;
}

function planSummary({ stacks, waves, refusals, calls, milliseconds }: TeardownPlan): string {
  const amount = stacks.filter((stack) => !isGone(stack)).length;
  const order = waves.length > 0 ? counted(waves.length, 'wave') : 'no order';
  const held = sumOf(
    stacks.flatMap(({ plan }) => plan.findings.filter(({ exists }) => exists).flatMap(({ contents }) => contents)),
  );
  const what = amount === 0 ? 'no stack to delete' : `${counted(amount, 'stack')} in ${order}`;
  return [
    held.length > 0 ? `${what}, in them ${listed(held)}` : what,
    refusals.length > 0
      ? `refused for ${counted(refusals.length, 'reason')}, nothing is begun`
      : 'nothing is removed by a plan',
    cost(calls, milliseconds),
  ].join('; ');
}

/** Contents of all resources by kind. */
function sumOf(contents: readonly Content[]): Lines {
  const sums = new Map<string, Content>();
  for (const { kind, count, orMore } of contents) {
    const sum = sums.get(kind);
    sums.set(kind, { kind, count: count + (sum?.count ?? 0), orMore: orMore || sum?.orMore });
  }
  return [...sums.values()].map(({ kind, count, orMore }) => counted(count, kind, orMore));
}

function outcomeLines(stack: StackOutcome): Lines {
  const { stackName, outcome, attempts, why, remedy } = stack;
  const tries = attempts > 1 ? ` after ${counted(attempts, 'attempt')}` : '';
  return [
    ...wrapped('', `${stackName}: ${OUTCOME_WORDS[outcome]}${tries}`),
    ...(why === undefined ? [] : entry('because', why, 1)),
    ...(remedy === undefined ? [] : entry('remedy', remedy, 1)),
    ...stack.failures.flatMap(({ resource, reason }) =>
      entry('failed', `${named(resource)} of stack ${resource.stackName}: ${sentence(reason)}`, 1),
    ),
    ...stack.removed.flatMap(({ resource, kind, count }) =>
      entry('removed', `${named(resource)}: ${counted(count, kind)}`, 1),
    ),
    ...stack.leftovers.flatMap((left) => [
      ...entry('left', `${named(left.resource)}: ${left.what}: ${sentence(left.why)}`, 1),
      ...entry('remedy', left.remedy, 1),
    ]),
    ...stack.notes.flatMap((note) => entry('note', noteWords(note), 1)),
  ];
}

const OUTCOME_WORDS = {
  deleted: 'deleted',
  failed: 'not deleted',
  refused: 'refused, nothing was removed',
  'lives on': 'lives on, CloudFormation cancelled the delete',
  stopped: 'stopped before its end',
} as const satisfies Record<StackOutcome['outcome'], string>;

function remainingLines({ what, stackName, why, command: removal }: Remaining): Lines {
  return [...wrapped('  ', `${what} (stack ${stackName}): ${sentence(why)}`), command(removal)];
}

function reportSummary({ outcome, stacks, calls, milliseconds }: TeardownReport): string {
  const deleted = stacks.filter((stack) => stack.outcome === 'deleted').length;
  const words = {
    planned: 'planned: nothing was removed',
    refused: 'refused: nothing was begun',
    deleted: `deleted: ${counted(deleted, 'stack')}`,
    failed: `failed: ${deleted} of ${counted(stacks.length, 'stack')} deleted`,
  }[outcome];
  return `${words}; ${cost(calls, milliseconds)}`;
}

function cost(calls: Readonly<Record<string, number>>, milliseconds: number): string {
  const amount = Object.values(calls).reduce((sum, count) => sum + count, 0);
  return `${counted(amount, 'AWS call')} in ${(milliseconds / 1000).toFixed(1)} s`;
}
