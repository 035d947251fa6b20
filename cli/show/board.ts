import type { Progress } from '#functions/core/cleaner.ts';
import type { Content, ResourceRef, Stage, Step, StepResult } from '#functions/core/model.ts';
import { counted, oneLine } from '#functions/core/report.ts';
import { assertNever } from '#functions/errors.ts';
import type { Journey, Outcome, Phase, TeardownPlan } from '#functions/teardown/model.ts';

/** A sign of life of a teardown that is under way. */
export type Sign =
  | {
      readonly kind: 'step';
      readonly event: 'started' | 'completed';
      readonly step: Step;
      readonly result?: StepResult | undefined;
    }
  /** `target`: ARN of the stack that was asked for, in whose tree the resource is. */
  | { readonly kind: 'progress'; readonly target: string; readonly progress: Progress }
  | { readonly kind: 'journey'; readonly journey: Journey };

/** One resource, as people watch it go. */
export interface ResourceRow {
  readonly resource: ResourceRef;
  readonly found: readonly Content[];
  /** How many of what were removed. */
  readonly removed: Readonly<Record<string, number>>;
  /** What is left, in words. */
  readonly left: readonly string[];
  readonly working?: { readonly stage: Stage; readonly done?: number; readonly total?: number } | undefined;
}

/** One of the stacks that were asked for. */
export interface StackRow {
  readonly stackId: string;
  readonly stackName: string;
  readonly doing: string;
  /** What is to be done next; undefined while its wave has not begun. */
  readonly phase?: Phase | undefined;
  readonly outcome?: Outcome | undefined;
  readonly resources: readonly ResourceRow[];
}

/** Everything that is watched, in the order of the waves. Plain data; a sign gives a new one. */
export interface Board {
  readonly stacks: readonly StackRow[];
}

/** Before the first sign. */
export function boardOf(plan: TeardownPlan): Board {
  const byId = new Map(plan.stacks.map((target) => [target.stackId, target]));
  const ordered = plan.waves.flat().flatMap((stackId) => byId.get(stackId) ?? []);
  return {
    stacks: ordered.map(({ stackId, stackName, plan: { findings } }) => ({
      stackId,
      stackName,
      doing: 'waiting',
      resources: findings
        .filter(({ exists, contents, stages }) => exists && (contents.length > 0 || stages.length > 0))
        .map(({ resource, contents }) => ({ resource, found: contents, removed: {}, left: [] })),
    })),
  };
}

/** What the board is after a sign; the very same where it changes nothing. */
export function afterSign(board: Board, sign: Sign): Board {
  switch (sign.kind) {
    case 'journey':
      return {
        stacks: board.stacks.map((stack) =>
          stack.stackId === sign.journey.stackId ? travelled(stack, sign.journey) : stack,
        ),
      };
    case 'step':
      return eachRow(board, (row) => (same(row.resource, sign.step.resource) ? stepped(row, sign) : row));
    case 'progress':
      return {
        stacks: board.stacks.map((stack) => (stack.stackId === sign.target ? progressed(stack, sign.progress) : stack)),
      };
    default:
      return assertNever(sign);
  }
}

/** Names no nested stack: it belongs to whatever of that name is being worked on. */
function progressed(stack: StackRow, progress: Progress): StackRow {
  return {
    ...stack,
    resources: stack.resources.map((row) =>
      row.resource.logicalId === progress.logicalId && row.working?.stage === progress.stage
        ? { ...row, working: { ...row.working, ...countsOf(progress) } }
        : row,
    ),
  };
}

function countsOf({ done, total }: Progress): { done: number; total?: number } {
  return total === undefined ? { done } : { done, total };
}

function eachRow(board: Board, change: (row: ResourceRow) => ResourceRow): Board {
  return { stacks: board.stacks.map((stack) => ({ ...stack, resources: stack.resources.map(change) })) };
}

function same(one: ResourceRef, other: ResourceRef): boolean {
  return one.stackId === other.stackId && one.logicalId === other.logicalId;
}

