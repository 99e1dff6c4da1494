// Proofs from tiles (C2SP tlog-tiles): whoever serves them is not trusted, so each proof is verified before it is given out.
import type { Bytes } from '../bytes.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readHeld } from './held-file.ts';
import { EMPTY_ROOT, hashNode, merkleRoot, verifyConsistency, verifyInclusion } from './merkle.ts';
import { consistencyRanges, inclusionRanges, type LeafRange } from './proof-ranges.ts';
import { levelSize, parseTile, TILE_WIDTH, toTilePath, type TileId } from './tile.ts';

/** The bytes of a tile of exactly that width, or undefined when there is none. Nothing is believed of them. */
export type ReadTile = (tile: TileId) => Promise<Bytes | undefined>;

/** Size and root of a tree that somebody vouches for. */
export type TreeHead = Pick<Checkpoint, 'size' | 'root'>;

/** The place of a leaf in a tree, shown. */
export interface InclusionEvidence {
  readonly index: bigint;
  readonly leafHash: Bytes;
  readonly proof: readonly Bytes[];
}

/** Answers about one tree from its tiles. Keeps each tile that it has read. */
export interface TileReader {
  /** Hash and inclusion proof of leaf `index`; throws a RangeError unless it is below the tree's size. */
  inclusion(index: bigint): Promise<InclusionEvidence>;
  /** The consistency proof from an earlier tree, which is not empty. Empty when both are one. */
  consistency(old: TreeHead): Promise<Bytes[]>;
  /**
   * Root of the first `size` leaves, as the tiles have it: of one's own log, or to be shown by `consistency`. Throws a RangeError
   * unless the tree has that many.
   */
  rootOf(size: bigint): Promise<Bytes>;
}

/**
 * Reads the tree of `head`. Its methods refuse NOT_FOUND when a tile is missing, MALFORMED for one of another length, and
 * BAD_PROOF when the tiles are not those of this tree, or when the earlier tree is not the beginning of it.
 */
export function createTileReader(head: TreeHead, readTile: ReadTile): TileReader {
  const tiles = new TileCache(head.size, readTile);
  return {
    inclusion: async (index) => {
      const proof = await rootsOf(tiles, inclusionRanges(index, head.size));
      const leafHash = await rangeRoot(tiles, { start: index, end: index + 1n });
      verifyInclusion({ index, size: head.size, leafHash, proof, root: head.root });
      return { index, leafHash, proof };
    },
    consistency: async (old) => {
      refuseUnless(old.size <= head.size, 'BAD_PROOF', `a tree of ${head.size} is shorter than ${old.size}`);
      const proof = await rootsOf(tiles, consistencyRanges(old.size, head.size));
      const sizes = { oldSize: old.size, newSize: head.size };
      verifyConsistency({ ...sizes, oldRoot: old.root, newRoot: head.root, proof });
      return proof;
    },
    rootOf: async (size) => {
      if (size < 0n || size > head.size)
        throw new RangeError(`a tree of ${head.size} has no beginning of ${size}`);
      return rangeRoot(tiles, { start: 0n, end: size });
    },
  };
}

/**
 * Refuses BAD_CHECKPOINT unless the tree of `head` begins with that of `old`: a log that shrank, or shows another tree than
 * it did. What the tiles lack or spell wrong is refused as by a TileReader. Every tree begins with the empty one.
 */
export async function verifyExtension(old: TreeHead, head: TreeHead, readTile: ReadTile): Promise<void> {
  const shrank = `the log shrank from ${old.size} to ${head.size} entries`;
  refuseUnless(old.size <= head.size, 'BAD_CHECKPOINT', shrank);
  if (old.size === 0n) return;
  try {
    await createTileReader(head, readTile).consistency(old);
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.code !== 'BAD_PROOF') throw cause;
    const detail = `the log forked: its tree of ${head.size} entries does not begin with that of ${old.size} (${cause.detail})`;
    throw new Refusal('BAD_CHECKPOINT', detail, { cause });
  }
}

async function rootsOf(tiles: TileCache, ranges: readonly LeafRange[]): Promise<Bytes[]> {
  const roots: Bytes[] = [];
  for (const range of ranges) roots.push(await rangeRoot(tiles, range));
  return roots;
}

/** MTH(D[start:end]): perfect subtrees from the left, the largest first, since `start` is a multiple of the first. */
async function rangeRoot(tiles: TileCache, { start, end }: LeafRange): Promise<Bytes> {
  const subtrees: Bytes[] = [];
  for (let at = start; at < end;) {
    const height = BigInt((end - at).toString(2).length - 1);
    subtrees.push(await tiles.node(height, at >> height));
    at += 1n << height;
  }
  return subtrees.length === 0 ? EMPTY_ROOT : subtrees.reduceRight((right, left) => hashNode(left, right));
}

class TileCache {
  readonly #size: bigint;
  readonly #readTile: ReadTile;
  readonly #tiles = new Map<string, readonly Bytes[]>();

  constructor(size: bigint, readTile: ReadTile) {
    this.#size = size;
    this.#readTile = readTile;
  }

  /** Root of the `index`-th perfect subtree of 2^height leaves, which the tree must have. */
  async node(height: bigint, index: bigint): Promise<Bytes> {
    const level = height >> 3n;
    const first = index << (height & 7n);
    const at = Number(first & BigInt(TILE_WIDTH - 1));
    const hashes = await this.#tile(Number(level), first / BigInt(TILE_WIDTH));
    return merkleRoot(hashes.slice(at, at + 2 ** Number(height & 7n)));
  }

  async #tile(level: number, index: bigint): Promise<readonly Bytes[]> {
    const left = levelSize(level, this.#size) - index * BigInt(TILE_WIDTH);
    const tile = { level, index, width: left < BigInt(TILE_WIDTH) ? Number(left) : TILE_WIDTH };
    const path = toTilePath(tile);
    const hashes = this.#tiles.get(path) ?? (await readHashes(this.#readTile, tile));
    this.#tiles.set(path, hashes);
    return hashes;
  }
}

function readHashes(readTile: ReadTile, tile: TileId): Promise<Bytes[]> {
  const read = (width: number) => readTile({ ...tile, width });
  return readHeld({ path: toTilePath(tile), width: tile.width, read, parse: parseTile });
}
