// What a site takes for the log that it follows, exhaustively over small trees.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex, utf8, type RefusalCode } from '@blindsum/proto';
import { checkSignature } from '@blindsum/proto/node';
import { encodeVkey } from '@blindsum/proto/tlog';
import { ShownLog } from '../../../test/fixtures/shown-log.ts';
import type { KeptHead, KnownLog, ShownHead } from './known-log.ts';
import { isSameTree, verifyHead, verifyIntroduction } from './log-head.ts';

const ORIGIN = 'fed.example';
const SIZE = 9;
const log = new ShownLog(ORIGIN);
while (log.size < SIZE) log.appendOther();
const known: KnownLog = { key: log.key, recordKey: log.recordKey };
const keptAt = (size: number): KeptHead =>
  verifyHead(log.fork(size).head(0n), known, undefined, checkSignature);
const verify = (shown: ShownHead, kept?: KeptHead) => verifyHead(shown, known, kept, checkSignature);
const refused = (code: RefusalCode, shown: ShownHead, kept?: KeptHead) =>
  assert.throws(() => verify(shown, kept), { name: 'Refusal', code });

describe('a checkpoint that a site is shown', () => {
  test('is kept from every earlier one that it extends', () => {
    for (let old = 1; old <= SIZE; old++)
      for (let size = old; size <= SIZE; size++) {
        const shown = log.fork(size).head(BigInt(old));
        const head = verify(shown, keptAt(old));
        assert.equal(head.size, BigInt(size));
        assert.ok(isSameTree(head, keptAt(size)));
      }
  });

  test('of fewer entries is a log that shrank, whatever proof comes with it', () => {
    for (let old = 2; old <= SIZE; old++)
      for (let size = 1; size < old; size++)
        for (const proof of [[], log.head(BigInt(size)).proof])
          refused('LOG_SHRANK', { ...log.fork(size).head(0n), proof }, keptAt(old));
  });

  test('of a tree that differs in any entry that was seen is a log that forked', () => {
    for (let old = 2; old <= SIZE; old++)
      for (let changed = 1; changed < old; changed++) {
        const fork = log.fork(changed);
        for (let nth = 100; fork.size < SIZE; nth++) fork.appendOther(nth);
        refused('LOG_FORKED', fork.head(BigInt(old)), keptAt(old));
      }
  });

  test('without a proof, or with a changed one, is a log that forked', () => {
    for (let old = 1; old < SIZE; old++) {
      const { note, proof } = log.head(BigInt(old));
      const changed = proof.map((hash, i) => (i === 0 ? hash.with(0, hash[0]! ^ 1) : hash));
      for (const wrong of [[], changed, proof.slice(1), [...proof, new Uint8Array(32)]])
        refused('LOG_FORKED', { note, proof: wrong }, keptAt(old));
    }
    refused('LOG_FORKED', { ...log.head(0n), proof: [new Uint8Array(32)] }, keptAt(SIZE));
  });

  test('is that of this log alone, signed by its key', () => {
    const other = new ShownLog('other.example');
    refused('BAD_SIGNATURE', other.head(0n));
    const { note } = log.head(0n);
    const text = Buffer.from(note).toString();
    refused('BAD_SIGNATURE', { note: utf8(text.replace(`\n${SIZE}\n`, `\n${SIZE - 1}\n`)), proof: [] });
    for (const malformed of ['', text.trimEnd(), `${text}\n`, text.replace('\n\n', '\n')])
      refused('MALFORMED', { note: utf8(malformed), proof: [] });
  });
});

describe('a log that a site has not seen before', () => {
  const shown = { verifierKey: encodeVkey(log.key), head: log.head(0n), charter: log.shown(0) };
  const introduce = (changes: Partial<typeof shown>, federation = ORIGIN) =>
    verifyIntroduction({ ...shown, ...changes }, federation, checkSignature);

  test('is pinned by its key and by the key that its charter names', () => {
    const { log: pinned, head } = introduce({});
    assert.deepEqual(pinned.key, log.key);
    assert.equal(toHex(pinned.recordKey), toHex(log.recordKey));
    assert.ok(isSameTree(head, keptAt(SIZE)));
  });

  test('is refused when it is not that of the federation, or does not begin with its charter', () => {
    assert.throws(() => introduce({}, 'other.example'), { code: 'BAD_RECORD' });
    assert.throws(() => introduce({ charter: log.shown(1) }), { code: 'BAD_RECORD' });
    assert.throws(() => introduce({ charter: { ...log.shown(0), index: 1n } }), { code: 'BAD_RECORD' });
    const other = new ShownLog('other.example');
    assert.throws(() => introduce({ verifierKey: encodeVkey(other.key) }), { code: 'BAD_RECORD' });
    assert.throws(() => introduce({ charter: { ...log.shown(0), signature: log.shown(1).signature } }), {
      code: 'BAD_SIGNATURE',
    });
    assert.throws(() => introduce({ charter: { ...log.shown(0), proof: [] } }), { code: 'BAD_PROOF' });
  });
});
