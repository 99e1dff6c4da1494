// Vector V3: the log in the testdata of transparency-dev/tessera, which Tessera wrote: every checkpoint, tile and entry bundle of it,
// written again from its key and its entries.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createEd25519Signer, verifyEd25519 } from '../../node/ed25519.ts';
import { toHex, utf8, type Bytes } from '../bytes.ts';
import { sha256 } from '../digest.ts';
import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { encodeEntryBundle } from './entry-bundle.ts';
import { frontierRoot } from './merkle-frontier.ts';
import { hashLeaf, merkleRoot } from './merkle.ts';
import { createNoteKey, encodeVkey, parseSkey } from './note-key.ts';
import { appendToEdge, createRightEdge, type RightEdge } from './right-edge.ts';
import { encodeTile, toBundlePath, toTilePath } from './tile.ts';

interface GoldenLog {
  readonly skey: string;
  readonly vkey: string;
  readonly entries: readonly string[];
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../test/vectors/tlog/golden-log.json', import.meta.url), 'utf8'),
) as GoldenLog;
const entries = golden.entries.map(utf8);
const secret = parseSkey(golden.skey);
const signer = createEd25519Signer(secret.seed);
const key = createNoteKey(secret.name, signer.publicKey);

function checkpointOf({ frontier }: RightEdge): Bytes {
  const tree = { origin: key.name, size: frontier.size, root: frontierRoot(frontier) };
  return utf8(signCheckpoint(tree, key, signer.sign));
}

/** The files of the log as it grows entry by entry, by path. */
function grow(): Map<string, Bytes> {
  let edge = createRightEdge();
  const files = new Map([['checkpoint.0', checkpointOf(edge)]]);
  entries.forEach((entry, i) => {
    const step = appendToEdge(edge, hashLeaf(entry));
    edge = step.edge;
    const bundle = toBundlePath({ index: 0n, width: i + 1 });
    files.set(bundle, encodeEntryBundle(entries.slice(0, i + 1)));
    for (const { id, hashes } of step.tiles) files.set(toTilePath(id), encodeTile(hashes));
    files.set(`checkpoint.${i + 1}`, checkpointOf(edge));
  });
  return files;
}

const files = grow();
const described = ([path, bytes]: readonly [string, Bytes]) =>
  [path, { bytes: bytes.length, sha256: toHex(sha256(bytes)) }] as const;

test('the golden log is reproduced byte for byte: 16 checkpoints, 15 tiles, 15 entry bundles, and no other file', () => {
  assert.equal(Object.keys(golden.files).length, 46);
  assert.deepEqual(Object.fromEntries([...files].map(described)), golden.files);
  assert.equal(encodeVkey(key), golden.vkey);
});

test('each of its checkpoints opens under its key, to the tree of its entries', () => {
  for (let size = 0; size <= entries.length; size++) {
    const { root, ...rest } = openCheckpoint(files.get(`checkpoint.${size}`)!, key, verifyEd25519);
    assert.deepEqual(rest, { origin: 'example.com/log/testdata', size: BigInt(size) });
    assert.deepEqual(new Uint8Array(root), new Uint8Array(merkleRoot(entries.slice(0, size).map(hashLeaf))));
  }
});
