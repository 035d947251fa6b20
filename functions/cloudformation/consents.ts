import type { CloudFormationPort } from '../core/ports/index.ts';
import { parseTemplate } from '../core/template.ts';
import type { Log } from '../log.ts';
import type { CustomResourceRequest } from '../schemas/custom-resource.ts';
import { type Properties, parseProperties } from '../schemas/custom-resource-properties.ts';

/** What destroys more than a run does by itself, and the property that allows it. */
const CONSENTS = [
  ['disableLogGroupDeletionProtection', 'DisableLogGroupDeletionProtection'],
  ['removeRolesFromInstanceProfiles', 'RemoveRolesFromInstanceProfiles'],
  ['detachPoliciesFromOthers', 'DetachPoliciesFromOthers'],
  ['removePermissionsBoundaries', 'RemovePermissionsBoundaries'],
  ['emptyBuckets', 'EmptyBuckets'],
] as const satisfies readonly (readonly [keyof Properties, string])[];

/**
 * Takes back every consent of a request that the stack's template does not give: whoever may invoke the function could put it
 * there otherwise. A value that is a function in the template is believed as the request has it.
 *
 * @throws AwsFailure, BadRequest where the template cannot be read
 */
export async function confirmConsents(
  port: CloudFormationPort,
  log: Log,
  request: CustomResourceRequest,
  properties: Properties,
): Promise<Properties> {
  const given = CONSENTS.filter(([name]) => properties[name]);
  if (given.length === 0) {
    return properties;
  }
  const { resources } = parseTemplate(await port.template(request.StackId));
  const declared = resources[request.LogicalResourceId]?.properties ?? {};
  const literal = parseProperties(declared).properties;
  const confirmed = { ...properties };
  for (const [name, property] of given) {
    const isFunction = typeof declared[property] === 'object' && declared[property] !== null;
    if (!isFunction && !literal[name]) {
      confirmed[name] = false;
      const sentence = `The template does not set ${property} to true, so it counts as false.`;
      log.warn('NOTE', { note: 'CONSENT_NOT_IN_TEMPLATE', sentence });
    }
  }
  return confirmed;
}
