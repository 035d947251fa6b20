import { type CleanDeps, restoreStack } from '../core/clean.ts';
import { parseTemplate } from '../core/template.ts';
import { AwsFailure, CleanExitError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { CLEAN_EXIT_TYPE, type CustomResourceRequest } from '../schemas/custom-resource.ts';
import { parseProperties } from '../schemas/custom-resource-properties.ts';
import type { Outcome } from './answer.ts';
import { asAttribute, notCovered } from './coverage.ts';

/**
 * Create and Update: checks the properties, takes back what an abandoned teardown left, and says which cleanable resources the
 * custom resource does not depend on. Nothing but a wrong type and wrong properties fails a deploy.
 */
export async function deploy(core: CleanDeps, log: Log, request: CustomResourceRequest): Promise<Outcome> {
  const { LogicalResourceId: id, ResourceType: type } = request;
  if (type !== CLEAN_EXIT_TYPE) {
    const reason = `${id} has the type ${type}: this ServiceToken serves Type ${CLEAN_EXIT_TYPE} only. Whoever wrote the template changes the type.`;
    return { status: 'FAILED', code: 'TYPE_INVALID', reason };
  }
  const { faults } = parseProperties(request.ResourceProperties);
  if (faults.length > 0) {
    return { status: 'FAILED', code: 'PROPERTIES_INVALID', reason: `${CLEAN_EXIT_TYPE}: ${faults.join('; ')}.` };
  }
  const [uncovered] = await Promise.all([coverage(core, log, request), restore(core, log, request.StackId)]);
  return { status: 'SUCCESS', data: { NotCovered: asAttribute(uncovered) } };
}

/** The answer to a deploy whose time is up: what it would have looked at is worth a note and no more. */
export function deployedUnseen(log: Log): Outcome {
  const sentence =
    'AWS did not answer in time: which resources the custom resource does not depend on is unknown, and a seal of an earlier teardown may still stand. Deploy again to have both looked at.';
  log.warn('NOTE', { note: 'OUT_OF_TIME', sentence });
  return { status: 'SUCCESS', data: { NotCovered: '' } };
}

async function coverage(core: CleanDeps, log: Log, request: CustomResourceRequest): Promise<readonly string[]> {
  try {
    const template = parseTemplate(await core.ports.cloudFormation.template(request.StackId));
    const types = new Set(core.cleaners.map(({ type }) => type));
    const ids = notCovered(template, request.LogicalResourceId, types);
    if (ids.length > 0) {
      log.warn('NOTE', {
        note: 'NOT_COVERED',
        sentence: `${request.LogicalResourceId} does not depend on ${ids.join(', ')}: CloudFormation may delete them before they are cleaned. Add them to its DependsOn.`,
      });
    }
    return ids;
  } catch (thrown) {
    noteUnlessDefect(log, 'COVERAGE_UNKNOWN', thrown);
    return [];
  }
}

async function restore(core: CleanDeps, log: Log, stackId: string): Promise<void> {
  try {
    for (const { code, resource, sentence } of await restoreStack(core, stackId)) {
      log.info('NOTE', { note: code, resource: resource?.logicalId, sentence });
    }
  } catch (thrown) {
    noteUnlessDefect(log, 'NOT_RESTORED', thrown);
  }
}

/** What AWS refuses or does not answer is worth a note; a defect of our own is not hidden. */
function noteUnlessDefect(log: Log, note: string, thrown: unknown): void {
  if (!(thrown instanceof CleanExitError) || thrown.whoActs === 'maintainer') {
    throw thrown;
  }
  const error = thrown instanceof AwsFailure ? thrown.context.errorName : thrown.code;
  log.warn('NOTE', { note, error, sentence: messageOf(thrown) });
}
