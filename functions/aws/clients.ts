import { countAttempt, iamAction } from './call-counter.ts';
import { errorNameOf } from './errors.ts';

/**
 * What every client is made with. Endpoint, Region and FIPS come from the environment alone (AWS_ENDPOINT_URL, AWS_REGION,
 * AWS_USE_FIPS_ENDPOINT), which the SDK reads by itself.
 *
 * Six attempts: the quotas of CloudFormation, Logs and IAM are shared by the whole account, so being throttled is ordinary.
 * Throttled attempts wait up to 1, 2, 4, 8 and 16 seconds, with jitter. `standard`, because `adaptive` slows down every
 * action of a client when one is throttled, and without a bound: our cleaners pace themselves and have a deadline.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 *
 * Time-outs: the SDK has none, and a request that hangs would use up the invocation. Twenty seconds is ample for the slowest
 * calls (a thousand images described, a hundred deleted).
 */
export const CLIENT_SETTINGS = {
  maxAttempts: 6,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: 3_000,
    requestTimeout: 20_000,
    // Without this the SDK only warns.
    throwOnRequestTimeout: true,
    // Between two parts of one answer.
    socketTimeout: 20_000,
  },
} as const;

/**
 * Another change of the same thing was under way. Both say so themselves and ask for a repetition; the SDK does not count
 * them among the errors that it repeats.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html (OperationAbortedException)
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html (ConcurrentModification)
 */
const CONCURRENT_CHANGE = new Set(['OperationAbortedException', 'ConcurrentModificationException']);

/** How an adapter is made. */
export interface AdapterOptions<Client> {
  /** For tests; the container's own client by default. */
  readonly client?: (() => Client) | undefined;
  /** Ends calls under way, waits between attempts included; they fail with errorName `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/** What goes beside the command into `send`. */
export function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

type Attempt<Input, Output> = (args: Input) => Promise<Output>;

/** What we need of any SDK client. */
interface Instrumentable {
  readonly middlewareStack: {
    add(
      middleware: <Input, Output>(
        next: Attempt<Input, Output>,
        context: { readonly commandName?: string },
      ) => Attempt<Input, Output>,
      options: { step: 'deserialize'; priority: 'high'; name: string },
    ): void;
  };
}

/**
 * One client per service and container, made when it is first used: a warm container keeps its connections.
 *
 * @param service IAM's prefix of the service, e.g. `logs`
 */
export function perContainer<Client extends Instrumentable>(service: string, make: () => Client): () => Client {
  let client: Client | undefined;
  return () => {
    client ??= instrument(service, make());
    return client;
  };
}

/** Counts every attempt, retries included, and lets the SDK repeat what met a concurrent change. */
export function instrument<Client extends Instrumentable>(service: string, client: Client): Client {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      countAttempt(iamAction(service, context.commandName ?? 'Unknown'));
      try {
        return await next(args);
      } catch (thrown) {
        if (thrown instanceof Error && CONCURRENT_CHANGE.has(errorNameOf(thrown))) {
          Object.assign(thrown, { $retryable: { throttling: true } });
        }
        throw thrown;
      }
    },
    // `deserialize` lies inside the retry, so that each attempt passes; `high` lies around the SDK's own reading of the answer.
    { step: 'deserialize', priority: 'high', name: 'cleanExitAttempts' },
  );
  return client;
}
