// A site that missed a round, real steps and files, and whoever would like it to go on from another model: the coordinator,
// which offers one or withholds the proof, and a site that seals garbage (PROTOCOL.md section 6, catching up).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attestationCodec,
  checkpointComplaintCodec,
  createInitialModel,
  encodeGlobalModel,
  globalModelHash,
  sealedCheckpointCodec,
  signMessage,
  type Digest,
  type SignedMessage,
} from '@blindsum/proto';
import type { CheckpointSnapshot } from '../../participant/src/session/round-snapshot.ts';
import type { AttackedFederation } from './attacked-federation.ts';
import { withFederation } from './attacked-federation.ts';
import type { Dishonesty } from './in-thread-encryptor.ts';

/** hospital-d misses round 0; hospital-a is asked to seal its model. */
const AWAY = 3;
const SEALER = 0;

/** A federation at round 1, whose fourth site is back; the sealer has sealed what it seals. */
async function withReturned(
  dishonesty: Dishonesty,
  check: (federation: AttackedFederation, checkpoint: CheckpointSnapshot) => Promise<void>,
): Promise<void> {
  await withFederation({ sites: 4, round: 0, dishonest: { [SEALER]: dishonesty } }, async (federation) => {
    const { coordinator } = federation;
    await federation.vanish(AWAY);
    await federation.run();
    assert.equal(coordinator.phase, 'published');
    const missed = coordinator.ref;
    const attestations = coordinator.messages('attestation');
    const { modelHash } = attestationCodec.read(attestations[0]!.payload);
    const asked = federation.name(SEALER);
    const checkpoint = {
      ...{ ref: missed, baseModelHash: coordinator.baseModelHash, modelHash, attestations },
      ...{ rosterHash: coordinator.rosterHash, sealedFor: coordinator.rosterHash },
      ...{ asked, offer: undefined },
    };
    coordinator.lies = { checkpoint: () => checkpoint };
    coordinator.gone.delete(federation.name(AWAY));
    coordinator.announce({ ...missed, round: 1 }, modelHash);
    await federation.run('collecting');
    // Sites see that their commitments have arrived: whoever is asked has time.
    coordinator.change();
    await federation.run('collecting');
    assert.deepEqual(contributors(federation), [0, 1, 2], 'a site without the model contributed');
    await check(federation, checkpoint);
  });
}

/** Sites that committed to round 1. */
function contributors({ coordinator, identities }: AttackedFederation): number[] {
  const heard = coordinator.heard.filter((one) => one.type === 'commitment' && one.attempt > 1000);
  return identities.flatMap(({ site }, index) => (heard.some((one) => one.site === site) ? [index] : []));
}

function offerOf({ coordinator }: AttackedFederation): SignedMessage {
  return coordinator.heard.find(({ type }) => type === 'checkpoint')!.message;
}

/** Shows this to the site that was away, and waits until it has done what it can. */
async function show(federation: AttackedFederation, checkpoint: CheckpointSnapshot): Promise<void> {
  federation.coordinator.lies = { checkpoint: () => checkpoint };
  federation.coordinator.change();
  await federation.run('collecting');
}

const refusals = (federation: AttackedFederation) => federation.site(AWAY).refusals.map(({ code }) => code);

test('a site that was away catches up, contributes, and holds the same model as the others', async () => {
  await withReturned({}, async (federation, checkpoint) => {
    await show(federation, { ...checkpoint, offer: offerOf(federation) });
    assert.deepEqual(contributors(federation), [0, 1, 2, 3]);
    federation.coordinator.lies = {};
    await federation.run();
    assert.equal(federation.coordinator.phase, 'published');
    const hashes = new Set(federation.modelHashes());
    assert.equal(hashes.size, 1);
    assert.ok(!hashes.has(undefined));
    assert.deepEqual(refusals(federation), []);
  });
});

test('what a site seals is not the model in the clear, and another one each time', async () => {
  await withReturned({}, async (federation) => {
    const bytes = federation.coordinator.blob(federation.name(SEALER), 'checkpoint')!;
    const { modelHash, root } = sealedCheckpointCodec.read(offerOf(federation).payload);
    assert.equal(modelHash, federation.coordinator.baseModelHash);
    assert.match(root, /^[0-9a-f]{64}$/);
    const initial = encodeGlobalModel(createInitialModel(federation.manifest));
    // The statistics round changes no weight: the model's first kilobyte is known, and must not be found.
    const weights = Buffer.from(initial.subarray(16, 80));
    assert.equal(Buffer.from(bytes).indexOf(weights), -1);
  });
});

