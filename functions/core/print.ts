import type { Finding, Note, Plan, Refusal, Report, ResourceRef } from './model.ts';
import { STAGES } from './model.ts';
import { counted, oneLine, sentence } from './report.ts';

/** A plan in lines for people: the same wherever it is shown. No colours. */
export function planLines(plan: Plan): readonly string[] {
  const lines = plan.stacks.map(({ stackName, depth }) => `${'  '.repeat(depth)}stack ${stackName}`);
  lines.push(
    ...CONSENTS.filter(([option]) => plan.options[option]).map(([, words]) => `consent  ${words}`),
    ...plan.findings.map((finding) => `found    ${named(finding.resource)}: ${stateOf(finding)}`),
    ...plan.untouched.map((each) => `keep     ${named(each.resource)}: ${each.sentence}`),
    ...plan.refusals.map((refusal) => `refuse   ${refusalWords(refusal)}`),
    ...plan.notes.map((note) => `note     ${noteWords(note)}`),
  );
  for (const stage of STAGES) {
    const targets = plan.steps.filter((step) => step.stage === stage).map((step) => named(step.resource));
    if (targets.length > 0) {
      lines.push(`step     ${STAGE_WORDS[stage]}: ${targets.join(', ')}`);
    }
  }
  if (plan.steps.length === 0) {
    const stopped = plan.refusals.some((refusal) => refusal.stops === 'everything');
    lines.push(`step     none: ${stopped ? 'a refusal stops everything' : 'there is nothing to do'}`);
  }
  return lines.map(tidy);
}

/** A report in lines for people: what went, what is left and who must act, what it cost. No colours. */
export function reportLines(report: Report): readonly string[] {
  const calls = Object.values(report.calls).reduce((sum, count) => sum + count, 0);
  return [
    ...report.removed.map(({ resource, kind, count }) => `removed  ${named(resource)}: ${counted(count, kind)}`),
    ...report.leftovers.map(
      ({ resource, what, why, remedy, blocks }) =>
        `left     ${named(resource)}: ${what}${blocks ? '' : ' (does not block the delete)'}: ${sentence(why)} ${remedy}`,
    ),
    ...report.refusals.map((refusal) => `refused  ${refusalWords(refusal)}`),
    ...report.untouched.map((each) => `kept     ${named(each.resource)}: ${each.sentence}`),
    ...report.notes.map((note) => `note     ${noteWords(note)}`),
    `${report.outcome}: ${OUTCOME_WORDS[report.outcome]}; ${counted(calls, 'AWS call')} in ${(report.milliseconds / 1000).toFixed(1)} s`,
  ].map(tidy);
}

/** What destroys more than a run does by itself, in the words of a plan. */
export const CONSENTS = [
  ['disableLogGroupDeletionProtection', 'deletion protection of log groups is switched off'],
  ['removeRolesFromInstanceProfiles', 'roles are taken out of instance profiles outside the stack tree'],
  ['detachPoliciesFromOthers', 'managed policies are detached from users, groups and roles outside the stack tree'],
  ['removePermissionsBoundaries', 'permissions boundaries are taken from users and roles outside the stack tree'],
  ['emptyBuckets', 'S3 buckets are emptied, with all versions'],
] as const satisfies readonly (readonly [keyof Plan['options'], string])[];

const STAGE_WORDS = {
  quiesce: 'quiesce (stop webhooks and running builds)',
  seal: 'seal (deny writes)',
  drain: 'drain',
  verify: 'verify (list again until empty)',
  logStreams: 'log streams',
} as const satisfies Record<(typeof STAGES)[number], string>;

const OUTCOME_WORDS = {
  clean: 'nothing that was looked into blocks the delete',
  blocked: 'the delete would fail',
  refused: 'nothing was removed',
  unfinished: 'the time ran out before the end',
} as const satisfies Record<Report['outcome'], string>;

/** A resource as people know it: its type, and its physical id. */
export function named(resource: ResourceRef): string {
  return `${resource.type} ${resource.physicalId}`;
}

function stateOf({ exists, contents, blocks }: Finding): string {
  if (!exists) {
    return 'already gone';
  }
  if (contents.length === 0) {
    return blocks ? 'cannot be deleted as it is' : 'nothing in it';
  }
  const content = contents.map(({ kind, count, orMore }) => counted(count, kind, orMore)).join(', ');
  return `${content} (${blocks ? 'makes the delete fail' : 'does not block the delete'})`;
}

function refusalWords({ resource, sentence: words, remedy }: Refusal): string {
  return `${resource ? `${named(resource)}: ` : ''}${words} ${remedy}`;
}

function noteWords({ resource, sentence: words }: Note): string {
  return `${resource ? `${named(resource)}: ` : ''}${words}`;
}

/** One line, whatever the words hold; the indentation and the columns stay. */
function tidy(line: string): string {
  const start = /^ *(\w+ +)?/.exec(line)?.[0] ?? '';
  return start + oneLine(line.slice(start.length));
}
