import { CleanExitError, Refused } from '../errors.ts';

/** Slack did not take the message this time; sending it again may work. */
export class SlackUnavailable extends CleanExitError {
  readonly whoActs = 'retry';
  /** Seconds that Slack asked to wait; undefined where it did not ask. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super('SLACK_UNAVAILABLE', message);
    this.retryAfter = retryAfter;
  }
}

export interface Refusal {
  /** HTTP status; the Web API refuses with 200. */
  readonly status: number;
  /** Slack's word for it, e.g. `no_service`. */
  readonly word: string;
  /** True where the credential itself is no good any more: a newer one may stand in the parameter by now. */
  readonly credentialRejected: boolean;
}

/** Slack refused the message and will refuse it again; the message says what to do. Never holds the credential. */
export class SlackRefused extends Refused implements Refusal {
  readonly status: number;
  readonly word: string;
  readonly credentialRejected: boolean;

  constructor({ status, word, credentialRejected }: Refusal, sentence: string) {
    super('SLACK_REFUSED', sentence);
    this.status = status;
    this.word = word;
    this.credentialRejected = credentialRejected;
  }
}

/** The remedy for what only a change of this project mends. */
export const OUR_FAULT = 'the message was built wrongly: report it, with the event, to the maintainers';
