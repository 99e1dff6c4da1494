import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEd25519Signer, verifyEd25519 } from '../node/ed25519.ts';
import { concat, utf8 } from './bytes.ts';
import { toCanonicalBytes } from './canonical-json.ts';
import { openCommitPromise, signCommitPromise, type CommitPromise } from './commit-promise.ts';
import type { Digest, JobId, Pseudonym } from './identifiers.ts';

const log = createEd25519Signer(new Uint8Array(32).fill(5));
const other = createEd25519Signer(new Uint8Array(32).fill(6));
const PROMISE: CommitPromise = {
  federation: 'fed.example',
  job: 'a-job' as JobId,
  round: 3,
  attempt: 2,
  site: 'ab'.repeat(32) as Pseudonym,
  commitment: 'cd'.repeat(32) as Digest,
  atMs: 1_800_000_000_000,
};
const signed = signCommitPromise(PROMISE, log.sign);
const open = (message: typeof signed) => openCommitPromise(message, log.publicKey, verifyEd25519);

test('a promise is read as it was signed', () => {
  assert.deepEqual(open(signed), PROMISE);
});

test('a promise of another key, or changed, is refused', () => {
  assert.throws(() => open(signCommitPromise(PROMISE, other.sign)), { code: 'BAD_SIGNATURE' });
  for (const change of [{ round: 4 }, { attempt: 1 }, { commitment: '00'.repeat(32) }, { atMs: 1 }]) {
    const payload = toCanonicalBytes({ type: 'commit-promise', ...PROMISE, ...change });
    assert.throws(() => open({ ...signed, payload }), { code: 'BAD_SIGNATURE' });
  }
});

test('a signature of the log for another purpose is no promise', () => {
  for (const prefix of ['', 'blindsum/v1/commitment\0', 'blindsum/v1/commit-promise\n'])
    assert.throws(() => open({ ...signed, signature: log.sign(concat(utf8(prefix), signed.payload)) }), {
      code: 'BAD_SIGNATURE',
    });
});

test('what is not the one spelling of a promise is malformed', () => {
  const malformed = [
    utf8('{}'),
    toCanonicalBytes({ ...PROMISE, type: 'commitment' }),
    toCanonicalBytes({ type: 'commit-promise', ...PROMISE, more: 1 }),
    toCanonicalBytes({ type: 'commit-promise', ...PROMISE, attempt: 0 }),
    concat(signed.payload, utf8('\n')),
  ];
  for (const payload of malformed)
    assert.throws(() => open({ payload, signature: log.sign(payload) }), { code: 'MALFORMED' });
  assert.throws(() => open({ ...signed, signature: signed.signature.slice(1) }), { code: 'MALFORMED' });
});
