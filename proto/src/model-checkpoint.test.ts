import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeCiphers } from '../node/sealing-ciphers.ts';
import { concat, toHex, type Bytes } from './bytes.ts';
import { domainDigest } from './digest.ts';
import {
  checkpointBytes,
  openCheckpoint,
  sealCheckpoint,
  type CheckpointBinding,
} from './model-checkpoint.ts';
import { generateSharingKey } from './share-sealing.ts';

const MEMBERS = [1, 2, 3].map((seed) => generateSharingKey(new Uint8Array(32).fill(seed)));
const MODEL = new Uint8Array(1000).map((_, i) => i);
const hashOf = (model: Bytes) => domainDigest('blindsum/v1/model', model);
const BINDING: CheckpointBinding = {
  context: new Uint8Array(32).fill(3),
  sealer: 1,
  modelHash: hashOf(MODEL),
};

/** Counts up, so that no two values are alike. */
function randomBytes() {
  const given: Bytes[] = [];
  const random = (length: number) => {
    given.push(new Uint8Array(length).fill(10 + given.length));
    return given.at(-1)!;
  };
  return { given, random };
}

function sealed(model = MODEL, binding = BINDING): Bytes {
  const recipients = MEMBERS.map(({ publicKey }) => publicKey);
  const task = { binding, recipients, model, random: randomBytes().random };
  return concat(...sealCheckpoint(task, nodeCiphers));
}

function opened(bytes: Bytes, modelBytes = MODEL.length, binding = BINDING): Bytes {
  const shape = { members: MEMBERS.length, modelBytes };
  const task = { binding, shape, recipient: 2, secretKey: MEMBERS[1]!.secretKey };
  return openCheckpoint(task, (offset, length) => bytes.subarray(offset, offset + length), nodeCiphers);
}

test('every length around that of a chunk is sealed, has the length foretold, and opens', () => {
  const chunk = (1 << 20) - 16;
  for (const modelBytes of [1, chunk - 1, chunk, chunk + 1, 2 * chunk]) {
    const model = new Uint8Array(modelBytes).fill(7);
    const binding = { ...BINDING, modelHash: hashOf(model) };
    const bytes = sealed(model, binding);
    assert.equal(bytes.length, checkpointBytes({ members: 3, modelBytes }));
    assert.equal(Buffer.compare(opened(bytes, modelBytes, binding), model), 0);
  }
});

test('no piece is longer than a part', () => {
  const recipients = MEMBERS.map(({ publicKey }) => publicKey);
  const model = new Uint8Array(3 << 20);
  for (const piece of sealCheckpoint(
    { binding: BINDING, recipients, model, random: randomBytes().random },
    nodeCiphers,
  ))
    assert.ok(piece.length <= 1 << 20);
});

test('a model that is not the one with the attested hash is refused, however well it is sealed', () => {
  assert.throws(() => opened(sealed(MODEL.with(0, 1))), {
    code: 'BAD_MODEL_CHECKPOINT',
    message: /another model/,
  });
});

test('a fresh content key and fresh seals are asked for each time, and the key is erased', () => {
  const { given, random } = randomBytes();
  const recipients = MEMBERS.map(({ publicKey }) => publicKey);
  const seal = () => concat(...sealCheckpoint({ binding: BINDING, recipients, model: MODEL, random }));
  const [one, other] = [seal(), seal()];
  assert.deepEqual(given.map(({ length }) => length), [32, 64, 64, 64, 32, 64, 64, 64]); // prettier-ignore
  assert.ok([given[0]!, given[4]!].every((key) => key.every((byte) => byte === 0)));
  const chunk = (bytes: Bytes) => toHex(bytes.subarray(checkpointBytes({ members: 3, modelBytes: 0 })));
  assert.notEqual(chunk(one), chunk(other));
});

test('the content key is erased when sealing is broken off', () => {
  const { given, random } = randomBytes();
  const recipients = MEMBERS.map(({ publicKey }) => publicKey);
  const pieces = sealCheckpoint({ binding: BINDING, recipients, model: MODEL, random });
  pieces.next();
  pieces.return(undefined);
  assert.ok(given[0]!.every((byte) => byte === 0));
});

test('the model is nowhere in a checkpoint in the clear', () => {
  assert.equal(Buffer.from(sealed()).indexOf(Buffer.from(MODEL.subarray(0, 16))), -1);
});
