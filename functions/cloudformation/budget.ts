import type { Handover } from '../schemas/custom-resource.ts';

/** CloudFormation's default ServiceTimeout. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html */
const CLOUDFORMATION_WAITS_S = 3600;

/** Invocations for one request at the most, whatever the time: nothing may go on for ever. */
export const MAX_HOPS = 40;

/** The time that one request has, over all invocations that work on it. */
export interface Budget {
  /** When the first invocation began, milliseconds since the epoch. */
  readonly startedAt: number;
  /** When the answer must be on its way, milliseconds since the epoch. */
  readonly endsAt: number;
  /** Milliseconds between that moment and the end of CloudFormation's patience. */
  readonly reserve: number;
  /** 0 for the first invocation. */
  readonly hop: number;
}

/**
 * Ends well before CloudFormation stops waiting: a tenth of its time is kept back, 3 seconds at the least and 5 minutes at the
 * most, for the queue in front of the function and for the answer.
 *
 * @param serviceTimeout seconds, where the template says so
 * @param now milliseconds since the epoch
 */
export function budgetOf(serviceTimeout: number | undefined, handover: Handover | undefined, now: number): Budget {
  const seconds = serviceTimeout ?? CLOUDFORMATION_WAITS_S;
  const reserve = 1000 * Math.min(300, Math.max(3, seconds / 10));
  // An envelope is believed only as far as it can be true: nothing began in the future.
  const startedAt = Math.min(handover?.startedAt ?? now, now);
  return { startedAt, endsAt: startedAt + seconds * 1000 - reserve, reserve, hop: handover?.hop ?? 0 };
}

/** May one more invocation follow? It must have time to do something. */
export function mayContinue({ endsAt, hop }: Budget, now: number): boolean {
  return hop + 1 < MAX_HOPS && endsAt - now > 1000;
}