function stepped(row: ResourceRow, { event, step, result }: Extract<Sign, { kind: 'step' }>): ResourceRow {
  if (event === 'started') {
    return { ...row, working: { stage: step.stage } };
  }
  const removed: Record<string, number> = { ...row.removed };
  for (const { kind, count } of result?.removed ?? []) {
    removed[kind] = (removed[kind] ?? 0) + count;
  }
  return { ...row, removed, working: undefined, left: leftWords(result?.leftovers ?? []) };
}

/** A journey tells all that was removed so far: it may know of more than the steps that were seen. */
function travelled(stack: StackRow, journey: Journey): StackRow {
  const resources = [...stack.resources];
  const removed = new Map<string, Record<string, number>>();
  for (const { resource, kind, count } of journey.removed) {
    const key = keyOf(resource);
    const counts = removed.get(key) ?? {};
    counts[kind] = (counts[kind] ?? 0) + count;
    removed.set(key, counts);
    if (!resources.some((row) => keyOf(row.resource) === key)) {
      resources.push({ resource, found: [], removed: {}, left: [] });
    }
  }
  return {
    ...stack,
    doing: doingOf(journey),
    phase: journey.phase,
    outcome: journey.outcome,
    resources: resources.map((row) => ({
      ...row,
      removed: most(row.removed, removed.get(keyOf(row.resource)) ?? {}),
      left: leftWords(journey.leftovers.filter(({ resource }) => same(resource, row.resource))),
    })),
  };
}

function keyOf({ stackId, logicalId }: ResourceRef): string {
  return `${stackId} ${logicalId}`;
}

function most(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const kinds = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...kinds].map((kind) => [kind, Math.max(one[kind] ?? 0, other[kind] ?? 0)]));
}

function leftWords(leftovers: readonly { readonly what: string; readonly why: string }[]): readonly string[] {
  return leftovers.map(({ what, why }) => oneLine(`${what}: ${why}`));
}

function doingOf({ phase, attempt, outcome }: Journey): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  switch (phase) {
    case 'clean':
      return attempt > 0 ? `cleaning again after attempt ${attempt}` : 'cleaning';
    case 'delete':
      return `asking CloudFormation to delete it${again}`;
    case 'watch':
      return `CloudFormation deletes it${again}`;
    case 'done':
      return outcome ?? 'done';
    default:
      return assertNever(phase);
  }
}

/** `208 images, 1 webhook`; empty where there is nothing. */
export function contentWords(contents: readonly Content[]): string {
  return contents.map(({ kind, count, orMore }) => counted(count, kind, orMore)).join(', ');
}

/** `208 images, 1 webhook`; empty where there is nothing. */
export function removedWords(removed: Readonly<Record<string, number>>): string {
  return Object.entries(removed)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => counted(count, kind))
    .join(', ');
}

/** What is told of a change where nobody watches live: one line for each thing that happened. */
export function changesBetween(before: Board, after: Board): readonly string[] {
  const lines: string[] = [];
  after.stacks.forEach((stack, at) => {
    const was = before.stacks[at];
    const rows = new Map(was?.resources.map((row) => [keyOf(row.resource), row]));
    for (const row of stack.resources) {
      const name = `${row.resource.type} ${row.resource.physicalId}`;
      const earlier = rows.get(keyOf(row.resource));
      const more = Object.fromEntries(
        Object.entries(row.removed).map(([kind, count]) => [kind, count - (earlier?.removed[kind] ?? 0)]),
      );
      const words = removedWords(more);
      if (words !== '') {
        lines.push(`removed  ${name}: ${words}`);
      }
      const known = new Set(earlier?.left);
      lines.push(...row.left.filter((each) => !known.has(each)).map((each) => `left     ${name}: ${each}`));
    }
    if (stack.doing !== was?.doing) {
      lines.push(`stack    ${stack.stackName}: ${stack.doing}`);
    }
  });
  return lines;
}
