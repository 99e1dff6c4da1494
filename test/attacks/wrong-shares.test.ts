// Key shares that are not what their dealer owes, by the dealer's fault or the coordinator's (PROTOCOL.md section 8,
// invariants 1, 5 and 8).
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { test } from 'node:test';
import { commitmentCodec, complaintCodec, type Bytes, type RefusalCode } from '@blindsum/proto';
import { openShares, reconstructKey, sealOpening } from '../../participant/src/encryption/key-shares.ts';
import type { EncryptedUpdate, EncryptionTask } from '../../participant/src/encryption/update-encryptor.ts';
import type { SealedRecord } from '../../participant/src/ports.ts';
import { withFederation, type AttackedFederation } from './attacked-federation.ts';
import { recordAt, siteOf, type Lies } from './lying-coordinator.ts';

type Files = EncryptionTask['files'];

const flipped = (bytes: Bytes, place = 2000) => bytes.with(place, bytes[place]! ^ 1);

const ALTERATIONS: [string, NonNullable<Lies['deliver']>, RefusalCode][] = [
  [
    'swaps the shares of two dealers',
    ([a, b, ...others]) => [{ ...a!, site: b!.site }, { ...b!, site: a!.site }, ...others],
    'BAD_PROOF',
  ],
  [
    'flips a bit of a share',
    ([a, ...others]) => [{ ...a!, sealed: flipped(a!.sealed) }, ...others],
    'BAD_PROOF',
  ],
  ['withholds a share', ([, ...others]) => others, 'TOO_FEW_SHARES'],
];

test('what the coordinator does to shares is not held against their dealers', async (t) => {
  await withFederation({ sites: 3 }, async (federation) => {
    await federation.run('collecting');
    const toOthers: Lies['deliver'] = (_, to) => recordsForNext(federation, to);
    const attacks = [...ALTERATIONS, ['delivers the shares of another site', toOthers, 'BAD_PROOF'] as const];
    for (const [what, deliver, code] of attacks) {
      await t.test(`a coordinator that ${what}: ${code} at every site, and no complaint`, async () => {
        await federation.retell('collecting', { deliver });
        assert.deepEqual(federation.senders('complaint'), []);
        assert.deepEqual(federation.senders('acknowledgement'), []);
        // Without acknowledgements there is nothing for the later phases to stand on either.
        for (const { refusals } of federation.sites) assert.equal(refusals[0]?.code, code);
        federation.assertNothingOpened();
      });
    }
    await t.test('with the right shares they open', async () => {
      await federation.retell('collecting', {});
      assert.equal(federation.coordinator.phase, 'published');
      federation.assertRefused({});
    });
  });
});

/** The records, with good proofs, that belong to the next site of the roster. */
function recordsForNext({ coordinator, identities }: AttackedFederation, to: string): SealedRecord[] {
  const place = identities.findIndex(({ site }) => site === to);
  return identities.map(({ site }) => {
    const bundle = coordinator.blob(site, 'shares')!;
    return { site, ...recordAt(bundle, (place + 1) % identities.length) };
  });
}

/** The dealers whom each complaint names, by the index of the site that complains. */
function accusations(federation: AttackedFederation): [number, string[]][] {
  const { coordinator, identities } = federation;
  return coordinator.messages('complaint').map(({ payload }) => {
    const { site, dealers } = complaintCodec.parse(payload, federation.roster);
    return [identities.findIndex((identity) => identity.site === site), dealers];
  });
}

