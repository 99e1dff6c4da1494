// Entry bundles (C2SP tlog-tiles): up to 256 log entries, each with its length in 16 bits before it.
import { concat, type Bytes } from '../bytes.ts';
import { refuseUnless } from '../refusal.ts';

/** Longest entry a bundle can hold. */
export const MAX_ENTRY_BYTES = 0xffff;
const LENGTH_BYTES = 2;

/** Concatenates length (big-endian) and bytes of each entry. Throws a RangeError for an entry over 65535 bytes. */
export function encodeEntryBundle(entries: readonly Bytes[]): Bytes {
  return concat(...entries.flatMap((entry) => [toLength(entry), entry]));
}

/** Cuts hostile bytes into exactly `width` entries; refuses MALFORMED when bytes are missing or left over. */
export function parseEntryBundle(data: Bytes, width: number): Bytes[] {
  const entries: Bytes[] = [];
  let at = 0;
  while (entries.length < width) {
    refuseUnless(
      at + LENGTH_BYTES <= data.length,
      'MALFORMED',
      `entry bundle ends before entry ${entries.length}`,
    );
    const start = at + LENGTH_BYTES;
    at = start + ((data[at] ?? 0) << 8) + (data[at + 1] ?? 0);
    refuseUnless(at <= data.length, 'MALFORMED', `entry bundle ends inside entry ${entries.length}`);
    entries.push(data.slice(start, at));
  }
  refuseUnless(at === data.length, 'MALFORMED', `entry bundle has bytes after entry ${width - 1}`);
  return entries;
}

function toLength(entry: Bytes): Bytes {
  if (entry.length > MAX_ENTRY_BYTES)
    throw new RangeError(`a log entry has at most ${MAX_ENTRY_BYTES} bytes`);
  return Uint8Array.of(entry.length >>> 8, entry.length & 0xff);
}
