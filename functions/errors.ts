/**
 * The errors of this project, by who must act. Everything thrown on purpose is one of these; anything else is a `Bug`.
 * `code` is stable: log queries, alarms and tests name it.
 */
export type WhoActs = 'caller' | 'operator' | 'retry' | 'maintainer';

export abstract class CleanExitError extends Error {
  abstract readonly whoActs: WhoActs;
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    // Lambda reports an error by its name; the name of a class does not survive minifying.
    this.name = code;
  }
}

/** What the caller sent cannot be used; the message names the field and the fix. */
export class BadRequest extends CleanExitError {
  readonly whoActs = 'caller';
}

/** The request is well formed and must not be carried out; the message says who can do what about it. */
export class Refused extends CleanExitError {
  readonly whoActs = 'operator';
}

/** What an AWS call was about, so that a report can name it. */
export interface AwsFailureContext {
  /** Service and action as IAM writes them, e.g. `ecr:BatchDeleteImage`. */
  readonly action: string;
  /** Name or ARN of what the call was made on. */
  readonly resource: string;
  /** The error's name as the SDK gives it, e.g. `AccessDeniedException`. */
  readonly errorName: string;
  /** HTTP status; undefined where no answer came. */
  readonly status?: number | undefined;
}

/** An AWS call failed after the client's own retries. Wrapped once, in `functions/aws`. */
export class AwsFailure extends CleanExitError {
  readonly whoActs = 'retry';
  readonly context: AwsFailureContext;

  constructor(context: AwsFailureContext, message: string, options?: ErrorOptions) {
    super('AWS_CALL_FAILED', `${context.action} on ${context.resource}: ${context.errorName}: ${message}`, options);
    this.context = context;
  }

  /** True where the caller's rights are the cause: repeating will not help until an administrator acts. */
  get accessDenied(): boolean {
    return /AccessDenied|NotAuthorized|UnauthorizedOperation|UnrecognizedClient/.test(this.context.errorName);
  }
}

/** A promise of our own code was broken. */
export class Bug extends CleanExitError {
  readonly whoActs = 'maintainer';

  constructor(message: string, options?: ErrorOptions) {
    super('BUG', message, options);
  }
}

/** For the default branch of an exhaustive switch: the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new Bug(`unexpected value ${JSON.stringify(value)}`);
}

/**
 * What a failed fetch is called: the code or name of its cause, which is nearer to the truth, or its own. Never its message,
 * which may hold an address that is a credential.
 */
export function networkErrorName(thrown: unknown): string {
  const words = [propertyOf(thrown, 'cause'), thrown].flatMap((each) => [
    propertyOf(each, 'code'),
    propertyOf(each, 'name'),
  ]);
  return words.find((word) => typeof word === 'string') ?? 'UnknownError';
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
