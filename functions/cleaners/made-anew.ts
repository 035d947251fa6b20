import type { Refusal, StackResource } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { CloudFormationPort } from '../core/ports/index.ts';

/**
 * Did somebody delete the stack's resource and make another one under its name? For types that CloudFormation gives no tag of
 * its own (IAM groups and managed policies): one that is younger than what the stack's events tell of is another one. Where
 * the events say nothing any more, the stack's list is believed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-resource-tags.html
 *
 * @param createdAt of the resource as it is now, ISO 8601
 * @returns the refusal that leaves it alone, or undefined where it may well be the stack's
 */
export async function madeAnew(
  cloudFormation: CloudFormationPort,
  resource: StackResource,
  createdAt: string,
): Promise<Refusal | undefined> {
  const madeAt = await cloudFormation.madeAt(resource.stackId, resource.logicalId);
  if (madeAt === undefined || Date.parse(createdAt) <= Date.parse(madeAt)) return undefined;
  return {
    code: 'RESOURCE_MADE_ANEW',
    resource: refOf(resource),
    sentence: `It was made at ${createdAt}, after this stack had made its own at ${madeAt}: it is another one, and nothing in it is removed.`,
    remedy:
      'Whoever deletes this stack retains it and the custom resource (--retain-resources): CloudFormation leaves it to whoever made it then.',
    stops: 'resource',
    blocks: true,
  };
}
