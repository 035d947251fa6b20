import type { Refusal, StackResource } from '../core/model.ts';
import { KEEP_TAG, refOf } from '../core/ownership.ts';

/** True where the tags ask us to leave the resource alone. */
export function carriesKeepTag(tags: Readonly<Record<string, string>>): boolean {
  return Object.hasOwn(tags, KEEP_TAG);
}

/** The refusal for a kept resource; `blocks` says whether CloudFormation's own delete fails because of what is in it. */
export function keptRefusal(resource: StackResource, blocks: boolean): Refusal {
  return {
    code: 'RESOURCE_KEPT',
    resource: refOf(resource),
    sentence: `It carries the tag ${KEEP_TAG} and is left as it is.`,
    remedy: blocks
      ? 'CloudFormation cannot delete it with what is in it: whoever set the tag removes the tag or empties it by hand, or whoever deletes the stack retains it and the custom resource (--retain-resources).'
      : 'The tag stops this service only: CloudFormation deletes the resource all the same, unless the template gave it DeletionPolicy Retain before.',
    stops: 'resource',
    blocks,
  };
}
