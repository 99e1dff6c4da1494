import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEd25519Signer, verifyEd25519 } from '../../node/ed25519.ts';
import { encodeBase64 } from '../base64.ts';
import { utf8 } from '../bytes.ts';
import { encodeCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { appendLeaf, createMerkleFrontier, frontierRoot } from './merkle-frontier.ts';
import { consistencyProof, hashLeaf, merkleRoot } from './merkle.ts';
import { createNoteKey, parseSkey } from './note-key.ts';
import { signNote } from './note.ts';

// Of vector V3, the golden log of transparency-dev/tessera testdata; golden-log.test.ts writes all of its files.
const SKEY = 'PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg';
const ORIGIN = 'example.com/log/testdata';
const ENTRIES = 'one two three four five six seven eit nain ten ileven twelf threeten fourten fivten'
  .split(' ')
  .map(utf8);
const ROOTS: Record<number, string> = {
  0: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  1: '0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=',
  2: 'T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=',
  3: 'Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=',
  7: 'IrSXADBqJ7EQoUODSDKROySgNveeL6CFhik2w/+fS7U=',
  8: 'bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=',
  15: 'rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=',
};
const LAST_SIGNATURE =
  '— example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=';

const secret = parseSkey(SKEY);
const signer = createEd25519Signer(secret.seed);
const key = createNoteKey(secret.name, signer.publicKey);
const leaves = ENTRIES.map(hashLeaf);
const golden = `${ORIGIN}\n15\n${ROOTS[15]}\n\n${LAST_SIGNATURE}\n`;

test('the golden log has its published roots, and its last checkpoint its published signature', () => {
  let frontier = createMerkleFrontier();
  for (let size = 0; size <= 15; size++) {
    const expected = ROOTS[size];
    if (expected) assert.equal(encodeBase64(frontierRoot(frontier)), expected);
    if (size < 15) frontier = appendLeaf(frontier, leaves[size]!);
  }
  const note = signCheckpoint({ origin: ORIGIN, size: 15n, root: frontierRoot(frontier) }, key, signer.sign);
  assert.equal(note, golden);
});

test('consistency proofs of the golden log equal the published ones', () => {
  const tail = [
    'zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=',
    '5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=',
  ];
  assert.deepEqual(consistencyProof(leaves, 7).map(encodeBase64), [
    '2Q0P5jSR+TdkwdXWyx+GbBWX0KZbNZkWzCjyTPSozsw=',
    'ThcgoV2DYcK+VCxBUDWAlNxmLy2r7dq7dK7+OlgQKWs=',
    'ycRkkNklus5eMVRUvkD1pK321vMrA+jjOiZKU8aOcY4=',
    ...tail,
  ]);
  assert.deepEqual(consistencyProof(leaves, 6).map(encodeBase64), [
    'ycRkkNklus5eMVRUvkD1pK321vMrA+jjOiZKU8aOcY4=',
    'nk9gCR+floFqznAPtqjjcnnV64dge2jQB95D5t164Hg=',
    ...tail,
  ]);
});

test('the golden checkpoint opens under its key', () => {
  const checkpoint = openCheckpoint(utf8(golden), key, verifyEd25519);
  assert.deepEqual(checkpoint, { origin: ORIGIN, size: 15n, root: new Uint8Array(merkleRoot(leaves)) });
});

test('extension lines are kept', () => {
  const checkpoint = {
    origin: ORIGIN,
    size: (1n << 64n) - 1n,
    root: new Uint8Array(32),
    extensions: ['a', 'b'],
  };
  assert.deepEqual(parseCheckpoint(encodeCheckpoint(checkpoint)), checkpoint);
});

test('a checkpoint does not open with another size, root or origin', () => {
  const changes: [string, string][] = [
    ['\n15\n', '\n14\n'],
    ['rKbD', 'rKbE'],
    ['testdata\n15', 'testdatb\n15'],
  ];
  for (const [from, to] of changes) {
    assert.throws(() => openCheckpoint(utf8(golden.replace(from, to)), key, verifyEd25519), {
      code: 'BAD_SIGNATURE',
    });
  }
});

test('a signed checkpoint of another log is refused', () => {
  const note = signNote(golden.split('\n\n')[0]!.replace(ORIGIN, 'other.example') + '\n', key, signer.sign);
  assert.throws(() => openCheckpoint(utf8(note), key, verifyEd25519), { code: 'BAD_CHECKPOINT' });
  assert.throws(
    () => signCheckpoint({ origin: 'other.example', size: 0n, root: leaves[0]! }, key, signer.sign),
    RangeError,
  );
});

const root = ROOTS[15]!;
const BAD: Record<string, string> = {
  empty: '',
  'two lines': `${ORIGIN}\n15\n`,
  'no origin': `\n15\n${root}\n`,
  'size with leading zero': `${ORIGIN}\n015\n${root}\n`,
  'size with a sign': `${ORIGIN}\n+15\n${root}\n`,
  'negative size': `${ORIGIN}\n-1\n${root}\n`,
  'hexadecimal size': `${ORIGIN}\n0xf\n${root}\n`,
  'no size': `${ORIGIN}\n\n${root}\n`,
  'size 2^64': `${ORIGIN}\n18446744073709551616\n${root}\n`,
  'root of 31 bytes': `${ORIGIN}\n15\n${encodeBase64(new Uint8Array(31))}\n`,
  'root of 33 bytes': `${ORIGIN}\n15\n${encodeBase64(new Uint8Array(33))}\n`,
  'empty extension': `${ORIGIN}\n15\n${root}\n\n`,
  'no final newline': `${ORIGIN}\n15\n${root}`,
};

for (const [defect, text] of Object.entries(BAD)) {
  test(`a checkpoint is refused: ${defect}`, () => {
    assert.throws(() => parseCheckpoint(text), { code: 'BAD_CHECKPOINT' });
  });
}

test('a checkpoint is refused: root with stray base64 bits', () => {
  assert.throws(() => parseCheckpoint(`${ORIGIN}\n15\n${root.replace('3cs=', '3ct=')}\n`), {
    code: 'MALFORMED',
  });
});
