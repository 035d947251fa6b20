import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SendOptions, sendAnswer } from '#functions/cloudformation/send.ts';
import { AwsFailure } from '#functions/errors.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What S3 answers, in turn; the last one for ever. `cut` ends the connection, `silence` never answers. */
type Reply = number | 'cut' | 'silence';

let server: Server;
let replies: Reply[];
let received: Received[];
let retries: string[];
let options: SendOptions;
let url: string;

beforeEach(async () => {
  replies = [200];
  received = [];
  retries = [];
  options = {
    budgetMs: 5_000,
    attemptMs: 200,
    firstWaitMs: 1,
    onRetry: ({ context }, attempt) => retries.push(`${attempt} ${context.errorName}`),
  };
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ method: request.method, url: request.url, headers: request.headers, body });
      const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? 200;
      if (reply === 'cut') {
        request.socket.destroy();
      } else if (reply !== 'silence') {
        response.writeHead(reply, reply === 307 ? { location: '/elsewhere' } : {});
        response.end('<Error>secret-signature</Error>');
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  url = `http://127.0.0.1:${port}/answer?X-Amz-Signature=secret-signature`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

async function failureOf(work: Promise<void>): Promise<AwsFailure> {
  const thrown: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof AwsFailure)) {
    throw new Error(`expected an AwsFailure, got ${String(thrown)}`);
  }
  return thrown;
}

describe('sendAnswer', () => {
  it('puts the body, without a content type, to the address as it stands', async () => {
    await sendAnswer(url, '{"Status":"SUCCESS","x":"消"}', options);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      method: 'PUT',
      url: '/answer?X-Amz-Signature=secret-signature',
      body: '{"Status":"SUCCESS","x":"消"}',
      headers: { 'content-length': String(Buffer.byteLength('{"Status":"SUCCESS","x":"消"}')) },
    });
    expect(received[0]?.headers).not.toHaveProperty('content-type');
    expect(received[0]?.headers).not.toHaveProperty('transfer-encoding');
  });

  it.each<[Reply, string]>([
    [500, 'HTTP500'],
    [503, 'HTTP503'],
    [429, 'HTTP429'],
    [408, 'HTTP408'],
    ['cut', 'UND_ERR_SOCKET'],
    ['silence', 'TimeoutError'],
  ])('repeats after %s', async (reply, errorName) => {
    replies = [reply, reply, 200];
    await sendAnswer(url, 'body', options);
    expect(received.map(({ body }) => body)).toEqual(['body', 'body', 'body']);
    expect(retries).toEqual([`1 ${errorName}`, `2 ${errorName}`]);
  });

  it.each([400, 403, 404, 307, 304])('does not repeat after %s', async (status) => {
    replies = [status];
    const failure = await failureOf(sendAnswer(url, 'body', options));
    expect(failure.context).toMatchObject({ status });
    expect(received).toHaveLength(1);
  });

  it('gives up in the end, and within its time', async () => {
    replies = [500];
    await expect(sendAnswer(url, 'body', options)).rejects.toThrow('S3 answered 500');
    expect(received).toHaveLength(7);
    const start = Date.now();
    await expect(sendAnswer(url, 'body', { ...options, firstWaitMs: 50, budgetMs: 120 })).rejects.toThrow('500');
    expect(Date.now() - start).toBeLessThan(1000);
  });

  it('tries once even when no time is left', async () => {
    await sendAnswer(url, 'body', { ...options, budgetMs: -5 });
    expect(received).toHaveLength(1);
  });

  it('repeats when nobody listens', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const failure = await failureOf(sendAnswer(url, 'body', options));
    expect(failure.context.errorName).toBe('ECONNREFUSED');
    expect(retries).toHaveLength(6);
    server = createServer().listen(0, '127.0.0.1');
  });

  it.each<Reply>([500, 403, 'cut', 'silence'])('never tells the address when it fails with %s', async (reply) => {
    replies = [reply];
    const failure = await failureOf(sendAnswer(url, 'body', { ...options, budgetMs: 300 }));
    const told = [
      failure.message,
      failure.stack,
      JSON.stringify(failure),
      String(failure.cause),
      retries.join(),
    ].join();
    expect(told).not.toContain('secret-signature');
    expect(told).not.toContain('127.0.0.1');
  });
});
