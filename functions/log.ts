import { Logger } from '@aws-lambda-powertools/logger';

/**
 * Every line that a function may log. The code is what queries, alarms and tests name; the text is for people.
 * Never log a whole event, an environment, a presigned URL or a credential: fields are named one by one.
 */
const MESSAGES = {
  REQUEST_STARTED: 'custom resource request started',
  REQUEST_COMPLETED: 'custom resource request completed',
  REQUEST_REFUSED: 'custom resource request refused',
  REQUEST_FAILED: 'custom resource request failed',
  REQUEST_UNANSWERABLE: 'request cannot be answered: its answer address is not CloudFormation',
  PROPERTIES_IGNORED: 'invalid properties ignored on delete; what cannot be read counts as not consented to',
  DECISION: 'what CloudFormation is doing and whether the stack is emptied',
  PLAN: 'plan',
  STEP_STARTED: 'step started',
  STEP_COMPLETED: 'step completed',
  PROGRESS: 'progress',
  REPORT: 'report',
  NOTE: 'note',
  HANDED_OVER: 'time is short: the work continues in a new invocation',
  HANDOVER_EXHAUSTED: 'time for this request is used up',
  ANSWER_SENT: 'answer sent to CloudFormation',
  ANSWER_RETRIED: 'answer to CloudFormation failed and is sent again',
  ANSWER_FAILED: 'answer to CloudFormation could not be sent',
  TEARDOWN_PLANNING: 'teardown is being planned',
  TEARDOWN_REFUSED: 'teardown refused: nothing is begun',
  TEARDOWN_STEP_STARTED: 'step of a teardown started',
  TEARDOWN_STEP_COMPLETED: 'step of a teardown completed',
  TASK_FAILED: 'task of the state machine failed',
  STACK_NOTICE_SKIPPED: 'nothing is told about the teardown',
  STACK_NOTICE_SENT: 'stack notice sent',
  STACK_NOTICE_RETRIED: 'stack notice failed and is sent again',
  STACK_NOTICE_FAILED: 'stack notice could not be sent; the teardown goes on',
  NOTICE_STARTED: 'build notice started',
  NOTICE_SKIPPED: 'event gives no notice',
  NOTICE_SENT: 'notice sent',
  NOTICE_RETRIED: 'notice failed and is sent again',
  NOTICE_FAILED: 'notice could not be sent',
  NOTICE_REPEATED: 'the notice stands in Slack, and somebody else tells it again: the claim ran out meanwhile',
  NOTICE_WAITS: 'somebody else is telling something of this build',
  ENRICHMENT_MISSED: 'the notice goes out without something that it could have said',
  ROUTES_WRONG: 'the routes document is wrong; the last good one stays in force',
  WATCH_FAILED: 'the look for builds whose end was not told failed; the schedule repeats it',
  WATCH_COMPLETED: 'looked for builds whose end event never came',
} as const;

export type LogCode = keyof typeof MESSAGES;
export type LogFields = Readonly<Record<string, unknown>>;

/** What the project logs through; tests collect the codes. */
export interface Log {
  info(code: LogCode, fields?: LogFields): void;
  warn(code: LogCode, fields?: LogFields): void;
  error(code: LogCode, fields?: LogFields): void;
  /** Fields that every later line of this invocation carries. */
  remember(fields: LogFields): void;
}

/** JSON lines on stdout, as Lambda keeps them. `POWERTOOLS_LOG_LEVEL` sets the level. */
export function createLog(serviceName: string): Log {
  const logger = new Logger({ serviceName });
  return {
    info: (code, fields = {}) => logger.info(MESSAGES[code], { code, ...fields }),
    warn: (code, fields = {}) => logger.warn(MESSAGES[code], { code, ...fields }),
    error: (code, fields = {}) => logger.error(MESSAGES[code], { code, ...fields }),
    remember: (fields) => {
      logger.resetKeys();
      logger.appendKeys({ ...fields });
    },
  };
}
