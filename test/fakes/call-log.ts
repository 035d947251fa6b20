import { AwsFailure } from '#functions/errors.ts';

export interface RecordedCall {
  /** As IAM writes it: `ecr:BatchDeleteImage`. */
  readonly action: string;
  /** Name or ARN of what the call was made on. */
  readonly target: string;
}

/** A failure to come. */
export interface InjectedFailure {
  readonly action: string;
  /** Only calls on this target; any where absent. */
  readonly target?: string;
  readonly errorName: string;
  /** Matching calls that still succeed first; 0 where absent. */
  readonly after?: number;
  /** How many calls fail then; 1 where absent. */
  readonly times?: number;
}

/**
 * What all fakes share: every call is written down with its target before anything else, then what was scripted happens,
 * then an injected failure is thrown. A page of a listing is a call. A call takes a turn of the event loop, so that calls
 * made side by side really overlap.
 */
export class CallLog {
  readonly calls: RecordedCall[] = [];
  readonly #failures: { readonly injected: InjectedFailure; seen: number }[] = [];
  readonly #scripts: ((call: RecordedCall, nth: number) => void)[] = [];

  /** Makes coming calls fail with an AwsFailure. */
  fail(injected: InjectedFailure): void {
    this.#failures.push({ injected, seen: 0 });
  }

  /** Refuses an action for ever, as IAM does. */
  deny(action: string, target?: string): void {
    this.fail({
      action,
      errorName: 'AccessDeniedException',
      times: Number.POSITIVE_INFINITY,
      ...(target === undefined ? {} : { target }),
    });
  }

  /** From now on nothing fails any more. */
  heal(): void {
    this.#failures.length = 0;
  }

  /** Runs at the beginning of every call; `nth` counts from 1 over all calls. */
  onCall(script: (call: RecordedCall, nth: number) => void): void {
    this.#scripts.push(script);
  }

  /** Calls by action, for `Ports.callsMade`. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { action } of this.calls) {
      counts[action] = (counts[action] ?? 0) + 1;
    }
    return counts;
  }

  count(...actions: readonly string[]): number {
    return this.calls.filter((call) => actions.includes(call.action)).length;
  }

  /** The actions in the order in which they were called. */
  actions(): readonly string[] {
    return this.calls.map((call) => call.action);
  }

  /** Fakes call this first. */
  async begin(action: string, target: string): Promise<void> {
    const call = { action, target };
    this.calls.push(call);
    for (const script of this.#scripts) {
      script(call, this.calls.length);
    }
    const errorName = this.#failureOf(call);
    await turn();
    if (errorName !== undefined) {
      throw awsFailure(action, target, errorName);
    }
  }

  #failureOf({ action, target }: RecordedCall): string | undefined {
    let errorName: string | undefined;
    for (const failure of this.#failures) {
      const { injected } = failure;
      if (injected.action !== action || (injected.target !== undefined && injected.target !== target)) {
        continue;
      }
      failure.seen += 1;
      const after = injected.after ?? 0;
      if (failure.seen > after && failure.seen <= after + (injected.times ?? 1)) {
        errorName ??= injected.errorName;
      }
    }
    return errorName;
  }
}

export function awsFailure(action: string, resource: string, errorName: string): AwsFailure {
  return new AwsFailure({ action, resource, errorName, status: 400 }, `${errorName} from the fake`);
}

/** Lets everything that is ready go first. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
