import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, type Bytes } from '../bytes.ts';
import { consistencyProof, EMPTY_ROOT, hashLeaf, inclusionProof, merkleRoot } from './merkle.ts';
import { appendToEdge, createRightEdge } from './right-edge.ts';
import { createTileReader, verifyExtension, type ReadTile } from './tile-reader.ts';
import { encodeTile, toTilePath } from './tile.ts';

const SIZE = 1500;
const LEAVES = Array.from({ length: SIZE }, (_, i) => hashLeaf(utf8(`entry ${i}`)));
const TILES = tilesOf(LEAVES);

/** The files of a log of these leaves, with every partial tile. */
function tilesOf(leaves: readonly Bytes[]): Map<string, Bytes> {
  const files = new Map<string, Bytes>();
  let edge = createRightEdge();
  for (const leaf of leaves) {
    const step = appendToEdge(edge, leaf);
    edge = step.edge;
    for (const { id, hashes } of step.tiles) files.set(toTilePath(id), encodeTile(hashes));
  }
  return files;
}

const readFrom =
  (files: ReadonlyMap<string, Bytes>): ReadTile =>
  async (tile) =>
    files.get(toTilePath(tile));
const plain = (hash: Bytes) => new Uint8Array(hash);
const headOf = (size: number) => ({ size: BigInt(size), root: merkleRoot(LEAVES.slice(0, size)) });
/** The files without the partial tiles that a full one has replaced, which a log need not keep. */
const withoutReplaced = () =>
  new Map([...TILES].filter(([path]) => !TILES.has(path.replace(/\.p\/.*$/, '')) || !path.includes('.p/')));

const SIZES = [1, 2, 3, 255, 256, 257, 511, 512, 513, 600, 1024, 1500];

for (const size of SIZES) {
  test(`every tenth entry of a log of ${size} is proved from its tiles, with the proof of the whole tree`, async () => {
    const reader = createTileReader(headOf(size), readFrom(TILES));
    for (let index = 0; index < size; index += size > 300 ? 41 : 10) {
      const { proof, leafHash } = await reader.inclusion(BigInt(index));
      assert.deepEqual(proof.map(plain), inclusionProof(LEAVES.slice(0, size), index).map(plain));
      assert.deepEqual(plain(leafHash), plain(LEAVES[index]!));
    }
  });

  test(`a log of ${size} is proved to extend every other size before it`, async () => {
    const reader = createTileReader(headOf(size), readFrom(TILES));
    for (const old of SIZES.filter((candidate) => candidate <= size)) {
      const proof = await reader.consistency(headOf(old));
      assert.deepEqual(proof.map(plain), consistencyProof(LEAVES.slice(0, size), old).map(plain));
    }
  });
}

test('a log that dropped its partial tiles is read from the full ones', async () => {
  const reader = createTileReader(headOf(300), readFrom(withoutReplaced()));
  assert.equal((await reader.inclusion(299n)).proof.length, 5);
  assert.equal((await reader.consistency(headOf(257))).length > 0, true);
});

test('a tile is read once', async () => {
  const asked: string[] = [];
  const reader = createTileReader(headOf(1500), async (tile) => {
    asked.push(toTilePath(tile));
    return TILES.get(toTilePath(tile));
  });
  for (let index = 0n; index < 1500n; index += 100n) await reader.inclusion(index);
  assert.equal(new Set(asked).size, asked.length);
});

test('a missing tile is named', async () => {
  const files = withoutReplaced();
  files.delete('tile/0/001');
  await assert.rejects(createTileReader(headOf(1500), readFrom(files)).inclusion(256n), {
    code: 'NOT_FOUND',
    message: /tile\/0\/001 is missing/,
  });
});

test('a tile of another length is refused', async () => {
  const files = new Map(TILES).set('tile/0/000', TILES.get('tile/0/000')!.slice(1));
  await assert.rejects(createTileReader(headOf(1500), readFrom(files)).inclusion(1n), { code: 'MALFORMED' });
});

test('one changed bit in any tile of the proof is refused', async () => {
  for (const path of ['tile/0/000', 'tile/1/000.p/5', 'tile/0/005.p/220']) {
    const tile = Uint8Array.from(TILES.get(path)!, (byte, i) => (i === 40 ? byte ^ 1 : byte));
    const reader = createTileReader(headOf(1500), readFrom(new Map(TILES).set(path, tile)));
    await assert.rejects(reader.inclusion(0n), { code: 'BAD_PROOF' }, path);
  }
});

test('an entry that is not in the tree cannot be asked for', async () => {
  await assert.rejects(createTileReader(headOf(5), readFrom(TILES)).inclusion(5n), RangeError);
});

test('a log that grew extends what it was, and every log extends the empty one', async () => {
  await verifyExtension(headOf(257), headOf(1500), readFrom(TILES));
  await verifyExtension(headOf(600), headOf(600), readFrom(TILES));
  await verifyExtension({ size: 0n, root: EMPTY_ROOT }, headOf(3), readFrom(TILES));
});

test('attack: a log that shrank is refused', async () => {
  await assert.rejects(verifyExtension(headOf(600), headOf(257), readFrom(TILES)), {
    code: 'BAD_CHECKPOINT',
    message: /the log shrank from 600 to 257 entries/,
  });
});

test('attack: a log that forked is refused, whether it grew or not', async () => {
  const forked = LEAVES.map((leaf, i) => (i === 200 ? hashLeaf(utf8('another entry')) : leaf));
  const files = tilesOf(forked);
  for (const size of [257, 1500]) {
    const head = { size: BigInt(size), root: merkleRoot(forked.slice(0, size)) };
    await assert.rejects(verifyExtension(headOf(257), head, readFrom(files)), {
      code: 'BAD_CHECKPOINT',
      message: /the log forked/,
    });
    // Showing the tiles of the tree that was seen before does not help.
    await assert.rejects(verifyExtension(headOf(257), head, readFrom(TILES)), { code: 'BAD_CHECKPOINT' });
  }
});

test('a tile that is missing does not look like a fork', async () => {
  await assert.rejects(verifyExtension(headOf(257), headOf(1500), readFrom(new Map())), {
    code: 'NOT_FOUND',
  });
});

test('places above 2^53 are asked for exactly', async () => {
  const size = (1n << 63n) + 3n;
  const asked: string[] = [];
  const reader = createTileReader({ size, root: EMPTY_ROOT }, async (tile) => {
    asked.push(toTilePath(tile));
    return new Uint8Array(32 * tile.width);
  });
  await assert.rejects(reader.inclusion(size - 1n), { code: 'BAD_PROOF' });
  assert.ok(asked.includes('tile/0/x036/x028/x797/x018/x963/968.p/3'), asked.join(' '));
});
