// Where an auditor reads a log from. Nothing that comes from there is trusted.
import type { Bytes } from '@blindsum/proto';
import { MAX_ENVELOPE_BYTES } from '@blindsum/proto/tlog';

/** A log's files, by path as in C2SP tlog-tiles (`checkpoint`, `tile/0/000.p/5`, `records/<digest>.json`, ...). */
export interface LogReader {
  /** The folder or address, for people. */
  readonly source: string;
  /** The bytes, or undefined when there is no such file. Refuses UNAVAILABLE when the source cannot be read. */
  read(path: string): Promise<Bytes | undefined>;
  /** Paths under `tile/`; none where files cannot be listed. */
  listTiles(): Promise<readonly string[]>;
}

/** A file this long is no file of a log: 256 entries of 64 KiB make the longest bundle, an envelope the longest record. */
export const MAX_FILE_BYTES = MAX_ENVELOPE_BYTES;
