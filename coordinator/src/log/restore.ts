// Reading a log back on start: everything that the next checkpoint will vouch for is checked against the last one.
import { isEqualBytes, toHex, type Bytes, type Digest } from '@blindsum/proto';
import {
  appendToEdge,
  createRightEdge,
  encodeTile,
  frontierRoot,
  hashLeaf,
  parseEntryBundle,
  parseLeaf,
  recordName,
  TILE_WIDTH,
  toNameDigest,
  toBundlePath,
  toTilePath,
  unfinishedTiles,
  type Checkpoint,
  type Tile,
} from '@blindsum/proto/tlog';
import type { Admitted, LogState } from './log-state.ts';
import type { LogStore } from './log-store.ts';
import { redactionsOf, type Redaction } from './erasure.ts';
import { findRecord } from './record-archive.ts';

/** A log as its files say it is. */
export interface RestoredLog {
  readonly state: LogState;
  /** By the digest of the record's name (toNameDigest). */
  readonly admitted: Map<Digest, Admitted>;
  /** By the record that each is about, whether or not its body is removed. */
  readonly redactions: Map<Digest, Redaction>;
}

/**
 * Rebuilds the tree of `checkpoint` from the entries and compares every tile and the root. Throws an Error when a file is
 * missing or differs: such a log must not grow, because its next checkpoint could contradict the last. The body of a record may be
 * missing if a redaction in the log says so.
 */
export async function restoreLog(
  store: Pick<LogStore, 'read'>,
  checkpoint: Checkpoint,
): Promise<RestoredLog> {
  const records = new RestoredRecords();
  let edge = createRightEdge();
  let bundle: readonly Bytes[] = [];
  for await (const entries of readBundles(store, checkpoint.size)) {
    for (const entry of entries) {
      await records.add(store, toHex(parseLeaf(entry).paeDigest) as Digest);
      const step = appendToEdge(edge, hashLeaf(entry));
      await compareTiles(store, step.tiles.filter(isFull));
      edge = step.edge;
    }
    bundle = entries.length === TILE_WIDTH ? [] : entries;
  }
  if (!isEqualBytes(frontierRoot(edge.frontier), checkpoint.root)) {
    throw new Error('the entries of the log do not have the root that its checkpoint signs');
  }
  await compareTiles(store, unfinishedTiles(edge));
  return { state: { edge, bundle }, ...records.finish() };
}

/** The records of a log by name, in the order of their entries. */
class RestoredRecords {
  readonly #admitted = new Map<Digest, Admitted>();
  readonly #redactions = new Map<Digest, Redaction>();
  readonly #missing = new Map<Digest, Admitted>();
  #size = 0;

  async add(store: Pick<LogStore, 'read'>, digest: Digest): Promise<void> {
    const admitted = { index: this.#size++, record: digest };
    const found = await findRecord(store, digest);
    if (!found) {
      this.#missing.set(digest, admitted);
      return;
    }
    const { record } = found;
    if (record.kind === 'redaction') this.#redactions.set(record.predicate.record, record.predicate);
    this.#admitted.set(toNameDigest(recordName(record)), admitted);
  }

  /** Throws an Error for a body that is missing without a redaction. */
  finish(): Omit<RestoredLog, 'state'> {
    for (const { record, name } of redactionsOf([...this.#missing.keys()], this.#redactions))
      this.#admitted.set(name, this.#missing.get(record)!);
    return { admitted: this.#admitted, redactions: this.#redactions };
  }
}

async function* readBundles(store: Pick<LogStore, 'read'>, size: bigint): AsyncGenerator<Bytes[]> {
  const full = BigInt(TILE_WIDTH);
  for (let index = 0n; index * full < size; index++) {
    const left = size - index * full;
    const width = Number(left < full ? left : full);
    yield parseEntryBundle(await mustRead(store, toBundlePath({ index, width })), width);
  }
}

async function compareTiles(store: Pick<LogStore, 'read'>, tiles: readonly Tile[]): Promise<void> {
  for (const { id, hashes } of tiles) {
    const path = toTilePath(id);
    const isSame = isEqualBytes(await mustRead(store, path), encodeTile(hashes));
    if (!isSame) throw new Error(`the log's file ${path} was changed`);
  }
}

async function mustRead(store: Pick<LogStore, 'read'>, path: string): Promise<Bytes> {
  const bytes = await store.read(path);
  if (bytes === undefined) throw new Error(`the checkpoint is ahead of the tiles: ${path} is missing`);
  return bytes;
}

function isFull({ hashes }: Tile): boolean {
  return hashes.length === TILE_WIDTH;
}
