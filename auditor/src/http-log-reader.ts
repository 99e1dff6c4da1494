import { concat, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { MAX_FILE_BYTES, type LogReader } from './log-reader.ts';

/** The platform's fetch. */
export type Fetch = (url: URL, init: { signal: AbortSignal }) => Promise<Response>;

/** Longest wait for one file. */
const TIMEOUT_MS = 20_000;

/** Reads the log under `address` (http or https), file by file. The server is not trusted: sizes and waits are bounded. */
export function openHttpLogReader(address: string, fetchFile: Fetch = fetch): LogReader {
  const base = address.endsWith('/') ? address : `${address}/`;
  return {
    source: address,
    read: (path) => readIfThere(new URL(path, base), fetchFile),
    listTiles: () => Promise.resolve([]),
  };
}

async function readIfThere(url: URL, fetchFile: Fetch): Promise<Bytes | undefined> {
  try {
    const response = await fetchFile(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 404 || response.status === 410) {
      await response.body?.cancel();
      return undefined;
    }
    refuseUnless(response.ok, 'UNAVAILABLE', `cannot read ${url.href}: HTTP status ${response.status}`);
    return await readBody(response, url);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('UNAVAILABLE', `cannot read ${url.href}: ${describe(cause)}`, { cause });
  }
}

async function readBody(response: Response, url: URL): Promise<Bytes> {
  const chunks: Bytes[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Bytes>) {
    length += chunk.length;
    refuseUnless(
      length <= MAX_FILE_BYTES,
      'UNAVAILABLE',
      `cannot read ${url.href}: longer than ${MAX_FILE_BYTES} bytes`,
    );
    chunks.push(chunk);
  }
  return concat(...chunks);
}

function describe(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer in ${TIMEOUT_MS / 1000} seconds`;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : String(error);
}
