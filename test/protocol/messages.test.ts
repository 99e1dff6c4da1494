import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgementCodec,
  attestationCodec,
  checkpointComplaintCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  consentCodec,
  openSignedMessage,
  openingCodec,
  rosterApprovalCodec,
  Refusal,
  sealedCheckpointCodec,
  signMessage,
  withdrawalCodec,
  signingKeyOf,
  toCanonicalBytes,
  type Digest,
  type JobId,
  type MessageCodec,
  type RefusalCode,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestFederation } from '../fixtures/federation.ts';

const { sites } = createTestFederation();
const [alice, bob] = [sites[0]!, sites[1]!];
const digest = (digit: string) => digit.repeat(64) as Digest;
const site = alice.site;
const bound = { context: digest('a'), site, setRoot: digest('b'), sumRoot: digest('c') };

const MESSAGES: { [type: string]: [MessageCodec<never>, object] } = {
  consent: [
    consentCodec as MessageCodec<never>,
    {
      federation: 'test.example',
      job: 'j' as JobId,
      site,
      manifestHash: digest('1'),
      rosterHash: digest('2'),
    },
  ],
  withdrawal: [
    withdrawalCodec as MessageCodec<never>,
    { federation: 'test.example', job: 'j' as JobId, site, manifestHash: digest('1'), fromRound: 3 },
  ],
  commitment: [
    commitmentCodec as MessageCodec<never>,
    { context: digest('a'), site, ciphertextRoot: digest('1'), chunks: 3, shareRoot: digest('2') },
  ],
  acknowledgement: [
    acknowledgementCodec as MessageCodec<never>,
    { context: digest('a'), site, setAttempt: 1, setRoot: digest('b') },
  ],
  complaint: [
    complaintCodec as MessageCodec<never>,
    { context: digest('a'), site, setAttempt: 1, setRoot: digest('b'), dealers: ['hospital-b' as SiteId] },
  ],
  checksum: [
    checksumStatementCodec as MessageCodec<never>,
    { ...bound, subject: site, values: ['0'.repeat(16), 'f'.repeat(16)] },
  ],
  checkpoint: [
    sealedCheckpointCodec as MessageCodec<never>,
    { context: digest('a'), site, modelHash: digest('1'), rosterHash: digest('3'), root: digest('2') },
  ],
  'checkpoint-complaint': [
    checkpointComplaintCodec as MessageCodec<never>,
    { context: digest('a'), site, sealer: bob.site, root: digest('2') },
  ],
  'roster-approval': [
    rosterApprovalCodec as MessageCodec<never>,
    { federation: 'test.example', site, version: 2, rosterHash: digest('2') },
  ],
  opening: [openingCodec as MessageCodec<never>, { ...bound, openingRoot: digest('d') }],
  attestation: [
    attestationCodec as MessageCodec<never>,
    { ...bound, modelHash: digest('d'), metrics: { examples: 3 } },
  ],
};

const refuses = (code: RefusalCode, action: () => unknown) =>
  assert.throws(action, (error) => error instanceof Refusal && error.code === code);

for (const [type, [codec, value]] of Object.entries(MESSAGES)) {
  test(`a ${type} opens under its sender's key and no other`, () => {
    const signed = signMessage(codec, value as never, alice.sign);
    assert.deepEqual(openSignedMessage(codec, signed, signingKeyOf(alice.member), verifyEd25519), value);
    refuses('BAD_SIGNATURE', () => openSignedMessage(codec, signed, signingKeyOf(bob.member), verifyEd25519));
  });

  test(`a ${type} with one bit flipped is refused, wherever the bit is`, () => {
    const signed = signMessage(codec, value as never, alice.sign);
    const key = signingKeyOf(alice.member);
    for (let i = 0; i < signed.payload.length; i++) {
      const payload = Uint8Array.from(signed.payload, (byte, at) => (at === i ? byte ^ 1 : byte));
      assert.throws(() => openSignedMessage(codec, { ...signed, payload }, key, verifyEd25519), Refusal);
    }
    for (let i = 0; i < signed.signature.length; i += 7) {
      const signature = Uint8Array.from(signed.signature, (byte, at) => (at === i ? byte ^ 128 : byte));
      refuses('BAD_SIGNATURE', () => openSignedMessage(codec, { ...signed, signature }, key, verifyEd25519));
    }
  });

  test(`a ${type} with an unknown, a missing or a foreign field is refused`, () => {
    const first = Object.keys(value)[0] ?? '';
    const { [first]: _, ...without } = value as Record<string, never>;
    refuses('MALFORMED', () => codec.parse(toCanonicalBytes({ type, ...value, extra: 1 })));
    refuses('MALFORMED', () => codec.parse(toCanonicalBytes({ type, ...without })));
    refuses('MALFORMED', () => codec.parse(toCanonicalBytes({ ...value, type: 'other' })));
  });
}

test('a signature for one type of message does not serve for another of the same shape', () => {
  const acknowledgement = { context: digest('a'), site, setAttempt: 1, setRoot: digest('b') };
  const signed = signMessage(acknowledgementCodec, acknowledgement, alice.sign);
  const relabelled = {
    ...signed,
    payload: toCanonicalBytes({ type: 'complaint', ...acknowledgement, dealers: ['x'] }),
  };
  refuses('BAD_SIGNATURE', () =>
    openSignedMessage(complaintCodec, relabelled, signingKeyOf(alice.member), verifyEd25519),
  );
});
