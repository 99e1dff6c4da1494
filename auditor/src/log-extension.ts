// Whether a log goes on from what it showed before, and if not, whether it can be proved of it that it forked.
import { isEqualBytes, Refusal } from '@blindsum/proto';
import {
  allTiles,
  merkleRoot,
  parseTile,
  readHeld,
  toTilePath,
  verifyExtension,
  type TreeHead,
} from '@blindsum/proto/tlog';
import { toFinding, type Finding } from './finding.ts';
import type { LogReader } from './log-reader.ts';

/**
 * `extends`: the later tree begins with the earlier one. `shrunk`, `forked`: it does not, and the two signed trees prove that.
 * `unproven`: the tiles are not those of the later tree, so that nothing is known of the earlier one.
 */
export type Relation = 'extends' | 'shrunk' | 'forked' | 'unproven';

export interface Extension {
  readonly relation: Relation;
  readonly findings: readonly Finding[];
}

/** Compares a tree that the log of `reader` had, or showed to somebody else, with the one that it has. Refuses UNAVAILABLE. */
export async function compareTrees(old: TreeHead, head: TreeHead, reader: LogReader): Promise<Extension> {
  try {
    await verifyExtension(old, head, (tile) => reader.read(toTilePath(tile)));
    return { relation: 'extends', findings: [] };
  } catch (error) {
    const finding = toFinding(error);
    if (head.size < old.size) return { relation: 'shrunk', findings: [finding] };
    const isProven = old.size === head.size || (await holdsTree(reader, head));
    return isProven ? { relation: 'forked', findings: [finding] } : unproven(head);
  }
}

function unproven({ size }: TreeHead): Extension {
  const message = `the tiles are not those of the signed tree of ${size} entries (blindsum-audit fsck says which were changed)`;
  return { relation: 'unproven', findings: [{ code: 'ROOT_MISMATCH', message }] };
}

/** Whether the tiles of the leaves are those of the tree: then no other tree begins it than what they say. */
async function holdsTree(reader: LogReader, { size, root }: TreeHead): Promise<boolean> {
  try {
    const hashes = [];
    for (const tile of allTiles(size)) {
      if (tile.level > 0) break;
      const read = (width: number) => reader.read(toTilePath({ ...tile, width }));
      const { width } = tile;
      hashes.push(...(await readHeld({ path: toTilePath(tile), width, read, parse: parseTile })));
    }
    return isEqualBytes(merkleRoot(hashes), root);
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'UNAVAILABLE') return false;
    throw error;
  }
}
