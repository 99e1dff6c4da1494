// The last tile of each level while a tree grows: all that a log needs in memory to write its next tiles.
import type { Bytes } from '../bytes.ts';
import { merkleRoot } from './merkle.ts';
import { appendLeaf, createMerkleFrontier, type MerkleFrontier } from './merkle-frontier.ts';
import { TILE_WIDTH, type TileId } from './tile.ts';

/** An immutable value: appending gives a new one. */
export interface RightEdge {
  readonly frontier: MerkleFrontier;
  /** Hashes of the unfinished tile of each level, 0 to 255 of them, level 0 first. */
  readonly levels: readonly (readonly Bytes[])[];
}

/** A tile and what is in it. */
export interface Tile {
  readonly id: TileId;
  readonly hashes: readonly Bytes[];
}

/** The edge of the tree without leaves. */
export function createRightEdge(): RightEdge {
  return { frontier: createMerkleFrontier(), levels: [] };
}

/** The edge after one more leaf, and the tiles that this leaf changed, from level 0 up. */
export function appendToEdge(edge: RightEdge, leafHash: Bytes): { edge: RightEdge; tiles: readonly Tile[] } {
  const levels = [...edge.levels];
  const tiles: Tile[] = [];
  let hash: Bytes | undefined = leafHash;
  for (let level = 0; hash; level++) {
    const hashes: readonly Bytes[] = [...(levels[level] ?? []), hash];
    tiles.push({ id: toTileId(edge.frontier.size, level, hashes.length), hashes });
    const isFull: boolean = hashes.length === TILE_WIDTH;
    levels[level] = isFull ? [] : hashes;
    // A level above holds the roots of full tiles only.
    hash = isFull ? merkleRoot(hashes) : undefined;
  }
  return { edge: { frontier: appendLeaf(edge.frontier, leafHash), levels }, tiles };
}

/** The unfinished tiles of the tree, from level 0 up. */
export function unfinishedTiles(edge: RightEdge): Tile[] {
  const { size } = edge.frontier;
  return edge.levels.flatMap((hashes, level) =>
    hashes.length === 0 ? [] : [{ id: toTileId(size - 1n, level, hashes.length), hashes }],
  );
}

/** The tile of `level` that covers leaf `leaf`. */
function toTileId(leaf: bigint, level: number, width: number): TileId {
  return { level, index: leaf >> (8n * BigInt(level + 1)), width };
}
