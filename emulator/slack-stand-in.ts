import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readAll } from 'node:stream/consumers';
import { act, decoded, type Fields, parsed, reply, type ScriptedAnswer } from './slack-http.ts';
import { SlackMessage } from './slack-message.ts';

/** A message as the stand-in keeps it. */
interface KeptMessage {
  readonly via: 'webhook' | 'api';
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  /** A reply that is shown in the channel too. */
  readonly broadcast: boolean;
  edited: boolean;
  message: SlackMessage;
}

export interface SlackStandIn {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Base address of the Web API, for the official client's `slackApiUrl`. */
  readonly apiUrl: string;
  readonly messages: readonly KeptMessage[];
  /** What was wrong with messages that Slack would have refused. */
  readonly refusals: readonly string[];
  /** Requests that came, refused and failed ones included. */
  readonly requests: number;
  /** A new incoming webhook; secret as Slack's are. */
  createWebhook(channel?: string): string;
  /** From now on the webhook answers as Slack does for one that was removed. */
  revokeWebhook(url: string): void;
  /** From now on the Web API takes this token, and says of the one before that it was revoked. */
  rotateToken(token: string): void;
  archiveChannel(channel: string): void;
  deleteMessage(ts: string): void;
  answerNext(...answers: ScriptedAnswer[]): void;
  stop(): Promise<void>;
}

export interface StandInOptions {
  readonly port?: number;
  readonly token?: string;
  readonly channels?: readonly string[];
  /** What the token may do. */
  readonly scopes?: readonly string[];
  /** User IDs by e-mail address. */
  readonly users?: Readonly<Record<string, string>>;
}

/** The scope that each method needs. https://docs.slack.dev/reference/scopes */
const SCOPES: Readonly<Record<string, string>> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'users.lookupByEmail': 'users:read.email',
};

