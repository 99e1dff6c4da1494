// A witness over HTTP. Whoever asks is a stranger: bodies, waits and connections are bounded, and no answer tells of our faults.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { concat, type Bytes } from '@blindsum/proto';
import { MAX_REQUEST_BYTES, toWitnessRefusal } from '@blindsum/proto/tlog';
import type { Witness } from './witness-service.ts';

const WAIT_MS = 10_000;
const MAX_CONNECTIONS = 256;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly mediaType: string;
}

/** Serves `witness`; `onFault` is told what went wrong on our side, which is answered with status 500. */
export function createWitnessServer(witness: Witness, onFault: (error: unknown) => void): Server {
  const server = createServer({ requestTimeout: WAIT_MS, headersTimeout: WAIT_MS }, (request, response) => {
    respond(witness, request)
      .catch((error: unknown) => {
        onFault(error);
        return { status: 500, body: 'internal error\n', mediaType: 'text/plain; charset=utf-8' };
      })
      .then((answer) => send(response, answer))
      .catch(onFault);
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

async function respond(witness: Witness, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? '').slice(1);
  if (path === 'add-checkpoint') {
    if (request.method !== 'POST') return notAllowed();
    const body = await readBody(request);
    return body ? witness.addCheckpoint(body) : toWitnessRefusal(400, 'the request is too long');
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed();
  return witness.checkpoint(path);
}

function notAllowed(): Answer {
  return { status: 405, body: 'method not allowed\n', mediaType: 'text/plain; charset=utf-8' };
}

async function readBody(request: IncomingMessage): Promise<Bytes | undefined> {
  const chunks: Bytes[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Bytes>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return concat(...chunks);
}

function send(response: ServerResponse, { status, body, mediaType }: Answer): void {
  const headers = {
    'content-type': mediaType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  // A body that was not read to its end would be taken for the next request.
  response.writeHead(status, { ...headers, ...(status >= 400 && { connection: 'close' }) }).end(body);
}
