import { createServer, type Server } from 'node:http';
import { until } from '#scripts/lib/local-account.ts';

export interface Recorded {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** Stands where CloudFormation takes answers, and keeps them. */
export class Recorder {
  readonly host: string;
  readonly #server: Server;
  #answers: readonly Recorded[] = [];
  #statuses: readonly number[] = [];

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
        const { url: path = '', headers } = request;
        recorder.#answers = [...recorder.#answers, { path, contentType: headers['content-type'], body }];
        const [status = 200, ...later] = recorder.#statuses;
        recorder.#statuses = later;
        response.writeHead(status).end();
      });
    });
    return recorder;
  }

  /** Forgets what came, and says how the next requests are answered; 200 after that. */
  expect(...statuses: readonly number[]): void {
    this.#answers = [];
    this.#statuses = statuses;
  }

  get answers(): readonly Recorded[] {
    return this.#answers;
  }

  /** Waits for a number of answers. */
  async received(count: number): Promise<readonly Recorded[]> {
    await until(() => this.#answers.length >= count, `${count} answers`);
    return this.#answers;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
