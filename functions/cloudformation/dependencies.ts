import type { CleanDeps } from '../core/clean.ts';
import type { Log } from '../log.ts';
import type { CustomResourceConfig } from '../schemas/custom-resource-config.ts';
import type { SendOptions } from './send.ts';

/** What the conversation needs from outside; bound in the entry. */
export interface Dependencies {
  readonly config: () => CustomResourceConfig;
  readonly log: Log;
  /** Ports and cleaners for one run; the signal ends all AWS calls under way. */
  readonly core: (settings: {
    readonly signal: AbortSignal;
    readonly functionName: string;
    /** ARNs of roles that the service works with. */
    readonly roleArns: readonly string[];
  }) => Pick<CleanDeps, 'ports' | 'cleaners' | 'service'>;
  /** Puts an event into a function's queue; resolves when it is accepted. */
  readonly invokeAsync: (functionArn: string, payload: unknown) => Promise<void>;
  /** Puts an answer where CloudFormation waits for it. */
  readonly send: (url: string, body: string, options: SendOptions) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What Lambda says of one invocation. */
export interface Invocation {
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  getRemainingTimeInMillis(): number;
}
