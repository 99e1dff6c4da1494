import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cosigningSchema, describeRule, isSameRule, type CosigningRule } from './cosigning-rule.ts';
import { createNoteKey, encodeVkey } from './note-key.ts';

const vkeyOf = (name: string, byte: number) =>
  encodeVkey(createNoteKey(name, new Uint8Array(32).fill(byte), 'ed25519-cosignature'));
const rule: CosigningRule = {
  members: 'roster-quorum',
  standAlone: [
    { name: 'w1', vkey: vkeyOf('w1.example', 1) },
    { name: 'w2', vkey: vkeyOf('w2.example', 2) },
  ],
  standAloneQuorum: 1,
};
const [w1, w2] = rule.standAlone as [CosigningRule['standAlone'][0], CosigningRule['standAlone'][0]];

test('a rule is the same in its every part, or another', () => {
  assert.equal(isSameRule(rule, structuredClone(rule)), true);
  const others: CosigningRule[] = [
    { ...rule, members: 3 },
    { ...rule, standAlone: [w1] },
    { ...rule, standAlone: [w1, { ...w2, vkey: vkeyOf('w2.example', 3) }] },
    { ...rule, standAloneQuorum: 2 },
  ];
  for (const other of others) assert.equal(isSameRule(rule, other), false);
});

test('a witness is there once, under one name and one key, and none is asked for that is not there', () => {
  const isRule = (changes: Partial<CosigningRule>) =>
    cosigningSchema.safeParse({ ...rule, ...changes }).success;
  assert.equal(isRule({}), true);
  assert.equal(isRule({ standAlone: [w2, w1] }), false);
  assert.equal(isRule({ standAlone: [w1, { ...w2, name: 'w1' }] }), false);
  // The same key bytes under another key name have another key ID.
  assert.equal(isRule({ standAlone: [w1, { name: 'w2', vkey: vkeyOf('w2.example', 1) }] }), false);
  assert.equal(isRule({ standAloneQuorum: 3 }), false);
  // The key of a log, not of a witness.
  const ofLog = encodeVkey(createNoteKey('w2.example', new Uint8Array(32).fill(2)));
  assert.equal(isRule({ standAlone: [w1, { ...w2, vkey: ofLog }] }), false);
});

test('the rule in words', () => {
  assert.equal(
    describeRule(rule),
    'as many members as must approve a roster and 1 of 2 stand-alone witnesses (w1, w2)',
  );
  assert.equal(describeRule({ ...rule, members: 2, standAloneQuorum: 0 }), '2 of the members');
  assert.equal(describeRule({ members: 0, standAlone: [], standAloneQuorum: 0 }), 'nobody');
});
