// Tiles (C2SP tlog-tiles): the tree cut into files of up to 256 hashes, so that any static file server can serve it.
import { concat, type Bytes } from '../bytes.ts';
import { DIGEST_BYTES } from '../digest.ts';
import { refuseUnless } from '../refusal.ts';

/** Hashes in a full tile; one tile covers 8 levels of the tree. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8n;
const MAX_LEVEL = 63;

/** Position and width of a tile. */
export interface TileId {
  /** 0 (leaf hashes) to 63. */
  readonly level: number;
  readonly index: bigint;
  /** Hashes it holds, 1..256; fewer than 256 only for the last of its level. */
  readonly width: number;
}

/** Position and width of an entry bundle: the entries whose leaf hashes are in the level-0 tile of the same index. */
export type BundleId = Omit<TileId, 'level'>;

/** `tile/<L>/<N>` or `tile/<L>/<N>.p/<W>`. */
export function toTilePath({ level, ...position }: TileId): string {
  return `tile/${level}/${toPosition(position)}`;
}

/** `tile/entries/<N>` or `tile/entries/<N>.p/<W>`. */
export function toBundlePath(bundle: BundleId): string {
  return `tile/entries/${toPosition(bundle)}`;
}

/** Parses the path of a tile, without leading slash; refuses MALFORMED for any other spelling. */
export function parseTilePath(path: string): TileId {
  const [, level = '', position = ''] = /^tile\/(0|[1-9][0-9]?)\/(.*)$/s.exec(path) ?? [];
  refuseUnless(level !== '' && Number(level) <= MAX_LEVEL, 'MALFORMED', 'tile path: level');
  return { level: Number(level), ...parsePosition(position) };
}

/** Parses the path of an entry bundle, without leading slash; refuses MALFORMED for any other spelling. */
export function parseBundlePath(path: string): BundleId {
  const [, position = ''] = /^tile\/entries\/(.*)$/s.exec(path) ?? [];
  return parsePosition(position);
}

/** Number of hashes at a level of a tree of `size`: complete subtrees of 256^level leaves. */
export function levelSize(level: number, size: bigint): bigint {
  return size >> (TILE_HEIGHT * BigInt(level));
}

/** The tiles of a tree of `size` that one of `oldSize` does not have at that width, level by level from the leaves. */
export function* newTiles(oldSize: bigint, size: bigint): Generator<TileId> {
  for (let level = 0; level <= MAX_LEVEL && levelSize(level, size) > 0n; level++) {
    yield* newTilesOfLevel(level, levelSize(level, oldSize), levelSize(level, size));
  }
}

/** All tiles of a tree of `size`, of the greatest width, level by level from the leaves. */
export function allTiles(size: bigint): Generator<TileId> {
  return newTiles(0n, size);
}

/** Concatenates the hashes (1..256, each 32 bytes). */
export function encodeTile(hashes: readonly Bytes[]): Bytes {
  return concat(...hashes);
}

/** Cuts a tile of `width` into its hashes; refuses MALFORMED unless it has exactly 32 bytes for each. */
export function parseTile(data: Bytes, width: number): Bytes[] {
  const expected = width * DIGEST_BYTES;
  refuseUnless(data.length === expected, 'MALFORMED', `tile has ${data.length} bytes instead of ${expected}`);
  return Array.from({ length: width }, (_, i) => data.slice(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES));
}

function* newTilesOfLevel(level: number, oldHashes: bigint, hashes: bigint): Generator<TileId> {
  const width = BigInt(TILE_WIDTH);
  for (let index = oldHashes / width; index * width < hashes; index++) {
    const held = hashes - index * width < width ? hashes - index * width : width;
    if (index * width + held > oldHashes) yield { level, index, width: Number(held) };
  }
}

function toPosition({ index, width }: BundleId): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g) ?? [];
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

function parsePosition(text: string): BundleId {
  const [, groups = '', partial] =
    /^((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(text) ?? [];
  refuseUnless(groups !== '', 'MALFORMED', 'tile path: index');
  const position = {
    index: BigInt(groups.replace(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  refuseUnless(position.width <= TILE_WIDTH, 'MALFORMED', 'tile path: width');
  // Re-encoding refuses superfluous x000 groups, and a full tile that is spelled as a partial one.
  refuseUnless(toPosition(position) === text, 'MALFORMED', 'tile path: index or width');
  return position;
}
