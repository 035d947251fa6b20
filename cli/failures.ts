import { oneLine } from '#functions/core/report.ts';
import { AwsFailure, BadRequest, messageOf, Refused } from '#functions/errors.ts';
import { Interrupted, LostSight, NotConsented, RunFailed, WrongUsage } from './errors.ts';
import { EXIT, type ExitCode } from './exit.ts';

/** How the command ends after something was thrown, and the one line that says so. */
export interface Failure {
  readonly exit: ExitCode;
  readonly sentence: string;
}

const SIGN_IN = 'sign in again (`aws sso login` or `aws configure`), or name another profile with --profile';

/** What AWS's refusals of credentials, and an AWS that does not answer, mean for the person; by the error's name. */
const WORDS: readonly (readonly [names: RegExp, words: (failure: AwsFailure) => string])[] = [
  [/^(CredentialsProviderError|ProviderError|NoCredentials)$/, () => `No AWS credentials were found: ${SIGN_IN}.`],
  [/^TokenProviderError$/, () => `The AWS session has ended: ${SIGN_IN}.`],
  [
    /^(ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired)$/,
    () => `The AWS credentials have expired: ${SIGN_IN}.`,
  ],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|AuthFailure|SignatureDoesNotMatch|IncompleteSignature(Exception)?|InvalidSignatureException|InvalidToken|MissingAuthenticationToken(Exception)?)$/,
    () => `AWS does not accept these credentials: ${SIGN_IN}. (Where they are right, check the clock of this machine.)`,
  ],
  [
    /^RequestTimeTooSkewed$/,
    () => 'The clock of this machine is wrong: AWS accepts a few minutes at most. Set it, then try again.',
  ],
  [
    /^(OptInRequired|SubscriptionRequiredException)$/,
    ({ context }) =>
      `The account may not use ${context.action.split(':')[0]} in this Region: enable the Region, or give another one with --region.`,
  ],
  [
    /Throttl|^TooManyRequests|^RequestLimitExceeded$|^SlowDown$/,
    ({ context }) =>
      `AWS holds calls of this account back (${context.action}): wait a minute, then give the same command again; it goes on where it stopped.`,
  ],
  [
    /^TimeoutError$|^ETIMEDOUT$|^AbortError$/,
    ({ context }) =>
      `AWS did not answer in time (${context.action}): check the network, then give the same command again.`,
  ],
  [
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EPIPE|NetworkingError)$/,
    ({ context }) =>
      `AWS cannot be reached (${context.errorName}): check the network, and that the Region is one of AWS's.`,
  ],
];

/** Everything thrown becomes one calm line and an exit code. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Interrupted) {
    return { exit: EXIT.interrupted, sentence: '' };
  }
  if (thrown instanceof WrongUsage || thrown instanceof BadRequest) {
    return { exit: EXIT.usage, sentence: tidy(thrown.message) };
  }
  if (thrown instanceof NotConsented || thrown instanceof Refused) {
    return { exit: EXIT.refused, sentence: tidy(thrown.message) };
  }
  if (thrown instanceof LostSight) {
    const { exit, sentence } = failureOf(thrown.cause);
    return { exit, sentence: `${sentence} ${tidy(thrown.message)}` };
  }
  if (thrown instanceof RunFailed) {
    return { exit: EXIT.failed, sentence: tidy(thrown.message) };
  }
  if (thrown instanceof AwsFailure) {
    return { exit: EXIT.unreachable, sentence: tidy(awsWords(thrown)) };
  }
  return {
    exit: EXIT.failed,
    sentence: `${tidy(messageOf(thrown))} (This looks like a fault of clean-exit: --verbose shows where.)`,
  };
}

function awsWords(failure: AwsFailure): string {
  const { action, resource, errorName } = failure.context;
  if (failure.message.includes('Region is missing')) {
    return 'No Region is set: give one with --region, or set AWS_REGION.';
  }
  const wrongRegion = /Region not accepted: region="([^"]*)"/.exec(failure.message)?.[1];
  if (wrongRegion !== undefined) {
    return `"${wrongRegion}" is not a Region: give one with --region, such as eu-west-1.`;
  }
  const known = WORDS.find(([names]) => names.test(errorName));
  if (known) {
    return known[1](failure);
  }
  if (failure.accessDenied) {
    return `These credentials may not do ${action} on ${resource}: ask an administrator to allow it, or take other credentials with --profile.`;
  }
  return failure.message;
}

/** One line, and nothing in it that opens anything. */
function tidy(text: string): string {
  return redacted(oneLine(text));
}

/**
 * Takes out what must never be printed: access keys, and addresses that are credentials themselves (presigned, Slack's).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
 */
export function redacted(text: string): string {
  return text
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{12,}\b/g, '$1…')
    .replace(/https?:\/\/\S*(X-Amz-|AWSAccessKeyId=|Signature=)\S*/gi, '(an address)')
    .replace(/https:\/\/hooks\.slack(-gov)?\.com\/\S*/g, '(an address)')
    .replace(/\bxox[a-z]-[\w-]+/g, '(a token)');
}
