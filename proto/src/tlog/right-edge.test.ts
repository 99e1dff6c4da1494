import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, toUint32Bytes } from '../bytes.ts';
import { hashLeaf, merkleRoot } from './merkle.ts';
import { frontierRoot } from './merkle-frontier.ts';
import { appendToEdge, createRightEdge, unfinishedTiles, type RightEdge } from './right-edge.ts';
import { allTiles, encodeTile, newTiles, toTilePath } from './tile.ts';

const SIZE = 256 * 256 + 300;
const leaves = Array.from({ length: SIZE }, (_, i) => hashLeaf(toUint32Bytes(i)));

function grow(): { edge: RightEdge; written: Map<string, string> } {
  const written = new Map<string, string>();
  let edge = createRightEdge();
  leaves.forEach((leaf, i) => {
    const step = appendToEdge(edge, leaf);
    const paths = step.tiles.map((tile) => toTilePath(tile.id));
    assert.deepEqual(paths, [...newTiles(BigInt(i), BigInt(i + 1))].map(toTilePath));
    for (const tile of step.tiles) {
      if (tile.hashes.length === 256 || i === SIZE - 1)
        written.set(toTilePath(tile.id), toHex(encodeTile(tile.hashes)));
    }
    edge = step.edge;
  });
  for (const tile of unfinishedTiles(edge)) written.set(toTilePath(tile.id), toHex(encodeTile(tile.hashes)));
  return { edge, written };
}

test('growing leaf by leaf over three levels writes exactly the tiles of the tree', () => {
  const { edge, written } = grow();
  assert.deepEqual(frontierRoot(edge.frontier), merkleRoot(leaves));
  assert.deepEqual([...written.keys()].sort(), [...allTiles(BigInt(SIZE))].map(toTilePath).sort());
  const fullTileRoots = Array.from({ length: 257 }, (_, i) =>
    merkleRoot(leaves.slice(256 * i, 256 * (i + 1))),
  );
  assert.equal(written.get('tile/0/257.p/44'), toHex(encodeTile(leaves.slice(257 * 256))));
  assert.equal(written.get('tile/1/000'), toHex(encodeTile(fullTileRoots.slice(0, 256))));
  assert.equal(written.get('tile/1/001.p/1'), toHex(encodeTile(fullTileRoots.slice(256))));
  assert.equal(written.get('tile/2/000.p/1'), toHex(merkleRoot(leaves.slice(0, 65536))));
});

test('appending leaves the edge before as it was', () => {
  const before = appendToEdge(createRightEdge(), leaves[0]!).edge;
  const copy = structuredClone(before);
  appendToEdge(before, leaves[1]!);
  assert.deepEqual(before, copy);
  assert.deepEqual(unfinishedTiles(createRightEdge()), []);
});
