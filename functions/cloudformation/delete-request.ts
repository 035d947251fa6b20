import { type CleanDeps, cleanStack } from '../core/clean.ts';
import { isHeld } from '../core/inventory.ts';
import type { CleanOptions, Plan, Report } from '../core/model.ts';
import type { CloudFormationPort } from '../core/ports/index.ts';
import { reasonOf } from '../core/report.ts';
import type { Log } from '../log.ts';
import { CLEAN_EXIT_TYPE, type CustomResourceRequest } from '../schemas/custom-resource.ts';
import { type Properties, parseProperties } from '../schemas/custom-resource-properties.ts';
import { type Outcome, REASON_BYTES } from './answer.ts';
import { confirmConsents } from './consents.ts';
import { type Decision, doesEverythingGo } from './does-everything-go.ts';
import { readLineage } from './lineage.ts';
import { remainsSentence } from './wording.ts';

/** What a Delete came to in this invocation: an answer, or that the time was too short. */
export type Teardown = { readonly kind: 'answer'; readonly outcome: Outcome } | Unfinished;

export interface Unfinished {
  readonly kind: 'unfinished';
  /** False where nothing that is left can make CloudFormation's delete fail. */
  readonly blocked: boolean;
  readonly removed: Report['removed'];
  /** What is left, as far as it is known. */
  readonly left: string;
}

/** The time ended before anything could be said. */
export const NOTHING_KNOWN: Unfinished = { kind: 'unfinished', blocked: true, removed: [], left: '' };

export interface TeardownTime {
  /** Milliseconds until work must stop. */
  readonly remaining: () => number;
  /** Aborted when work has not stopped by itself. */
  readonly signal: AbortSignal;
}

const DONE: Outcome = { status: 'SUCCESS' };

/** The properties of a Delete: what cannot be read is left aside, because a stack must never hang on a typing error. */
export function propertiesOfDelete(log: Log, request: CustomResourceRequest): Properties {
  const { properties, faults } = parseProperties(request.ResourceProperties);
  if (faults.length > 0) {
    log.warn('PROPERTIES_IGNORED', { faults });
  }
  return properties;
}

/**
 * Delete: empties the stack tree where everything in it goes, and only then.
 *
 * @throws AwsFailure, BadRequest, Refused where the stack cannot be read
 */
export async function tearDown(
  core: CleanDeps,
  log: Log,
  request: CustomResourceRequest,
  properties: Properties,
  time: TeardownTime,
): Promise<Teardown> {
  try {
    const decision = await decide(core.ports.cloudFormation, request);
    log.info('DECISION', { decision: decision.code, empty: decision.empty, why: decision.why });
    if (!decision.empty) {
      return { kind: 'answer', outcome: DONE };
    }
    const confirmed = await confirmConsents(core.ports.cloudFormation, log, request, properties);
    return await empty(core, log, request, { ...optionsOf(confirmed), cause: decision.cause }, time);
  } catch (thrown) {
    // After an abort every call fails: that is the time's fault, not AWS's, and says nothing about what remains.
    if (time.signal.aborted) {
      return NOTHING_KNOWN;
    }
    throw thrown;
  }
}

function optionsOf(properties: Properties): Omit<CleanOptions, 'cause'> {
  return {
    deleteLogStreams: properties.deleteLogStreams,
    disableLogGroupDeletionProtection: properties.disableLogGroupDeletionProtection,
    removeRolesFromInstanceProfiles: properties.removeRolesFromInstanceProfiles,
    detachPoliciesFromOthers: properties.detachPoliciesFromOthers,
    removePermissionsBoundaries: properties.removePermissionsBoundaries,
    emptyBuckets: properties.emptyBuckets,
  };
}

async function empty(
  core: CleanDeps,
  log: Log,
  { StackId: stackId }: CustomResourceRequest,
  options: CleanOptions,
  { remaining, signal }: TeardownTime,
): Promise<Teardown> {
  const { plan, report } = await cleanStack(core, { stackId, options, remaining });
  log.info('REPORT', { report });
  return signal.aborted && report.outcome !== 'clean' ? unfinished(plan, report) : concluded(plan, report);
}

/** Believes a Delete only as far as CloudFormation itself confirms it. */
async function decide(port: CloudFormationPort, request: CustomResourceRequest): Promise<Decision> {
  const lineage = await readLineage(port, request.StackId);
  if (!lineage) {
    return { empty: false, code: 'STACK_UNKNOWN', why: `CloudFormation knows no stack ${request.StackId}.` };
  }
  const decision = doesEverythingGo(lineage);
  if (!decision.empty) {
    return decision;
  }
  const rows = await port.resources(request.StackId);
  const { LogicalResourceId: id, ResourceType: type } = request;
  const held = rows.some((row) => row.logicalId === id && row.type === type && isHeld(row.status));
  return held && type === CLEAN_EXIT_TYPE
    ? decision
    : {
        empty: false,
        code: 'NOT_ITS_RESOURCE',
        why: `${lineage.own.stackName} holds no ${CLEAN_EXIT_TYPE} called ${id}.`,
      };
}

function concluded(plan: Plan, report: Report): Teardown {
  switch (report.outcome) {
    case 'clean':
      return { kind: 'answer', outcome: DONE };
    case 'blocked':
    case 'refused': {
      const code = report.outcome === 'blocked' ? 'BLOCKED' : 'REFUSED';
      return { kind: 'answer', outcome: { status: 'FAILED', code, reason: reasonOf(report, REASON_BYTES) } };
    }
    case 'unfinished':
      return unfinished(plan, report);
    default:
      return report.outcome satisfies never;
  }
}

function unfinished(plan: Plan, report: Report): Unfinished {
  return {
    kind: 'unfinished',
    blocked: plan.findings.some((finding) => finding.blocks),
    removed: report.removed,
    left: remainsSentence(plan, report),
  };
}
