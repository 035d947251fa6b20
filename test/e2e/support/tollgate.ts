import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { until } from '#scripts/lib/local-account.ts';

/** When a call is a process's last: it is never made, or it is made and nobody hears the answer. */
export type Moment = 'before' | 'after';

/** A call to end a process at: the nth of an operation, counted from 1. */
export interface Toll {
  readonly operation: string;
  readonly nth: number;
  readonly moment: Moment;
  /** Ends the process. */
  readonly kill: () => void;
}

/** Stands between one process and AWS: writes down its calls in the order in which they come, and ends it at one of them. */
export class Tollgate {
  readonly endpoint: string;
  /** Operations of the calls that came, the last one included. */
  readonly operations: string[] = [];
  readonly #server: Server;
  readonly #target: URL;
  #toll: Toll | undefined;
  #shut = false;
  #underWay = 0;

  private constructor(server: Server, port: number, target: string) {
    this.#server = server;
    this.#target = new URL(target);
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  /** @param target the endpoint that calls are handed on to, signed for this gate as they are */
  static async start(target: string): Promise<Tollgate> {
    const server = createServer((request, response) => {
      gate.#pass(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const gate = new Tollgate(server, typeof address === 'object' && address ? address.port : 0, target);
    return gate;
  }

  /** The process ends at this call. */
  collect(toll: Toll): void {
    this.#toll = toll;
  }

  /** Was the process ended here? */
  get collected(): boolean {
    return this.#shut;
  }

  /** Waits until what had been handed on is answered. */
  async settled(): Promise<void> {
    await until(() => this.#underWay === 0, 'the calls that were handed on are answered');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    // What a dead process has sent is lost.
    if (this.#shut) {
      response.destroy();
      return;
    }
    const operation = operationOf(request, body.toString());
    this.operations.push(operation);
    const toll = this.#toll;
    const here =
      toll?.operation === operation && this.operations.filter((each) => each === operation).length === toll.nth;
    if (here && toll.moment === 'before') {
      this.#close(toll, response);
      return;
    }
    this.#underWay += 1;
    try {
      const { status, headers, answer } = await this.#handOn(request, body);
      if (here) {
        this.#close(toll, response);
      } else {
        response.writeHead(status, headers).end(answer);
      }
    } finally {
      this.#underWay -= 1;
    }
  }

  #close(toll: Toll, response: ServerResponse): void {
    this.#shut = true;
    toll.kill();
    response.destroy();
  }

  async #handOn({ method, url, headers }: IncomingMessage, body: Buffer) {
    const { hostname, port } = this.#target;
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      forward({ hostname, port, method, path: url, headers, agent: false }, resolve).once('error', reject).end(body);
    });
    const { 'transfer-encoding': _, ...rest } = incoming.headers;
    return { status: incoming.statusCode ?? 502, headers: rest, answer: await buffer(incoming) };
  }
}

/** The name of the operation: in a header, in the form, or (of S3) in the address. */
function operationOf({ method, url = '', headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    return target.slice(target.lastIndexOf('.') + 1);
  }
  const query = new URL(url, 'http://localhost').searchParams;
  return new URLSearchParams(body).get('Action') ?? query.get('x-id') ?? `${method} ${[...query.keys()].join(' ')}`;
}
