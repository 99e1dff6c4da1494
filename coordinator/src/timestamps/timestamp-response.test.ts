// Timestamps by a real authority: OpenSSL's own.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sha256, utf8 } from '@blindsum/proto';
import { hasOpenssl, startOpensslAuthority, type OpensslAuthority } from './openssl-authority.fixture.ts';
import { createTimestampAuthority } from './timestamp-authority.ts';
import { encodeTimestampRequest, toNonce } from './timestamp-request.ts';
import { MAX_RESPONSE_BYTES, openTimestamp } from './timestamp-response.ts';

const options = { skip: hasOpenssl() ? false : 'OpenSSL is not installed' };
const DATA = utf8('log.example.org\n1\nroot\n');
const digest = sha256(DATA);
const nonce = toNonce(new Uint8Array(8).fill(0xff));
let tsa: OpensslAuthority;
let other: OpensslAuthority;
let authorities: X509Certificate[];
let response: Uint8Array;
const certificateOf = ({ caFile }: OpensslAuthority) => [new X509Certificate(readFileSync(caFile))];

before(async () => {
  if (options.skip) return;
  tsa = await startOpensslAuthority();
  other = await startOpensslAuthority();
  authorities = certificateOf(tsa);
  response = tsa.reply(encodeTimestampRequest({ digest, nonce }));
});
after(async () => {
  if (options.skip) return;
  await tsa.close();
  await other.close();
});

test("OpenSSL's authority answers our request; we and OpenSSL accept its answer", options, () => {
  const { timeMs } = openTimestamp(response, { digest, nonce, authorities });
  assert.ok(Math.abs(timeMs - Date.now()) < 3_600_000);
  assert.match(tsa.verify(DATA, response), /Verification: OK/);
  assert.throws(() => tsa.verify(utf8('other'), response));
});

test('over HTTP, from the request to the verified answer', options, async () => {
  const authority = createTimestampAuthority(tsa.url, authorities);
  const stamped = await authority.stamp(digest);
  assert.deepEqual(authority.open(stamped.response, digest), { timeMs: stamped.timeMs });
  assert.match(tsa.verify(DATA, stamped.response), /Verification: OK/);
  tsa.answer = 'not';
  await assert.rejects(authority.stamp(digest), { name: 'Refusal', code: 'UNAVAILABLE' });
  tsa.answer = 'with a changed bit';
  await assert.rejects(authority.stamp(digest), { name: 'Refusal' });
  tsa.answer = 'well';
});

test('an answer about something else, to somebody else, or by somebody else is refused', options, () => {
  const refuses = (code: string, expected: object) =>
    assert.throws(() => openTimestamp(response, { digest, nonce, authorities, ...expected }), { code });
  refuses('WRONG_CONTEXT', { digest: sha256(utf8('other')) });
  refuses('WRONG_CONTEXT', { nonce: toNonce(new Uint8Array(8)) });
  refuses('UNAUTHENTICATED', { authorities: certificateOf(other) });
  refuses('UNAUTHENTICATED', { authorities: [] });
});

test('an authority that refuses says so', options, () => {
  const request = encodeTimestampRequest({ digest: digest.slice(0, 20), nonce });
  assert.throws(() => openTimestamp(tsa.reply(request), { digest, nonce, authorities }), {
    code: 'UNAVAILABLE',
  });
});

test('one changed bit anywhere is refused, and never anything but refused', options, () => {
  const expected = { digest, nonce, authorities };
  let accepted = 0;
  for (let at = 0; at < response.length; at += 2) {
    const changed = response.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte));
    try {
      openTimestamp(changed, expected);
      accepted++;
    } catch (error) {
      assert.equal((error as Error).name, 'Refusal', `byte ${at}: ${String(error)}`);
    }
  }
  // What is not signed says nothing: versions, and the list of digests before the content.
  assert.ok(accepted < response.length / 10, `${accepted} of ${response.length}`);
});

test(
  'an answer that says that it is none, or holds something else, is refused before its signature is looked at',
  options,
  () => {
    const refuses = (changed: Uint8Array, expected: object) =>
      assert.throws(() => openTimestamp(changed, { digest, nonce, authorities }), expected);
    // PKIStatus is the first integer of the answer; of the content's type, 1.2.840.113549.1.9.16.1.4, the last arc is made another.
    const at = Buffer.from(response).indexOf(Buffer.from('020100', 'hex')) + 2;
    refuses(
      response.map((byte, i) => (i === at ? 2 : byte)),
      { code: 'UNAVAILABLE' },
    );
    const last = Buffer.from(response).indexOf(Buffer.from('060b2a864886f70d0109100104', 'hex')) + 12;
    refuses(
      response.map((byte, i) => (i === last ? 5 : byte)),
      { code: 'MALFORMED', message: /the signed data is no timestamp/ },
    );
    refuses(new Uint8Array(MAX_RESPONSE_BYTES + 1), { code: 'MALFORMED', message: /too long/ });
  },
);

test('attack: another time in the place of the one that was signed is refused', options, () => {
  // The content's time, a GeneralizedTime of 15 characters, becomes the last second of its day.
  const at = Buffer.from(response).indexOf(Buffer.from('180f32', 'hex')) + 10;
  const later = Uint8Array.from(response);
  later.set(utf8('235959'), at);
  assert.throws(() => openTimestamp(later, { digest, nonce, authorities }), {
    code: 'BAD_SIGNATURE',
    message: /the signature is about another timestamp/,
  });
});

test('an answer that ends early is refused', options, () => {
  for (let length = 0; length < response.length; length += 7)
    assert.throws(() => openTimestamp(response.slice(0, length), { digest, nonce, authorities }), {
      name: 'Refusal',
    });
});
