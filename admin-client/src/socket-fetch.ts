// `fetch` over a Unix-domain socket, which the platform's own cannot do.
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Sends each request to `socketPath`, whatever host it names. Rejects with the error of the socket if nobody answers. */
export function socketFetch(socketPath: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    const { pathname, search } = new URL(request.url);
    return new Promise((resolve, reject) => {
      const sent = requestHttp(
        {
          ...{ socketPath, method: request.method, path: pathname + search, signal: request.signal },
          headers: { ...Object.fromEntries(request.headers), ...(body && { 'content-length': body.length }) },
        },
        (answer) => resolve(toResponse(answer)),
      );
      sent.once('error', reject);
      sent.end(body);
    });
  };
}

function toResponse(answer: IncomingMessage): Response {
  const { statusCode: status = 0, headersDistinct } = answer;
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const isEmpty = status === 204 || status === 304;
  if (isEmpty) answer.resume();
  const body = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers });
}
