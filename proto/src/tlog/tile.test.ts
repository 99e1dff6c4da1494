import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allTiles,
  levelSize,
  newTiles,
  parseBundlePath,
  parseTilePath,
  toBundlePath,
  toTilePath,
} from './tile.ts';
import { encodeTile, parseTile } from './tile.ts';
import { hashLeaf } from './merkle.ts';
import { utf8 } from '../bytes.ts';

// From C2SP tlog-tiles and tessera api/layout/paths_test.go.
const TILE_PATHS: Record<string, [level: number, index: bigint, width: number]> = {
  'tile/0/000': [0, 0n, 256],
  'tile/0/000.p/1': [0, 0n, 1],
  'tile/0/000.p/255': [0, 0n, 255],
  'tile/1/000.p/1': [1, 0n, 1],
  'tile/0/x001/x234/067': [0, 1234067n, 256],
  'tile/0/x123/x456/789': [0, 123456789n, 256],
  'tile/15/x455/667': [15, 455667n, 256],
  'tile/63/999.p/41': [63, 999n, 41],
  'tile/3/x001/000': [3, 1000n, 256],
};

for (const [path, [level, index, width]] of Object.entries(TILE_PATHS)) {
  test(`the path ${path} is read and written`, () => {
    assert.equal(toTilePath({ level, index, width }), path);
    assert.deepEqual(parseTilePath(path), { level, index, width });
  });
}

const BAD_TILE_PATHS = {
  empty: '',
  'leading slash': '/tile/0/000',
  'level with leading zero': 'tile/00/000',
  'level 64': 'tile/64/000',
  'negative level': 'tile/-1/000',
  'no index': 'tile/0/',
  'two digits': 'tile/0/00',
  'four digits': 'tile/0/0000',
  'superfluous group': 'tile/0/x000/000',
  'group without x': 'tile/0/001/234',
  'x on the last group': 'tile/0/x001/x234',
  'capital x': 'tile/0/X001/234',
  'width 0': 'tile/0/000.p/0',
  'width with leading zero': 'tile/0/000.p/01',
  'width 256': 'tile/0/000.p/256',
  'width 999': 'tile/0/000.p/999',
  'no width': 'tile/0/000.p/',
  'trailing slash': 'tile/0/000/',
  'trailing newline': 'tile/0/000\n',
  dots: 'tile/0/../000',
  entries: 'tile/entries/000',
  'seven groups': 'tile/0/x001/x000/x000/x000/x000/x000/000',
};

for (const [defect, path] of Object.entries(BAD_TILE_PATHS)) {
  test(`a tile path is refused: ${defect}`, () => {
    assert.throws(() => parseTilePath(path), { code: 'MALFORMED' });
  });
}

test('bundle paths are read and written, and are not tile paths', () => {
  assert.equal(toBundlePath({ index: 1234067n, width: 256 }), 'tile/entries/x001/x234/067');
  assert.deepEqual(parseBundlePath('tile/entries/000.p/15'), { index: 0n, width: 15 });
  for (const path of ['tile/0/000', 'tile/entries/000.p/256', 'tile/entries/x000/000', 'tile/data/000']) {
    assert.throws(() => parseBundlePath(path), { code: 'MALFORMED' });
  }
});

test('any tile survives its path', () => {
  const tiles = fc.record({
    level: fc.integer({ min: 0, max: 63 }),
    index: fc.bigInt({ min: 0n, max: (1n << 56n) - 1n }),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(fc.property(tiles, (tile) => assert.deepEqual(parseTilePath(toTilePath(tile)), { ...tile })));
});

const paths = (tiles: Iterable<Parameters<typeof toTilePath>[0]>) => [...tiles].map(toTilePath);

test('trees of the sizes worked in the specification have its tiles', () => {
  assert.deepEqual(paths(allTiles(0n)), []);
  assert.deepEqual(paths(allTiles(255n)), ['tile/0/000.p/255']);
  assert.deepEqual(paths(allTiles(256n)), ['tile/0/000', 'tile/1/000.p/1']);
  const large = paths(allTiles(70000n));
  assert.equal(large.filter((path) => path.startsWith('tile/0/') && !path.includes('.p/')).length, 273);
  assert.deepEqual(
    large.filter((path) => path.includes('.p/')),
    ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1'],
  );
  assert.equal(large.filter((path) => path.startsWith('tile/1/')).length, 2);
});

test('growing writes the tiles that grew, and no others', () => {
  assert.deepEqual(paths(newTiles(7n, 7n)), []);
  assert.deepEqual(paths(newTiles(0n, 1n)), ['tile/0/000.p/1']);
  assert.deepEqual(paths(newTiles(255n, 256n)), ['tile/0/000', 'tile/1/000.p/1']);
  assert.deepEqual(paths(newTiles(256n, 257n)), ['tile/0/001.p/1']);
  assert.deepEqual(paths(newTiles(250n, 600n)), [
    'tile/0/000',
    'tile/0/001',
    'tile/0/002.p/88',
    'tile/1/000.p/2',
  ]);
  assert.deepEqual(paths(newTiles(65535n, 65536n)), ['tile/0/255', 'tile/1/000', 'tile/2/000.p/1']);
});

test('level sizes are exact above 2^53', () => {
  assert.equal(levelSize(0, (1n << 63n) + 1n), (1n << 63n) + 1n);
  assert.equal(levelSize(7, (1n << 63n) + 1n), 128n);
});

test('a tile is cut into the hashes it was made of, and has no byte more or less', () => {
  const hashes = ['a', 'b', 'c'].map((text) => new Uint8Array(hashLeaf(utf8(text))));
  assert.deepEqual(parseTile(encodeTile(hashes), 3), hashes);
  assert.throws(() => parseTile(encodeTile(hashes), 2), { code: 'MALFORMED' });
  assert.throws(() => parseTile(encodeTile(hashes).slice(1), 3), { code: 'MALFORMED' });
});
