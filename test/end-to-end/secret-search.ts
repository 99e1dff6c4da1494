// Looks for bytes in a process's memory and in the files under a folder.
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What to look for, by a name that may be printed. */
export type Patterns = ReadonlyMap<string, Buffer>;

const CHUNK_BYTES = 8 << 20;
const ZEROS = Buffer.alloc(64 << 10);

/** Ways in which a key of raw bytes could have been written down. */
export function spellings(name: string, raw: Buffer): [string, Buffer][] {
  return [
    [`${name} (raw)`, raw],
    [`${name} (hexadecimal)`, Buffer.from(raw.toString('hex'))],
    [`${name} (base64)`, Buffer.from(raw.toString('base64').replace(/=+$/, ''))],
    [`${name} (base64url)`, Buffer.from(raw.toString('base64url'))],
  ];
}

/** Processes of this machine whose command line has all `words`. */
export function findProcesses(...words: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const commandLine = readIfThere(`/proc/${pid}/cmdline`);
      return words.every((word) => commandLine.includes(word));
    })
    .map(Number);
}

/** Names of the patterns that are in the writable memory of a process; it may run on meanwhile. */
export function searchMemory(pid: number, patterns: Patterns): Set<string> {
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const region = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (region)
        searchRegion(memory, [BigInt(`0x${region[1]}`), BigInt(`0x${region[2]}`)], { patterns, found });
    }
  } finally {
    closeSync(memory);
  }
  return found;
}

/** Names of the patterns that are in the files under `folder`, with the file. */
export function searchFiles(folder: string, patterns: Patterns): Set<string> {
  const found = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    if (!statSync(path).isFile()) continue;
    searchBytes(readFileSync(path), { patterns, found: { add: (name) => found.add(`${name} in ${entry}`) } });
  }
  return found;
}

interface Search {
  readonly patterns: Patterns;
  readonly found: { add(name: string): unknown };
}

function searchRegion(memory: number, [start, end]: readonly [bigint, bigint], search: Search): void {
  const overlap = BigInt(Math.max(...[...search.patterns.values()].map(({ length }) => length)));
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let at = start; at < end; at += BigInt(CHUNK_BYTES) - overlap) {
    const length = Number(end - at < BigInt(CHUNK_BYTES) ? end - at : BigInt(CHUNK_BYTES));
    const read = tryRead(memory, buffer, { length, at });
    searchBytes(buffer.subarray(0, read), search);
    if (at + BigInt(length) === end) break;
  }
}

/** A region may have gone since it was listed. */
function tryRead(memory: number, buffer: Buffer, { length, at }: { length: number; at: bigint }): number {
  try {
    return readSync(memory, buffer, 0, length, at);
  } catch {
    return 0;
  }
}

/** One pass for all patterns: hundreds of megabytes are looked through. No pattern may begin with two zero bytes. */
function searchBytes(bytes: Buffer, search: Search): void {
  const byPrefix = new Map<number, [string, Buffer][]>();
  const isPrefix = new Uint8Array(1 << 16);
  for (const [name, pattern] of search.patterns) {
    const prefix = pattern.readUInt16LE();
    if (prefix === 0) throw new Error(`${name} begins with zeros`);
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), [name, pattern]]);
    isPrefix[prefix] = 1;
  }
  for (let from = 0; from < bytes.length; from += ZEROS.length) {
    const to = Math.min(bytes.length, from + ZEROS.length);
    // Most of what a process reserves was never written.
    if (bytes.compare(ZEROS, 0, to - from, from, to) !== 0)
      searchBlock(bytes, [from, to], { byPrefix, isPrefix, search });
  }
}

/** Patterns that begin in a block; they may end after it. */
function searchBlock(
  bytes: Buffer,
  [from, to]: readonly [number, number],
  {
    byPrefix,
    isPrefix,
    search,
  }: {
    readonly byPrefix: ReadonlyMap<number, [string, Buffer][]>;
    readonly isPrefix: Uint8Array;
    readonly search: Search;
  },
): void {
  for (let at = from, prefix = bytes[from]!; at < to; at++, prefix >>= 8) {
    prefix |= (bytes[at + 1] ?? 0) << 8;
    if (isPrefix[prefix] === 0) continue;
    for (const [name, pattern] of byPrefix.get(prefix)!)
      if (bytes.subarray(at, at + pattern.length).equals(pattern)) search.found.add(name);
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
