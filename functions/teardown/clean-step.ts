import { cleanStack } from '../core/clean.ts';
import { OUT_OF_TIME } from '../core/execute.ts';
import type { Note, Plan, Refusal, Report, StackFacts } from '../core/model.ts';
import type { CloudFormationPort } from '../core/ports/index.ts';
import { clipBytes, oneLine, reasonOf, sentence } from '../core/report.ts';
import { assertNever } from '../errors.ts';
import type { TeardownDeps } from './dependencies.ts';
import { addRemoved, cleanOptionsOf } from './journey.ts';
import { endedAlive } from './lives-on.ts';
import type { Journey } from './model.ts';
import { remedyHere } from './wording.ts';

/** Cleanings in a row that removed nothing and did not end, or left something in the way. */
const MOST_VAIN_CLEANINGS = 3;
/** Seconds before something that was in the way is tried again: IAM and ECR need a moment. */
export const BEFORE_NEXT_ATTEMPT = 5;
/** Bytes of the reason that a step hands on: the state machine carries it. */
const REASON_BYTES = 2_000;

/**
 * Removes what would make the delete fail, or nothing at all where something stands in its way: a stack that lives on must not
 * lose what is in it.
 *
 * @throws as cleanStack
 */
export async function clean(
  deps: TeardownDeps,
  journey: Journey,
  stack: StackFacts,
  remaining: () => number,
): Promise<Journey> {
  // A stack in review was never made: there is nothing in it, and CloudFormation may not even list that.
  if (stack.status === 'REVIEW_IN_PROGRESS') {
    return { ...journey, phase: 'delete', wait: 0, looks: 0 };
  }
  const { ports, service, onPlan } = deps;
  const role = 'roleArn' in journey.deletesAs ? [journey.deletesAs.roleArn] : [];
  const careful: TeardownDeps = {
    ...deps,
    ports: { ...ports, cloudFormation: knowing(ports.cloudFormation, stack) },
    service: { ...service, roleArns: [...service.roleArns, ...role] },
    onPlan: (plan) => {
      onPlan?.(plan);
      forbid(plan);
    },
  };
  const { stackId, options } = journey;
  try {
    const { report } = await cleanStack(careful, { stackId, options: cleanOptionsOf(options), remaining });
    return await afterCleaning(deps, withReport(journey, report), report);
  } catch (thrown) {
    if (thrown instanceof InTheWay) {
      return refused(deps, journey, thrown.refusals);
    }
    throw thrown;
  }
}

/** The first question about a stack that was described a moment before needs no call; every later one asks anew. */
function knowing(port: CloudFormationPort, facts: StackFacts): CloudFormationPort {
  let told = false;
  return {
    stack: async (nameOrId) => {
      if (told || nameOrId !== facts.stackId) {
        return port.stack(nameOrId);
      }
      told = true;
      return facts;
    },
    resources: (stackId) => port.resources(stackId),
    template: (stackId) => port.template(stackId),
    importers: (exportName) => port.importers(exportName),
    updateStartedAt: (stackId) => port.updateStartedAt(stackId),
    madeAt: (...row) => port.madeAt(...row),
  };
}

/** Thrown before anything is removed. */
class InTheWay extends Error {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super('something stands in the way of the delete');
    this.refusals = refusals;
  }
}

/** The plan of the whole teardown had no such refusal: it came after that. */
function forbid({ refusals }: Plan): void {
  const inTheWay = refusals.filter(
    ({ code, stops, blocks }) => code !== OUT_OF_TIME && (stops !== 'resource' || blocks),
  );
  if (inTheWay.length > 0) {
    throw new InTheWay(inTheWay);
  }
}

/** `refused` says that nothing was removed. */
function refused(deps: TeardownDeps, journey: Journey, refusals: readonly Refusal[]): Promise<Journey> {
  const begun = journey.attempt > 0 || journey.removed.length > 0;
  const sentences = refusals.map(({ resource, sentence: words }) =>
    oneLine(resource ? `${resource.type} ${resource.physicalId}: ${words}` : words),
  );
  return endedAlive(deps, journey, begun ? 'failed' : 'refused', {
    why: clipBytes(sentences.join(' '), REASON_BYTES),
    remedy: clipBytes([...new Set(refusals.map(({ remedy }) => remedyHere(remedy)))].join(' '), REASON_BYTES),
  });
}

function withReport(journey: Journey, report: Report): Journey {
  return {
    ...journey,
    wait: 0,
    removed: addRemoved(journey.removed, report.removed),
    leftovers: report.leftovers.map((left) => ({ ...left, remedy: remedyHere(left.remedy) })),
    // What stood in the way has changed: the next failure is compared with nothing.
    failures: report.removed.length > 0 ? [] : journey.failures,
    notes: [...journey.notes, ...report.notes.filter((note) => !journey.notes.some((known) => same(known, note)))],
  };
}

async function afterCleaning(deps: TeardownDeps, journey: Journey, report: Report): Promise<Journey> {
  const vain = journey.looks + 1;
  switch (report.outcome) {
    case 'clean':
      return { ...journey, phase: 'delete', looks: 0 };
    case 'unfinished':
      // Time was up. Where that goes on without anything being removed, it would go on for ever.
      if (report.removed.length > 0) {
        return { ...journey, looks: 0 };
      }
      return vain < MOST_VAIN_CLEANINGS ? { ...journey, looks: vain } : givenUp(deps, journey, report);
    case 'blocked':
      return vain < MOST_VAIN_CLEANINGS
        ? { ...journey, looks: vain, wait: BEFORE_NEXT_ATTEMPT }
        : givenUp(deps, journey, report);
    case 'refused':
      return refused(deps, journey, report.refusals);
    default:
      return assertNever(report.outcome);
  }
}

function givenUp(deps: TeardownDeps, journey: Journey, report: Report): Promise<Journey> {
  const why =
    reasonOf(report, REASON_BYTES) || 'It could not be cleaned in time, and nothing tells what is in the way.';
  return endedAlive(deps, journey, 'failed', {
    why: sentence(why),
    remedy: 'Mend what is named, then ask again: the work goes on where it stopped.',
  });
}

function same(one: Note, other: Note): boolean {
  return (
    one.code === other.code &&
    one.resource?.stackId === other.resource?.stackId &&
    one.resource?.logicalId === other.resource?.logicalId
  );
}