test('a coordinator that offers another model, or proof of something else, is refused and nothing is kept', async () => {
  await withReturned({}, async (federation, checkpoint) => {
    const offer = offerOf(federation);
    const [first, second, third] = checkpoint.attestations as [SignedMessage, SignedMessage, SignedMessage];
    const forged = { ...third, payload: third.payload.with(20, third.payload[20]! ^ 1) };
    const other = 'ab'.repeat(32) as Digest;
    const lies: Partial<CheckpointSnapshot>[] = [
      { attestations: [first, second] },
      { attestations: [first, second, second] },
      { attestations: [first, second, forged] },
      { baseModelHash: other },
      { ref: { ...checkpoint.ref, attempt: 2 } },
    ];
    for (const lie of lies) {
      await show(federation, { ...checkpoint, offer, ...lie });
      assert.deepEqual(contributors(federation), [0, 1, 2], Object.keys(lie).join());
    }
    // The same refusal is reported once.
    assert.deepEqual([...new Set(refusals(federation))], ['TOO_FEW_ATTESTATIONS']);
    assert.deepEqual(complaints(federation), []);
    await show(federation, { ...checkpoint, offer });
    assert.deepEqual(contributors(federation), [0, 1, 2, 3]);
  });
});

test('bytes that the sealer did not sign for are not held against it', async () => {
  await withReturned({}, async (federation, checkpoint) => {
    const bytes = federation.coordinator.blob(federation.name(SEALER), 'checkpoint')!;
    bytes[bytes.length - 1]! ^= 1;
    await show(federation, { ...checkpoint, offer: offerOf(federation) });
    assert.deepEqual(refusals(federation), ['ROOT_MISMATCH']);
    assert.deepEqual(complaints(federation), []);
    bytes[bytes.length - 1]! ^= 1;
    federation.coordinator.change();
    await federation.run('collecting');
    assert.deepEqual(contributors(federation), [0, 1, 2, 3]);
  });
});

const GARBAGE: Record<string, Dishonesty['sealModel']> = {
  'another model under the attested hash': ({ model }) => ({ model: model.with(20, model[20]! ^ 1) }),
  'keys sealed for other members': ({ sharingKeys }) => ({ sharingKeys: sharingKeys.toReversed() }),
};
for (const [what, sealModel] of Object.entries(GARBAGE)) {
  test(`a sealer of ${what} is named, and its model is not taken`, async () => {
    await withReturned({ sealModel: sealModel! }, async (federation, checkpoint) => {
      const offer = offerOf(federation);
      await show(federation, { ...checkpoint, offer });
      assert.deepEqual(refusals(federation), ['BAD_MODEL_CHECKPOINT']);
      assert.match(federation.site(AWAY).refusals[0]!.detail, /hospital-a sealed/);
      const { root } = sealedCheckpointCodec.read(offer.payload);
      assert.deepEqual(complaints(federation), [[federation.name(AWAY), federation.name(SEALER), root]]);
      assert.deepEqual(contributors(federation), [0, 1, 2]);
    });
  });
}

test('the hash of the model that a sealer signs for is the one that was attested', async () => {
  await withReturned({}, async (federation, checkpoint) => {
    const signed = sealedCheckpointCodec.parse(offerOf(federation).payload, federation.roster);
    const { sign } = federation.identities[SEALER]!;
    const modelHash = globalModelHash(createInitialModel(federation.manifest));
    const offer = signMessage(sealedCheckpointCodec, { ...signed, modelHash }, sign, federation.roster);
    await show(federation, { ...checkpoint, offer });
    assert.deepEqual(refusals(federation), ['WRONG_CONTEXT']);
    assert.deepEqual(contributors(federation), [0, 1, 2]);
  });
});

function complaints({ coordinator, roster }: AttackedFederation): string[][] {
  return coordinator.heard
    .filter(({ type }) => type === 'checkpoint-complaint')
    .map(({ site, message }) => {
      const { sealer, root } = checkpointComplaintCodec.parse(message.payload, roster);
      return [site, sealer, root];
    });
}
