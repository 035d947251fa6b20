/** The control endpoints of the emulator, as functions. */

/** One API call that the emulator answered. */
export interface ApiCall {
  /** Counts from 1, without gaps. */
  seq: number;
  /** ISO 8601. */
  at: string;
  /** MiniStack's name of the service: `cloudformation`, `ecr`, `logs`, `iam`, `lambda`, `events` … */
  service: string;
  operation: string;
  /** ARN of the caller; `root` for the account's own key. */
  principal: string;
  /** The parameters, where they are JSON or a query string. */
  request: unknown;
  status: number;
  errorCode: string | null;
  /** The action for whose right the call was refused, where the answer says so, as IAM writes it. */
  deniedAction: string | null;
  ms: number;
}

export interface CallPage {
  /** Pass it as `since` to read what comes after this page. */
  next: number;
  calls: ApiCall[];
}

/** Delays or fails the calls that it matches; the first rule that matches decides. */
export interface FaultRule {
  service: string;
  operation: string;
  /** Part of the caller's ARN. */
  principal?: string;
  /** Part of the raw request body. */
  match?: string;
  /** For how many calls; without an end by default. */
  times?: number | null;
  delayMs?: number;
  /** HTTP status of the answer (default 400). */
  status?: number;
  /** Error code of the answer, as AWS names it; without one the call is carried out. */
  code?: string;
  message?: string;
  /** Ends the process of the function that makes the call: before the call is carried out, or after it, unanswered. */
  kill?: 'before' | 'after';
}

export interface EventEntry {
  source: string;
  detailType: string;
  detail: unknown;
  resources?: string[];
  /** The Region whose bus gets it; the emulator's own by default. */
  region?: string;
}

/** An answer of a control endpoint that is no success. */
export class ControlError extends Error {
  override name = 'ControlError';
}

export interface EmulatorControl {
  /** The API calls since the emulator started, or since the sequence number of an earlier page. */
  calls(since?: number): Promise<CallPage>;
  clearCalls(): Promise<void>;
  /** Replaces every fault rule. */
  setFaults(rules: FaultRule[]): Promise<void>;
  /** Adds milliseconds to every API call; 0 ends it. */
  setLatency(ms: number): Promise<void>;
  /** Puts an event on the default bus, also from a source that begins with `aws.`. */
  putEvent(entry: EventEntry): Promise<void>;
  /** Ends a CodeBuild build that is in progress. */
  finishBuild(request: Record<string, unknown>): Promise<unknown>;
  /** Puts so many reports into a report group, named by its ARN, as builds would. */
  addReports(reportGroup: string, count: number): Promise<void>;
}

/** The control endpoints of one emulator. @throws {ControlError} with the emulator's own sentence */
export function control(endpoint: string): EmulatorControl {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${endpoint}/_clean-exit${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = JSON.parse(await response.text());
    if (!response.ok) throw new ControlError(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    async calls(since = 0): Promise<CallPage> {
      const answer = await call('GET', `/calls?since=${since}`);
      if (!isCallPage(answer)) throw new ControlError(`GET /calls: unexpected answer ${JSON.stringify(answer)}`);
      return answer;
    },
    async clearCalls(): Promise<void> {
      await call('DELETE', '/calls');
    },
    async setFaults(rules: FaultRule[]): Promise<void> {
      await call('PUT', '/faults', { rules });
    },
    async setLatency(ms: number): Promise<void> {
      await call('PUT', '/latency', { ms });
    },
    async putEvent(entry: EventEntry): Promise<void> {
      await call('POST', '/events', entry);
    },
    finishBuild(request: Record<string, unknown>): Promise<unknown> {
      return call('POST', '/builds/finish', request);
    },
    async addReports(reportGroup: string, count: number): Promise<void> {
      await call('POST', '/reports', { reportGroup, count });
    },
  };
}

function isCallPage(answer: unknown): answer is CallPage {
  return typeof answer === 'object' && answer !== null && 'calls' in answer && Array.isArray(answer.calls);
}
