import { networkErrorName } from '../errors.ts';
import { SlackUnavailable } from './errors.ts';

/** What Slack answered over HTTP. */
interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** Seconds that Slack asks to wait. */
  readonly retryAfter: number | undefined;
}

/**
 * Posts to Slack once.
 *
 * @throws SlackUnavailable where no answer came; it holds neither the address nor a header
 */
export async function postOnce(
  url: string,
  { headers, body, signal }: Required<Pick<RequestInit, 'headers' | 'body' | 'signal'>>,
): Promise<HttpAnswer> {
  try {
    // A redirect would carry message and credential to a host that nobody checked.
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const text = await response.text();
    return { status: response.status, text, retryAfter: secondsOf(response.headers.get('retry-after')) };
  } catch (thrown) {
    throw new SlackUnavailable(`Slack did not answer: ${networkErrorName(thrown)}`);
  }
}

/** True for an HTTP status after which the same request may work. */
export function mayPass(status: number): boolean {
  return status === 429 || status === 408 || status >= 500;
}

/** `Retry-After` is seconds; HTTP also allows a date. */
function secondsOf(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  const value = Number.isFinite(seconds) ? seconds : (Date.parse(header ?? '') - Date.now()) / 1000;
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
