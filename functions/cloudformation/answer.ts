import type { AnswerAddress } from '../schemas/custom-resource.ts';

/** How a request ends. SUCCESS carries nothing that depends on the run: a duplicate of the request gets the same bytes. */
export type Outcome =
  | { readonly status: 'SUCCESS'; readonly data?: Readonly<Record<string, string>> | undefined }
  | { readonly status: 'FAILED'; readonly code: string; readonly reason: string };

/** Where somebody who reads a Reason finds the rest. */
export interface Pointer {
  readonly logGroup: string;
  readonly requestId: string;
}

/** The whole body. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
export const MAX_BODY_BYTES = 4096;

/** What of it a Reason may take so that it is hardly ever cut: ids, keys and escapes need the rest. */
export const REASON_BYTES = 3000;

/**
 * The body of an answer, in JSON, 4,096 bytes of UTF-8 at the most. A Reason that is too long is cut at a code point; the
 * pointer to the log always stays.
 */
export function bodyOf(address: AnswerAddress, physicalId: string, outcome: Outcome, pointer: Pointer): string {
  const body = (reason?: string) =>
    JSON.stringify({
      Status: outcome.status,
      ...(reason === undefined ? {} : { Reason: reason }),
      PhysicalResourceId: physicalId,
      StackId: address.StackId,
      RequestId: address.RequestId,
      LogicalResourceId: address.LogicalResourceId,
      ...(outcome.status === 'SUCCESS' && outcome.data ? { Data: outcome.data } : {}),
    });
  if (outcome.status === 'SUCCESS') {
    return body();
  }
  const where = ` (Log group ${pointer.logGroup}, request ${pointer.requestId}.)`;
  const room = MAX_BODY_BYTES - Buffer.byteLength(body(where));
  return body(cut(outcome.reason, room) + where);
}

/** Cuts a text at a code point so that it takes no more than `room` bytes inside a JSON string. */
function cut(text: string, room: number): string {
  if (jsonBytes(text) <= room) {
    return text;
  }
  let left = room - jsonBytes('…');
  let kept = '';
  for (const point of text) {
    left -= jsonBytes(point);
    if (left < 0) {
      break;
    }
    kept += point;
  }
  return `${kept}…`;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
