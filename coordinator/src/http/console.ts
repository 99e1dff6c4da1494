// The operators' console: a document and its hashed files, built beforehand (scripts/generate-console) and read once, at the start.
// The files are everybody's: what they show, each browser asks for with its own session.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '@blindsum/proto';

const FOR_EVER = 'public, max-age=31536000, immutable';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The page runs its own files, asks its own server, and is framed by nobody; text never becomes a script in it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

interface ServedFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly compressed: Buffer;
}

/** Serves the document at `/`, and the files that it names under `/assets/`. Throws an Error where it was not built. */
export function serveConsole(app: FastifyInstance): void {
  const folder = new URL('./', import.meta.resolve('@blindsum/console/dist/index.html'));
  const document = readServed(new URL('index.html', folder));
  const names = readdirSync(fileURLToPath(new URL('assets/', folder)));
  const assets = new Map(names.map((name) => [name, readServed(new URL(`assets/${name}`, folder))]));
  app.get('/', async (request, reply) =>
    send(
      request,
      reply.header('content-security-policy', POLICY).header('cache-control', 'no-cache'),
      document,
    ),
  );
  app.get<{ Params: { file: string } }>('/assets/:file', async (request, reply) => {
    const asset = assets.get(request.params.file);
    if (!asset) throw new Refusal('NOT_FOUND', 'the console has no such file: load the page anew');
    return send(request, reply.header('cache-control', FOR_EVER), asset);
  });
}

function readServed(url: URL): ServedFile {
  const bytes = readFileSync(fileURLToPath(url));
  const type = TYPES[url.pathname.split('.').at(-1) ?? ''];
  if (type === undefined) throw new Error(`${url.pathname}: the console has files of known types alone`);
  return { type, bytes, compressed: gzipSync(bytes, { level: 9 }) };
}

function send({ headers }: FastifyRequest, reply: FastifyReply, file: ServedFile): FastifyReply {
  reply.type(file.type).header('vary', 'accept-encoding').header('x-content-type-options', 'nosniff');
  const takesGzip = /\bgzip\b(?!;q=0(?:\.0*)?(?:,|$))/.test(headers['accept-encoding'] ?? '');
  if (!takesGzip) return reply.send(file.bytes);
  return reply.header('content-encoding', 'gzip').send(file.compressed);
}
