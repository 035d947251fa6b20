import { createHash } from 'node:crypto';
import type { AnswerAddress } from '../schemas/custom-resource.ts';

const MAX_BYTES = 1024;

/**
 * The custom resource's PhysicalResourceId: what it was given, or a function of stack and logical id alone. An id that
 * changes on Update makes CloudFormation send a Delete for the old one.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 *
 * @returns 1 to 1,024 bytes
 */
export function physicalIdOf(
  request: Pick<AnswerAddress, 'StackId' | 'LogicalResourceId' | 'PhysicalResourceId'>,
): string {
  if (request.PhysicalResourceId !== undefined) {
    return request.PhysicalResourceId;
  }
  const id = `${request.StackId}/${request.LogicalResourceId}`;
  return Buffer.byteLength(id) <= MAX_BYTES ? id : createHash('sha256').update(id).digest('hex');
}
