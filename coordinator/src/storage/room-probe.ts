// SQLite says "disk I/O error" for a disk that is broken, and for a user or a process that may write no more. What the system
// itself says of a write in the same place tells them apart.
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

const PROBE_BYTES = 64 << 10;
/** SQLITE_IOERR, in the low byte of all its kinds. */
const IO_ERROR = 10;

/** Runs `work` on the database at `path`; an I/O error of SQLite gets as its cause what the system says of another write there. */
export function withProbe<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && isIoError(error)) error.cause ??= probe(path);
    throw error;
  }
}

function isIoError(error: object): boolean {
  return 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === IO_ERROR;
}

/** The error of a write as far out as the database's files reach; undefined if it succeeds. */
function probe(path: string): unknown {
  const file = `${path}-probe-${process.pid}`;
  const end = Math.max(
    ...[path, `${path}-wal`].map((name) => statSync(name, { throwIfNoEntry: false })?.size ?? 0),
  );
  try {
    const descriptor = openSync(file, 'w', 0o600);
    try {
      writeSync(descriptor, new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, end);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    return error;
  } finally {
    rmSync(file, { force: true });
  }
}
