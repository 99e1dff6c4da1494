// The transparency log, read-only, as C2SP tlog-tiles serves it (AUDIT.md section 4). Only paths of one spelling are served, so
// that keys and files under way beside the tiles cannot be reached.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Refusal } from '@blindsum/proto';
import { isTimestampPath, parseBundlePath, parseTilePath } from '@blindsum/proto/tlog';
import type { OpenLogDocument } from '../witnessing/log-documents.ts';

const FEW_SECONDS = 'public, max-age=2';
const FOR_EVER = 'public, max-age=31536000, immutable';
const TEXT = 'text/plain; charset=utf-8';
const TIMESTAMP = 'application/timestamp-reply';
const BYTES = 'application/octet-stream';

interface LogFile {
  readonly path: string;
  readonly type: string;
  readonly cache: string;
}

/** Serves the log in `folder` under `/log/`, and what is derived from it; the latter wins. */
export function serveLogFiles(app: FastifyInstance, folder: string, openDocument: OpenLogDocument): void {
  app.get<{ Params: { '*': string } }>('/log/*', async (request, reply) => {
    const path = request.params['*'];
    const document = await openDocument(path);
    // What it says may grow: cosignatures come, and newer checkpoints. The policy must be that of the checkpoint beside it.
    const cache = path === 'policy' ? 'no-cache' : FEW_SECONDS;
    if (document) return send(reply, { ...document, cache }, document.bytes);
    const file = toLogFile(path);
    const bytes = file && (await readIfPresent(join(folder, file.path)));
    if (!bytes) throw new Refusal('NOT_FOUND', 'the log has no such file');
    return send(reply, file, bytes);
  });
}

function toLogFile(path: string): LogFile | undefined {
  if (path === 'log.vkey') return { path, type: TEXT, cache: FEW_SECONDS };
  const record = /^records\/([0-9a-f]{64})(?:\.json)?$/.exec(path);
  if (record) return { path: `records/${record[1]}.json`, type: 'application/json', cache: FOR_EVER };
  if (isTimestampPath(path)) return { path, type: TIMESTAMP, cache: FOR_EVER };
  if (path.startsWith('tile/') && isTilePath(path)) return { path, type: BYTES, cache: FOR_EVER };
  return undefined;
}

function isTilePath(path: string): boolean {
  try {
    if (path.startsWith('tile/entries/')) parseBundlePath(path);
    else parseTilePath(path);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function send(reply: FastifyReply, { type, cache }: Omit<LogFile, 'path'>, bytes: Uint8Array): FastifyReply {
  return reply
    .type(type)
    .header('cache-control', cache)
    .header('access-control-allow-origin', '*')
    .header('x-content-type-options', 'nosniff')
    .send(bytes);
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOTDIR: `tile/0/000` is a file where `tile/0/000/001` would need a folder.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
