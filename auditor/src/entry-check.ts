// One entry of a log: its own form, and the signed record that it stands for.
import { toHex, type Bytes, type Digest } from '@blindsum/proto';
import { verifyP256 } from '@blindsum/proto/node';
import {
  parseEnvelope,
  parseLeaf,
  parseRecord,
  verifyRecord,
  type HashedRekord,
  type LogRecord,
} from '@blindsum/proto/tlog';
import { toFinding, type Finding } from './finding.ts';
import type { LogReader } from './log-reader.ts';

/** A record that is what its entry says it is. */
export interface EntryRecord {
  readonly entry: number;
  readonly digest: Digest;
  readonly record: LogRecord;
  /** The key that signed it: whether it may is for the charter to say. */
  readonly signerSpki: Bytes;
}

/** An entry whose record has no body: erased, as a later entry must say, or withheld. */
export interface MissingRecord {
  readonly entry: number;
  readonly missing: Digest;
}

/** Reads and verifies the record of an entry, or says that its body is missing, or what is wrong with it. */
export async function checkEntry(
  reader: LogReader,
  entry: number,
  bytes: Bytes,
): Promise<EntryRecord | MissingRecord | Finding> {
  let prefix = '';
  try {
    const leaf = parseLeaf(bytes);
    const digest = toHex(leaf.paeDigest) as Digest;
    const path = `records/${digest}.json`;
    const body = await reader.read(path);
    if (body === undefined) return { entry, missing: digest };
    prefix = `${path}: `;
    return { entry, digest, record: openRecord(body, leaf), signerSpki: leaf.publicKeySpki };
  } catch (error) {
    return toFinding(error, { entry, prefix });
  }
}

function openRecord(body: Bytes, leaf: HashedRekord): LogRecord {
  const envelope = parseEnvelope(body);
  verifyRecord({ envelope, leaf, verify: verifyP256 });
  return parseRecord(envelope.payload);
}
