import type { ServerResponse } from 'node:http';

/** An answer that takes the place of the ordinary one: once, in the order in which they were given. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `silent`: no answer at all; `reset`: the connection breaks. */
  readonly fault?: 'silent' | 'reset';
}

export type Fields = Record<string, unknown>;

/** JSON; undefined for anything else. */
export function parsed(json: unknown): unknown {
  try {
    return JSON.parse(String(json));
  } catch {
    return undefined;
  }
}

/** JSON or a form; in a form every value that is not plain text is JSON, as Slack's clients send it. */
export function decoded(contentType: string | undefined, body: string): Fields | undefined {
  if (!contentType?.startsWith('application/x-www-form-urlencoded')) {
    const value = parsed(body);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  }
  const structured = new Set(['blocks', 'attachments', 'unfurl_links', 'unfurl_media', 'mrkdwn']);
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [name, structured.has(name) ? parsed(value) : value]),
  );
}

/** Gives the answer that a test has asked for. */
export function act(
  response: ServerResponse,
  { status = 200, body = 'ok', headers = {}, fault }: ScriptedAnswer,
): void {
  switch (fault) {
    case 'silent':
      return;
    case 'reset':
      response.destroy();
      return;
    default:
      response.writeHead(status, headers).end(body);
  }
}

export function reply(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body);
}