/** Starts a stand-in for Slack on the loopback interface. It refuses what Slack refuses, with Slack's words. */
export async function startSlackStandIn(options: StandInOptions = {}): Promise<SlackStandIn> {
  const { port = 0, channels = ['C0BUILDS'], scopes = Object.values(SCOPES), users = {} } = options;
  let token = options.token ?? 'xoxb-stand-in';
  const revoked = new Set<unknown>();
  const archived = new Set<string>();
  const messages: KeptMessage[] = [];
  const refusals: string[] = [];
  const scripted: ScriptedAnswer[] = [];
  const webhooks = new Map<string, string>();
  let requests = 0;
  let clock = 0;

  const nextTs = () => `${Math.floor(Date.now() / 1000)}.${String(++clock).padStart(6, '0')}`;

  function accepted(candidate: unknown): SlackMessage | undefined {
    const result = SlackMessage.safeParse(candidate);
    if (!result.success) {
      refusals.push(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    }
    return result.data;
  }

  /** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling-errors */
  function webhook(path: string, fields: Fields | undefined): [number, string] {
    const channel = webhooks.get(path);
    if (channel === undefined) {
      return [404, 'no_service'];
    }
    const candidate = fields && 'payload' in fields ? parsed(fields['payload']) : fields;
    if (typeof candidate !== 'object' || candidate === null) {
      return [400, 'invalid_payload'];
    }
    if (!('text' in candidate) && !('blocks' in candidate) && !('attachments' in candidate)) {
      return [400, 'no_text'];
    }
    const message = accepted(candidate);
    if (message === undefined) {
      return [400, 'invalid_blocks'];
    }
    messages.push({ via: 'webhook', channel, ts: nextTs(), broadcast: false, edited: false, message });
    return [200, 'ok'];
  }

  function api(method: string, fields: Fields, authorization: string | undefined): object {
    const given = authorization?.replace(/^Bearer /, '') ?? fields['token'];
    if (given !== token) {
      return {
        ok: false,
        error: given === undefined ? 'not_authed' : revoked.has(given) ? 'token_revoked' : 'invalid_auth',
      };
    }
    const needed = SCOPES[method];
    if (needed !== undefined && !scopes.includes(needed)) {
      return { ok: false, error: 'missing_scope', needed, provided: scopes.join(',') };
    }
    switch (method) {
      case 'chat.postMessage':
      case 'chat.update':
        return post(method, fields);
      case 'users.lookupByEmail': {
        const id = users[String(fields['email'])];
        return id === undefined ? { ok: false, error: 'users_not_found' } : { ok: true, user: { id } };
      }
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  function post(method: 'chat.postMessage' | 'chat.update', all: Fields): object {
    const { token: _, parse: __, channel, ts, thread_ts: threadTs, reply_broadcast: broadcast, ...fields } = all;
    if (typeof channel !== 'string' || !channels.includes(channel)) {
      return { ok: false, error: 'channel_not_found' };
    }
    if (archived.has(channel)) {
      return { ok: false, error: 'is_archived' };
    }
    if (!('text' in fields) && !('blocks' in fields) && !('attachments' in fields)) {
      return { ok: false, error: 'no_text' };
    }
    const message = accepted(fields);
    if (message === undefined) {
      return { ok: false, error: 'invalid_blocks' };
    }
    if (method === 'chat.update') {
      const kept = messages.find((candidate) => candidate.channel === channel && candidate.ts === ts);
      if (kept === undefined) {
        return { ok: false, error: 'message_not_found' };
      }
      Object.assign(kept, { message, edited: true });
      return { ok: true, channel, ts, text: message.text ?? '' };
    }
    const thread = typeof threadTs === 'string' ? { threadTs } : {};
    const kept: KeptMessage = {
      via: 'api',
      channel,
      ts: nextTs(),
      ...thread,
      broadcast: String(broadcast) === 'true',
      edited: false,
      message,
    };
    messages.push(kept);
    return { ok: true, channel, ts: kept.ts, message };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
    const body = await readAll(request);
    if (request.method === 'GET' && path === '/messages') {
      return reply(response, 200, JSON.stringify({ messages, refusals, requests }), 'application/json');
    }
    requests += 1;
    const instead = scripted.shift();
    if (instead !== undefined) {
      return act(response, instead);
    }
    const fields = decoded(request.headers['content-type'], body);
    if (request.method === 'POST' && path.startsWith('/services/')) {
      return reply(response, ...webhook(path, fields), 'text/html');
    }
    if (path.startsWith('/api/')) {
      const outcome = api(path.slice('/api/'.length), fields ?? {}, request.headers.authorization);
      return reply(response, 200, JSON.stringify(outcome), 'application/json');
    }
    reply(response, 404, 'not_found', 'text/html');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
  return {
    host,
    apiUrl: `http://${host}/api/`,
    messages,
    refusals,
    get requests() {
      return requests;
    },
    createWebhook: (channel = '#builds') => {
      const path = `/services/T0STANDIN/B${String(webhooks.size + 1).padStart(8, '0')}/${crypto.randomUUID().replaceAll('-', '')}`;
      webhooks.set(path, channel);
      return `http://${host}${path}`;
    },
    revokeWebhook: (url) => void webhooks.delete(new URL(url).pathname),
    rotateToken: (next) => {
      revoked.add(token);
      token = next;
    },
    archiveChannel: (channel) => void archived.add(channel),
    deleteMessage: (ts) => {
      const index = messages.findIndex((message) => message.ts === ts);
      if (index !== -1) {
        messages.splice(index, 1);
      }
    },
    answerNext: (...answers) => void scripted.push(...answers),
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/** `node emulator/slack-stand-in.ts [PORT]`: prints a webhook's URL and keeps running; GET /messages shows what came. */
if (import.meta.main) {
  const standIn = await startSlackStandIn({ port: Number(process.argv[2] ?? 0) });
  console.log(JSON.stringify({ host: standIn.host, webhook: standIn.createWebhook(), apiUrl: standIn.apiUrl }));
}
