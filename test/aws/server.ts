import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a scripted AWS answers to one request; `silence` answers nothing at all. */
export type Answer = { readonly status: number; readonly body: string } | 'silence';

export interface LocalAws {
  readonly endpoint: string;
  /** Requests that arrived. */
  requests(): number;
  close(): Promise<void>;
}

/**
 * A server on a free loopback port that answers every request as told.
 *
 * @param answer by the number of the request, the first is 1
 */
export async function localAws(answer: (request: number) => Answer): Promise<LocalAws> {
  let requests = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    const given = answer(requests);
    request.resume();
    if (given !== 'silence') {
      response.writeHead(given.status, { 'content-type': 'application/x-amz-json-1.1' }).end(given.body);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) {
    throw new Error('the server has no port');
  }
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    requests: () => requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
