import { createServer, type Server } from 'node:http';
import { until } from '#scripts/lib/local-account.ts';

export interface Recorded {
  readonly contentType: string | undefined;
  readonly body: string;
}

interface Place {
  /** How the next answers are met; 200 after that. */
  readonly statuses: readonly number[];
  readonly answers: readonly Recorded[];
}

/** Stands where CloudFormation takes answers, and keeps them: each test at a place of its own. */
export class Recorder {
  readonly host: string;
  readonly #server: Server;
  readonly #places = new Map<string, Place>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.host = `127.0.0.1:${port}`;
  }

  static async start(): Promise<Recorder> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const recorder = new Recorder(server, typeof address === 'object' && address ? address.port : 0);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        const name = (request.url ?? '').slice(1).split('?')[0] ?? '';
        const { statuses = [], answers = [] } = recorder.#places.get(name) ?? {};
        const [status = 200, ...later] = statuses;
        const answer = { contentType: request.headers['content-type'], body };
        recorder.#places.set(name, { statuses: later, answers: [...answers, answer] });
        response.writeHead(status).end();
      });
    });
    return recorder;
  }

  /** An address for answers, and how the first ones are met. */
  urlOf(name: string, ...statuses: readonly number[]): string {
    this.#places.set(name, { statuses, answers: [] });
    return `http://${this.host}/${name}?X-Amz-Signature=hidden`;
  }

  answersAt(name: string): readonly Recorded[] {
    return this.#places.get(name)?.answers ?? [];
  }

  /** Waits for a number of answers. */
  async received(name: string, count: number): Promise<readonly Recorded[]> {
    await until(() => this.answersAt(name).length >= count, `${count} answers at ${name}`);
    return this.answersAt(name);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
