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
  modelReleaseCodec,
  openingCodec,
  rosterApprovalCodec,
  Refusal,
  sealedCheckpointCodec,
  signMessage,
  withdrawalCodec,
  toCanonicalBytes,
  utf8,
  type Digest,
  type JobId,
  type MessageCodec,
  type RefusalCode,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTestFederation } from '../fixtures/federation.ts';

const { sites, roster } = createTestFederation();
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
  'model-release': [
    modelReleaseCodec as MessageCodec<never>,
    {
      federation: 'test.example',
      job: 'j' as JobId,
      site,
      round: 3,
      modelHash: digest('1'),
      fileDigest: digest('3'),
      rosterHash: digest('2'),
    },
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

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const refuses = (code: RefusalCode, action: () => unknown) =>
  assert.throws(action, (error) => error instanceof Refusal && error.code === code);

for (const [type, [codec, value]] of Object.entries(MESSAGES)) {
  test(`a ${type} opens under its sender's key and no other`, () => {
    const signed = signMessage(codec, value as never, alice.sign, roster);
    assert.deepEqual(openSignedMessage(codec, signed, roster, verifyEd25519), value);
    const byBob = signMessage(codec, value as never, bob.sign, roster);
    refuses('BAD_SIGNATURE', () => openSignedMessage(codec, byBob, roster, verifyEd25519));
    const others = { members: roster.members.filter((member) => member.site !== site) };
    refuses('NOT_A_MEMBER', () => openSignedMessage(codec, signed, others, verifyEd25519));
  });

  test(`a ${type} with one bit flipped is refused, wherever the bit is`, () => {
    const signed = signMessage(codec, value as never, alice.sign, roster);
    for (let i = 0; i < signed.payload.length; i++) {
      const payload = Uint8Array.from(signed.payload, (byte, at) => (at === i ? byte ^ 1 : byte));
      assert.throws(() => openSignedMessage(codec, { ...signed, payload }, roster, verifyEd25519), Refusal);
    }
    for (let i = 0; i < signed.signature.length; i += 7) {
      const signature = Uint8Array.from(signed.signature, (byte, at) => (at === i ? byte ^ 128 : byte));
      refuses('BAD_SIGNATURE', () =>
        openSignedMessage(codec, { ...signed, signature }, roster, verifyEd25519),
      );
    }
  });

  test(`a ${type} with an unknown, a missing or a foreign field is refused`, () => {
    const first = Object.keys(value)[0] ?? '';
    const signed = JSON.parse(text(codec.encode(value as never, roster))) as Record<string, string>;
    const { [first]: _, ...without } = signed;
    refuses('MALFORMED', () => codec.read(toCanonicalBytes({ type, ...signed, extra: 1 })));
    refuses('MALFORMED', () => codec.read(toCanonicalBytes({ type, ...without })));
    refuses('MALFORMED', () => codec.read(toCanonicalBytes({ ...signed, type: 'other' })));
  });

  test(`a ${type} holds no site's name`, () => {
    const payload = text(codec.encode(value as never, roster));
    assert.doesNotMatch(payload, /hospital/);
    assert.deepEqual(codec.parse(utf8(payload), roster), value);
  });
}

test('a signature for one type of message does not serve for another of the same shape', () => {
  const acknowledgement = { context: digest('a'), site, setAttempt: 1, setRoot: digest('b') };
  const signed = signMessage(acknowledgementCodec, acknowledgement, alice.sign, roster);
  const relabelled = {
    ...signed,
    payload: complaintCodec.encode({ ...acknowledgement, dealers: [bob.site] }, roster),
  };
  refuses('BAD_SIGNATURE', () => openSignedMessage(complaintCodec, relabelled, roster, verifyEd25519));
});
