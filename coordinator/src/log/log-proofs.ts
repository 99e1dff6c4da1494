// What the log shows with proofs to sites, which verify all of it: its latest checkpoint, and records under it.
import { Refusal, type Bytes } from '@blindsum/proto';
import {
  createTileReader,
  parseCheckpoint,
  parseNote,
  toTilePath,
  type TileReader,
} from '@blindsum/proto/tlog';
import type { Admitted } from './log-state.ts';
import type { LogStore } from './log-store.ts';
import { findRecord } from './record-archive.ts';

/** A checkpoint, and that the tree which a site holds is its beginning. */
export interface ProvenHead {
  readonly size: bigint;
  /** Signed note. */
  readonly note: Bytes;
  /** Empty from size 0, and from a size that the log does not have. */
  readonly proof: readonly Bytes[];
}

/** A record, and that it is in the tree of a head. */
export interface ProvenRecord {
  readonly index: bigint;
  readonly payload: Bytes;
  readonly signature: Bytes;
  readonly proof: readonly Bytes[];
}

export interface LogProofs {
  head(oldSize: bigint): Promise<ProvenHead>;
  /** Refuses NOT_FOUND a record whose body was erased, or that the tree of `head` does not have. */
  record(admitted: Admitted, head: ProvenHead): Promise<ProvenRecord>;
}

/** Reads the log's published files. `readNote` gives the note of the latest checkpoint, whatever cosignatures it has. */
export function createLogProofs(
  files: Pick<LogStore, 'read'>,
  readNote: () => Promise<Bytes | undefined> = () => files.read('checkpoint'),
): LogProofs {
  const treeOf = (note: Bytes): { size: bigint; tree: TileReader } => {
    const { size, root } = parseCheckpoint(parseNote(note).text);
    return { size, tree: createTileReader({ size, root }, (tile) => files.read(toTilePath(tile))) };
  };
  return {
    async head(oldSize) {
      const note = await readNote();
      if (!note) throw new Error('the log has no checkpoint');
      const { size, tree } = treeOf(note);
      if (oldSize === 0n || oldSize > size) return { size, note, proof: [] };
      const proof = await tree.consistency({ size: oldSize, root: await tree.rootOf(oldSize) });
      return { size, note, proof };
    },
    async record({ index, record }, { note }) {
      const { size, tree } = treeOf(note);
      const found = await findRecord(files, record);
      if (!found || BigInt(index) >= size)
        throw new Refusal('NOT_FOUND', `the log shows no record ${record}`);
      const { payload, signature } = found.envelope;
      const { proof } = await tree.inclusion(BigInt(index));
      return { index: BigInt(index), payload, signature, proof };
    },
  };
}
