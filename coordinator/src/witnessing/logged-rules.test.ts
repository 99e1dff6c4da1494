import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNoteKey, encodeVkey, type CosigningRule } from '@blindsum/proto/tlog';
import { createLogKeys } from '../log/log-keys.ts';
import { createMemoryLogStore } from '../log/memory-log-store.ts';
import { openSequencer } from '../log/sequencer.ts';
import { amendRule, LoggedRules, toCosigningRule } from './logged-rules.ts';

const ORIGIN = 'log.example.org';
const keys = createLogKeys(ORIGIN, new Uint8Array(32).fill(7));
const FIRST: CosigningRule = { members: 'roster-quorum', standAlone: [], standAloneQuorum: 0 };
const NOBODY: CosigningRule = { ...FIRST, members: 0 };

test('the same rule is not logged again; another one is, also a weaker one, and back', async () => {
  const log = await openSequencer(createMemoryLogStore(), keys, FIRST);
  assert.equal(await amendRule(log, ORIGIN, FIRST), undefined);
  assert.equal(log.latest().size, 1);
  assert.equal(await amendRule(log, ORIGIN, NOBODY), 1);
  assert.equal(await amendRule(log, ORIGIN, NOBODY), undefined);
  assert.equal(await amendRule(log, ORIGIN, FIRST), 2);
  const rules = new LoggedRules(log);
  const said = await Promise.all([1, 2, 3, undefined].map(async (size) => (await rules.at(size)).rule));
  assert.deepEqual(said, [FIRST, NOBODY, FIRST, FIRST]);
});

test('a log that was founded without a rule gets one by its first amendment', async () => {
  const log = await openSequencer(createMemoryLogStore(), keys);
  const rules = new LoggedRules(log);
  assert.equal((await rules.at()).rule, undefined);
  assert.equal(await amendRule(log, ORIGIN, FIRST), 1);
  assert.deepEqual([(await rules.at()).rule, (await rules.at(1)).rule], [FIRST, undefined]);
});

test('the order of witnesses in the configuration makes no other rule', () => {
  const witness = (name: string, byte: number) => ({
    ...{ name, url: 'http://w/' },
    vkey: createNoteKey(`${name}.example`, new Uint8Array(32).fill(byte), 'ed25519-cosignature'),
  });
  const [w1, w2] = [witness('w1', 1), witness('w2', 2)];
  const rule = toCosigningRule({ standAlone: [w2, w1], quorum: { standAlone: 1 } });
  assert.deepEqual(rule, toCosigningRule({ standAlone: [w1, w2], quorum: { standAlone: 1 } }));
  assert.deepEqual(rule.standAlone[0], { name: 'w1', vkey: encodeVkey(w1.vkey) });
  assert.equal(rule.members, 'roster-quorum');
});
