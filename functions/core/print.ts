import type { Plan, Report, ResourceRef } from './model.ts';
import { STAGES } from './model.ts';
import { counted } from './report.ts';

const name = (resource: ResourceRef): string => `${resource.type} ${resource.physicalId}`;

/** A plan in lines for people: the same wherever it is shown. No colours. */
export function planLines(plan: Plan): readonly string[] {
  const lines = plan.stacks.map(({ stackName, depth }) => `${'  '.repeat(depth)}stack ${stackName}`);
  for (const finding of plan.findings.filter((each) => each.exists)) {
    const content = finding.contents.map(({ kind, count, orMore }) => counted(count, kind, orMore)).join(', ');
    const effect = finding.blocks ? 'would fail to delete' : 'deletes by itself';
    lines.push(`found    ${name(finding.resource)}: ${content || 'nothing in it'} (${effect})`);
  }
  for (const { resource, sentence } of plan.untouched) {
    lines.push(`keep     ${name(resource)}: ${sentence}`);
  }
  for (const { resource, sentence, remedy } of plan.refusals) {
    lines.push(`refuse   ${resource ? `${name(resource)}: ` : ''}${sentence} ${remedy}`);
  }
  for (const stage of STAGES) {
    const targets = plan.steps.filter((step) => step.stage === stage).map((step) => step.resource.physicalId);
    if (targets.length > 0) {
      lines.push(`step     ${stage}: ${targets.join(', ')}`);
    }
  }
  for (const note of plan.notes) {
    lines.push(`note     ${note.resource ? `${name(note.resource)}: ` : ''}${note.sentence}`);
  }
  return lines;
}

/** A report in lines for people: what went, what is left and who must act, what it cost. No colours. */
export function reportLines(report: Report): readonly string[] {
  const lines = report.removed.map(
    ({ resource, kind, count }) => `removed  ${counted(count, kind)} of ${name(resource)}`,
  );
  for (const { resource, what, why, remedy } of report.leftovers) {
    lines.push(`left     ${what} of ${name(resource)}: ${why}. ${remedy}`);
  }
  for (const { resource, sentence, remedy } of report.refusals) {
    lines.push(`refused  ${resource ? `${name(resource)}: ` : ''}${sentence} ${remedy}`);
  }
  for (const { resource, sentence } of report.untouched) {
    lines.push(`kept     ${name(resource)}: ${sentence}`);
  }
  for (const note of report.notes) {
    lines.push(`note     ${note.resource ? `${name(note.resource)}: ` : ''}${note.sentence}`);
  }
  const calls = Object.values(report.calls).reduce((sum, count) => sum + count, 0);
  lines.push(`${report.outcome}: ${counted(calls, 'AWS call')} in ${(report.milliseconds / 1000).toFixed(1)} s`);
  return lines;
}
