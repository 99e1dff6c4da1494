// Rebuilds the tree of a log from its entries and compares every tile and the signed root.
import { isEqualBytes, Refusal, toHex, type Bytes } from '@blindsum/proto';
import {
  allTiles,
  hashLeaf,
  levelSize,
  merkleRoot,
  newTiles,
  parseBundlePath,
  parseEntryBundle,
  parseTile,
  parseTilePath,
  readHeld,
  TILE_WIDTH,
  toBundlePath,
  toTilePath,
  type BundleId,
  type Checkpoint,
  type TileId,
} from '@blindsum/proto/tlog';
import { toFinding, type Finding } from './finding.ts';
import type { LogReader } from './log-reader.ts';

/** Hashes of the tree at tile levels 0, 1, ...: what the tiles must hold. */
type Levels = readonly (readonly Bytes[])[];

/**
 * The entries of a log of `size` from entry `from` on, in order. Refuses, naming the file, NOT_FOUND when a bundle is missing and
 * MALFORMED when it has not the form of one.
 */
export async function* readEntries(reader: LogReader, size: bigint, from = 0): AsyncGenerator<Bytes> {
  for (const { level, ...bundle } of newTiles(BigInt(from), size)) {
    if (level > 0) return;
    const entries = await readNamed(reader, { ...bundle, toPath: toBundlePath, parse: parseEntryBundle });
    yield* entries.slice(Math.max(0, from - Number(bundle.index) * TILE_WIDTH));
  }
}

/** Compares tiles and root with the hashes of the entries; says which of them was changed, as far as can be told. */
export async function checkTree(
  reader: LogReader,
  checkpoint: Checkpoint,
  entryHashes: readonly Bytes[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const tileHashes = await readTileHashes(reader, checkpoint.size, findings);
  const isSigned = (hashes: readonly Bytes[]) => isEqualBytes(merkleRoot(hashes), checkpoint.root);
  const areEntriesSigned = isSigned(entryHashes);
  const areTilesSigned = isSigned(tileHashes);
  if (!areEntriesSigned && areTilesSigned) findings.push(...changedEntries(entryHashes, tileHashes));
  if (!areEntriesSigned && !areTilesSigned) findings.push(rootMismatch(entryHashes, checkpoint));
  const levels = toLevels(areEntriesSigned || !areTilesSigned ? entryHashes : tileHashes);
  const current = new Set<string>();
  for (const id of allTiles(checkpoint.size)) {
    findings.push(...(await checkTile(reader, levels, id)));
    current.add(toTilePath(id)).add(toBundlePath(id));
  }
  const others = (await reader.listTiles()).filter((path) => !current.has(path));
  for (const path of others) findings.push(...(await checkListed(reader, levels, path)));
  return withoutRepeats(findings);
}

interface Held<T> extends BundleId {
  readonly toPath: (id: BundleId) => string;
  readonly parse: (data: Bytes, width: number) => T[];
}

/** As readHeld; what is wrong with the form of the file says that it was changed. */
function readNamed<T>(reader: LogReader, { index, width, toPath, parse }: Held<T>): Promise<T[]> {
  const path = toPath({ index, width });
  return readHeld({
    path,
    width,
    read: (wide) => reader.read(toPath({ index, width: wide })),
    parse: (data, wide) => {
      try {
        return parse(data, wide);
      } catch (error) {
        if (error instanceof Refusal) throw new Refusal(error.code, `${path} was changed: ${error.detail}`);
        throw error;
      }
    },
  });
}

function readTile(reader: LogReader, { level, ...bundle }: TileId): Promise<Bytes[]> {
  return readNamed(reader, { ...bundle, toPath: (id) => toTilePath({ level, ...id }), parse: parseTile });
}

async function readTileHashes(reader: LogReader, size: bigint, findings: Finding[]): Promise<Bytes[]> {
  const hashes: Bytes[] = [];
  for (const id of allTiles(size)) {
    if (id.level > 0) break;
    try {
      hashes.push(...(await readTile(reader, id)));
    } catch (error) {
      findings.push(toFinding(error));
      break;
    }
  }
  return hashes;
}

function changedEntries(entryHashes: readonly Bytes[], tileHashes: readonly Bytes[]): Finding[] {
  return entryHashes.flatMap((hash, entry) =>
    isEqualBytes(hash, tileHashes[entry] ?? new Uint8Array())
      ? []
      : [
          {
            code: 'ROOT_MISMATCH',
            entry,
            message: 'the entry was changed: the signed tree has another hash for it',
          },
        ],
  );
}

function rootMismatch(entryHashes: readonly Bytes[], { size, root }: Checkpoint): Finding {
  const found = toHex(merkleRoot(entryHashes));
  const message = `the checkpoint signs a tree of ${size} entries with root ${toHex(root)}, the ${entryHashes.length} entries have root ${found}`;
  return { code: 'ROOT_MISMATCH', message };
}

function toLevels(leafHashes: readonly Bytes[]): Levels {
  const levels: Bytes[][] = [[...leafHashes]];
  for (let below = levels[0]!; below.length >= TILE_WIDTH; below = levels.at(-1)!) {
    const fullTiles = Math.floor(below.length / TILE_WIDTH);
    levels.push(
      Array.from({ length: fullTiles }, (_, i) =>
        merkleRoot(below.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH)),
      ),
    );
  }
  return levels;
}

async function checkTile(reader: LogReader, levels: Levels, id: TileId): Promise<Finding[]> {
  try {
    return compareTile(levels, id, await readTile(reader, id));
  } catch (error) {
    return [toFinding(error)];
  }
}

/** Checks a file that is there although the last checkpoint may not need it: partial tiles of earlier checkpoints. */
async function checkListed(reader: LogReader, levels: Levels, path: string): Promise<Finding[]> {
  try {
    const isBundle = path.startsWith('tile/entries/');
    const id = isBundle ? { level: 0, ...parseBundlePath(path) } : parseTilePath(path);
    // Tiles are written before the checkpoint that covers them, so a log may be ahead of it.
    const isAhead =
      levelSize(id.level, BigInt(levels[0]!.length)) < id.index * BigInt(TILE_WIDTH) + BigInt(id.width);
    if (isAhead) return [];
    if (!isBundle) return compareTile(levels, id, await readTile(reader, id));
    const entries = await readNamed(reader, { ...id, toPath: toBundlePath, parse: parseEntryBundle });
    return compareHashes(levels, id, { path, hashes: entries.map(hashLeaf) });
  } catch (error) {
    return [
      toFinding(error, {
        prefix: error instanceof Refusal && error.detail.includes(path) ? '' : `${path}: `,
      }),
    ];
  }
}

function compareTile(levels: Levels, id: TileId, hashes: readonly Bytes[]): Finding[] {
  return compareHashes(levels, id, { path: toTilePath(id), hashes });
}

function compareHashes(
  levels: Levels,
  id: TileId,
  file: { path: string; hashes: readonly Bytes[] },
): Finding[] {
  const start = Number(id.index) * TILE_WIDTH;
  const wrong = file.hashes.findIndex(
    (hash, i) => !isEqualBytes(hash, levels[id.level]?.[start + i] ?? new Uint8Array()),
  );
  if (wrong < 0) return [];
  const place = id.level === 0 ? `entry ${start + wrong}` : `subtree ${start + wrong} of level ${id.level}`;
  return [{ code: 'ROOT_MISMATCH', message: `${file.path} was changed: it has another hash for ${place}` }];
}

function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Map(findings.map((finding) => [`${finding.entry} ${finding.message}`, finding]));
  return [...seen.values()];
}
