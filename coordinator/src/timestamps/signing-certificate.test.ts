// Timestamps by signers that no authority should be: each signature is good, and so is the content, which is of OpenSSL's authority.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sha256, utf8 } from '@blindsum/proto';
import {
  hasOpenssl,
  startOpensslAuthority,
  type OddSigner,
  type OpensslAuthority,
} from './openssl-authority.fixture.ts';
import { encodeTimestampRequest, toNonce } from './timestamp-request.ts';
import { openTimestamp } from './timestamp-response.ts';

const options = { skip: hasOpenssl() ? false : 'OpenSSL is not installed' };
const digest = sha256(utf8('log.example.org\n1\nroot\n'));
const nonce = toNonce(new Uint8Array(8).fill(0x11));
const FOR_TIME = 'extendedKeyUsage=critical,timeStamping';
const LEAF = 'basicConstraints=critical,CA:false';
const GOOD: OddSigner = { extensions: [FOR_TIME, LEAF] };
let tsa: OpensslAuthority;
let authorities: X509Certificate[];
let response: Uint8Array;
const certificate = (name: string) => new X509Certificate(readFileSync(join(tsa.folder, `${name}.pem`)));
const open = (bytes: Uint8Array, trusted = authorities) =>
  openTimestamp(bytes, { digest, nonce, authorities: trusted });

before(async () => {
  if (options.skip) return;
  tsa = await startOpensslAuthority();
  authorities = [certificate('ca')];
  response = tsa.reply(encodeTimestampRequest({ digest, nonce }));
});
after(async () => {
  if (!options.skip) await tsa.close();
});

test('a signer with a certificate for timestamps alone is accepted, also by name', options, () => {
  const { timeMs } = open(response);
  const odd = tsa.signedBy(response, GOOD);
  assert.deepEqual(open(odd), { timeMs });
  assert.deepEqual(open(odd, [certificate('odd')]), { timeMs });
  const extensions = [FOR_TIME, LEAF, 'keyUsage=critical,digitalSignature,nonRepudiation'];
  assert.deepEqual(open(tsa.signedBy(response, { extensions })), { timeMs });
});

test('an authority that names its certificate by SHA-1, as RFC 3161 has it, is accepted', options, () => {
  const old = tsa.reply(encodeTimestampRequest({ digest, nonce }), 'old');
  assert.equal(Math.abs(open(old).timeMs - Date.now()) < 3_600_000, true);
  const named = Buffer.from(certificate('tsa').fingerprint.replaceAll(':', ''), 'hex');
  const at = Buffer.from(old).indexOf(named);
  assert.ok(at > 0);
  const changed = old.map((byte, i) => (i === at ? byte ^ 1 : byte));
  assert.throws(() => open(changed), { message: /BAD_SIGNATURE: .*under another certificate/ });
});

const LATE = { from: '20200101000000Z', until: '20200201000000Z' };
const EARLY = { from: '20990101000000Z', until: '20990201000000Z' };
const NOT_FOR_TIME = /UNAUTHENTICATED: .*not for timestamps alone/;
const NOT_VALID = /UNAUTHENTICATED: .*not valid at its time/;
const NOT_A_SIGNER = /UNAUTHENTICATED: .*not for signatures alone/;
const BAD: Record<string, [signer: OddSigner, message: RegExp]> = {
  'no purpose': [{ extensions: [LEAF] }, NOT_FOR_TIME],
  'another purpose': [{ extensions: ['extendedKeyUsage=critical,serverAuth', LEAF] }, NOT_FOR_TIME],
  'a purpose that is not critical': [{ extensions: ['extendedKeyUsage=timeStamping', LEAF] }, NOT_FOR_TIME],
  'a purpose more': [{ extensions: [`${FOR_TIME},codeSigning`, LEAF] }, NOT_FOR_TIME],
  'any purpose': [{ extensions: [`${FOR_TIME},anyExtendedKeyUsage`, LEAF] }, NOT_FOR_TIME],
  'a certificate that had ended': [{ ...GOOD, ...LATE }, NOT_VALID],
  'a certificate that had not begun': [{ ...GOOD, ...EARLY }, NOT_VALID],
  'the certificate of an issuer': [
    { extensions: [FOR_TIME, 'basicConstraints=critical,CA:true'] },
    NOT_A_SIGNER,
  ],
  'a key that signs certificates': [
    { extensions: [FOR_TIME, LEAF, 'keyUsage=critical,digitalSignature,keyCertSign'] },
    NOT_A_SIGNER,
  ],
  'a key that signs nothing': [
    { extensions: [FOR_TIME, LEAF, 'keyUsage=critical,keyAgreement'] },
    NOT_A_SIGNER,
  ],
  'a signature that names no certificate': [{ ...GOOD, isNamed: false }, /MALFORMED: .*names no certificate/],
};

for (const [defect, [signer, message]] of Object.entries(BAD))
  test(`attack: a timestamp is refused: ${defect}`, options, () => {
    assert.throws(() => open(tsa.signedBy(response, signer)), { name: 'Refusal', message });
  });

test('attack: whose certificate is trusted by name is refused as well when it had ended', options, () => {
  const late = tsa.signedBy(response, { ...GOOD, ...LATE });
  assert.throws(() => open(late, [certificate('odd')]), { name: 'Refusal', message: NOT_VALID });
});

test(
  'attack: who was issued a certificate issues none, and an issuer that has ended vouches for nobody',
  options,
  () => {
    const through = (issuer: OddSigner) => {
      tsa.signedBy(response, { name: 'between', ...issuer });
      return tsa.signedBy(response, { ...GOOD, issuer: 'between' });
    };
    const isCa = { extensions: ['basicConstraints=critical,CA:true'] };
    assert.doesNotThrow(() => open(through(isCa)));
    assert.throws(() => open(through({ extensions: [LEAF] })), { message: /leads to no authority/ });
    assert.throws(() => open(through({ ...isCa, ...LATE })), { message: NOT_VALID });
  },
);

test(
  'attack: another certificate of the same key, in the place of the one that was named, is refused',
  options,
  () => {
    const odd = tsa.signedBy(response, GOOD);
    const named = Buffer.from(certificate('odd').fingerprint256.replaceAll(':', ''), 'hex');
    const at = Buffer.from(odd).indexOf(named);
    assert.ok(at > 0);
    const changed = odd.map((byte, i) => (i === at ? byte ^ 1 : byte));
    assert.throws(() => open(changed), { message: /BAD_SIGNATURE: .*under another certificate/ });
  },
);

test('attack: a signature about something else than a timestamp is refused', options, () => {
  // The second time that the content's type is named, it is in what was signed.
  const type = Buffer.from('060b2a864886f70d0109100104', 'hex');
  const at = Buffer.from(response).lastIndexOf(type) + type.length - 1;
  const changed = response.map((byte, i) => (i === at ? 5 : byte));
  assert.throws(() => open(changed), { message: /BAD_SIGNATURE: .*not about a timestamp/ });
});