test('a dealer of shares that do not open is named, and the others open a set without it', async () => {
  // Those of the first two sites change places, and the third has a bit flipped; the dealer's own is good.
  const deal = ([a, b, c, d]: readonly Bytes[]) => [b!, a!, flipped(c!), d!];
  await withFederation({ sites: 4, dishonest: { 3: { deal } } }, async (federation) => {
    await federation.run();
    const named = accusations(federation).toSorted(([a], [b]) => a - b);
    assert.deepEqual(
      named,
      [0, 1, 2].map((index) => [index, ['hospital-d']]),
    );
    assert.equal(federation.coordinator.phase, 'published');
    const round = federation.coordinator.view(federation.name(0));
    assert.ok(round.phase === 'published');
    assert.equal(round.set.setAttempt, 2);
    assert.deepEqual(round.set.commitments.map(siteOf), ['hospital-a', 'hospital-b', 'hospital-c']);
    for (const index of [0, 1, 2]) assert.equal(federation.site(index).encryptor.opened[0]?.contributors, 3);
  });
});

test("a site that passes another's whole contribution off as its own is named by everybody", async () => {
  const { promise: made, resolve } = Promise.withResolvers<{ encrypted: EncryptedUpdate; files: Files }>();
  let original: Awaited<typeof made> | undefined;
  const remember = (encrypted: EncryptedUpdate, files: Files) => {
    original = { encrypted, files };
    resolve(original);
    return encrypted;
  };
  const copy = (_own: EncryptedUpdate, files: Files) => {
    copyFileSync(original!.files.ciphertext, files.ciphertext);
    copyFileSync(original!.files.shares, files.shares);
    return original!.encrypted;
  };
  const dishonest = { 0: { contribute: remember }, 3: { contribute: copy } };
  await withFederation({ sites: 4, dishonest }, async (federation) => {
    federation.site(0).start();
    await made;
    await federation.run('sealed');
    const named = accusations(federation).map(([, dealers]) => dealers);
    assert.deepEqual(named, Array(4).fill(['hospital-d']));
    federation.assertRefused({});
  });
});

test('the coordinator and all but one of the sites it needs cannot reconstruct a key sum', async () => {
  await withFederation({ sites: 4 }, async (federation) => {
    await federation.run('collecting');
    const { coordinator, identities, manifest } = federation;
    const { threshold } = manifest;
    // Everything that the coordinator stores of one honest site, and the secrets of T - 1 others.
    const victim = commitmentCodec.parse(coordinator.messages('commitment')[0]!.payload, federation.roster);
    const bundle = coordinator.blob(victim.site, 'shares')!;
    const { context, shareRoot: bundleRoot, ciphertextRoot } = victim;
    const received = (place: number) => [{ from: 1, bundleRoot, ciphertextRoot, ...recordAt(bundle, place) }];
    const asRecipient = (place: number, secretOf = place) => {
      const secretKey = identities[secretOf]!.sharingSecret;
      return { context, ownIndex: place + 1, sites: 4, secretKey };
    };
    const colluders = [2, 3];
    assert.equal(colluders.length, threshold - 1);
    const sharingKeys = identities.map(({ member }) => Buffer.from(member.sharingKey, 'hex'));
    const openings = colluders.map((place) => {
      const { sum } = openShares({ ...asRecipient(place), shares: received(place) });
      const sealed = sealOpening({
        context,
        setRoot: ciphertextRoot,
        sum: sum!,
        sharingKeys,
        ownIndex: place + 1,
      });
      return { from: place + 1, bundleRoot: sealed.root, ...recordAt(sealed.bytes, 2) };
    });
    const task = { ...asRecipient(2), setRoot: ciphertextRoot, contributors: 1, openings };
    assert.throws(() => reconstructKey({ ...task, threshold }), { code: 'TOO_FEW_SHARES' });
    // A lower threshold finds a polynomial, and its value at 0 is not a key.
    assert.throws(() => reconstructKey({ ...task, threshold: threshold - 1 }), { code: 'BAD_SHARE' });
    // The shares of the honest sites do not open with a colluder's secret.
    for (const place of [0, 1]) {
      const opened = openShares({ ...asRecipient(place, 2), shares: received(place) });
      assert.deepEqual(opened, { badDealers: [1] });
    }
  });
});
